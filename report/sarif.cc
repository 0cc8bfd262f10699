#include "report/sarif.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "formats/shown_json.h"
#include "report/json.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

using formats::Json;

constexpr std::string_view schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr std::size_t max_locations = 100;  // of one result; code scanning shows no more

Json message_of(std::string_view text) {
  Json json;
  json.set("text", json_text(text));
  return json;
}

// A path as a relative reference of RFC 3986, or an absolute one as a URI.
std::string path_uri(std::string_view path) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string uri = path.starts_with('/') ? "file://" : "";
  while (path.starts_with("./")) path.remove_prefix(2);
  for (const char c : path) {
    if (plain.contains(c)) {
      uri += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      uri += "%" + to_hex(ByteView(&byte, 1));
    }
  }
  return uri;
}

// What the image is called whatever its tag and digest are.
std::string repository_of(const judge::ImageVerdict& image) {
  const auto reference = Reference::parse(image.reference);
  return reference ? reference->name() : image.reference;
}

Json location_of(const judge::ImageVerdict& image, const judge::NamedAt* place) {
  const bool in_file = place != nullptr && place->file != "-";
  Json artifact;
  artifact.set("uri",
               Json(in_file ? path_uri(place->file) : path_uri("image/" + repository_of(image))));
  Json region;
  region.set("startLine",
             Json(static_cast<std::uint64_t>(in_file ? std::max<std::size_t>(place->line, 1) : 1)));
  Json physical;
  physical.set("artifactLocation", std::move(artifact));
  physical.set("region", std::move(region));
  Json logical;
  logical.set("fullyQualifiedName", json_text(shown_name(image)));
  logical.set("kind", Json("resource"));
  Json location;
  location.set("physicalLocation", std::move(physical));
  location.set("logicalLocations", Json(Json::Array{std::move(logical)}));
  return location;
}

// All places that name it: each of them has to change.
Json locations_of(const judge::ImageVerdict& image) {
  Json::Array locations;
  for (const judge::NamedAt& place : image.named_at) {
    if (locations.size() == max_locations) break;
    locations.push_back(location_of(image, &place));
  }
  if (locations.empty()) locations.push_back(location_of(image, nullptr));
  return Json(std::move(locations));
}

std::string fingerprint(const judge::ImageVerdict& image, Code code) {
  const std::string text =
      std::string(slug(code)) + "|" + repository_of(image) + "|" + image.verdict.rule;
  return to_hex(crypto::hash(crypto::Hash::sha256, as_bytes(text)));
}

// SARIF 2.1.0 section 3.11.6: "[text](target)" is a link in a message, and nothing from outside is
// to be one.
std::string without_links(std::string text) {
  for (std::size_t at = text.find("]("); at != text.npos; at = text.find("](", at)) {
    text.insert(at + 1, " ");
  }
  return text;
}

std::string text_of(const judge::ImageVerdict& image) {
  std::string text = std::string(standing_name(standing(image.verdict))) + ": " +
                     shown_name(image) + ": " + shown_reason(image.verdict);
  if (!image.verdict.rule.empty()) text += " (" + rule_text(image.verdict) + ")";
  return without_links(std::move(text));
}

Json result_of(const judge::ImageVerdict& image, std::size_t rule_index) {
  const judge::Verdict& verdict = image.verdict;
  const Code code = code_of(verdict);
  Json fingerprints;
  fingerprints.set("touchstone/v1", Json(fingerprint(image, code)));
  Json properties;
  properties.set("decision", Json(decision_name(verdict.outcome)));
  properties.set("wouldDeny", Json(verdict.would_deny));
  properties.set("reference", json_text(image.reference));
  properties.set("digest", image.digest ? Json(image.digest->to_string()) : Json());
  properties.set("policyRule", json_text(verdict.rule));
  Json result;
  result.set("ruleId", Json(slug(code)));
  result.set("ruleIndex", Json(static_cast<std::uint64_t>(rule_index)));
  result.set("level", Json(standing(verdict) == Standing::warned ? "warning" : "error"));
  result.set("message", message_of(text_of(image)));
  result.set("locations", locations_of(image));
  result.set("partialFingerprints", std::move(fingerprints));
  result.set("properties", std::move(properties));
  return result;
}

Json rule_of(Code code) {
  const CodeInfo& info = code_info(code);
  Json level;
  level.set("level", Json("error"));
  Json properties;
  // How code scanning sorts alerts: a refusal before what could not be looked at.
  properties.set("security-severity", Json(info.exit_status == 1 ? "8.0" : "5.0"));
  properties.set("tags", Json(Json::Array{Json("security"), Json("supply-chain")}));
  Json rule;
  rule.set("id", Json(info.slug));
  rule.set("shortDescription", message_of(info.sentence));
  rule.set("help", message_of(info.hint.empty() ? info.sentence : info.hint));
  rule.set("defaultConfiguration", std::move(level));
  rule.set("properties", std::move(properties));
  return rule;
}

// The rules that results name, each once, in the order in which they come up.
class Rules {
 public:
  std::size_t index_of(Code code) {
    const auto [found, added] = indexes_.emplace(code, rules_.size());
    if (added) rules_.push_back(rule_of(code));
    return found->second;
  }
  Json take() && { return Json(std::move(rules_)); }

 private:
  std::map<Code, std::size_t> indexes_;
  Json::Array rules_;
};

Json invocation_of(const judge::Report& report, std::size_t left_out) {
  Json invocation;
  invocation.set("executionSuccessful", Json(true));
  invocation.set("endTimeUtc", Json(to_rfc3339(report.time)));
  if (left_out > 0) {
    Json notification;
    notification.set("level", Json("warning"));
    notification.set("message", message_of(std::to_string(left_out) + " results are left out"));
    invocation.set("toolExecutionNotifications", Json(Json::Array{std::move(notification)}));
  }
  return invocation;
}

}  // namespace

std::string to_sarif(const Input& input) {
  Rules rules;
  Json::Array results;
  std::size_t left_out = 0;
  for (const judge::ImageVerdict& image : input.report.images) {
    if (standing(image.verdict) == Standing::accepted) continue;
    if (results.size() == max_sarif_results) {
      ++left_out;
    } else {
      results.push_back(result_of(image, rules.index_of(code_of(image.verdict))));
    }
  }
  Json driver;
  driver.set("name", Json("touchstone"));
  driver.set("version", json_text(input.version));
  driver.set("rules", std::move(rules).take());
  Json tool;
  tool.set("driver", std::move(driver));
  Json run;
  run.set("tool", std::move(tool));
  run.set("invocations", Json(Json::Array{invocation_of(input.report, left_out)}));
  run.set("results", Json(std::move(results)));
  Json log;
  log.set("$schema", Json(schema));
  log.set("version", Json("2.1.0"));
  log.set("runs", Json(Json::Array{std::move(run)}));
  return formats::to_shown_text(log) + "\n";
}

}  // namespace touchstone::report
