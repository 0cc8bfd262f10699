#include "formats/sigstore_bundle.h"

#include <array>
#include <optional>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/descriptor.h"
#include "formats/dsse_json.h"
#include "formats/proto_json.h"

namespace touchstone::formats {
namespace {

std::optional<int> minor_version(std::string_view media_type) {
  constexpr std::array<std::pair<std::string_view, int>, 6> spellings = {{
      {"application/vnd.dev.sigstore.bundle+json;version=0.1", 1},
      {"application/vnd.dev.sigstore.bundle+json;version=0.2", 2},
      {"application/vnd.dev.sigstore.bundle+json;version=0.3", 3},
      {"application/vnd.dev.sigstore.bundle.v0.1+json", 1},
      {"application/vnd.dev.sigstore.bundle.v0.2+json", 2},
      {"application/vnd.dev.sigstore.bundle.v0.3+json", 3},
  }};
  for (const auto& [spelling, version] : spellings) {
    if (media_type == spelling) return version;
  }
  return std::nullopt;
}

Result<Bytes> certificate(const Json& value, std::string path) {
  TS_TRY(const Message message, Message::of(value, std::move(path), {"rawBytes"}));
  TS_TRY(Bytes der, message.bytes("rawBytes"));
  if (der.empty()) return message.error("rawBytes", "missing");
  return der;
}

Result<CertificateChain> chain(const Message& material) {
  CertificateChain chain;
  if (const Json* single = material.member("certificate")) {
    TS_TRY(Bytes der, certificate(*single, material.path_of("certificate")));
    chain.certificates.push_back(std::move(der));
    return chain;
  }
  const std::string path = material.path_of("x509CertificateChain");
  TS_TRY(const Message message,
         Message::of(*material.member("x509CertificateChain"), path, {"certificates"}));
  TS_TRY(const Json::Array* items, message.array("certificates", limits::max_chain_certificates));
  for (const Json& item : *items) {
    TS_TRY(Bytes der, certificate(item, path + ".certificates[]"));
    chain.certificates.push_back(std::move(der));
  }
  if (chain.certificates.empty()) return message.error("certificates", "the chain is empty");
  return chain;
}

Status read_material(const Message& root, SigstoreBundle& bundle) {
  const Json* value = root.member("verificationMaterial");
  if (value == nullptr) return root.error("verificationMaterial", "missing");
  TS_TRY(const Message material, Message::of(*value, "verificationMaterial",
                                             {"publicKey", "x509CertificateChain", "certificate",
                                              "tlogEntries", "timestampVerificationData"}));
  const int kinds = static_cast<int>(material.has("publicKey")) +
                    static_cast<int>(material.has("x509CertificateChain")) +
                    static_cast<int>(material.has("certificate"));
  if (kinds != 1) {
    return root.error("verificationMaterial", kinds == 0 ? "holds no key or certificate"
                                                         : "holds more than one key material");
  }
  if (const Json* key = material.member("publicKey")) {
    TS_TRY(const Message message, Message::of(*key, material.path_of("publicKey"), {"hint"}));
    TS_TRY(std::string hint, message.string("hint"));
    bundle.material = KeyHint{std::move(hint)};
  } else {
    TS_TRY(bundle.material, chain(material));
  }
  TS_TRY(bundle.log_entries, LogEntry::read_all(material, "tlogEntries"));
  TS_TRY(const auto times, material.message("timestampVerificationData", {"rfc3161Timestamps"}));
  if (!times) return ok();
  TS_TRY(const std::vector<Message> stamps,
         times->messages("rfc3161Timestamps", limits::max_timestamps, {"signedTimestamp"}));
  for (const Message& stamp : stamps) {
    TS_TRY(Bytes response, stamp.bytes("signedTimestamp"));
    if (response.empty()) return stamp.error("signedTimestamp", "missing");
    if (response.size() > limits::max_timestamp_bytes) {
      return Error{Code::limit_size, "a timestamp is longer than any authority's", ""};
    }
    bundle.timestamps.push_back(std::move(response));
  }
  return ok();
}

Result<DsseEnvelope> envelope(const Json& value, const SigstoreBundle& bundle) {
  TS_TRY(const Message message,
         Message::of(value, "dsseEnvelope", {"payload", "payloadType", "signatures"}));
  DsseEnvelope envelope;
  TS_TRY(envelope.payload, message.bytes("payload"));
  TS_TRY(envelope.payload_type, message.string("payloadType"));
  constexpr std::size_t most = 16;  // more than one is refused below; this bounds the reading
  TS_TRY(const Json::Array* signatures, message.array("signatures", most));
  if (signatures->size() != 1) {
    return message.error("signatures", "holds " + std::to_string(signatures->size()) +
                                           " signatures; a bundle has exactly one");
  }
  TS_TRY(const Message entry,
         Message::of(signatures->front(), "dsseEnvelope.signatures[0]", {"sig", "keyid"}));
  DsseSignature signature;
  TS_TRY(signature.signature, entry.bytes("sig"));
  TS_TRY(signature.keyid, entry.string("keyid"));
  if (signature.signature.empty()) return entry.error("sig", "missing");
  const auto* key = std::get_if<KeyHint>(&bundle.material);
  if (key != nullptr && !key->hint.empty() && !signature.keyid.empty() &&
      key->hint != signature.keyid) {
    return entry.error("keyid", "differs from the key hint");
  }
  envelope.signatures.push_back(std::move(signature));
  return envelope;
}

Result<MessageSignature> message_signature(const Json& value) {
  TS_TRY(const Message message,
         Message::of(value, "messageSignature", {"messageDigest", "signature"}));
  MessageSignature out;
  TS_TRY(out.signature, message.bytes("signature"));
  if (out.signature.empty()) return message.error("signature", "missing");
  TS_TRY(const auto digest, message.message("messageDigest", {"algorithm", "digest"}));
  if (!digest) return out;
  TS_TRY(out.digest, digest->bytes("digest"));
  TS_TRY(const std::string algorithm,
         digest->enumeration("algorithm", {{0, ""},
                                           {0, "HASH_ALGORITHM_UNSPECIFIED"},
                                           {1, "SHA2_256"},
                                           {2, "SHA2_384"},
                                           {3, "SHA2_512"}}));
  if (algorithm == "SHA2_256") out.hash = crypto::Hash::sha256;
  if (algorithm == "SHA2_384") out.hash = crypto::Hash::sha384;
  if (algorithm == "SHA2_512") out.hash = crypto::Hash::sha512;
  if (out.hash.has_value() == out.digest.empty()) {
    return message.error("messageDigest", "holds not both of algorithm and digest");
  }
  return out;
}

Result<SigstoreBundle> parse_members(const Json& document) {
  TS_TRY(const Message root,
         Message::of(document, "",
                     {"mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"}));
  SigstoreBundle bundle;
  TS_TRY(const std::string media_type, root.string("mediaType"));
  const auto version = minor_version(media_type);
  if (!version) {
    return root.error("mediaType", "\"" + printable(media_type) + "\" is no known bundle version");
  }
  bundle.minor_version = *version;
  TS_CHECK(read_material(root, bundle));
  const Json* message = root.member("messageSignature");
  const Json* dsse = root.member("dsseEnvelope");
  if ((message == nullptr) == (dsse == nullptr)) {
    return root.error("dsseEnvelope", message == nullptr ? "missing, and so is messageSignature"
                                                         : "stands beside messageSignature");
  }
  if (dsse != nullptr) {
    TS_TRY(bundle.content, envelope(*dsse, bundle));
  } else {
    TS_TRY(bundle.content, message_signature(*message));
  }
  return bundle;
}

Json object_of(std::string_view name, Json value) {
  Json object;
  object.set(name, std::move(value));
  return object;
}

void write_material(const SigstoreBundle& bundle, Json& out) {
  if (const auto* key = std::get_if<KeyHint>(&bundle.material)) {
    out.set("publicKey", object_of("hint", Json(key->hint)));
    return;
  }
  Json::Array certificates;
  for (const Bytes& der : std::get<CertificateChain>(bundle.material).certificates) {
    certificates.push_back(object_of("rawBytes", Json(to_base64(der))));
  }
  if (certificates.size() == 1) {
    out.set("certificate", std::move(certificates.front()));
  } else {
    out.set("x509CertificateChain", object_of("certificates", Json(std::move(certificates))));
  }
}

Json material_json(const SigstoreBundle& bundle) {
  Json out;
  write_material(bundle, out);
  Json::Array entries;
  for (const LogEntry& entry : bundle.log_entries) entries.push_back(write_log_entry(entry));
  if (!entries.empty()) out.set("tlogEntries", Json(std::move(entries)));
  Json::Array stamps;
  for (const Bytes& response : bundle.timestamps) {
    stamps.push_back(object_of("signedTimestamp", Json(to_base64(response))));
  }
  if (!stamps.empty()) {
    out.set("timestampVerificationData", object_of("rfc3161Timestamps", Json(std::move(stamps))));
  }
  return out;
}

DsseEnvelope envelope_of(std::string_view payload_type, ByteView payload, ByteView signature) {
  return {std::string(payload_type),
          Bytes(payload.begin(), payload.end()),
          {{Bytes(signature.begin(), signature.end()), ""}}};
}

std::string_view name_of(crypto::Hash hash) {
  switch (hash) {
    case crypto::Hash::sha256:
      return "SHA2_256";
    case crypto::Hash::sha384:
      return "SHA2_384";
    case crypto::Hash::sha512:
      return "SHA2_512";
  }
  return "";
}

Json message_json(const MessageSignature& message) {
  Json digest{Json::Object()};
  if (message.hash) {
    digest.set("algorithm", Json(name_of(*message.hash)));
    digest.set("digest", Json(to_base64(message.digest)));
  }
  Json out;
  out.set("messageDigest", std::move(digest));
  out.set("signature", Json(to_base64(message.signature)));
  return out;
}

}  // namespace

const Bytes& SigstoreBundle::signature() const {
  const auto* envelope = std::get_if<DsseEnvelope>(&content);
  return envelope != nullptr ? envelope->signatures.front().signature
                             : std::get<MessageSignature>(content).signature;
}

Result<SigstoreBundle> SigstoreBundle::parse(ByteView bytes) {
  auto document = parse_json(bytes, limits::max_bundle_bytes);
  if (!document) return in_context(std::move(document).error(), Code::format_bundle, "bundle");
  auto bundle = parse_members(*document);
  if (!bundle) return in_context(std::move(bundle).error(), Code::format_bundle, "bundle");
  return bundle;
}

std::string write_bundle(const SigstoreBundle& bundle) {
  Json out;
  out.set("mediaType", Json(media_type::bundle_v03));
  out.set("verificationMaterial", material_json(bundle));
  if (const auto* envelope = std::get_if<DsseEnvelope>(&bundle.content)) {
    out.set("dsseEnvelope", to_json(*envelope));
  } else {
    out.set("messageSignature", message_json(std::get<MessageSignature>(bundle.content)));
  }
  return to_text(out);
}

std::string write_bundle(std::string_view key_hint, std::string_view payload_type, ByteView payload,
                         ByteView signature) {
  SigstoreBundle bundle;
  bundle.material = KeyHint{std::string(key_hint)};
  bundle.content = envelope_of(payload_type, payload, signature);
  return write_bundle(bundle);
}

std::string write_bundle(const CertificateChain& chain, std::string_view payload_type,
                         ByteView payload, ByteView signature) {
  SigstoreBundle bundle;
  bundle.material = chain;
  bundle.content = envelope_of(payload_type, payload, signature);
  return write_bundle(bundle);
}

}  // namespace touchstone::formats
