// Roots of sigstore instances: the file of a trusted root, kept as it was given.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "crypto/private_key.h"
#include "formats/signing_config.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/temporary_folder.h"
#include "trust/built_in.h"
#include "trust/folder_store.h"
#include "trust/root_export.h"
#include "trust/trust_store.h"

namespace fs = std::filesystem;

namespace touchstone::trust {
namespace {

using namespace std::chrono_literals;

struct World {
  test::TemporaryFolder folder;
  test::FixedClock clock;
  std::string path = folder / "trust";
  FolderStore files{path, clock};
  TrustStore store{files, clock};

  std::string file() const {
    for (const auto& entry : fs::directory_iterator(path + "/private")) {
      if (entry.path().string().ends_with(".trusted_root.json")) return entry.path();
    }
    return "";
  }
};

const std::string text(sigstore_trusted_root);

TrustedInstanceRoot instance(const std::string& contents = text) {
  auto parsed = TrustedInstanceRoot::parse(as_bytes(contents));
  REQUIRE(parsed);
  parsed->owner = "platform team";
  return *std::move(parsed);
}

void append(const std::string& path, const std::string& more) {
  std::ofstream(path, std::ios::app) << more;
}

}  // namespace

TEST_CASE("the built-in services are those of the built-in root", "[trust][instances]") {
  const auto config = formats::SigningConfig::parse(as_bytes(sigstore_signing_config));
  REQUIRE(config);
  const auto services = config->select(Instant(1'800'000'000s));
  REQUIRE(services);
  CHECK(services->authority->url == "https://fulcio.sigstore.dev");
  const auto root = formats::TrustedRoot::parse(as_bytes(sigstore_trusted_root));
  REQUIRE(root);
  REQUIRE(services->logs.size() == 1);
  CHECK(std::ranges::count(root->logs, services->logs[0].url, &formats::TransparencyLog::url) == 1);
  REQUIRE(services->timestamp_authorities.size() == 1);
  const auto known = [&](const formats::CertificateAuthority& authority) {
    return services->timestamp_authorities[0].url.starts_with(authority.uri);
  };
  CHECK(std::ranges::any_of(root->timestamp_authorities, known));
}

TEST_CASE("a trusted root comes back byte for byte", "[trust][instances]") {
  World w;
  REQUIRE(w.store.add("private", std::vector{instance()}));
  const auto root = w.store.load("private");
  REQUIRE(root);
  REQUIRE(root->instances.size() == 1);
  CHECK(as_text(root->instances[0].contents) == text);
  CHECK(root->instances[0].owner == "platform team");
  CHECK(root->instances[0].root->logs.size() == 2);
  CHECK(root->keys.empty());
  const auto changes = w.store.changes("private");
  REQUIRE(changes);
  CHECK(changes->front().fingerprints == root->fingerprints());
  REQUIRE(fs::file_size(w.file()) == text.size());
}

TEST_CASE("a second one is added, and one is removed by its sum", "[trust][instances]") {
  World w;
  const TrustedInstanceRoot other = instance(text + "\n");
  REQUIRE(w.store.add("private", std::vector{instance()}));
  REQUIRE(w.store.add("private", std::vector{other}));
  CHECK(w.store.load("private")->instances.size() == 2);
  CHECK(w.store.add("private", std::vector{other}).error().code == Code::policy_root_exists);
  REQUIRE(w.store.remove_entry("private", fingerprint(other)));
  CHECK(w.store.load("private")->fingerprints() ==
        std::vector<std::string>{fingerprint(instance())});
  CHECK(w.store.changes("private")->back().action == "remove-trusted-root");
  REQUIRE(w.store.remove_entry("private", fingerprint(instance())));
  CHECK(w.store.load("private").error().code == Code::policy_unknown_root);
}

TEST_CASE("instances and keys do not go into one root", "[trust][instances]") {
  World w;
  REQUIRE(w.store.add("private", std::vector{instance()}));
  const TrustedKey key{
      crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key(), "", {}, {}, ""};
  CHECK(w.store.add("private", std::vector{key}).error().code == Code::policy_root_kind);
  CHECK(w.store.load("private")->instances.size() == 1);
}

TEST_CASE("a trusted root that was changed in the store is damage", "[trust][instances]") {
  World w;
  REQUIRE(w.store.add("private", std::vector{instance()}));
  SECTION("by a blank") { append(w.file(), " "); }
  SECTION("to something else") {
    fs::resize_file(w.file(), 0);
    append(w.file(), "{}");
  }
  SECTION("removed") { fs::remove(w.file()); }
  SECTION("another beside it") { append(w.path + "/private/x.trusted_root.json", text); }
  CHECK(w.store.load("private").error().code == Code::trust_corrupt);
}

TEST_CASE("a root of instances travels in a file", "[trust][instances]") {
  World w;
  REQUIRE(w.store.add("private", std::vector{instance()}));
  const std::string exported = write_export(std::vector{*w.store.load("private")});
  const auto roots = read_export(as_bytes(exported));
  REQUIRE(roots);
  World other;
  REQUIRE(other.store.import(roots->front(), TrustStore::Existing::refuse));
  CHECK(as_text(other.store.load("private")->instances[0].contents) == text);
  std::string changed = exported;
  const std::size_t at = changed.find("rekor.sigstore.dev");
  REQUIRE(at != changed.npos);
  changed[at] = 'x';
  CHECK(read_export(as_bytes(changed)).error().code == Code::format_file);
}

TEST_CASE("what is no trusted root is not parsed", "[trust][instances]") {
  CHECK(TrustedInstanceRoot::parse(as_bytes("{}")).error().code == Code::trust_malformed);
}

// read_built_in() takes it for granted.
TEST_CASE("each certificate of a built-in root is signed by the next", "[trust][instances]") {
  const auto contents = built_in_root("sigstore");
  REQUIRE(contents);
  const auto root = formats::TrustedRoot::parse(as_bytes(*contents));
  REQUIRE(root);
  REQUIRE(read_built_in(*contents));
  std::size_t links = 0;
  for (const auto* authorities : {&root->authorities, &root->timestamp_authorities}) {
    for (const formats::CertificateAuthority& authority : *authorities) {
      CAPTURE(authority.uri);
      for (std::size_t i = 0; i + 1 < authority.chain.size(); ++i, ++links) {
        CHECK(authority.chain[i].is_signed_by(authority.chain[i + 1]));
      }
    }
  }
  CHECK(links >= 2);
}

TEST_CASE("the names of built-in roots are kept for them", "[trust][instances]") {
  World w;
  CHECK(w.store.add("sigstore", std::vector{instance()}).error().code == Code::policy_root_name);
  CHECK(built_in_root("sigstore"));
  CHECK_FALSE(built_in_root("private"));
}

}  // namespace touchstone::trust
