// Paths from a leaf to an authority: one that holds, and each change that breaks it.
#include "crypto/certificate_chain.h"

#include <catch2/catch.hpp>
#include <functional>

#include "base/limits.h"
#include "tests/support/authority.h"

namespace touchstone::crypto {
namespace {

using namespace std::chrono_literals;
using test::certificate_begin;
using test::certificate_end;
using test::CertificateText;
using test::Entity;
using test::issue;

constexpr std::chrono::sys_seconds now{1'800'000'000s};

// Root, intermediate and leaf, each by its text.
struct Texts {
  CertificateText root = CertificateText::authority("Root");
  CertificateText middle = CertificateText::authority("Middle");
  CertificateText leaf = CertificateText::leaf();
};

struct World {
  Entity root;
  Entity middle;
  Entity leaf;

  explicit World(const Texts& texts = {})
      : root(issue(texts.root, nullptr)),
        middle(issue(texts.middle, &root)),
        leaf(issue(texts.leaf, &middle)) {}

  Result<CertificatePath> path(std::chrono::sys_seconds at = now) const {
    return find(leaf, {middle}, {root}, at);
  }
  static Result<CertificatePath> find(const Entity& leaf, const std::vector<Entity>& candidates,
                                      const std::vector<Entity>& anchors,
                                      std::chrono::sys_seconds at = now) {
    std::vector<Certificate> between;
    std::vector<Certificate> above;
    for (const Entity& entity : candidates) between.push_back(entity.certificate());
    for (const Entity& entity : anchors) above.push_back(entity.certificate());
    return find_path(leaf.certificate(), between, above, Purpose::code_signing, at);
  }
};

Code code_of(const Result<CertificatePath>& path) {
  REQUIRE_FALSE(path);
  return path.error().code;
}

// That a path was found, and how long it is.
std::size_t steps(const Result<CertificatePath>& path) {
  if (!path) INFO(path.error().message);
  REQUIRE(path);
  return path->certificates.size();
}

}  // namespace

TEST_CASE("a path leads from the leaf to an anchor", "[chain]") {
  const World w;
  const auto path = w.path();
  REQUIRE(steps(path) == 3);
  CHECK(path->certificates[0] == w.leaf.certificate());
  CHECK(path->certificates[1] == w.middle.certificate());
  CHECK(path->certificates[2] == w.root.certificate());
  CHECK(path->not_before == certificate_begin);
  CHECK(path->not_after == certificate_end);
}

TEST_CASE("every kind of key can stand on a path", "[chain]") {
  const auto kind = GENERATE(as<std::string>(), "P-256", "P-384", "P-521", "RSA-2048", "Ed25519");
  CAPTURE(kind);
  Texts texts;
  texts.root.key = texts.middle.key = texts.leaf.key = kind;
  CHECK(steps(World(texts).path()) == 3);
}

TEST_CASE("an intermediate can be the anchor, with or without its root", "[chain]") {
  const World w;
  CHECK(steps(World::find(w.leaf, {}, {w.middle})) == 2);
  CHECK(steps(World::find(w.leaf, {w.middle}, {w.middle})) == 2);
  CHECK(steps(World::find(w.leaf, {}, {w.root, w.middle})) >= 2);
}

TEST_CASE("each broken rule of a path has its code", "[chain]") {
  REQUIRE(World().path());
  struct Row {
    const char* why;
    std::function<void(Texts&)> change;
    Code code;
  };
  const auto leaf = [](const char* extension, const char* value) {
    return [=](Texts& t) { t.leaf.extensions[extension] = value; };
  };
  const auto middle = [](const char* extension, const char* value) {
    return [=](Texts& t) { t.middle.extensions[extension] = value; };
  };
  const auto root = [](const char* extension, const char* value) {
    return [=](Texts& t) { t.root.extensions[extension] = value; };
  };
  const std::vector<Row> rows = {
      // The leaf's own word: X509-15.
      {"no purpose", [](Texts& t) { t.leaf.extensions.erase("extendedKeyUsage"); },
       Code::certificate_usage},
      {"another purpose", leaf("extendedKeyUsage", "emailProtection"), Code::certificate_usage},
      {"any purpose", leaf("extendedKeyUsage", "anyExtendedKeyUsage"), Code::certificate_usage},
      {"code signing and any purpose", leaf("extendedKeyUsage", "codeSigning,anyExtendedKeyUsage"),
       Code::certificate_usage},
      {"code signing and TLS servers", leaf("extendedKeyUsage", "codeSigning,serverAuth"),
       Code::certificate_usage},
      {"key usage without signatures", leaf("keyUsage", "critical,keyEncipherment"),
       Code::certificate_usage},
      {"an authority as signer",
       [](Texts& t) {
         t.leaf.extensions["basicConstraints"] = "critical,CA:TRUE";
         t.leaf.extensions["keyUsage"] = "critical,digitalSignature,keyCertSign";
       },
       Code::certificate_usage},
      // The authorities': X509-12, X509-16.
      {"an intermediate that is no authority", middle("basicConstraints", "critical,CA:FALSE"),
       Code::certificate_usage},
      {"an intermediate that may not issue", middle("keyUsage", "critical,digitalSignature"),
       Code::certificate_usage},
      {"an intermediate without key usage", [](Texts& t) { t.middle.extensions.erase("keyUsage"); },
       Code::certificate_usage},
      {"an intermediate for TLS servers", middle("extendedKeyUsage", "serverAuth"),
       Code::certificate_usage},
      {"an anchor for TLS servers", root("extendedKeyUsage", "serverAuth"),
       Code::certificate_usage},
      {"an anchor that is no authority", root("basicConstraints", "critical,CA:FALSE"),
       Code::certificate_usage},
      {"a path longer than the root allows", root("basicConstraints", "critical,CA:TRUE,pathlen:0"),
       Code::certificate_path},
      {"basic constraints that are not critical", middle("basicConstraints", "CA:TRUE"),
       Code::certificate_path},
      // X509-13.
      {"an unknown critical extension in the leaf", leaf("1.2.3.4", "critical,DER:0500"),
       Code::certificate_path},
      {"in the intermediate", middle("1.2.3.4", "critical,DER:0500"), Code::certificate_path},
      {"in the anchor", root("1.2.3.4", "critical,DER:0500"), Code::certificate_path},
      {"the poison of a precertificate", leaf("1.3.6.1.4.1.11129.2.4.3", "critical,DER:0500"),
       Code::certificate_path},
      // X509-18.
      {"another e-mail domain than permitted",
       root("nameConstraints", "critical,permitted;email:other.example"), Code::certificate_path},
      {"an excluded e-mail domain",
       middle("nameConstraints", "critical,excluded;email:shop.example"), Code::certificate_path},
      {"another URI than permitted",
       [](Texts& t) {
         t.root.extensions["nameConstraints"] = "critical,permitted;URI:other.example";
         t.leaf.extensions["subjectAltName"] = "URI:https://shop.example/ci";
       },
       Code::certificate_path},
      // LIB-02, LIB-03: level 2.
      {"SHA-1 under the leaf", [](Texts& t) { t.leaf.hash = "SHA1"; }, Code::certificate_weak},
      {"SHA-1 under the intermediate", [](Texts& t) { t.middle.hash = "SHA1"; },
       Code::certificate_weak},
      {"MD5 under the leaf",
       [](Texts& t) {
         t.middle.key = "RSA-2048";
         t.leaf.hash = "MD5";
       },
       Code::certificate_weak},
      // SIG-34.
      {"a leaf that ended", [](Texts& t) { t.leaf.not_after = now - 1s; }, Code::time_certificate},
      {"an intermediate that ended", [](Texts& t) { t.middle.not_after = now - 1s; },
       Code::time_certificate},
      {"an anchor that ended", [](Texts& t) { t.root.not_after = now - 1s; },
       Code::time_certificate},
      {"a leaf that begins later", [](Texts& t) { t.leaf.not_before = now + 1s; },
       Code::time_certificate},
      {"an intermediate that begins later", [](Texts& t) { t.middle.not_before = now + 1s; },
       Code::time_certificate},
      {"an anchor that begins later", [](Texts& t) { t.root.not_before = now + 1s; },
       Code::time_certificate},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Texts texts;
    row.change(texts);
    CHECK(code_of(World(texts).path()) == row.code);
  }
}

TEST_CASE("what a path may hold without harm", "[chain]") {
  struct Row {
    const char* why;
    std::function<void(Texts&)> change;
  };
  const std::vector<Row> rows = {
      {"a leaf without key usage", [](Texts& t) { t.leaf.extensions.erase("keyUsage"); }},
      {"a leaf without alternative names",
       [](Texts& t) { t.leaf.extensions.erase("subjectAltName"); }},
      {"code signing and e-mail",
       [](Texts& t) { t.leaf.extensions["extendedKeyUsage"] = "codeSigning,emailProtection"; }},
      {"an intermediate for code signing",
       [](Texts& t) { t.middle.extensions["extendedKeyUsage"] = "codeSigning"; }},
      {"an intermediate for any purpose",
       [](Texts& t) { t.middle.extensions["extendedKeyUsage"] = "anyExtendedKeyUsage"; }},
      {"a path as long as the root allows",
       [](Texts& t) { t.root.extensions["basicConstraints"] = "critical,CA:TRUE,pathlen:1"; }},
      {"an unknown extension that is not critical",
       [](Texts& t) { t.leaf.extensions["1.2.3.4"] = "DER:0500"; }},
      {"the permitted e-mail domain",
       [](Texts& t) {
         t.root.extensions["nameConstraints"] = "critical,permitted;email:shop.example";
       }},
      {"SHA-1 under the anchor, which needs no signature", [](Texts& t) { t.root.hash = "SHA1"; }},
      {"a critical alternative name of Fulcio's kind",
       [](Texts& t) {
         t.leaf.subject = "";
         t.leaf.extensions["subjectAltName"] =
             "critical,otherName:1.3.6.1.4.1.57264.1.7;UTF8:foo!oidc.local";
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Texts texts;
    row.change(texts);
    CHECK(steps(World(texts).path()) == 3);
  }
}

TEST_CASE("validity ends after its last second, for every step", "[chain][X509-23]") {
  for (int step = 0; step < 3; ++step) {
    CAPTURE(step);
    Texts texts;
    CertificateText& changed = step == 0 ? texts.leaf : step == 1 ? texts.middle : texts.root;
    changed.not_before = now - 10s;
    changed.not_after = now + 10s;
    const World w(texts);
    CHECK(code_of(w.path(now - 11s)) == Code::time_certificate);
    CHECK(w.path(now - 10s));
    const auto last = w.path(now + 10s);
    REQUIRE(last);
    CHECK(last->not_before == now - 10s);
    CHECK(last->not_after == now + 10s);
    CHECK(code_of(w.path(now + 11s)) == Code::time_certificate);
  }
}

TEST_CASE("only an anchor ends a path", "[chain][X509-11][X509-22][SIG-25]") {
  const World w;
  const World stranger;  // the same names and other keys
  SECTION("no anchor at all") {
    CHECK(code_of(World::find(w.leaf, {w.middle}, {})) == Code::certificate_untrusted);
  }
  SECTION("an anchor of the same name and another key") {
    CHECK(code_of(World::find(w.leaf, {w.middle}, {stranger.root})) == Code::certificate_untrusted);
    CHECK(code_of(World::find(w.leaf, {stranger.middle}, {w.root})) == Code::certificate_untrusted);
  }
  SECTION("a missing intermediate") {
    CHECK(code_of(World::find(w.leaf, {}, {w.root})) == Code::certificate_untrusted);
  }
  SECTION("the root comes with the signature") {
    CHECK(code_of(World::find(w.leaf, {w.middle, w.root}, {stranger.root})) ==
          Code::certificate_path);
    CHECK(code_of(World::find(w.leaf, {w.middle, w.root}, {w.root})) == Code::certificate_path);
  }
  SECTION("the leaf among the anchors, whatever its key usage") {
    CHECK(code_of(World::find(w.leaf, {}, {w.leaf})) == Code::certificate_untrusted);
    const Entity self = issue(
        CertificateText::leaf().with("keyUsage", "critical,digitalSignature,keyCertSign"), nullptr);
    CHECK(code_of(World::find(self, {}, {self})) == Code::certificate_usage);
  }
  SECTION("a flipped bit in the leaf's signature") {
    Entity flipped = w.leaf;
    flipped.der.back() ^= 1;
    CHECK(code_of(World::find(flipped, {w.middle}, {w.root})) == Code::certificate_untrusted);
  }
}

TEST_CASE("every signature on a path is checked, whatever was checked before", "[chain][X509-11]") {
  const World w;
  Texts same_names;
  const World impostor(same_names);  // the same names; keys and signatures of its own
  REQUIRE(steps(w.path()) == 3);
  REQUIRE(steps(impostor.path()) == 3);

  CHECK(code_of(World::find(w.leaf, {impostor.middle}, {impostor.root})) ==
        Code::certificate_untrusted);
  CHECK(code_of(World::find(w.leaf, {w.middle}, {impostor.root})) == Code::certificate_untrusted);

  // The same objects once more, which remember whose signature they bear.
  const Certificate leaf = w.leaf.certificate();
  const std::vector<Certificate> middle = {w.middle.certificate()};
  const std::vector<Certificate> root = {w.root.certificate()};
  const std::vector<Certificate> other_root = {impostor.root.certificate()};
  REQUIRE(steps(find_path(leaf, middle, root, Purpose::code_signing, now)) == 3);
  CHECK(code_of(find_path(leaf, middle, other_root, Purpose::code_signing, now)) ==
        Code::certificate_untrusted);
  CHECK(steps(find_path(leaf, middle, root, Purpose::code_signing, now)) == 3);
}

TEST_CASE("order does not matter, nor does what is not on the path", "[chain][X509-14][X509-22]") {
  const World w;
  const Entity upper = issue(CertificateText::authority("Upper"), &w.root);
  const Entity lower = issue(CertificateText::authority("Lower"), &upper);
  const Entity leaf = issue(CertificateText::leaf(), &lower);
  const Entity odd =
      issue(CertificateText::authority("Odd").with("1.2.3.4", "critical,DER:0500"), &w.root);
  CHECK(steps(World::find(leaf, {lower, upper}, {w.root})) == 4);
  CHECK(steps(World::find(leaf, {upper, lower, lower, odd, w.leaf}, {w.root})) == 4);
}

TEST_CASE("of two intermediates with one key, the one that holds is taken", "[chain][X509-21]") {
  const Entity root = issue(CertificateText::authority("Root"), nullptr);
  const Entity middle = issue(CertificateText::authority("Middle"), &root);
  const Entity leaf = issue(CertificateText::leaf(), &middle);
  CertificateText ended = CertificateText::authority("Middle");
  ended.not_after = now - 1s;
  const Entity old = issue(ended, &root, &middle);
  const Entity server = issue(
      CertificateText::authority("Middle").with("extendedKeyUsage", "serverAuth"), &root, &middle);
  const auto path = World::find(leaf, {old, server, middle}, {root});
  REQUIRE(steps(path) == 3);
  CHECK(path->certificates[1] == middle.certificate());
  CHECK(code_of(World::find(leaf, {old}, {root})) == Code::time_certificate);
  CHECK(code_of(World::find(leaf, {server}, {root})) == Code::certificate_usage);
}

TEST_CASE("a stranger's unfit authority does not explain a path that is not there", "[chain]") {
  const World w;
  CertificateText ended = CertificateText::authority("Other");
  ended.not_after = now - 1s;
  const Entity other = issue(ended, nullptr);
  CHECK(code_of(World::find(w.leaf, {w.middle}, {other})) == Code::certificate_untrusted);
}

TEST_CASE("paths and piles of certificates have their limits", "[chain][X509-20]") {
  const Entity root = issue(CertificateText::authority("Root"), nullptr);
  std::vector<Entity> line = {root};
  std::vector<Entity> between;
  for (std::size_t i = 0; i <= limits::max_path_depth; ++i) {
    line.push_back(issue(CertificateText::authority("A" + std::to_string(i)), &line.back()));
    between.push_back(line.back());
    const Entity leaf = issue(CertificateText::leaf(), &line.back());
    if (i + 1 < limits::max_path_depth) {
      CHECK(steps(World::find(leaf, between, {root})) == i + 3);
    } else if (i == limits::max_path_depth) {
      CHECK_FALSE(World::find(leaf, between, {root}));
    }
  }
  const World w;
  std::vector<Entity> pile(limits::max_chain_certificates, w.middle);
  CHECK(World::find(w.leaf, pile, {w.root}));
  pile.push_back(w.middle);
  CHECK(code_of(World::find(w.leaf, pile, {w.root})) == Code::certificate_path);
}

TEST_CASE("authorities that signed each other lead nowhere, and soon", "[chain][X509-20]") {
  const Entity a = issue(CertificateText::authority("A"), nullptr);
  const Entity b = issue(CertificateText::authority("B"), nullptr);
  const Entity a_by_b = issue(CertificateText::authority("A"), &b, &a);
  const Entity b_by_a = issue(CertificateText::authority("B"), &a, &b);
  const Entity leaf = issue(CertificateText::leaf(), &a);
  const World w;
  CHECK(code_of(World::find(leaf, {a_by_b, b_by_a}, {w.root})) == Code::certificate_untrusted);
  CHECK(World::find(leaf, {a_by_b, b_by_a}, {b}));
}

TEST_CASE("what is wrong on a path that exists is told, not what was left out of it", "[path]") {
  Texts texts;
  texts.root.extensions["basicConstraints"] = "critical,CA:TRUE,pathlen:0";
  const World world(texts);
  CertificateText old = CertificateText::authority("Middle");
  old.not_after = now - 1s;
  const Entity twin = issue(old, &world.root, &world.middle);
  const Entity below = issue(CertificateText::authority("Below"), &world.middle);
  const Entity leaf = issue(CertificateText::leaf(), &below);
  const std::vector<Certificate> carried = {below.certificate(), world.middle.certificate(),
                                            twin.certificate()};
  const std::vector<Certificate> anchors = {world.root.certificate()};
  const auto path = find_path(leaf.certificate(), carried, anchors, Purpose::code_signing, now);
  REQUIRE_FALSE(path);
  CHECK(path.error().code == Code::certificate_path);
}

}  // namespace touchstone::crypto
