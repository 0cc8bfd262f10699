#include "tests/support/pretend_log.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "crypto/pem.h"
#include "formats/json.h"

namespace touchstone::test {
namespace {

using crypto::Hash;
using formats::Json;

constexpr std::uint64_t first_index = 1'000'000;  // of this shard; version 1 counts over all
constexpr std::string_view tree_name = " - 1193050959916656506";

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes node(const Bytes& left, const Bytes& right) {
  Bytes bytes = {1};
  append(bytes, left);
  append(bytes, right);
  return crypto::hash(Hash::sha256, bytes);
}

using Leaves = std::span<const Bytes>;

// RFC 9162 section 2.1.1: the largest power of two below the size.
std::size_t split(std::size_t size) { return std::bit_floor(size - 1); }

Bytes root_of(Leaves leaves) {
  if (leaves.size() == 1) return leaves.front();
  const std::size_t left = split(leaves.size());
  return node(root_of(leaves.first(left)), root_of(leaves.subspan(left)));
}

// RFC 9162 section 2.1.3.1.
std::vector<Bytes> path_of(std::size_t index, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t left = split(leaves.size());
  const bool in_left = index < left;
  std::vector<Bytes> path =
      in_left ? path_of(index, leaves.first(left)) : path_of(index - left, leaves.subspan(left));
  path.push_back(root_of(in_left ? leaves.subspan(left) : leaves.first(left)));
  return path;
}

Bytes leaf_of(ByteView body) {
  Bytes bytes = {0};
  append(bytes, body);
  return crypto::hash(Hash::sha256, bytes);
}

Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json out{Json::Object()};
  for (const auto& [name, value] : members) out.set(name, value);
  return out;
}

Json base64(ByteView bytes) { return Json(to_base64(bytes)); }

std::string pem_of(const Logged& logged) {
  return crypto::to_pem(logged.by_certificate ? "CERTIFICATE" : "PUBLIC KEY", logged.signer);
}

Json body_of(const char* kind, const char* version, Json spec) {
  return object({{"apiVersion", Json(version)}, {"kind", Json(kind)}, {"spec", std::move(spec)}});
}

const char* short_name(Hash hash) {
  return hash == Hash::sha256 ? "sha256" : hash == Hash::sha384 ? "sha384" : "sha512";
}

Json hex_digest(const Logged& logged) {
  return object(
      {{"algorithm", Json(short_name(logged.hash))}, {"value", Json(to_hex(logged.digest))}});
}

}  // namespace

std::string hashed_body(const Logged& logged) {
  return to_text(body_of(
      "hashedrekord", "0.0.1",
      object(
          {{"data", object({{"hash", hex_digest(logged)}})},
           {"signature",
            object({{"content", base64(logged.signature)},
                    {"publicKey", object({{"content", base64(as_bytes(pem_of(logged)))}})}})}})));
}

std::string envelope_body(const Logged& logged) {
  Json::Array signatures = {object(
      {{"signature", base64(logged.signature)}, {"verifier", base64(as_bytes(pem_of(logged)))}})};
  return to_text(body_of("dsse", "0.0.1",
                         object({{"envelopeHash", object({{"algorithm", Json("sha256")},
                                                          {"value", Json(std::string(64, '0'))}})},
                                 {"payloadHash", hex_digest(logged)},
                                 {"signatures", Json(std::move(signatures))}})));
}

std::string intoto_body(const Logged& logged) {
  Json::Array signatures = {object({{"publicKey", base64(as_bytes(pem_of(logged)))},
                                    {"sig", base64(as_bytes(to_base64(logged.signature)))}})};
  return to_text(body_of(
      "intoto", "0.0.2",
      object({{"content",
               object({{"envelope", object({{"payloadType", Json("application/vnd.in-toto+json")},
                                            {"signatures", Json(std::move(signatures))}})},
                       {"hash", object({{"algorithm", Json("sha256")},
                                        {"value", Json(std::string(64, '0'))}})},
                       {"payloadHash", hex_digest(logged)}})}})));
}

std::string hashed_body_2(const Logged& logged) {
  const char* algorithm = logged.hash == Hash::sha256   ? "SHA2_256"
                          : logged.hash == Hash::sha384 ? "SHA2_384"
                                                        : "SHA2_512";
  const Json signer = object({{"rawBytes", base64(logged.signer)}});
  const Json verifier =
      logged.by_certificate
          ? object({{"keyDetails", Json(logged.key_details)}, {"x509Certificate", signer}})
          : object({{"keyDetails", Json(logged.key_details)}, {"publicKey", signer}});
  const Json entry = object(
      {{"data", object({{"algorithm", Json(algorithm)}, {"digest", base64(logged.digest)}})},
       {"signature", object({{"content", base64(logged.signature)}, {"verifier", verifier}})}});
  return to_text(body_of("hashedrekord", "0.0.2", object({{"hashedRekordV002", entry}})));
}

PretendLog::PretendLog(Kind kind, std::string host)
    : PretendLog(kind, std::move(host),
                 kind == Kind::rekor1 ? crypto::KeyKind::p256 : crypto::KeyKind::ed25519) {}

PretendLog::PretendLog(Kind kind, std::string host, crypto::KeyKind key)
    : kind_(kind), host_(std::move(host)), key_(crypto::PrivateKey::generate(key)) {
  for (const char* stranger : {"a", "b", "c", "d", "e", "f"}) {
    leaves_.push_back(leaf_of(as_bytes(stranger)));
  }
}

// Ed25519: C2SP signed-note.md; ECDSA as Rekor has it, without the name.
static Bytes whole_key_id(const crypto::PublicKey& key, std::string_view name) {
  Bytes bytes;
  if (key.kind() == crypto::KeyKind::ed25519) {
    append(bytes, as_bytes(name));
    bytes.push_back('\n');
    bytes.push_back(1);
    append(bytes, ByteView(key.der()).last(32));
  } else if (key.kind() == crypto::KeyKind::rsa) {
    append(bytes, as_bytes(name));
    append(bytes, as_bytes("\n\xFF"
                           "PKIX-RSA-PKCS#1v1.5"));
    append(bytes, key.der());
  } else {
    bytes = key.der();
  }
  return crypto::hash(Hash::sha256, bytes);
}

Bytes PretendLog::note_key_id(const crypto::PublicKey& key, std::string_view name) {
  Bytes id = whole_key_id(key, name);
  id.resize(4);
  return id;
}

Bytes PretendLog::id() const {
  return kind_ == Kind::rekor1 ? crypto::hash(Hash::sha256, key().der())
                               : whole_key_id(key(), host_);
}

std::string PretendLog::note_line(const crypto::PrivateKey& key, std::string_view name,
                                  std::string_view text) {
  Bytes line = note_key_id(key.public_key(), name);
  const auto signature = key.sign(key.public_key().signing_scheme(), as_bytes(text));
  REQUIRE(signature);
  append(line, *signature);
  return "\u2014 " + std::string(name) + " " + to_base64(line) + "\n";
}

std::string PretendLog::checkpoint(std::uint64_t size, const Bytes& root,
                                   const Faults& faults) const {
  std::string origin = kind_ == Kind::rekor1 ? host_ + std::string(tree_name) : host_;
  if (!faults.origin.empty()) origin = faults.origin;
  Bytes said = root;
  if (faults.other_tree) said.front() ^= 1;
  std::string text = origin + "\n" + std::to_string(size) + "\n" + to_base64(said) + "\n";
  const std::string name = faults.name.empty() ? host_ : faults.name;
  const std::string signed_text = faults.wrong_checkpoint ? text + "." : text;
  const std::string line =
      faults.other_key ? note_line(crypto::PrivateKey::generate(key().kind()), name, signed_text)
                       : note_line(key_, name, signed_text);
  return text + "\n" + faults.lines_before + line + faults.more_lines;
}

Bytes PretendLog::promise(const formats::LogEntry& entry, const Faults& faults) const {
  const std::string text = R"({"body":")" + to_base64(entry.body) + R"(","integratedTime":)" +
                           std::to_string(entry.integrated_time) + R"(,"logID":")" +
                           to_hex(entry.log_id) + R"(","logIndex":)" +
                           std::to_string(entry.index + (faults.promise_of_other ? 1 : 0)) + "}";
  auto signature =
      key_.sign(key().signing_scheme(), as_bytes(faults.wrong_promise ? text + " " : text));
  REQUIRE(signature);
  return *signature;
}

formats::LogEntry PretendLog::add(std::string_view body, std::chrono::sys_seconds time,
                                  const Faults& faults) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t index = leaves_.size();
  leaves_.push_back(leaf_of(as_bytes(body)));
  const Bytes root = root_of(leaves_);

  formats::LogEntry entry;
  entry.index = kind_ == Kind::rekor1 ? first_index + index : index;
  entry.log_id = id();
  entry.body = to_bytes(body);
  const auto document = formats::parse_json(as_bytes(body), body.size());
  const auto text_of = [&](std::string_view name) {
    const Json* value = document ? document->find(name) : nullptr;
    return value != nullptr && value->string() != nullptr ? *value->string() : "";
  };
  entry.kind = faults.kind.empty() ? text_of("kind") : faults.kind;
  entry.version = faults.version.empty() ? text_of("apiVersion") : faults.version;
  if (kind_ == Kind::rekor1) {
    entry.integrated_time = static_cast<std::uint64_t>(time.time_since_epoch().count());
    if (!faults.no_promise) entry.promise = promise(entry, faults);
  }
  if (faults.no_proof) return entry;

  formats::InclusionProof proof;
  proof.index = faults.proof_index.value_or(index);
  proof.hashes = path_of(index, leaves_);
  if (faults.wrong_hash) proof.hashes.front().front() ^= 1;
  if (faults.one_hash_less) proof.hashes.pop_back();
  if (!faults.no_root) {
    proof.tree_size = leaves_.size();
    proof.root_hash = root;
    if (faults.other_tree) proof.root_hash.front() ^= 1;
  }
  if (!faults.no_checkpoint) proof.checkpoint = checkpoint(leaves_.size(), root, faults);
  entry.proof = std::move(proof);
  return entry;
}

}  // namespace touchstone::test
