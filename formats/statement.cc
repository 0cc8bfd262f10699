#include "formats/statement.h"

#include "base/limits.h"
#include "base/text.h"
#include "formats/json_fields.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view statement_v1 = "https://in-toto.io/Statement/v1";
constexpr std::string_view statement_v01 = "https://in-toto.io/Statement/v0.1";

Result<Subject> subject(const Fields& fields) {
  Subject subject;
  TS_TRY(subject.name, fields.string_or("name", ""));
  TS_TRY(subject.digests, fields.string_map_or_empty("digest"));
  if (subject.digests.size() > limits::max_digests_per_subject) {
    return Error{Code::limit_count, fields.path() + ".digest: too many digests", ""};
  }
  TS_TRY(const auto annotations, fields.optional_object("annotations"));
  if (annotations) {
    for (const auto& [key, value] : *annotations->json().object()) {
      if (value.string() != nullptr) subject.annotations.emplace(key, *value.string());
    }
  }
  return subject;
}

Result<Statement> parse_members(const Json& document) {
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const std::string type, fields.string("_type"));
  if (type != statement_v1 && type != statement_v01) {
    return fields.error("_type", "\"" + printable(type) + "\" is no in-toto statement");
  }
  Statement statement;
  TS_TRY(statement.predicate_type, fields.string("predicateType"));
  if (statement.predicate_type.empty()) return fields.error("predicateType", "is empty");
  TS_TRY(const auto subjects, fields.objects_or_empty("subject", limits::max_subjects));
  if (subjects.empty()) return fields.error("subject", "names no artifact");
  for (const Fields& entry : subjects) {
    TS_TRY(Subject parsed, subject(entry));
    statement.subjects.push_back(std::move(parsed));
  }
  if (const Json* predicate = document.find("predicate")) statement.predicate = *predicate;
  return statement;
}

bool is_artifact(const Subject& subject, const std::vector<Digest>& artifact) {
  bool matched = false;
  for (const Digest& digest : artifact) {
    const auto claimed = subject.digests.find(std::string(digest.algorithm_name()));
    if (claimed == subject.digests.end()) continue;
    if (claimed->second != digest.hex()) return false;
    matched = true;
  }
  return matched;
}

}  // namespace

Result<Statement> Statement::parse(ByteView payload) {
  auto document = parse_json(payload, limits::max_bundle_bytes);
  if (!document)
    return in_context(std::move(document).error(), Code::format_statement, "statement");
  auto statement = parse_members(*document);
  if (!statement) {
    return in_context(std::move(statement).error(), Code::format_statement, "statement");
  }
  return statement;
}

const Subject* Statement::find(const std::vector<Digest>& artifact) const {
  for (const Subject& subject : subjects) {
    if (is_artifact(subject, artifact)) return &subject;
  }
  return nullptr;
}

std::string write_image_signature_statement(const std::vector<Digest>& images,
                                            const std::map<std::string, std::string>& annotations) {
  Json notes{Json::Object()};
  for (const auto& [key, value] : annotations) notes.set(key, Json(value));
  Json::Array subjects;
  for (const Digest& image : images) {
    Json digest;
    digest.set(image.algorithm_name(), Json(image.hex()));
    Json subject;
    subject.set("digest", std::move(digest));
    subject.set("annotations", notes);
    subjects.push_back(std::move(subject));
  }
  Json statement;
  statement.set("_type", Json(statement_v1));
  statement.set("subject", Json(std::move(subjects)));
  statement.set("predicateType", Json(image_signature_predicate));
  statement.set("predicate", Json(Json::Object()));
  return to_text(statement);
}

std::string write_image_signature_statement(const Digest& image,
                                            const std::map<std::string, std::string>& annotations) {
  return write_image_signature_statement(std::vector{image}, annotations);
}

std::string write_statement(const Digest& artifact, std::string_view name,
                            std::string_view predicate_type, std::string_view predicate) {
  Json digest;
  digest.set(artifact.algorithm_name(), Json(artifact.hex()));
  Json subject;
  if (!name.empty()) subject.set("name", Json(name));
  subject.set("digest", std::move(digest));
  Json statement;
  statement.set("_type", Json(statement_v1));
  statement.set("subject", Json(Json::Array{std::move(subject)}));
  statement.set("predicateType", Json(predicate_type));
  std::string text = to_text(statement);
  text.pop_back();  // the closing brace
  return text + R"(,"predicate":)" + std::string(predicate) + "}";
}

}  // namespace touchstone::formats
