#include "formats/trusted_root.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "formats/proto_json.h"

namespace touchstone::formats {
namespace {

constexpr auto others = Message::Others::passed_over;
constexpr std::string_view trust_configuration =
    "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
constexpr std::array<std::string_view, 4> media_types = {
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json"};

Result<Validity> validity(const Message& message) {
  Validity validity;
  TS_TRY(const auto given, message.message("validFor", {"start", "end"}, others));
  if (!given) return validity;
  TS_TRY(validity.start, given->timestamp("start"));
  TS_TRY(validity.end, given->timestamp("end"));
  if (validity.start && validity.end && *validity.end < *validity.start) {
    return message.error("validFor", "ends before it begins");
  }
  return validity;
}

// The keys of logs that were ever seen: PKIX ones, and RSA by PKCS#1 in an old log of certificates.
Result<crypto::PublicKey> log_key(const Message& message) {
  TS_TRY(const std::string details,
         message.enumeration("keyDetails", {{1, "PKCS1_RSA_PKCS1V5"},
                                            {3, "PKIX_RSA_PKCS1V5"},
                                            {5, "PKIX_ECDSA_P256_SHA_256"},
                                            {7, "PKIX_ED25519"},
                                            {9, "PKIX_RSA_PKCS1V15_2048_SHA256"},
                                            {10, "PKIX_RSA_PKCS1V15_3072_SHA256"},
                                            {11, "PKIX_RSA_PKCS1V15_4096_SHA256"},
                                            {12, "PKIX_ECDSA_P384_SHA_384"},
                                            {13, "PKIX_ECDSA_P521_SHA_512"}}));
  TS_TRY(const Bytes raw, message.bytes("rawBytes"));
  auto key = details.starts_with("PKCS1_") ? crypto::PublicKey::from_pkcs1_der(raw)
                                           : crypto::PublicKey::from_der(raw);
  if (!key) return message.error("rawBytes", "holds no key that counts: " + key.error().message);
  const crypto::KeyKind kind = key->kind();
  const bool fits = details.contains("RSA")       ? kind == crypto::KeyKind::rsa
                    : details.contains("ED25519") ? kind == crypto::KeyKind::ed25519
                    : details.contains("P256")    ? kind == crypto::KeyKind::p256
                    : details.contains("P384")    ? kind == crypto::KeyKind::p384
                                                  : kind == crypto::KeyKind::p521;
  if (!fits) return message.error("keyDetails", "is of another kind than the key");
  return key;
}

Result<Bytes> key_id(const Message& message, std::string_view name) {
  TS_TRY(const auto id, message.message(name, {"keyId"}, others));
  if (!id) return Bytes();
  return id->bytes("keyId");
}

Result<TransparencyLog> read_log(const Message& message) {
  TS_TRY(const auto key_message,
         message.message("publicKey", {"rawBytes", "keyDetails", "validFor"}, others));
  if (!key_message) return message.error("publicKey", "missing");
  TS_TRY(crypto::PublicKey key, log_key(*key_message));
  TransparencyLog log{{}, {}, std::move(key), {}, {}, {}};
  TS_TRY(log.url, message.string("baseUrl"));
  TS_TRY(log.operator_name, message.string("operator"));
  TS_TRY(const std::string hash, message.enumeration("hashAlgorithm", {{1, "SHA2_256"}}));
  TS_TRY(log.id, key_id(message, "logId"));
  if (log.id.empty()) return message.error("logId", "missing");
  TS_TRY(log.checkpoint_id, key_id(message, "checkpointKeyId"));
  if (!log.checkpoint_id.empty() && log.checkpoint_id.size() != 4) {
    return message.error("checkpointKeyId", "is not 4 bytes long");
  }
  TS_TRY(log.validity, validity(*key_message));
  if (!log.validity.start) return key_message->error("validFor", "has no start");
  return log;
}

Result<std::vector<TransparencyLog>> read_logs(const Message& root, std::string_view name) {
  TS_TRY(const std::vector<Message> messages,
         root.messages(
             name, limits::max_root_instances,
             {"baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator"},
             others));
  std::vector<TransparencyLog> logs;
  for (const Message& message : messages) {
    TS_TRY(TransparencyLog log, read_log(message));
    logs.push_back(std::move(log));
  }
  return logs;
}

Result<CertificateAuthority> read_authority(const Message& message) {
  CertificateAuthority authority;
  TS_TRY(authority.uri, message.string("uri"));
  TS_TRY(authority.operator_name, message.string("operator"));
  TS_TRY(authority.validity, validity(message));
  TS_TRY(const auto chain, message.message("certChain", {"certificates"}, others));
  if (!chain) return message.error("certChain", "missing");
  TS_TRY(const std::vector<Message> certificates,
         chain->messages("certificates", limits::max_chain_certificates, {"rawBytes"}, others));
  for (const Message& item : certificates) {
    TS_TRY(const Bytes der, item.bytes("rawBytes"));
    auto certificate = crypto::Certificate::from_der(der);
    if (!certificate) {
      return item.error("rawBytes",
                        "holds no certificate that counts: " + certificate.error().message);
    }
    authority.chain.push_back(*std::move(certificate));
  }
  if (authority.chain.empty()) return chain->error("certificates", "is empty");
  if (!authority.chain.back().is_authority()) {
    return chain->error("certificates", "does not end with an authority");
  }
  return authority;
}

Result<std::vector<CertificateAuthority>> read_authorities(const Message& root,
                                                           std::string_view name) {
  TS_TRY(const std::vector<Message> messages,
         root.messages(name, limits::max_root_instances,
                       {"subject", "uri", "certChain", "validFor", "operator"}, others));
  std::vector<CertificateAuthority> authorities;
  for (const Message& message : messages) {
    TS_TRY(CertificateAuthority authority, read_authority(message));
    authorities.push_back(std::move(authority));
  }
  return authorities;
}

Result<TrustedRoot> read_root(const Json& document, std::string path) {
  TS_TRY(const Message message, Message::of(document, std::move(path),
                                            {"mediaType", "tlogs", "certificateAuthorities",
                                             "ctlogs", "timestampAuthorities"},
                                            others));
  TS_TRY(const std::string media_type, message.string("mediaType"));
  if (std::ranges::find(media_types, media_type) == media_types.end()) {
    return message.error("mediaType",
                         "\"" + printable(media_type) + "\" is no version that is known");
  }
  TrustedRoot root;
  TS_TRY(root.logs, read_logs(message, "tlogs"));
  TS_TRY(root.certificate_logs, read_logs(message, "ctlogs"));
  TS_TRY(root.authorities, read_authorities(message, "certificateAuthorities"));
  TS_TRY(root.timestamp_authorities, read_authorities(message, "timestampAuthorities"));
  return root;
}

Result<TrustedRoot> read_document(ByteView bytes) {
  TS_TRY(const Json document, parse_json(bytes, limits::max_trust_file_bytes));
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const std::string media_type, fields.string_or("mediaType", ""));
  if (media_type != trust_configuration) return read_root(document, "");
  TS_TRY(const Message configuration,
         Message::of(document, "", {"mediaType", "trustedRoot", "signingConfig"}, others));
  const Json* root = configuration.member("trustedRoot");
  if (root == nullptr) return configuration.error("trustedRoot", "missing");
  return read_root(*root, "trustedRoot");
}

}  // namespace

std::string CertificateAuthority::identity() const {
  if (!operator_name.empty()) return operator_name;
  return uri.empty() ? chain.back().fingerprint() : uri;
}

Result<TrustedRoot> TrustedRoot::parse(ByteView bytes) {
  auto root = read_document(bytes);
  if (!root) return in_context(std::move(root).error(), Code::trust_malformed, "trusted root");
  return root;
}

}  // namespace touchstone::formats
