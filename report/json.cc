#include "report/json.h"

#include "base/text.h"
#include "base/time.h"
#include "formats/shown_json.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

using formats::Json;

Json text_or_null(std::string_view text) { return text.empty() ? Json() : json_text(text); }

Json digest_or_null(const std::optional<Digest>& digest) {
  return digest ? Json(digest->to_string()) : Json();
}

Json time_or_null(const std::optional<std::chrono::sys_seconds>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

Json texts(const std::vector<std::string>& values) {
  Json::Array array;
  for (const std::string& value : values) array.push_back(json_text(value));
  return Json(std::move(array));
}

Json reason_json(const std::optional<Error>& reason) {
  if (!reason) return Json();
  Json json;
  json.set("code", Json(slug(reason->code)));
  json.set("message", json_text(reason->message));
  json.set("hint", json_text(shown_hint(*reason)));
  return json;
}

Json policy_json(const judge::PolicyNote& policy) {
  if (!policy.digest) return Json();
  Json json;
  json.set("name", text_or_null(policy.name));
  json.set("source", json_text(policy.source));
  json.set("serial", Json(policy.serial));
  json.set("digest", digest_or_null(policy.digest));
  json.set("material", digest_or_null(policy.material));
  json.set("expires", time_or_null(policy.expires));
  return json;
}

Json requirement_json(const judge::Judgement& judgement, bool by_policy) {
  Json json;
  json.set("kind", json_text(judgement.kind));
  json.set("wanted", json_text(judgement.wanted));
  json.set("decision", Json(decision_name(judgement.outcome)));
  json.set("reason", reason_json(judgement.reason));
  json.set("found", texts(judgement.found));
  json.set("buildLevel", judgement.build_level == 0
                             ? Json()
                             : Json(static_cast<std::uint64_t>(judgement.build_level)));
  json.set("line", by_policy ? Json(static_cast<std::uint64_t>(judgement.place.line)) : Json());
  Json::Array parts;
  for (const judge::Judgement& part : judgement.parts) {
    parts.push_back(requirement_json(part, by_policy));
  }
  json.set("parts", Json(std::move(parts)));
  return json;
}

Json evidence_json(const judge::EvidenceNote& note) {
  Json json;
  json.set("kind", json_text(note.kind));
  json.set("result", json_text(note.result));
  json.set("message", text_or_null(note.message));
  json.set("type", text_or_null(note.type));
  json.set("format", text_or_null(note.format));
  json.set("origin", text_or_null(note.origin));
  json.set("subject", digest_or_null(note.subject));
  json.set("signer", text_or_null(note.signer));
  json.set("key", text_or_null(note.key));
  json.set("certificate", text_or_null(note.certificate));
  json.set("issuer", text_or_null(note.issuer));
  json.set("root", text_or_null(note.root));
  json.set("device", text_or_null(note.device));
  json.set("deviceSerial",
           note.device_serial ? Json(static_cast<std::uint64_t>(*note.device_serial)) : Json());
  json.set("logs", texts(note.logs));
  json.set("time", time_or_null(note.time));
  return json;
}

Json places_json(const std::vector<judge::NamedAt>& places) {
  Json::Array array;
  for (const judge::NamedAt& place : places) {
    Json json;
    json.set("file", json_text(place.file));
    json.set("line", place.line == 0 ? Json() : Json(static_cast<std::uint64_t>(place.line)));
    array.push_back(std::move(json));
  }
  return Json(std::move(array));
}

// Adds to what is said about the image already, which says the same.
void add_verdict(const judge::ImageVerdict& image, bool by_policy, Json& json) {
  const judge::Verdict& verdict = image.verdict;
  json.set("reference", json_text(image.reference));
  json.set("image", text_or_null(image.pinned));
  json.set("digest", digest_or_null(image.digest));
  json.set("mediaType", text_or_null(image.media_type));
  json.set("decision", Json(decision_name(verdict.outcome)));
  json.set("reason", reason_json(verdict.reason));
  json.set("wouldDeny", Json(verdict.would_deny));
  json.set("rule", text_or_null(verdict.rule));
  json.set("mode", Json(verdict.mode == policy::Mode::audit ? "audit" : "enforce"));
  json.set("excepted", Json(verdict.excepted));
  json.set("validUntil", time_or_null(verdict.valid_until));
  json.set("namedAt", places_json(image.named_at));
  json.set("requirement", verdict.tree ? requirement_json(*verdict.tree, by_policy) : Json());
  Json::Array evidence;
  for (const judge::EvidenceNote& note : verdict.evidence) evidence.push_back(evidence_json(note));
  json.set("evidence", Json(std::move(evidence)));
  json.set("latencyMicroseconds", Json(static_cast<std::uint64_t>(image.latency.count())));
}

// What the demand's document says about each image; empty where there is none.
Json::Array images_of(Json& document) {
  for (Json::Member& member : *document.object()) {
    if (member.first == "images") return std::move(*member.second.array());
  }
  return {};
}

}  // namespace

Json json_text(std::string_view text) {
  const bool text_alone = is_valid_utf8(text) && !text.contains('\0');
  return Json(text_alone ? std::string(text) : printable(text));
}

std::string to_json(const Input& input) {
  Json document = input.demanded != nullptr ? *input.demanded : Json(Json::Object());
  Json::Array images = images_of(document);
  images.resize(input.report.images.size());
  const bool by_policy = input.report.policy.digest.has_value();
  for (std::size_t i = 0; i < images.size(); ++i) {
    add_verdict(input.report.images[i], by_policy, images[i]);
  }
  if (input.demanded == nullptr) {
    document.set("version", Json(std::uint64_t{1}));
    document.set("time", Json(to_rfc3339(input.report.time)));
    document.set("exitStatus", Json(static_cast<std::uint64_t>(exit_status(input.report))));
  }
  document.set("policy", policy_json(input.report.policy));
  document.set("images", Json(std::move(images)));
  return formats::to_shown_text(document) + "\n";
}

}  // namespace touchstone::report
