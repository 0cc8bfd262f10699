#include "sign/log_service.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/pem.h"
#include "formats/dsse.h"
#include "formats/json_fields.h"
#include "formats/proto_json.h"

namespace touchstone::sign {
namespace {

using crypto::KeyKind;
using crypto::PublicKey;
using formats::Fields;
using formats::Json;
using formats::LogBody;
using formats::LogEntry;
using formats::Message;
using verify::LoggedSignature;
using Version = TransparencyLogService::Version;

constexpr std::string_view entries_v1 = "/api/v1/log/entries";
constexpr std::string_view entries_v2 = "/api/v2/log/entries";
constexpr std::string_view json_type = "application/json";

// What is asked for, in the terms of an entry.
struct Wanted {
  LogBody::Kind kind;
  crypto::Hash hash;  // of what is signed; of an envelope in version 1, of its payload
  Bytes digest;
};

const PublicKey& key_of(const LoggedSignature& signature) {
  const auto* certificate = std::get_if<const crypto::Certificate*>(&signature.signer);
  return certificate != nullptr ? (*certificate)->key()
                                : *std::get<const PublicKey*>(signature.signer);
}

bool by_certificate(const LoggedSignature& signature) {
  return std::holds_alternative<const crypto::Certificate*>(signature.signer);
}

const Bytes& signer_der(const LoggedSignature& signature) {
  return by_certificate(signature) ? std::get<const crypto::Certificate*>(signature.signer)->der()
                                   : std::get<const PublicKey*>(signature.signer)->der();
}

std::string signer_pem(const LoggedSignature& signature) {
  return crypto::to_pem(by_certificate(signature) ? "CERTIFICATE" : "PUBLIC KEY",
                        signer_der(signature));
}

Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json out{Json::Object()};
  for (const auto& [name, value] : members) out.set(name, value);
  return out;
}

Json base64(ByteView bytes) { return Json(to_base64(bytes)); }

std::string_view hash_name(crypto::Hash hash) {
  switch (hash) {
    case crypto::Hash::sha256:
      return "sha256";
    case crypto::Hash::sha384:
      return "sha384";
    case crypto::Hash::sha512:
      return "sha512";
  }
  return "";
}

// How version 2 names the algorithm by which a key signs; empty for those it does not know.
std::string key_details(const PublicKey& key) {
  switch (key.kind()) {
    case KeyKind::p256:
      return "PKIX_ECDSA_P256_SHA_256";
    case KeyKind::p384:
      return "PKIX_ECDSA_P384_SHA_384";
    case KeyKind::p521:
      return "PKIX_ECDSA_P521_SHA_512";
    case KeyKind::ed25519:
      return "";  // it takes the prehashed variant alone
    case KeyKind::rsa:
      break;
  }
  constexpr std::array known = {2048, 3072, 4096};
  if (std::ranges::count(known, key.bits()) == 0) return "";
  return "PKIX_RSA_PKCS1V15_" + std::to_string(key.bits()) + "_SHA256";
}

Result<Wanted> wanted_entry(Version version, const LoggedSignature& signature) {
  const formats::DsseEnvelope* envelope = signature.content.envelope();
  if (version == Version::rekor1 && envelope != nullptr) {
    return Wanted{LogBody::Kind::envelope, crypto::Hash::sha256,
                  crypto::hash(crypto::Hash::sha256, envelope->payload)};
  }
  const auto hash = verify::hash_of(key_of(signature).signing_scheme());
  auto digest = hash ? signature.content.digest(*hash) : std::nullopt;
  if (!digest) return Error{Code::internal_error, "a log was to be given what has no digest", ""};
  return Wanted{version == Version::rekor1 ? LogBody::Kind::hashed_artifact
                                           : LogBody::Kind::hashed_artifact_2,
                *hash, *std::move(digest)};
}

Json envelope_request(const LoggedSignature& signature) {
  const formats::DsseEnvelope& envelope = *signature.content.envelope();
  Json::Array signatures = {object({{"sig", base64(signature.signature)}})};
  const std::string text = to_text(object({{"payload", base64(envelope.payload)},
                                           {"payloadType", Json(envelope.payload_type)},
                                           {"signatures", Json(std::move(signatures))}}));
  Json::Array verifiers = {base64(as_bytes(signer_pem(signature)))};
  return object({{"apiVersion", Json("0.0.1")},
                 {"kind", Json("dsse")},
                 {"spec", object({{"proposedContent",
                                   object({{"envelope", Json(text)},
                                           {"verifiers", Json(std::move(verifiers))}})}})}});
}

Json hashed_request(const LoggedSignature& signature, const Wanted& wanted) {
  const Json hash =
      object({{"algorithm", Json(hash_name(wanted.hash))}, {"value", Json(to_hex(wanted.digest))}});
  const Json key = object({{"content", base64(as_bytes(signer_pem(signature)))}});
  return object({{"apiVersion", Json("0.0.1")},
                 {"kind", Json("hashedrekord")},
                 {"spec", object({{"data", object({{"hash", hash}})},
                                  {"signature", object({{"content", base64(signature.signature)},
                                                        {"publicKey", key}})}})}});
}

Json hashed_request_2(const LoggedSignature& signature, const Wanted& wanted) {
  const Json raw = object({{"rawBytes", base64(signer_der(signature))}});
  Json verifier = object({{"keyDetails", Json(key_details(key_of(signature)))}});
  verifier.set(by_certificate(signature) ? "x509Certificate" : "publicKey", raw);
  return object({{"hashedRekordRequestV002",
                  object({{"digest", base64(wanted.digest)},
                          {"signature", object({{"content", base64(signature.signature)},
                                                {"verifier", std::move(verifier)}})}})}});
}

Result<Bytes> hex_of(const Fields& fields, std::string_view name) {
  TS_TRY(const std::string text, fields.string(name));
  auto bytes = from_hex(text);
  if (!bytes) return fields.error(name, "is not hex");
  return *std::move(bytes);
}

Result<Bytes> base64_of(const Fields& fields, std::string_view name) {
  TS_TRY(const std::string text, fields.string(name));
  auto bytes = from_base64(text);
  if (!bytes) return fields.error(name, "is not base64");
  return *std::move(bytes);
}

Result<formats::InclusionProof> read_proof(const Fields& fields) {
  formats::InclusionProof proof;
  TS_TRY(proof.index, fields.unsigned_integer("logIndex"));
  TS_TRY(proof.tree_size, fields.unsigned_integer("treeSize"));
  TS_TRY(proof.root_hash, hex_of(fields, "rootHash"));
  TS_TRY(proof.checkpoint, fields.string("checkpoint"));
  TS_TRY(const Json::Array* hashes, fields.array_or_empty("hashes"));
  if (hashes->size() > limits::max_proof_hashes) return fields.error("hashes", "are too many");
  for (const Json& value : *hashes) {
    auto hash = value.string() != nullptr ? from_hex(*value.string()) : std::nullopt;
    if (!hash) return fields.error("hashes", "holds something that is not hex");
    proof.hashes.push_back(*std::move(hash));
  }
  return proof;
}

// {UUID: {body, integratedTime, logID, logIndex, verification}}, hashes in hex.
Result<LogEntry> read_entry_1(const Json& document) {
  if (document.object() == nullptr || document.object()->size() != 1) {
    return Error{Code::format_json, "it does not hold one entry", ""};
  }
  TS_TRY(const Fields fields, Fields::of(document.object()->front().second, "entry"));
  LogEntry entry;
  TS_TRY(entry.body, base64_of(fields, "body"));
  TS_TRY(entry.integrated_time, fields.unsigned_integer("integratedTime"));
  TS_TRY(entry.log_id, hex_of(fields, "logID"));
  TS_TRY(entry.index, fields.unsigned_integer("logIndex"));
  TS_TRY(const Fields verification, fields.object("verification"));
  TS_TRY(entry.promise, base64_of(verification, "signedEntryTimestamp"));
  TS_TRY(const auto proof, verification.optional_object("inclusionProof"));
  if (proof) {
    TS_TRY(entry.proof, read_proof(*proof));
  }
  // Kind and version stand in the body alone.
  TS_TRY(const Json body, formats::parse_json(entry.body, limits::max_log_body_bytes));
  TS_TRY(const Fields root, Fields::of(body, "body"));
  TS_TRY(entry.kind, root.string("kind"));
  TS_TRY(entry.version, root.string("apiVersion"));
  return entry;
}

Result<LogEntry> read_entry_2(const Json& document) {
  TS_TRY(const Message message,
         Message::of(document, "entry",
                     {"logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise",
                      "inclusionProof", "canonicalizedBody"}));
  return LogEntry::read(message);
}

Status check_entry(const LogEntry& entry, Version version, const LoggedSignature& signature,
                   const Wanted& wanted, const std::string& who) {
  const auto body = LogBody::parse(entry);
  if (!body) return strange_answer(who, body.error().message);
  const auto other = [&](std::string_view what) {
    return Error{Code::binding_log_entry, who + " gave an entry about another " + std::string(what),
                 ""};
  };
  if (body->kind != wanted.kind) return other("kind of content");
  if (body->hash != wanted.hash || body->digest != wanted.digest) return other("artifact");
  if (!std::ranges::equal(body->signature, signature.signature)) return other("signature");
  if (body->by_certificate != by_certificate(signature) || body->signer != signer_der(signature)) {
    return other("signer");
  }
  if (version == Version::rekor1 && entry.promise.empty()) {
    return Error{Code::signature_log_promise, who + " promised nothing", ""};
  }
  if (!entry.proof || entry.proof->checkpoint.empty()) {
    return Error{Code::signature_log_proof, who + " gave no inclusion proof with a checkpoint", ""};
  }
  return ok();
}

// RFC 9110 section 15.5.10, and Rekor: an entry that is there already is named by Location.
Result<HttpResponse> fetch_existing(HttpClient& http, const TransparencyLogService& log,
                                    const HttpResponse& conflict, const std::string& who) {
  const std::string location(conflict.header("location").value_or(""));
  const std::size_t slash = location.rfind('/');
  const std::string uuid = slash == std::string::npos ? "" : location.substr(slash + 1);
  constexpr std::size_t most = 128;
  if (uuid.empty() || uuid.size() > most || !from_hex(uuid)) {
    return strange_answer(who, "it holds the entry already, and does not say where");
  }
  HttpRequest request;
  request.url = log.address.at(std::string(entries_v1) + "/" + uuid);
  request.max_body_bytes = limits::max_service_answer_bytes;
  request.timeout = limits::service_timeout;
  return ask_service(http, request, who);
}

Result<LogEntry> submit(HttpClient& http, const TransparencyLogService& log,
                        const LoggedSignature& signature, const Wanted& wanted,
                        const std::string& who) {
  const bool first = log.version == Version::rekor1;
  const Json proposed = !first ? hashed_request_2(signature, wanted)
                        : wanted.kind == LogBody::Kind::envelope
                            ? envelope_request(signature)
                            : hashed_request(signature, wanted);
  HttpRequest request = service_request(log.address.at(first ? entries_v1 : entries_v2), json_type,
                                        to_bytes(to_text(proposed)));
  request.headers.push_back({"Accept", std::string(json_type)});
  constexpr int conflict = 409;
  constexpr std::array also = {conflict};
  TS_TRY(
      HttpResponse response,
      ask_service(http, request, who, first ? std::span<const int>(also) : std::span<const int>()));
  if (response.status == conflict) {
    TS_TRY(response, fetch_existing(http, log, response, who));
  }
  TS_TRY(const Json document, json_in(response, who));
  auto entry = first ? read_entry_1(document) : read_entry_2(document);
  if (entry || entry.error().code != Code::format_json) return entry;
  return strange_answer(who, entry.error().message);
}

}  // namespace

Result<TransparencyLogService> find_log_service(HttpClient& http, std::string_view url) {
  TS_TRY(ServiceAddress address, ServiceAddress::parse(url));
  for (const auto& [suffix, version] :
       {std::pair("/api/v1", Version::rekor1), std::pair("/api/v2", Version::rekor2)}) {
    if (!address.url().ends_with(suffix)) continue;
    const std::string base = address.url().substr(0, address.url().rfind("/api/"));
    TS_TRY(ServiceAddress at, ServiceAddress::parse(base));
    return TransparencyLogService{std::move(at), version};
  }
  HttpRequest request;
  request.url = address.at("/api/v1/log");
  request.max_body_bytes = limits::max_service_answer_bytes;
  request.timeout = limits::service_timeout;
  constexpr int not_found = 404;
  constexpr std::array also = {not_found};
  TS_TRY(const HttpResponse response,
         ask_service(http, request, "the log at " + address.host(), also));
  return TransparencyLogService{std::move(address),
                                response.status == not_found ? Version::rekor2 : Version::rekor1};
}

Status can_log(const TransparencyLogService& log, const PublicKey& key, bool envelope) {
  const bool sha384_or_longer = key.kind() == KeyKind::p384 || key.kind() == KeyKind::p521;
  const bool taken = log.version == Version::rekor2 ? !key_details(key).empty()
                     : envelope                     ? !sha384_or_longer
                                                    : key.kind() != KeyKind::ed25519;
  if (taken) return ok();
  return Error{Code::usage_arguments,
               "the log at " + log.address.host() + " takes no " +
                   (envelope ? "envelopes" : "files") + " signed by a key of kind " +
                   key.kind_name(),
               "use a key of kind ECDSA P-256"};
}

Result<LogEntry> log_signature(HttpClient& http, const TransparencyLogService& log,
                               const LoggedSignature& signature) {
  TS_CHECK(can_log(log, key_of(signature), signature.content.envelope() != nullptr));
  const std::string who = "the log at " + log.address.host();
  TS_TRY(const Wanted wanted, wanted_entry(log.version, signature));
  TS_TRY(LogEntry entry, submit(http, log, signature, wanted, who));
  TS_CHECK(check_entry(entry, log.version, signature, wanted, who));
  return entry;
}

}  // namespace touchstone::sign
