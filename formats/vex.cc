#include "formats/vex.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "formats/json_fields.h"
#include "formats/predicate_time.h"
#include "formats/predicate_types.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view openvex = "https://openvex.dev/ns";
constexpr std::array<std::string_view, 4> statuses = {"not_affected", "affected", "fixed",
                                                      "under_investigation"};

using Names = std::vector<std::string>;

Result<Names> strings(const Fields& fields, std::string_view name) {
  TS_TRY(const Json::Array* items, fields.array_or_empty(name));
  Names texts;
  for (const Json& item : *items) {
    if (item.string() == nullptr) return fields.error(name, "expected strings");
    texts.push_back(*item.string());
  }
  return texts;
}

// A component's @id and identifiers.
Result<Names> read_names(const Fields& component) {
  Names names;
  TS_TRY(std::string id, component.string_or("@id", ""));
  if (!id.empty()) names.push_back(std::move(id));
  TS_TRY(const auto identifiers, component.string_map_or_empty("identifiers"));
  for (const auto& [kind, identifier] : identifiers) names.push_back(identifier);
  return names;
}

// Components are objects, or texts in v0.0.1.
template <class Read>
Status read_components(const Fields& parent, std::string_view name, const Read& read) {
  TS_TRY(const Json::Array* items, parent.array_or_empty(name));
  for (const Json& item : *items) {
    TS_CHECK(read(item));
  }
  return ok();
}

Result<Names> read_subcomponent(const Json& item) {
  if (const std::string* text = item.string()) return Names{*text};
  TS_TRY(const Fields fields, Fields::of(item, "subcomponents"));
  return read_names(fields);
}

Result<VexProduct> read_product(const Json& item) {
  VexProduct product;
  if (const std::string* text = item.string()) {
    product.names.push_back(*text);
    return product;
  }
  TS_TRY(const Fields fields, Fields::of(item, "products"));
  TS_TRY(product.names, read_names(fields));
  TS_TRY(const auto hashes, fields.string_map_or_empty("hashes"));
  for (const auto& [algorithm, hex] : hashes) product.hashes.push_back(ascii_lower(hex));
  TS_CHECK(read_components(fields, "subcomponents", [&](const Json& part) -> Status {
    TS_TRY(Names names, read_subcomponent(part));
    product.subcomponents.push_back(std::move(names));
    return ok();
  }));
  return product;
}

// {"name", "@id", "aliases"}, or a text in v0.0.1.
Result<Names> read_vulnerability(const Fields& statement) {
  const Json* value = statement.json().find("vulnerability");
  if (value != nullptr && value->string() != nullptr) return Names{*value->string()};
  TS_TRY(const Fields fields, statement.object("vulnerability"));
  TS_TRY(Names names, strings(fields, "aliases"));
  for (const char* member : {"name", "@id"}) {
    TS_TRY(std::string name, fields.string_or(member, ""));
    if (!name.empty()) names.push_back(std::move(name));
  }
  if (names.empty()) return fields.error("name", "missing");
  return names;
}

Result<VexStatement::Status> read_status(const Fields& statement) {
  TS_TRY(const std::string text, statement.string("status"));
  const auto* const found = std::ranges::find(statuses, text);
  if (found == statuses.end()) {
    return statement.error("status", "\"" + printable(text) + "\" is no state");
  }
  return static_cast<VexStatement::Status>(found - statuses.begin());
}

// In v0.0.1 the parts stand beside the products, and are those of each.
Status read_common_parts(const Fields& fields, VexStatement& statement) {
  return read_components(fields, "subcomponents", [&](const Json& part) -> Status {
    TS_TRY(const Names names, read_subcomponent(part));
    if (statement.products.empty()) return fields.error("subcomponents", "of no product");
    for (VexProduct& product : statement.products) product.subcomponents.push_back(names);
    return ok();
  });
}

Result<VexStatement> read_statement(const Fields& fields,
                                    std::optional<std::chrono::sys_seconds> document_time) {
  VexStatement statement;
  TS_TRY(statement.vulnerabilities, read_vulnerability(fields));
  TS_TRY(statement.status, read_status(fields));
  TS_TRY(statement.justification, fields.string_or("justification", ""));
  TS_TRY(const std::string impact, fields.string_or("impact_statement", ""));
  if (statement.status == VexStatement::Status::not_affected && statement.justification.empty() &&
      impact.empty()) {
    return fields.error("justification", "missing");
  }
  TS_CHECK(read_components(fields, "products", [&](const Json& item) -> Status {
    TS_TRY(VexProduct product, read_product(item));
    statement.products.push_back(std::move(product));
    return ok();
  }));
  TS_CHECK(read_common_parts(fields, statement));
  TS_TRY(statement.time, optional_time(fields, "timestamp"));
  if (!statement.time) statement.time = document_time;
  return statement;
}

Result<VexDocument> read(const Json& predicate) {
  VexDocument vex;
  TS_TRY(const Fields document, Fields::of(predicate, "predicate"));
  TS_TRY(const auto time, optional_time(document, "timestamp"));
  if (!document.has("statements")) return document.error("statements", "missing");
  TS_TRY(const auto statements, document.objects_or_empty("statements", limits::max_json_values));
  for (const Fields& entry : statements) {
    TS_TRY(VexStatement statement, read_statement(entry, time));
    vex.statements.push_back(std::move(statement));
  }
  return vex;
}

}  // namespace

std::string_view status_name(VexStatement::Status status) {
  return statuses[static_cast<std::size_t>(status)];
}

bool VexDocument::is_type(std::string_view predicate_type) {
  return is_predicate(openvex, predicate_type);
}

Result<VexDocument> VexDocument::parse(const Json& predicate) {
  auto vex = read(predicate);
  if (vex) return vex;
  return in_context(std::move(vex).error(), Code::predicate_malformed, "VEX document");
}

}  // namespace touchstone::formats
