// Roots of authorities, and roots that travel in a file.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/limits.h"
#include "tests/support/authority.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/temporary_folder.h"
#include "trust/folder_store.h"
#include "trust/root_export.h"
#include "trust/trust_store.h"

namespace fs = std::filesystem;

namespace touchstone::trust {
namespace {

using namespace std::chrono_literals;
using test::CertificateText;
using test::issue;

constexpr std::chrono::sys_seconds now{1'800'000'000s};

struct World {
  test::TemporaryFolder folder;
  test::FixedClock clock{now};
  std::string path = folder / "trust";
  FolderStore files{path, clock};
  TrustStore store{files, clock};
};

CertificateText text() { return CertificateText::authority("Shop Root"); }

TrustedCertificate trusted(const CertificateText& authority = text()) {
  return {issue(authority, nullptr).certificate(), "", {}, {}, ""};
}

TrustedKey trusted_key() {
  return {crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key(), "", {}, {}, ""};
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("authorities come back as they were added", "[trust][certificates]") {
  World w;
  TrustedCertificate first = trusted();
  first.owner = "build team";
  first.not_before = now;
  first.not_after = now + 1h;
  const TrustedCertificate second = trusted();
  REQUIRE(w.store.add("shop", std::vector{first}));
  REQUIRE(w.store.add("shop", std::vector{second}));
  const auto root = w.store.load("shop");
  REQUIRE(root);
  CHECK(root->keys.empty());
  REQUIRE(root->certificates.size() == 2);
  CHECK(root->certificates[0].certificate == first.certificate);
  CHECK(root->certificates[0].owner == "build team");
  CHECK(root->certificates[0].not_before == first.not_before);
  CHECK(root->certificates[0].not_after == first.not_after);
  CHECK(root->certificates[1].certificate == second.certificate);
  CHECK(contents(w.path + "/shop/" + fingerprint(second).substr(7) + ".pem") ==
        second.certificate.pem());

  REQUIRE(w.store.remove_entry("shop", fingerprint(first)));
  CHECK(w.store.load("shop")->fingerprints() == std::vector{fingerprint(second)});
  CHECK(w.store.changes("shop")->back().action == "remove-ca");
  CHECK(w.store.remove_entry("shop", fingerprint(first)).error().code == Code::policy_unknown_root);
  REQUIRE(w.store.remove_entry("shop", fingerprint(second)));
  CHECK(w.store.load("shop").error().code == Code::policy_unknown_root);
}

TEST_CASE("what is no authority that could ever count is not added", "[trust][certificates]") {
  REQUIRE(World().store.add("shop", std::vector{trusted()}));
  struct Row {
    const char* why;
    CertificateText text;
  };
  CertificateText ended = text();
  ended.not_after = now - 1s;
  const std::vector<Row> rows = {
      {"a signer's certificate", CertificateText::leaf()},
      {"one that may not issue", text().with("keyUsage", "critical,digitalSignature")},
      {"one without key usage", text().without("keyUsage")},
      {"one for TLS servers", text().with("extendedKeyUsage", "serverAuth")},
      {"one that ended a second ago", ended},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    World w;
    CHECK(w.store.add("shop", std::vector{trusted(row.text)}).error().code ==
          Code::policy_authority);
    CHECK(w.store.import({"shop", {}, {trusted(row.text)}}, TrustStore::Existing::refuse)
              .error()
              .code == Code::policy_authority);
    CHECK_FALSE(fs::exists(w.path));
  }
  ended.not_after = now;
  CHECK(World().store.add("shop", std::vector{trusted(ended)}));
  CertificateText early = text();
  early.not_before = now + 1h;  // the next one, put there in time
  CHECK(World().store.add("shop", std::vector{trusted(early)}));
}

TEST_CASE("a root is of one kind", "[trust][certificates]") {
  World w;
  REQUIRE(w.store.add("keys", std::vector{trusted_key()}));
  REQUIRE(w.store.add("authorities", std::vector{trusted()}));
  CHECK(w.store.add("keys", std::vector{trusted()}).error().code == Code::policy_root_kind);
  CHECK(w.store.add("authorities", std::vector{trusted_key()}).error().code ==
        Code::policy_root_kind);
  const TrustedCertificate twice = trusted();
  CHECK(w.store.add("new", std::vector{twice, twice}).error().code == Code::policy_root_exists);
  CHECK(w.store.add("new", std::vector<TrustedCertificate>()).error().code ==
        Code::usage_arguments);
}

TEST_CASE("a damaged root of authorities is an error", "[trust][certificates][CRS-06]") {
  const TrustedCertificate good = trusted();
  const auto file = [&](World& w) {
    return w.path + "/shop/" + fingerprint(good).substr(7) + ".pem";
  };
  const auto write = [](const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  struct Row {
    const char* why;
    std::function<void(World&)> damage;
  };
  const std::vector<Row> rows = {
      {"another certificate", [&](World& w) { write(file(w), trusted().certificate.pem()); }},
      {"two certificates",
       [&](World& w) { write(file(w), good.certificate.pem() + trusted().certificate.pem()); }},
      {"cut off", [&](World& w) { write(file(w), good.certificate.pem().substr(0, 100)); }},
      {"missing", [&](World& w) { fs::remove(file(w)); }},
      {"one that root.json does not name",
       [&](World& w) { write(w.path + "/shop/evil.pem", trusted().certificate.pem()); }},
      {"another kind",
       [&](World& w) {
         const std::string json = w.path + "/shop/root.json";
         write(json, replaced(contents(json), "\"kind\":\"certificates\"", "\"kind\":\"keys\""));
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    World w;
    REQUIRE(w.store.add("shop", std::vector{good}));
    row.damage(w);
    const auto root = w.store.load("shop");
    REQUIRE_FALSE(root);
    CHECK(root.error().code == Code::trust_corrupt);
    CHECK(w.store.add("shop", std::vector{trusted()}).error().code == Code::trust_corrupt);
  }
}

TEST_CASE("an import replaces a root only when it may, and records both", "[trust][export]") {
  World w;
  const TrustedCertificate old = trusted();
  const TrustedCertificate fresh = trusted();
  REQUIRE(w.store.add("shop", std::vector{old}));
  const Root root{"shop", {}, {old, fresh}};
  CHECK(w.store.import(root, TrustStore::Existing::refuse).error().code ==
        Code::policy_root_exists);
  CHECK(w.store.load("shop")->fingerprints() == std::vector{fingerprint(old)});
  REQUIRE(w.store.import(root, TrustStore::Existing::replace));
  CHECK(w.store.load("shop")->fingerprints() == root.fingerprints());
  // Another kind may take its place, too.
  const TrustedKey key = trusted_key();
  REQUIRE(w.store.import({"shop", {key}}, TrustStore::Existing::replace));
  CHECK(w.store.load("shop")->fingerprints() == std::vector{fingerprint(key)});
  const auto changes = w.store.changes("shop");
  REQUIRE(changes);
  std::vector<std::string> actions;
  for (const Change& change : *changes) actions.push_back(change.action);
  CHECK(actions == std::vector<std::string>{"add", "replace", "import", "replace", "import"});
  CHECK((*changes)[2].fingerprints == root.fingerprints());
  CHECK((*changes)[3].fingerprints == root.fingerprints());
  CHECK(w.store.import({"../shop", {key}}, TrustStore::Existing::replace).error().code ==
        Code::policy_root_name);
}

TEST_CASE("an export reads back, and is the same whatever the order", "[trust][export]") {
  TrustedKey key = trusted_key();
  key.owner = "release@shop \"quoted\"";
  key.not_after = now;
  const Root keys{"b", {key, trusted_key()}};
  const Root authorities{"a", {}, {trusted()}};
  const std::string text = write_export(std::vector{keys, authorities});
  CHECK(text == write_export(std::vector{authorities, keys}));
  const auto read = read_export(as_bytes(text));
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].name == "a");
  CHECK((*read)[0].fingerprints() == authorities.fingerprints());
  CHECK((*read)[1].fingerprints() == keys.fingerprints());
  CHECK((*read)[1].keys[0].owner == key.owner);
  CHECK((*read)[1].keys[0].not_after == now);
  CHECK(write_export(*read) == text);
  CHECK(std::ranges::count(text, '\n') == 9);  // a line for each entry
}

TEST_CASE("what is no export is refused whole", "[trust][export]") {
  const Root keys{"shop", {trusted_key()}};
  const Root authorities{"ca", {}, {trusted()}};
  const std::string good = write_export(std::vector{keys, authorities});
  REQUIRE(read_export(as_bytes(good)));
  const std::string hash = fingerprint(keys.keys[0]).substr(7);
  const std::string leaf = issue(CertificateText::leaf(), nullptr).certificate().pem();
  struct Row {
    const char* why;
    std::string text;
  };
  const std::vector<Row> rows = {
      {"empty", ""},
      {"cut off", good.substr(0, good.size() - 3)},
      {"something after it", good + "{}"},
      {"another version", replaced(good, "\"version\":1", "\"version\":2")},
      {"an unknown member", replaced(good, "{\"version\"", "{\"x\":1,\"version\"")},
      {"an unknown member of a root", replaced(good, "{\"name\"", "{\"x\":1,\"name\"")},
      {"an unknown member of an entry", replaced(good, "\"pem\"", "\"x\":1,\"pem\"")},
      {"no roots", "{\"version\":1,\"roots\":[]}"},
      {"no entries", R"({"version":1,"roots":[{"name":"a","kind":"keys","entries":[]}]})"},
      {"an unknown kind", replaced(good, "\"kind\":\"keys\"", "\"kind\":\"tuf\"")},
      {"the other kind", replaced(good, "\"kind\":\"keys\"", "\"kind\":\"certificates\"")},
      {"a name twice", replaced(good, "\"name\":\"shop\"", "\"name\":\"ca\"")},
      {"a name that no root may have", replaced(good, "\"name\":\"shop\"", "\"name\":\"../x\"")},
      {"a reserved name", replaced(good, "\"name\":\"shop\"", "\"name\":\"sigstore\"")},
      {"another hash", replaced(good, hash, std::string(64, '0'))},
      {"a time that is none", replaced(good, "\"owner\"", "\"not_after\":\"soon\",\"owner\"")},
      {"an owner that cannot be shown",
       replaced(good, "\"owner\":\"\"", "\"owner\":\"\\u001b[2J\"")},
      {"no PEM", replaced(good, "-----BEGIN", "-----BEGUN")},
      {"a certificate of no authority",
       write_export(std::vector{
           Root{"ca",
                {},
                {{*crypto::Certificate::from_file(as_bytes(leaf))->begin(), "", {}, {}, ""}}}})},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto read = read_export(as_bytes(row.text));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::format_file);
  }
  CHECK(read_export(Bytes(limits::max_trust_file_bytes + 1, ' ')).error().code == Code::limit_size);
}

}  // namespace touchstone::trust
