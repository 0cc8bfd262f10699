#include "formats/log_entry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/pem.h"

namespace touchstone::formats {
namespace {

constexpr std::size_t hash_bytes = 32;

Result<Bytes> key_id(const Message& message, std::string_view name) {
  TS_TRY(const auto id, message.message(name, {"keyId"}));
  if (!id) return message.error(name, "missing");
  TS_TRY(Bytes bytes, id->bytes("keyId"));
  if (bytes.empty()) return message.error(name, "missing");
  return bytes;
}

Result<InclusionProof> inclusion_proof(const Message& message) {
  InclusionProof proof;
  TS_TRY(proof.index, message.unsigned_integer("logIndex"));
  TS_TRY(proof.tree_size, message.unsigned_integer("treeSize"));
  TS_TRY(proof.root_hash, message.bytes("rootHash"));
  if (!proof.root_hash.empty() && proof.root_hash.size() != hash_bytes) {
    return message.error("rootHash", "is not 32 bytes long");
  }
  TS_TRY(const Json::Array* hashes, message.array("hashes", limits::max_proof_hashes));
  for (const Json& value : *hashes) {
    const auto hash =
        value.string() == nullptr ? std::nullopt : from_base64(*value.string(), Base64::either);
    if (!hash || hash->size() != hash_bytes) {
      return message.error("hashes", "holds something that is no hash of 32 bytes");
    }
    proof.hashes.push_back(*hash);
  }
  TS_TRY(const auto checkpoint, message.message("checkpoint", {"envelope"}));
  if (checkpoint) {
    TS_TRY(proof.checkpoint, checkpoint->string("envelope"));
    if (proof.checkpoint.size() > limits::max_note_bytes) {
      return Error{Code::limit_size, "a checkpoint is longer than any log's", ""};
    }
  }
  return proof;
}

std::optional<crypto::Hash> hash_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, crypto::Hash>, 6> names = {{
      {"sha256", crypto::Hash::sha256},
      {"sha384", crypto::Hash::sha384},
      {"sha512", crypto::Hash::sha512},
      {"SHA2_256", crypto::Hash::sha256},
      {"SHA2_384", crypto::Hash::sha384},
      {"SHA2_512", crypto::Hash::sha512},
  }};
  const auto* const found =
      std::ranges::find(names, name, &std::pair<std::string_view, crypto::Hash>::first);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

std::size_t size_of(crypto::Hash hash) {
  switch (hash) {
    case crypto::Hash::sha256:
      return 32;
    case crypto::Hash::sha384:
      return 48;
    case crypto::Hash::sha512:
      return 64;
  }
  return 0;
}

// {"algorithm": "sha256", "value": HEX}, as Rekor v1 writes it.
Status read_hex_digest(const Fields& fields, LogBody& body) {
  TS_TRY(const std::string algorithm, fields.string("algorithm"));
  const auto hash = hash_named(algorithm);
  if (!hash) return fields.error("algorithm", "is not one that counts");
  TS_TRY(const std::string text, fields.string("value"));
  const auto digest = from_hex(text);
  if (!digest || digest->size() != size_of(*hash)) return fields.error("value", "is no digest");
  body.hash = *hash;
  body.digest = *digest;
  return ok();
}

Result<Bytes> base64_of(const Fields& fields, std::string_view name) {
  TS_TRY(const std::string text, fields.string(name));
  auto bytes = from_base64(text);
  if (!bytes || bytes->empty()) return fields.error(name, "missing, or malformed base64");
  return *std::move(bytes);
}

// Base64 of PEM: a certificate or a public key.
Status read_pem_signer(const Fields& fields, std::string_view name, LogBody& body) {
  TS_TRY(const Bytes pem, base64_of(fields, name));
  auto block = crypto::parse_pem(pem);
  if (!block) return fields.error(name, "holds no PEM");
  if (block->type != "CERTIFICATE" && block->type != "PUBLIC KEY") {
    return fields.error(name, "holds \"" + printable(block->type) + "\"");
  }
  body.by_certificate = block->type == "CERTIFICATE";
  body.signer = std::move(block->der);
  return ok();
}

Result<LogBody> hashed_artifact(const Fields& spec) {
  LogBody body{};
  body.kind = LogBody::Kind::hashed_artifact;
  TS_TRY(const Fields data, spec.object("data"));
  TS_TRY(const Fields hash, data.object("hash"));
  TS_CHECK(read_hex_digest(hash, body));
  TS_TRY(const Fields signature, spec.object("signature"));
  TS_TRY(body.signature, base64_of(signature, "content"));
  TS_TRY(const Fields key, signature.object("publicKey"));
  TS_CHECK(read_pem_signer(key, "content", body));
  return body;
}

Result<Fields> only_one(const Fields& fields, std::string_view name) {
  TS_TRY(std::vector<Fields> all, fields.objects_or_empty(name, limits::max_proof_hashes));
  if (all.size() != 1) {
    return fields.error(name, "holds " + std::to_string(all.size()) + "; exactly one is wanted");
  }
  return std::move(all.front());
}

Result<LogBody> dsse(const Fields& spec) {
  LogBody body{};
  body.kind = LogBody::Kind::envelope;
  TS_TRY(const Fields hash, spec.object("payloadHash"));
  TS_CHECK(read_hex_digest(hash, body));
  TS_TRY(const Fields signature, only_one(spec, "signatures"));
  TS_TRY(body.signature, base64_of(signature, "signature"));
  TS_CHECK(read_pem_signer(signature, "verifier", body));
  return body;
}

Result<LogBody> intoto(const Fields& spec) {
  LogBody body{};
  body.kind = LogBody::Kind::envelope;
  TS_TRY(const Fields content, spec.object("content"));
  TS_TRY(const Fields hash, content.object("payloadHash"));
  TS_CHECK(read_hex_digest(hash, body));
  TS_TRY(const Fields envelope, content.object("envelope"));
  TS_TRY(const Fields signature, only_one(envelope, "signatures"));
  // The signature is encoded twice over.
  TS_TRY(const Bytes once, base64_of(signature, "sig"));
  auto twice = from_base64(as_text(once));
  if (!twice) return signature.error("sig", "is not base64 twice over");
  body.signature = *std::move(twice);
  TS_CHECK(read_pem_signer(signature, "publicKey", body));
  return body;
}

Result<LogBody> intoto_file(const Fields& spec) {
  LogBody body{};
  body.kind = LogBody::Kind::envelope_file;
  TS_TRY(const Fields content, spec.object("content"));
  TS_TRY(const Fields hash, content.object("hash"));
  TS_CHECK(read_hex_digest(hash, body));
  TS_CHECK(read_pem_signer(spec, "publicKey", body));
  return body;
}

Result<LogBody> hashed_artifact_2(const Fields& spec) {
  TS_TRY(const Message message, Message::of(spec.json(), "spec", {"hashedRekordV002"}));
  TS_TRY(const auto entry, message.message("hashedRekordV002", {"data", "signature"}));
  if (!entry) return message.error("hashedRekordV002", "missing");
  TS_TRY(const auto data, entry->message("data", {"algorithm", "digest"}));
  TS_TRY(const auto signature, entry->message("signature", {"content", "verifier"}));
  if (!data || !signature) return message.error("hashedRekordV002", "is incomplete");
  TS_TRY(const auto verifier,
         signature->message("verifier", {"keyDetails", "x509Certificate", "publicKey"}));
  if (!verifier) return signature->error("verifier", "missing");

  LogBody body{};
  body.kind = LogBody::Kind::hashed_artifact_2;
  TS_TRY(const std::string algorithm, data->string("algorithm"));
  const auto hash = hash_named(algorithm);
  if (!hash) return data->error("algorithm", "is not one that counts");
  body.hash = *hash;
  TS_TRY(body.digest, data->bytes("digest"));
  if (body.digest.size() != size_of(*hash)) return data->error("digest", "is no digest");
  TS_TRY(body.signature, signature->bytes("content"));
  TS_TRY(body.key_details, verifier->string("keyDetails"));
  body.by_certificate = verifier->has("x509Certificate");
  if (body.by_certificate == verifier->has("publicKey")) {
    return signature->error("verifier", "holds not exactly one of certificate and key");
  }
  TS_TRY(const auto signer,
         verifier->message(body.by_certificate ? "x509Certificate" : "publicKey", {"rawBytes"}));
  TS_TRY(body.signer, signer->bytes("rawBytes"));
  return body;
}

}  // namespace

Result<LogEntry> LogEntry::read(const Message& message) {
  LogEntry entry;
  TS_TRY(entry.index, message.unsigned_integer("logIndex"));
  TS_TRY(entry.log_id, key_id(message, "logId"));
  TS_TRY(const auto kind, message.message("kindVersion", {"kind", "version"}));
  if (!kind) return message.error("kindVersion", "missing");
  TS_TRY(entry.kind, kind->string("kind"));
  TS_TRY(entry.version, kind->string("version"));
  TS_TRY(entry.integrated_time, message.unsigned_integer("integratedTime"));
  TS_TRY(const auto promise, message.message("inclusionPromise", {"signedEntryTimestamp"}));
  if (promise) {
    TS_TRY(entry.promise, promise->bytes("signedEntryTimestamp"));
    if (entry.promise.empty()) return message.error("inclusionPromise", "is empty");
  }
  TS_TRY(const auto proof, message.message("inclusionProof", {"logIndex", "rootHash", "treeSize",
                                                              "hashes", "checkpoint"}));
  if (proof) {
    TS_TRY(entry.proof, inclusion_proof(*proof));
  }
  TS_TRY(entry.body, message.bytes("canonicalizedBody"));
  if (entry.body.empty()) return message.error("canonicalizedBody", "missing");
  return entry;
}

Result<std::vector<LogEntry>> LogEntry::read_all(const Message& material, std::string_view name) {
  TS_TRY(const std::vector<Message> messages,
         material.messages(name, limits::max_log_entries,
                           {"logIndex", "logId", "kindVersion", "integratedTime",
                            "inclusionPromise", "inclusionProof", "canonicalizedBody"}));
  std::vector<LogEntry> entries;
  for (const Message& message : messages) {
    TS_TRY(LogEntry entry, read(message));
    if (std::ranges::any_of(entries, [&](const LogEntry& other) {
          return other.log_id == entry.log_id && other.index == entry.index;
        })) {
      return message.error("logIndex", "is that of another entry of the same log");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<LogEntry> LogEntry::parse_annotation(std::string_view text) {
  TS_TRY(const Json document, parse_json(as_bytes(text), limits::max_log_body_bytes));
  TS_TRY(const Fields fields, Fields::of(document));
  TS_CHECK(fields.only({"SignedEntryTimestamp", "Payload"}));
  LogEntry entry;
  TS_TRY(entry.promise, base64_of(fields, "SignedEntryTimestamp"));
  TS_TRY(const Fields payload, fields.object("Payload"));
  TS_CHECK(payload.only({"body", "integratedTime", "logIndex", "logID"}));
  TS_TRY(entry.body, base64_of(payload, "body"));
  TS_TRY(entry.integrated_time, payload.unsigned_integer("integratedTime"));
  TS_TRY(entry.index, payload.unsigned_integer("logIndex"));
  TS_TRY(const std::string log, payload.string("logID"));
  const auto id = from_hex(log);
  if (!id || id->empty()) return payload.error("logID", "is not hex");
  entry.log_id = *id;
  // The annotation leaves kind and version to the body.
  TS_TRY(const Json body, parse_json(entry.body, limits::max_log_body_bytes));
  TS_TRY(const Fields root, Fields::of(body, "body"));
  TS_TRY(entry.kind, root.string("kind"));
  TS_TRY(entry.version, root.string("apiVersion"));
  return entry;
}

Json write_log_entry(const LogEntry& entry) {
  const auto text = [](std::uint64_t number) { return Json(std::to_string(number)); };
  const auto object = [](std::string_view name, Json value) {
    Json json;
    json.set(name, std::move(value));
    return json;
  };
  Json kind = object("kind", Json(entry.kind));
  kind.set("version", Json(entry.version));
  Json json;
  json.set("logIndex", text(entry.index));
  json.set("logId", object("keyId", Json(to_base64(entry.log_id))));
  json.set("kindVersion", std::move(kind));
  if (entry.integrated_time != 0) json.set("integratedTime", text(entry.integrated_time));
  if (!entry.promise.empty()) {
    json.set("inclusionPromise", object("signedEntryTimestamp", Json(to_base64(entry.promise))));
  }
  if (entry.proof) {
    Json::Array hashes;
    for (const Bytes& hash : entry.proof->hashes) hashes.emplace_back(to_base64(hash));
    Json proof = object("logIndex", text(entry.proof->index));
    proof.set("rootHash", Json(to_base64(entry.proof->root_hash)));
    proof.set("treeSize", text(entry.proof->tree_size));
    proof.set("hashes", Json(std::move(hashes)));
    proof.set("checkpoint", object("envelope", Json(entry.proof->checkpoint)));
    json.set("inclusionProof", std::move(proof));
  }
  json.set("canonicalizedBody", Json(to_base64(entry.body)));
  return json;
}

Result<LogBody> LogBody::parse(const LogEntry& entry) {
  TS_TRY(const Json document, parse_json(entry.body, limits::max_log_body_bytes));
  TS_TRY(const Fields root, Fields::of(document, "body"));
  TS_TRY(const std::string kind, root.string("kind"));
  TS_TRY(const std::string version, root.string("apiVersion"));
  if (kind != entry.kind || version != entry.version) {
    return root.error("kind", "is not the one that the entry says");
  }
  TS_TRY(const Fields spec, root.object("spec"));
  const std::string name = kind + " " + version;
  if (name == "hashedrekord 0.0.1" || name == "rekord 0.0.1") return hashed_artifact(spec);
  if (name == "dsse 0.0.1") return dsse(spec);
  if (name == "intoto 0.0.2") return intoto(spec);
  if (name == "intoto 0.0.1") return intoto_file(spec);
  if (name == "hashedrekord 0.0.2") return hashed_artifact_2(spec);
  return root.error("kind", "\"" + printable(name) + "\" is no kind of entry that counts");
}

}  // namespace touchstone::formats
