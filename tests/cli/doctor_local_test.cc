// What doctor makes of the trust store, of logins, of the clock and of how the network is reached.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/time.h"
#include "cli/doctor/clock_checks.h"
#include "cli/doctor/local_checks.h"
#include "cli/registry_name.h"
#include "crypto/private_key.h"
#include "tests/support/authority.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/temporary_folder.h"
#include "trust/folder_store.h"

namespace touchstone::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;
using test::TemporaryFolder;

constexpr sys_seconds now{1'800'000'000s};

trust::TrustedKey key(std::optional<sys_seconds> begin, std::optional<sys_seconds> end) {
  return {crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key(), "", begin, end, ""};
}

// The gravest finding.
Finding gravest(const Findings& findings) {
  REQUIRE_FALSE(findings.empty());
  return *std::ranges::max_element(findings, {}, &Finding::grade);
}

struct Store {
  TemporaryFolder folder;
  test::FixedClock clock{now};
  std::string path = folder / "trust";

  void add(const std::string& name, const trust::TrustedKey& entry) {
    trust::FolderStore files(path, clock);
    REQUIRE(trust::TrustStore(files, clock).add(name, std::vector{entry}));
  }
  Findings check() { return check_trust_store(path, clock); }
};

}  // namespace

TEST_CASE("a trust store that is well has a line and one for each root", "[doctor]") {
  Store store;
  store.add("shop", key({}, {}));
  store.add("other", key(now - 1h, now + 31 * 24h));

  const Findings findings = store.check();

  REQUIRE(findings.size() == 3);
  for (const Finding& finding : findings) CHECK(finding.grade == Grade::ok);
}

TEST_CASE("a trust store that is not there or has no roots is a warning", "[doctor]") {
  Store store;
  CHECK(gravest(store.check()).grade == Grade::warning);
  std::filesystem::create_directory(store.path);
  CHECK(gravest(store.check()).grade == Grade::warning);
}

TEST_CASE("a trust store that others can write is a problem", "[doctor]") {
  Store store;
  store.add("shop", key({}, {}));
  SECTION("the folder") { chmod(store.path.c_str(), 0777); }
  SECTION("a root") { chmod((store.path + "/shop").c_str(), 0775); }
  SECTION("a file") { chmod((store.path + "/shop/root.json").c_str(), 0666); }
  const Finding finding = gravest(store.check());
  CHECK(finding.grade == Grade::problem);
  CHECK(finding.code == Code::policy_unsafe_file);
}

TEST_CASE("a folder above the trust store that others can write is a warning", "[doctor]") {
  Store store;
  store.add("shop", key({}, {}));
  chmod(store.folder.path().c_str(), 0777);
  const Finding finding = gravest(store.check());
  CHECK(finding.grade == Grade::warning);
  CHECK(finding.text.find(store.folder.path().string()) != std::string::npos);
  chmod(store.folder.path().c_str(), 01777);
  CHECK(gravest(store.check()).grade == Grade::ok);
  chmod(store.folder.path().c_str(), 0777);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(store.folder.path());
  const Finding relative = gravest(check_trust_store("trust", store.clock));
  std::filesystem::current_path(before);
  CHECK(relative.grade == Grade::warning);
}

TEST_CASE("a damaged root is a problem, and the others are looked at", "[doctor]") {
  Store store;
  store.add("a", key({}, {}));
  store.add("b", key({}, {}));
  std::ofstream(store.path + "/a/root.json") << "{";
  const Findings findings = store.check();
  REQUIRE(findings.size() == 3);
  CHECK(findings[1].code == Code::trust_corrupt);
  CHECK(findings[2].grade == Grade::ok);
}

TEST_CASE("the times of a root's entries are judged", "[doctor]") {
  struct Row {
    const char* why;
    std::optional<sys_seconds> begin;
    std::optional<sys_seconds> end;
    Grade alone;
    Grade beside_a_good_one;
  };
  const auto row = GENERATE(values<Row>({
      {"without end", {}, {}, Grade::ok, Grade::ok},
      {"the last second", {}, now, Grade::warning, Grade::warning},
      {"soon", {}, now + soon - 1s, Grade::warning, Grade::warning},
      {"not soon", {}, now + soon, Grade::ok, Grade::ok},
      {"ended", {}, now - 1s, Grade::problem, Grade::warning},
      {"begins now", now, {}, Grade::ok, Grade::ok},
      {"not yet", now + 1s, {}, Grade::problem, Grade::warning},
  }));
  CAPTURE(row.why);
  const auto entry = key(row.begin, row.end);

  const Finding alone = judge_root({"shop", {entry}}, now);
  const Finding beside = judge_root({"shop", {entry, key({}, {})}}, now);

  CHECK(alone.grade == row.alone);
  CHECK(beside.grade == row.beside_a_good_one);
  if (alone.grade == Grade::problem) CHECK(alone.code == Code::trust_expired);
  if (alone.grade != Grade::ok) CHECK(alone.text.find(fingerprint(entry)) != std::string::npos);
}

TEST_CASE("an authority counts as long as both the store and its certificate say", "[doctor]") {
  const auto judged = [](sys_seconds begin, sys_seconds end, std::optional<sys_seconds> from,
                         std::optional<sys_seconds> until) {
    auto text = test::CertificateText::authority("Root");
    text.not_before = begin;
    text.not_after = end;
    trust::TrustedCertificate entry{test::issue(text, nullptr).certificate(), "", from, until, ""};
    trust::Root root;
    root.name = "staff";
    root.certificates.push_back(entry);
    return judge_root(root, now).grade;
  };
  CHECK(judged(now - 1h, now + 1000h, {}, {}) == Grade::ok);
  CHECK(judged(now - 1h, now + 1h, {}, {}) == Grade::warning);
  CHECK(judged(now - 2h, now - 1h, {}, {}) == Grade::problem);
  CHECK(judged(now + 1h, now + 1000h, {}, {}) == Grade::problem);
  CHECK(judged(now - 1h, now + 1000h, {}, now - 1s) == Grade::problem);
  CHECK(judged(now - 1h, now + 1000h, now + 1s, {}) == Grade::problem);
  CHECK(judged(now - 2h, now - 1h, {}, now + 1000h) == Grade::problem);
}

TEST_CASE("files with logins are looked at, and their registries named", "[doctor]") {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("config.json", R"({"auths":{"a.example":{"auth":"dTpw"},"b.example":{}}})");
  chmod(path.c_str(), 0600);
  LoginPlaces places;
  places.files = {{folder / "absent.json"}, {path}};

  SECTION("all is well") {
    const Findings findings = check_logins(places);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].grade == Grade::ok);
    CHECK(findings[0].text.find("a.example, b.example") != std::string::npos);
    CHECK(findings[0].text.find("dTpw") == std::string::npos);
  }
  SECTION("others can read it") {
    chmod(path.c_str(), 0644);
    const Finding finding = gravest(check_logins(places));
    CHECK(finding.grade == Grade::warning);
    CHECK(finding.hint == "chmod 600 " + path);
  }
  SECTION("others can write it") {
    chmod(path.c_str(), 0666);
    CHECK(gravest(check_logins(places)).code == Code::auth_unsafe_file);
  }
  SECTION("it is malformed") {
    std::ofstream(path) << "{";
    CHECK(gravest(check_logins(places)).code == Code::auth_file);
  }
  SECTION("a helper that is named is not there") {
    for (const char* text :
         {R"({"credsStore":"absent"})", R"({"credHelpers":{"a.example":"absent"}})"}) {
      std::ofstream(path) << text;
      CHECK(gravest(check_logins(places)).code == Code::auth_helper);
    }
  }
  SECTION("a helper that is there") {
    std::ofstream(path) << R"({"credsStore":"tested"})";
    chmod(folder.write("docker-credential-tested", "#!/bin/sh\n").c_str(), 0755);
    places.helper_path = folder.path();
    CHECK(gravest(check_logins(places)).grade == Grade::ok);
  }
  SECTION("a file that was named must be there") {
    places.files = {{folder / "absent.json", oci::AuthFile::Style::docker, true}};
    CHECK(gravest(check_logins(places)).code == Code::auth_file);
  }
  SECTION("none") {
    places.files.clear();
    CHECK(gravest(check_logins(places)).grade == Grade::ok);
  }
}

TEST_CASE("many registries are cut short", "[doctor]") {
  const TemporaryFolder folder;
  std::string entries;
  for (char c = 'a'; c < 'p'; ++c) {
    entries += std::string(c == 'a' ? "\"" : ",\"") + c + ".example\":{}";
  }
  const std::string path = folder.write("auth.json", "{\"auths\":{" + entries + "}}");
  chmod(path.c_str(), 0600);
  LoginPlaces places;
  places.files = {{path}};
  CHECK(check_logins(places).at(0).text.ends_with("h.example and 7 more"));
}

TEST_CASE("a PIN file must be one that signing takes", "[doctor]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("pin", "123456\n");
  chmod(path.c_str(), 0600);
  const Finding fine = check_pin_file(path);
  CHECK(fine.grade == Grade::ok);
  CHECK(fine.text.find("123456") == std::string::npos);
  chmod(path.c_str(), 0640);
  CHECK(check_pin_file(path).code == Code::device_pin_unusable);
  CHECK(check_pin_file(folder / "absent").code == Code::device_pin_unusable);
}

TEST_CASE("a clock before the program's own day is wrong", "[doctor]") {
  CHECK(check_clock(now, now).grade == Grade::ok);
  CHECK(check_clock(now - 1s, now).code == Code::time_clock);
  CHECK(source_date() > *parse_rfc3339("2026-01-01T00:00:00Z"));
}

TEST_CASE("a clock is compared with a server's", "[doctor]") {
  struct Row {
    const char* why;
    std::optional<sys_seconds> date;
    Grade grade;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"the server does not say", {}, Grade::ok, "does not say"},
      {"the same", now, Grade::ok, "agrees"},
      {"a minute behind", now + 60s, Grade::ok, "agrees"},
      {"a minute ahead", now - 60s, Grade::ok, "agrees"},
      {"more than a minute behind", now + 61s, Grade::warning, "is 61 s behind that of r.example"},
      {"more than a minute ahead", now - 61s, Grade::warning, "is 61 s ahead of that of r.example"},
      {"ten minutes", now - 600s, Grade::warning, "600 s"},
      {"more than ten minutes behind", now + 601s, Grade::problem, "601 s behind"},
      {"more than ten minutes ahead", now - 601s, Grade::problem, "601 s ahead"},
      {"1970", sys_seconds(), Grade::problem, "ahead"},
  }));
  CAPTURE(row.why);
  const Finding finding = compare_clock(now, row.date, "r.example");
  CHECK(finding.grade == row.grade);
  CHECK(finding.text.find(row.text) != std::string::npos);
  if (row.grade == Grade::problem) CHECK(finding.code == Code::time_clock);
}

TEST_CASE("where authorities are looked for is told", "[doctor]") {
  CHECK(check_authorities("", {"/etc/ssl/certs", ""}).text == "folder /etc/ssl/certs");
  CHECK(check_authorities("", {"", "/x.pem"}).text.find("/x.pem") != std::string::npos);
  const TemporaryFolder folder;
  const std::string own = folder.write("ca.pem", "x");
  CHECK(check_authorities(own, {}).grade == Grade::ok);
  CHECK(check_authorities(own, {}).text.find("ca.pem") != std::string::npos);
  CHECK(check_authorities(folder / "absent.pem", {}).code == Code::usage_file);
  const Finding none = check_authorities("", {});
  CHECK(none.grade == Grade::warning);
  CHECK(none.hint.find("ca-certificates") != std::string::npos);
}

TEST_CASE("proxies are told without their passwords", "[doctor]") {
  struct Row {
    const char* proxy;
    const char* shown;
  };
  const auto row = GENERATE(values<Row>({
      {"http://proxy.example:3128", "http://proxy.example:3128"},
      {"http://user:secret@proxy.example:3128", "http://proxy.example:3128"},
      {"http://user:sec@ret@proxy.example", "http://proxy.example"},
      {"user:secret@proxy.example:3128", "proxy.example:3128"},
      {"http://user:secret@proxy.example/a@b", "http://proxy.example/a@b"},
      {"http://user:sec/secret@proxy.example:3128", "http://..."},
      {"proxy.example", "proxy.example"},
      {"", ""},
  }));
  CAPTURE(row.proxy);
  CHECK(without_login(row.proxy) == row.shown);
  const Finding finding = check_proxies({row.proxy, row.proxy, "inner.example"});
  CHECK(finding.text.find("secret") == std::string::npos);
  CHECK((finding.text == "none") == std::string_view(row.proxy).empty());
}

TEST_CASE("a registry is told from an image", "[doctor]") {
  struct Row {
    const char* text;
    bool registry;
  };
  const auto row = GENERATE(values<Row>({
      {"registry.example", true},
      {"registry.example:5000", true},
      {"https://hub", true},
      {"hub:5000/", true},
      {"localhost", true},
      {"localhost:5000", true},
      {"127.0.0.1:5000", true},
      {"[::1]:5000", true},
      {"nginx", false},
      {"nginx:1.25", false},
      {"debian:12", false},
      {"registry.example/app", false},
      {"app@sha256:00", false},
      {"oci-layout:folder", false},
      {"oci-layout:folder/", false},
      {"", false},
  }));
  CAPTURE(row.text);
  CHECK(names_registry(row.text) == row.registry);
}

}  // namespace touchstone::cli
