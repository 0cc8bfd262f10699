#include "trust/root_export.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "trust/root_files.h"

namespace touchstone::trust {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::uint64_t export_version = 1;

// The member that holds an entry's text.
std::string_view member_of(const TrustedKey&) { return "pem"; }
std::string_view member_of(const TrustedCertificate&) { return "pem"; }
std::string_view member_of(const TrustedInstanceRoot&) { return "trusted_root"; }

// One line for each entry, so that a change to one shows as a change to one line.
template <class Entry>
std::vector<std::string> lines_of(const std::vector<Entry>& entries) {
  std::vector<std::string> lines;
  for (const Entry& entry : entries) {
    Json json = entry_json(entry);
    json.set(member_of(entry), Json(text_of(entry)));
    lines.push_back(formats::to_text(json));
  }
  return lines;
}

template <class Entry>
Result<std::vector<Entry>> read_list(const Fields& root, std::string_view member,
                                     Result<Entry> (*read_one)(const Fields&, ByteView)) {
  TS_TRY(const auto list, root.objects_or_empty("entries", limits::max_root_keys));
  std::vector<Entry> entries;
  for (const Fields& fields : list) {
    const bool keys = std::is_same_v<Entry, TrustedKey>;
    TS_CHECK(
        keys ? fields.only({"owner", "not_before", "not_after", "sha256", member, "attestation"})
             : fields.only({"owner", "not_before", "not_after", "sha256", member}));
    TS_TRY(const std::string text, fields.string(member));
    TS_TRY(Entry entry, read_one(fields, as_bytes(text)));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Root> read_one_root(const Fields& fields) {
  TS_CHECK(fields.only({"name", "kind", "entries"}));
  Root root;
  TS_TRY(root.name, fields.string("name"));
  TS_CHECK(check_root_name(root.name));
  TS_TRY(const std::string kind, fields.string("kind"));
  if (kind == kind_keys) {
    TS_TRY(root.keys, read_list<TrustedKey>(fields, "pem", read_key));
  } else if (kind == kind_certificates) {
    TS_TRY(root.certificates, read_list<TrustedCertificate>(fields, "pem", read_certificate));
  } else if (kind == kind_sigstore) {
    TS_TRY(root.instances, read_list<TrustedInstanceRoot>(fields, "trusted_root", read_instance));
  } else if (kind == kind_hardware) {
    TS_TRY(root.hardware, read_list<TrustedHardware>(fields, "pem", read_hardware));
  } else {
    return fields.error("kind", "unknown kind");
  }
  TS_CHECK(check_root(root));
  return root;
}

Result<std::vector<Root>> read_roots(ByteView bytes) {
  TS_TRY(const Json document, formats::parse_json(bytes, limits::max_trust_file_bytes));
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const std::uint64_t version, fields.unsigned_integer("version"));
  if (version != export_version) return fields.error("version", "unknown version");
  TS_CHECK(fields.only({"version", "roots"}));
  TS_TRY(const auto list, fields.objects_or_empty("roots", limits::max_roots));
  if (list.empty()) return fields.error("roots", "there is none");
  std::vector<Root> roots;
  for (const Fields& entry : list) {
    TS_TRY(Root root, read_one_root(entry));
    if (std::ranges::find(roots, root.name, &Root::name) != roots.end()) {
      return entry.error("name", "two roots have it");
    }
    roots.push_back(std::move(root));
  }
  return roots;
}

}  // namespace

std::string write_export(std::span<const Root> roots) {
  std::vector<const Root*> order;
  for (const Root& root : roots) order.push_back(&root);
  std::ranges::sort(order, {}, [](const Root* root) { return root->name; });
  std::vector<std::string> parts;
  for (const Root* root : order) {
    const auto lines = !root->instances.empty()     ? lines_of(root->instances)
                       : !root->hardware.empty()    ? lines_of(root->hardware)
                       : root->certificates.empty() ? lines_of(root->keys)
                                                    : lines_of(root->certificates);
    parts.push_back("{\"name\":" + formats::to_text(Json(root->name)) +
                    ",\"kind\":" + formats::to_text(Json(kind_of(*root))) + ",\"entries\":[\n" +
                    join(lines, ",\n") + "\n]}");
  }
  return "{\"version\":" + std::to_string(export_version) + ",\"roots\":[\n" + join(parts, ",\n") +
         "\n]}\n";
}

Result<std::vector<Root>> read_export(ByteView bytes) {
  auto roots = read_roots(bytes);
  if (roots) return roots;
  return in_context(std::move(roots).error(), Code::format_file, "exported roots");
}

}  // namespace touchstone::trust
