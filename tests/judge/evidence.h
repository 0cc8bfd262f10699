// Evidence made in memory, as if it had been verified.
#pragma once

#include "judge/decide.h"
#include "judge/leaf.h"
#include "judge/needs.h"
#include "tests/support/signing.h"

namespace touchstone::judge::test {

using namespace std::chrono_literals;
using crypto::PrivateKey;

inline const std::chrono::sys_seconds now{1'800'000'000s};

inline PrivateKey make_key() { return PrivateKey::generate(crypto::KeyKind::p256); }

inline policy::Signer signer_of(std::initializer_list<const PrivateKey*> keys) {
  policy::Signer signer{{"test"}, {}};
  for (const PrivateKey* key : keys) {
    signer.demand.signers.push_back(touchstone::test::signer(*key, "root \"test\""));
  }
  return signer;
}

inline policy::Requirement signatures(policy::Signer signer, std::size_t count = 1,
                                      policy::Distinct distinct = policy::Distinct::key) {
  return {policy::Signatures{std::move(signer), {}, count, distinct}};
}

inline verify::Finding signed_by(const PrivateKey& key, std::string owner = "") {
  verify::Evidence evidence{touchstone::test::signer(key), Scheme::ecdsa_sha256, {}};
  evidence.signer.trusted.owner = owner;
  return {"sha256:" + key.public_key().hint() + owner, std::move(evidence)};
}

// On a device with that serial number; 0 for one that tells none.
inline verify::Finding signed_on(const PrivateKey& key, std::uint32_t serial) {
  verify::Finding finding = signed_by(key);
  crypto::KeyAttestation facts;
  if (serial != 0) facts.serial = serial;
  std::get<verify::Evidence>(finding.result).hardware =
      verify::AttestedKey{key.public_key(), facts, "yubico", "Yubico", now - 1h, now + 24h};
  return finding;
}

inline verify::Finding states(const PrivateKey& key, std::string_view type,
                              std::string_view predicate) {
  verify::Finding finding = signed_by(key);
  std::get<verify::Evidence>(finding.result).statement =
      formats::Statement{{}, std::string(type), *formats::parse_json(as_bytes(predicate), 1 << 20)};
  return finding;
}

inline verify::Finding failed(Code code) { return {"sha256:lost", Error{code, "why", ""}}; }

inline policy::Rule rule_with(policy::Requirement requirement) {
  return {"production", {}, std::move(requirement)};
}

inline ManifestEvidence manifest(std::string_view name,
                                 std::vector<std::vector<verify::Finding>> findings) {
  return {crypto::digest_of(as_bytes(name)), {}, std::move(findings)};
}

inline Evidence about_image(std::vector<std::vector<verify::Finding>> findings) {
  return {*Reference::parse("registry.example/app:1"), manifest("image", std::move(findings))};
}

inline ManifestEvidence platform(const char* name,
                                 std::vector<std::vector<verify::Finding>> findings) {
  ManifestEvidence made = manifest(name, std::move(findings));
  made.platform = *formats::Platform::parse(name);
  return made;
}

// What a requirement is judged in, when nothing but its own findings matters.
struct Surroundings {
  policy::Rule rule = rule_with({policy::Allow{}});
  Evidence evidence = about_image({});
  LeafContext context() const { return {evidence, evidence.image, rule, now}; }
};

inline std::optional<Code> reason_of(const Judgement& judgement) {
  return judgement.reason ? std::optional(judgement.reason->code) : std::nullopt;
}

}  // namespace touchstone::judge::test
