// The bundles of sigstore's conformance suite, by path and by digest, each with the code by which
// it must be refused: a case that fails for another reason fails the test.
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <set>
#include <variant>

#include "base/encoding.h"
#include "base/files.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "formats/sigstore_bundle.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/vectors.h"
#include "trust/built_in.h"
#include "verify/verify_image.h"

namespace touchstone::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view identity =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
    "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
constexpr std::string_view issuer = "https://token.actions.githubusercontent.com";

// What must be accepted.
const std::set<std::string> good = {
    "bundle-with-sct-with-extensions",
    "happy-path-intoto-in-dsse-v3",
    "happy-path-v0.1",
    "happy-path-v0.2",
    "happy-path-v0.3",
    "happy-path-v0.3-new-mediaType",
    "intoto-with-custom-trust-root",
    "managed-key-and-trusted-root",
    "managed-key-happy-path",
    "rekor2-checkpoint-cosigned",  // SIG-20
    "rekor2-checkpoint-multiple-cosigs",
    "rekor2-checkpoint-origin-not-first",
    "rekor2-checkpoint-two-sigs-cosigned",
    "rekor2-checkpoint-two-sigs-from-origin",
    "rekor2-dsse-happy-path",
    "rekor2-happy-path",
    "rekor2-timestamp-with-embedded-cert",
    "rekor2-timestamp-with-expired-cert-chain",  // X509-39
    "rekor2-timestamp-without-embedded-cert",
    "trust-root-tlog-validity-end-inclusive",
    "trust-root-tsa-validity-end-inclusive",
};

// What must be refused, and why.
const std::map<std::string, Code> bad = {
    {"bundle-empty-certificate-chain_fail", Code::format_bundle},
    {"bundle-from-wrong-instance_fail", Code::certificate_untrusted},  // SIG-30
    {"bundle-invalid-base64-signature_fail", Code::format_bundle},
    {"bundle-malformed-json_fail", Code::format_bundle},
    {"bundle-negative-log-index_fail", Code::format_bundle},
    {"bundle-unknown-version_fail", Code::format_bundle},
    // Its inclusion proof has no checkpoint, which comes first; a root in a chain has its own test.
    {"bundle-with-root-cert_fail", Code::signature_checkpoint},
    {"checkpoint-bad-keyhint_fail", Code::signature_checkpoint},  // SIG-19
    {"checkpoint-wrong-roothash_fail", Code::signature_checkpoint},
    {"dsse-invalid-sig_fail", Code::binding_log_entry},  // SIG-08
    {"dsse-mismatch-envelope_fail", Code::binding_log_entry},
    {"dsse-mismatch-sig_fail", Code::binding_log_entry},
    {"inclusion-proof-corrupted-hash_fail", Code::signature_log_proof},
    // The log's body was changed, which its promise is over.
    {"incorrect-public-key_fail", Code::signature_log_promise},
    {"integrated-time-in-future_fail", Code::time_certificate},  // SIG-16
    {"intoto-expired-certificate_fail", Code::time_certificate},
    {"intoto-log-entry-mismatch_fail", Code::binding_log_entry},
    {"intoto-missing-inclusion-proof_fail", Code::signature_log_proof},
    {"intoto-set-outside-signing-cert-validity_fail", Code::time_certificate},
    {"intoto-tsa-timestamp-outside-cert-validity_fail", Code::time_certificate},  // SIG-17
    {"invalid-checkpoint-signature_fail", Code::signature_checkpoint},
    {"invalid-ct-key_fail", Code::certificate_transparency},
    {"invalid-inclusion-proof_fail", Code::signature_log_proof},
    {"managed-key-no-key_fail", Code::certificate_missing},
    // The file holds no point of the curve.
    {"managed-key-wrong-key_fail", Code::format_key},
    {"message-digest-mismatch_fail", Code::binding_digest},  // SIG-28
    {"rekor2-checkpoint-missing-log-signature_fail", Code::signature_checkpoint},
    {"rekor2-checkpoint-missing-origin_fail", Code::signature_checkpoint},
    {"rekor2-checkpoint-missing-root-hash_fail", Code::signature_checkpoint},
    {"rekor2-checkpoint-missing-size_fail", Code::signature_checkpoint},
    {"rekor2-checkpoint-no-matching-signature_fail", Code::signature_checkpoint},
    {"rekor2-dsse-invalid-sig_fail", Code::binding_log_entry},
    {"rekor2-dsse-mismatch-envelope_fail", Code::binding_log_entry},
    {"rekor2-dsse-mismatch-sig_fail", Code::binding_log_entry},
    {"rekor2-no-inclusion-proof_fail", Code::signature_log_proof},
    {"rekor2-no-timestamp_fail", Code::time_missing},  // SIG-15
    {"rekor2-timestamp-outside-trust-root-tsa-validity_fail", Code::time_timestamp},
    {"rekor2-timestamp-outside-tsa-cert-validity_fail", Code::time_timestamp},
    {"rekor2-timestamp-payload-mismatch_fail", Code::binding_timestamp},
    {"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail",
     Code::certificate_untrusted},  // X509-40
    {"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", Code::certificate_untrusted},
    // Line breaks in base64 come first; a time outside the certificate's is intoto-tsa-... above.
    {"rekor2-timestamp-with-incorrect-time_fail", Code::format_bundle},
    {"set-invalid-signature_fail", Code::signature_log_promise},  // SIG-13
    {"signature-mismatch_fail", Code::binding_log_entry},
    {"trust-root-tlog-missing-validity-start_fail", Code::trust_malformed},
    {"wrong-hashedrekord-artifact_fail", Code::binding_log_entry},
    {"wrong-hashedrekord-cert-and-sig_fail", Code::binding_log_entry},
    {"wrong-hashedrekord-entry_fail", Code::binding_log_entry},
    {"wrong-material_fail", Code::binding_digest},
};

Bytes contents(const fs::path& path) {
  auto bytes = read_file(path.string(), limits::max_bundle_bytes);
  REQUIRE(bytes);
  return *std::move(bytes);
}

std::string first_line(const fs::path& path, std::string_view fallback) {
  if (!fs::exists(path)) return std::string(fallback);
  const Bytes bytes = contents(path);
  return std::string(as_text(bytes).substr(0, as_text(bytes).find_first_of("\r\n")));
}

// What the suite's client is told of a case.
struct Case {
  Bytes bundle;
  Bytes artifact;
  Demand demand;
};

Result<Case> read_case(const fs::path& folder) {
  Case read;
  read.bundle = contents(folder / "bundle.sigstore.json");
  read.artifact = contents(fs::exists(folder / "artifact") ? folder / "artifact"
                                                           : folder.parent_path() / "a.txt");
  const bool own_root = fs::exists(folder / "trusted_root.json");
  const Bytes root_file =
      own_root ? contents(folder / "trusted_root.json") : to_bytes(trust::sigstore_trusted_root);
  TS_TRY(auto root, formats::TrustedRoot::parse(root_file));
  read.demand.instances.push_back(
      {std::make_shared<formats::TrustedRoot>(std::move(root)), "instance"});
  if (fs::exists(folder / "key.pub")) {
    TS_TRY(auto key, crypto::PublicKey::from_file(contents(folder / "key.pub")));
    read.demand.signers.push_back({trust::TrustedKey{std::move(key), "", {}, {}, ""}, "key"});
    read.demand.require_log = true;
  } else {
    read.demand.identities.push_back({TextMatch::exact(first_line(folder / "identity", identity)),
                                      TextMatch::exact(first_line(folder / "issuer", issuer))});
  }
  const bool is_envelope = as_text(read.bundle).contains("\"dsseEnvelope\"");
  read.demand.content.kind =
      is_envelope ? WantedContent::Kind::attestation : WantedContent::Kind::file_signature;
  return read;
}

// The code of the refusal; absent for what is accepted.
std::optional<Code> judge(const Case& read, const Artifact& artifact) {
  const ImageReport report = verify_file("case", artifact, Candidate{"bundle", read.bundle},
                                         read.demand, test::FixedClock());
  if (report.decision == Decision::accepted) return std::nullopt;
  CHECK(report.decision == Decision::refused);
  return report.reason->code;
}

std::vector<fs::path> cases() {
  std::vector<fs::path> folders;
  const auto suite = test::vectors("sigstore-conformance");
  if (!suite) return folders;
  for (const auto& entry : fs::directory_iterator(*suite / "bundle-verify")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

}  // namespace

TEST_CASE("sigstore's conformance suite: each case as it must be, and for the right reason",
          "[conformance]") {
  const auto folders = cases();
  if (folders.empty()) {
    std::cerr << "skipped: sigstore's conformance vectors are not there\n";
    return;
  }
  CHECK(folders.size() == good.size() + bad.size());
  for (const fs::path& folder : folders) {
    const std::string name = folder.filename();
    CAPTURE(name);
    const bool is_bad = bad.contains(name);
    REQUIRE(is_bad != good.contains(name));
    const auto read = read_case(folder);
    if (!read) {
      REQUIRE(is_bad);
      CHECK(read.error().code == bad.at(name));
      continue;
    }
    const Artifact whole = Artifact::of(read->artifact);
    const Artifact by_digest = Artifact::of(crypto::digest_of(read->artifact));
    for (const Artifact* artifact : {&whole, &by_digest}) {
      const auto code = judge(*read, *artifact);
      CHECK(code == (is_bad ? std::optional(bad.at(name)) : std::nullopt));
    }
  }
}

TEST_CASE("a good bundle with any byte of a signature flipped is refused", "[conformance]") {
  for (const fs::path& folder : cases()) {
    if (!good.contains(folder.filename())) continue;
    CAPTURE(folder.filename());
    Case read = *read_case(folder);
    const auto parsed = formats::SigstoreBundle::parse(read.bundle);
    REQUIRE(parsed);
    const Artifact artifact = Artifact::of(read.artifact);
    const std::string text(as_text(read.bundle));
    const auto flipped = [&](const Bytes& signature, std::size_t step) {
      const std::string whole = to_base64(signature);
      const std::size_t at = text.find(whole);
      REQUIRE(at != std::string::npos);
      for (std::size_t i = 0; i < signature.size(); i += step) {
        Bytes other = signature;
        other[i] ^= 0x10;
        read.bundle = to_bytes(std::string(text).replace(at, whole.size(), to_base64(other)));
        const auto code = judge(read, artifact);
        CAPTURE(i);
        CHECK(code);
      }
    };
    flipped(parsed->signature(), 1);
    for (const formats::LogEntry& entry : parsed->log_entries) {
      if (!entry.promise.empty()) flipped(entry.promise, 1);
      for (const Bytes& hash : entry.proof->hashes) flipped(hash, 16);
    }
  }
}

namespace {

using formats::Json;

// One place in a document: a member of an object, or an item of a list.
using Path = std::vector<std::variant<std::string, std::size_t>>;

void add_paths(const Json& value, const Path& at, std::vector<Path>& paths) {
  if (!at.empty()) paths.push_back(at);
  if (const auto* object = value.object()) {
    for (const auto& [name, member] : *object) {
      Path below = at;
      below.emplace_back(name);
      add_paths(member, below, paths);
    }
  } else if (const auto* array = value.array()) {
    // Two items of a list stand for all: a proof's hashes are alike.
    for (std::size_t i = 0; i < std::min<std::size_t>(array->size(), 2); ++i) {
      Path below = at;
      below.emplace_back(i);
      add_paths((*array)[i], below, paths);
    }
  }
}

Json* find(Json& document, const Path& path) {
  Json* value = &document;
  for (const auto& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      value = const_cast<Json*>(value->find(*name));
    } else {
      Json::Array* array = value->array();
      const std::size_t index = std::get<std::size_t>(step);
      value = array != nullptr && index < array->size() ? &(*array)[index] : nullptr;
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

void remove(Json& document, const Path& path) {
  Json* parent = find(document, Path(path.begin(), path.end() - 1));
  if (const auto* name = std::get_if<std::string>(&path.back())) {
    std::erase_if(*parent->object(), [&](const Json::Member& m) { return m.first == *name; });
  } else {
    parent->array()->erase(parent->array()->begin() +
                           static_cast<std::ptrdiff_t>(std::get<std::size_t>(path.back())));
  }
}

Json emptied(const Json& value) {
  if (value.object() != nullptr) return Json(Json::Object());
  if (value.array() != nullptr) return Json(Json::Array());
  if (value.string() != nullptr) return Json("");
  return Json(std::uint64_t{0});
}

// "verificationMaterial.tlogEntries[].logIndex": alike for all items of a list.
std::string name_of(const Path& path) {
  std::string name;
  for (const auto& step : path) {
    const auto* member = std::get_if<std::string>(&step);
    name += member == nullptr ? "[]" : (name.empty() ? "" : ".") + *member;
  }
  return name;
}

// What may change without harm, by the specification. Everything else must be refused.
bool is_harmless(const std::string& name, const std::string& change, const Case& read,
                 const formats::SigstoreBundle& bundle) {
  const std::string material = "verificationMaterial.";
  const std::string proof = material + "tlogEntries[].inclusionProof";
  // Other spellings and versions of a bundle that has all that they demand.
  if (name == "mediaType" && change == "swapped") return true;
  // A key given by hand counts whatever the hint says, and needs no time.
  const bool by_key = !read.demand.signers.empty();
  if (by_key && name == material + "publicKey") return change != "removed";
  if (by_key && name == material + "publicKey.hint") return true;
  if (by_key && name.starts_with(material + "timestampVerificationData")) return true;
  // The root and size of a proof are those of its checkpoint; where they stand beside it they must
  // be the same, and they may be left out.
  if (name == proof + ".rootHash" || name == proof + ".treeSize") return change != "swapped";
  // Envelopes carry no keyid, or an empty one.
  if (name == "dsseEnvelope.signatures[].keyid") return true;
  // Where Rekor's promise tells the time as well, a timestamp is a second witness, and the other
  // way round; version 0.1 needs no proof beside the promise, and 0.2 no promise beside the proof.
  const bool promised = !bundle.log_entries.front().promise.empty();
  const bool stamped = !bundle.timestamps.empty();
  if (promised && name.starts_with(material + "timestampVerificationData")) return true;
  if (bundle.minor_version == 1 && name == proof) return change == "removed";
  if ((stamped || by_key) && name == material + "tlogEntries[].inclusionPromise") {
    return change == "removed";
  }
  // Rekor v2 tells no time.
  return !promised && name == material + "tlogEntries[].integratedTime";
}

}  // namespace

TEST_CASE("a good bundle with anything removed, emptied or swapped is refused", "[conformance]") {
  std::vector<std::pair<Case, std::string>> all;
  for (const fs::path& folder : cases()) {
    if (good.contains(folder.filename())) all.emplace_back(*read_case(folder), folder.filename());
  }
  for (std::size_t n = 0; n < all.size(); ++n) {
    const Case& read = all[n].first;
    const auto bundle = formats::SigstoreBundle::parse(read.bundle);
    REQUIRE(bundle);
    const Json document = *formats::parse_json(read.bundle, limits::max_bundle_bytes);
    const Artifact artifact = Artifact::of(read.artifact);
    std::vector<Path> paths;
    add_paths(document, {}, paths);
    const auto must_be_refused = [&](const Json& changed, const Path& path, const char* change) {
      Case other = read;
      other.bundle = to_bytes(to_text(changed));
      const std::string name = name_of(path);
      CAPTURE(all[n].second, name, change);
      if (!judge(other, artifact)) CHECK(is_harmless(name, change, read, *bundle));
    };
    for (const Path& path : paths) {
      Json removed = document;
      Json* there = find(removed, path);  // what is at its default may as well be left out
      const bool is_default = *there == emptied(*there) || *there == Json("0");
      remove(removed, path);
      if (!is_default) must_be_refused(removed, path, "removed");

      Json empty = document;
      Json* value = find(empty, path);
      const Json before = *value;
      *value = emptied(before);
      if (*value != before && !is_default) must_be_refused(empty, path, "emptied");

      // Several of the suite's bundles differ in their checkpoints alone.
      for (const std::size_t step : {1U, 5U}) {
        const Bytes& others = all[(n + step) % all.size()].first.bundle;
        const auto other = formats::SigstoreBundle::parse(others);
        if (other->signature() == bundle->signature()) continue;
        Json source = *formats::parse_json(others, limits::max_bundle_bytes);
        const Json* theirs = find(source, path);
        if (theirs == nullptr || *theirs == before) continue;
        Json swapped = document;
        *find(swapped, path) = *theirs;
        must_be_refused(swapped, path, "swapped");
      }
    }
  }
}

}  // namespace touchstone::verify
