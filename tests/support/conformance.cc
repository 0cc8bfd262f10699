#include "tests/support/conformance.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/files.h"
#include "base/time.h"
#include "formats/json_fields.h"
#include "tests/support/vectors.h"

namespace touchstone::test {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::uint64_t max_bytes = 16 << 20;
constexpr std::size_t many = 100;
constexpr const char* suite = "sigstore-conformance";

Bytes decoded(const Fields& fields, std::string_view name) {
  const auto text = fields.string_or(name, "");
  const auto bytes = text ? from_base64(*text, Base64::either) : std::nullopt;
  return bytes.value_or(Bytes());
}

std::optional<Fields> inside(const std::optional<Fields>& fields, std::string_view name) {
  if (!fields) return std::nullopt;
  const auto member = fields->optional_object(name);
  return member ? *member : std::nullopt;
}

std::vector<Fields> list(const std::optional<Fields>& fields, std::string_view name) {
  if (!fields) return {};
  auto objects = fields->objects_or_empty(name, many);
  return objects ? *std::move(objects) : std::vector<Fields>();
}

std::optional<std::chrono::sys_seconds> time_of(const std::optional<Fields>& window,
                                                std::string_view name) {
  if (!window) return std::nullopt;
  const auto text = window->string_or(name, "");
  return text ? parse_rfc3339(*text) : std::nullopt;
}

std::vector<crypto::Certificate> chain_of(const Fields& authority) {
  std::vector<crypto::Certificate> chain;
  for (const Fields& one : list(inside(authority, "certChain"), "certificates")) {
    const auto certificate = crypto::Certificate::from_der(decoded(one, "rawBytes"));
    REQUIRE(certificate);
    chain.push_back(*certificate);
  }
  return chain;
}

void read_root(const Fields& root, ConformanceCase& out) {
  for (const Fields& authority : list(root, "certificateAuthorities")) {
    out.authorities.push_back(chain_of(authority));
  }
  for (const Fields& authority : list(root, "timestampAuthorities")) {
    const auto window = inside(authority, "validFor");
    out.timestamp_authorities.push_back(
        {chain_of(authority), time_of(window, "start"), time_of(window, "end")});
  }
  for (const Fields& log : list(root, "ctlogs")) {
    const auto public_key = inside(log, "publicKey");
    REQUIRE(public_key);
    const Bytes raw = decoded(*public_key, "rawBytes");
    const bool pkcs1 = *public_key->string("keyDetails") == "PKCS1_RSA_PKCS1V5";
    const auto key =
        pkcs1 ? crypto::PublicKey::from_pkcs1_der(raw) : crypto::PublicKey::from_der(raw);
    const auto window = inside(public_key, "validFor");
    const auto begin = time_of(window, "start");
    REQUIRE(key);
    REQUIRE(begin);
    out.certificate_logs.push_back(
        {decoded(*inside(log, "logId"), "keyId"), *key, *begin, time_of(window, "end")});
  }
}

void read_bundle(const Fields& bundle, ConformanceCase& out) {
  const auto material = inside(bundle, "verificationMaterial");
  if (const auto single = inside(material, "certificate")) {
    out.certificates.push_back(decoded(*single, "rawBytes"));
  }
  for (const Fields& one : list(inside(material, "x509CertificateChain"), "certificates")) {
    out.certificates.push_back(decoded(one, "rawBytes"));
  }
  for (const Fields& one :
       list(inside(material, "timestampVerificationData"), "rfc3161Timestamps")) {
    out.timestamps.push_back(decoded(one, "signedTimestamp"));
  }
  if (const auto message = inside(bundle, "messageSignature")) {
    out.signature = decoded(*message, "signature");
  }
  for (const Fields& one : list(inside(bundle, "dsseEnvelope"), "signatures")) {
    out.signature = decoded(one, "sig");
  }
}

}  // namespace

std::optional<ConformanceCase> conformance_case(const std::string& name) {
  const auto folder = vectors(suite);
  if (!folder) return std::nullopt;
  const std::filesystem::path here = *folder / "bundle-verify" / name;
  const auto bundle_bytes = read_file((here / "bundle.sigstore.json").string(), max_bytes);
  REQUIRE(bundle_bytes);
  const auto bundle = formats::parse_json(*bundle_bytes, max_bytes);
  if (!bundle) return std::nullopt;
  std::filesystem::path root_file = here / "trusted_root.json";
  if (!std::filesystem::exists(root_file)) {
    root_file = *vectors("sigstore-root") / "targets/trusted_root.json";
  }
  const auto root_bytes = read_file(root_file.string(), max_bytes);
  REQUIRE(root_bytes);
  const auto root = formats::parse_json(*root_bytes, max_bytes);
  REQUIRE(root);
  ConformanceCase out;
  out.name = name;
  read_bundle(*Fields::of(*bundle), out);
  read_root(*Fields::of(*root), out);
  return out;
}

std::vector<std::string> conformance_names() {
  std::vector<std::string> names;
  const auto folder = vectors(suite);
  if (!folder) return names;
  for (const auto& entry : std::filesystem::directory_iterator(*folder / "bundle-verify")) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace touchstone::test
