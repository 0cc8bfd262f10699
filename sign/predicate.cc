#include "sign/predicate.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "formats/predicate_types.h"
#include "formats/statement.h"

namespace touchstone::sign {
namespace {

using formats::Json;

constexpr std::string_view custom_type = "https://cosign.sigstore.dev/attestation/v1";

enum class Kind : std::uint8_t { object, array, text };

// A member by which one knows a predicate of that type; "a.b" is member b of member a.
struct Marker {
  std::string_view type;
  std::string_view path;
  Kind kind;
  std::string_view begins_with = {};  // of a text
};

constexpr std::array<Marker, 22> markers = {{
    {"https://slsa.dev/provenance/v0.2", "builder.id", Kind::text},
    {"https://slsa.dev/provenance/v0.2", "buildType", Kind::text},
    {"https://slsa.dev/provenance/v1", "buildDefinition.buildType", Kind::text},
    {"https://slsa.dev/provenance/v1", "buildDefinition.externalParameters", Kind::object},
    {"https://slsa.dev/provenance/v1", "runDetails.builder.id", Kind::text},
    {"https://cyclonedx.org/bom", "bomFormat", Kind::text, "CycloneDX"},
    {"https://cyclonedx.org/bom", "specVersion", Kind::text},
    {"https://cosign.sigstore.dev/attestation/vuln/v1", "scanner", Kind::object},
    {"https://cosign.sigstore.dev/attestation/vuln/v1", "metadata.scanStartedOn", Kind::text},
    {"https://cosign.sigstore.dev/attestation/vuln/v1", "metadata.scanFinishedOn", Kind::text},
    {"https://openvex.dev/ns", "@context", Kind::text, "https://openvex.dev/ns"},
    {"https://openvex.dev/ns", "statements", Kind::array},
    {"https://in-toto.io/Link/v1", "name", Kind::text},
    {"https://slsa.dev/verification_summary/v1", "verifier.id", Kind::text},
    {"https://slsa.dev/verification_summary/v1", "resourceUri", Kind::text},
    {"https://slsa.dev/verification_summary/v1", "verificationResult", Kind::text},
    {"https://in-toto.io/attestation/vulns/v0.1", "scanner", Kind::object},
    {"https://in-toto.io/attestation/vulns/v0.1", "metadata", Kind::object},
    {"https://in-toto.io/attestation/test-result/v0.1", "result", Kind::text},
    {formats::policy_exception_predicate, "reason", Kind::text},
    {formats::policy_exception_predicate, "createdOn", Kind::text},
    {formats::policy_exception_predicate, "expiresOn", Kind::text},
}};

const Json* at_path(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = path.find('.');
    at = at->find(path.substr(0, dot));
    path = dot == path.npos ? "" : path.substr(dot + 1);
  }
  return at;
}

bool is_there(const Json& predicate, const Marker& marker) {
  const Json* value = at_path(predicate, marker.path);
  if (value == nullptr) return false;
  switch (marker.kind) {
    case Kind::object:
      return value->object() != nullptr;
    case Kind::array:
      return value->array() != nullptr;
    case Kind::text:
      return value->string() != nullptr && !value->string()->empty() &&
             value->string()->starts_with(marker.begins_with);
  }
  return false;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::object:
      return "an object";
    case Kind::array:
      return "an array";
    case Kind::text:
      return "a text";
  }
  return "";
}

Error malformed(const std::string& why) {
  return Error{Code::format_file, "the predicate: " + why, ""};
}

// SPDX 2 has a version, SPDX 3 a context of linked data.
Status check_spdx(const Json& predicate) {
  const Marker version{"", "spdxVersion", Kind::text, "SPDX-"};
  const Marker context{"", "@context", Kind::text, "https://spdx.org/"};
  if (is_there(predicate, version) || is_there(predicate, context)) return ok();
  return malformed("\"spdxVersion\" is missing, or no version of SPDX");
}

Status check_markers(std::string_view type, const Json& predicate) {
  if (type == "https://spdx.dev/Document") return check_spdx(predicate);
  for (const Marker& marker : markers) {
    if (!formats::is_predicate(marker.type, type) || is_there(predicate, marker)) continue;
    std::string wanted = "\"" + std::string(marker.path) + "\" is missing, or not " +
                         std::string(name_of(marker.kind));
    if (!marker.begins_with.empty())
      wanted += " that begins with " + std::string(marker.begins_with);
    return malformed(wanted);
  }
  return ok();
}

std::string custom(ByteView contents, std::chrono::sys_seconds now) {
  Json json;
  json.set("Data", Json(as_text(contents)));
  json.set("Timestamp", Json(to_rfc3339(now)));
  return to_text(json);
}

// The statement around it must parse, which is more than that the file does: one level deeper.
Status check_in_statement(const std::string& type, const std::string& json) {
  const std::string text = formats::write_statement(crypto::digest_of(ByteView()), "", type, json);
  const auto statement = formats::Statement::parse(as_bytes(text));
  if (statement) return ok();
  const bool is_limit = exit_status(statement.error().code) == 3;
  return is_limit ? Status(statement.error()) : malformed(statement.error().message);
}

}  // namespace

Result<Predicate> Predicate::create(std::string_view type, ByteView contents,
                                    std::chrono::sys_seconds now) {
  TS_TRY(std::string uri, formats::predicate_type(type));
  if (uri == formats::image_signature_predicate) {
    return Error{Code::policy_image_signature,
                 "an attestation of this type is a signature of the image",
                 "sign the image with `touchstone sign`"};
  }
  if (contents.size() > max_predicate_bytes) {
    return Error{Code::limit_size, "the predicate is larger than 8 MiB", ""};
  }
  if (!is_valid_utf8(as_text(contents)) || as_text(contents).contains('\0')) {
    return malformed("is no text in UTF-8");
  }
  Predicate made(uri, std::string(as_text(contents)));
  if (uri == custom_type) {
    made.json_ = custom(contents, now);
  } else if (type == "spdx") {
    if (!made.json_.contains("SPDXVersion:")) {
      return Error{Code::format_file, "the predicate: no \"SPDXVersion:\" stands in it",
                   "for SPDX in JSON: --type spdxjson"};
    }
    made.json_ = to_text(Json(made.json_));
  } else {
    const auto parsed = formats::parse_json(contents, max_predicate_bytes);
    if (!parsed && exit_status(parsed.error().code) == 3 &&
        parsed.error().code != Code::format_json) {
      return parsed.error();
    }
    if (!parsed) return malformed(parsed.error().message);
    if (parsed->object() == nullptr) {
      return malformed("is " + std::string(parsed->kind_name()) + ", not an object");
    }
    TS_CHECK(check_markers(uri, *parsed));
  }
  TS_CHECK(check_in_statement(uri, made.json_));
  return made;
}

}  // namespace touchstone::sign
