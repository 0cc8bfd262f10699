// Which statement about a vulnerability holds for an image.
#include "judge/vex_excuses.h"

#include <catch2/catch.hpp>

#include "crypto/hash.h"
#include "tests/support/json.h"

namespace touchstone::judge {
namespace {

using formats::VexDocument;
using formats::VexStatement;
using State = VexStatement::Status;
using namespace std::chrono_literals;

const std::chrono::sys_seconds now{1'800'000'000s};  // 2027-01-15T08:00:00Z
const Digest image = crypto::digest_of(as_bytes("image"));
const Digest index_digest = crypto::digest_of(as_bytes("index"));
const std::array digests = {image, index_digest};
const formats::Vulnerability openssl{.id = "CVE-1",
                                     .package = "openssl",
                                     .version = "1",
                                     .purl = "pkg:deb/debian/openssl@1?arch=amd64"};

VexDocument document(const std::string& statements) {
  auto parsed = VexDocument::parse(support::json(R"({"statements":[)" + statements + "]}"));
  REQUIRE(parsed);
  return *std::move(parsed);
}

std::string about(const std::string& products, const std::string& status = "fixed",
                  const std::string& time = "") {
  return R"({"vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},"status":")" + status +
         R"(","justification":"x","products":)" + products +
         (time.empty() ? "" : R"(,"timestamp":")" + time + "T00:00:00Z\"") + "}";
}

std::optional<State> state(const std::vector<VexDocument>& documents,
                           const formats::Vulnerability& vulnerability = openssl) {
  const VexStatement* statement = holding_statement(documents, vulnerability, digests, now);
  return statement == nullptr ? std::nullopt : std::optional(statement->status);
}

}  // namespace

TEST_CASE("a statement is about an image, a package of it, or the package", "[vex-excuses]") {
  const std::string hex = image.hex();
  struct Row {
    const char* why;
    std::string products;
    bool applies;
  };
  const std::string part = R"([{"@id":"pkg:deb/debian/openssl@1"}])";
  const auto row = GENERATE_COPY(values<Row>({
      {"no product", "[]", true},
      {"the image", "[\"pkg:oci/app@sha256:" + hex + "\"]", true},
      {"the image, encoded", "[\"pkg:oci/app@sha256%3A" + hex + "?repository_url=r\"]", true},
      {"the image, encoded in lower case", "[\"pkg:oci/app@sha256%3a" + hex + "\"]", true},
      {"the index", "[\"pkg:oci/app@sha256:" + index_digest.hex() + "\"]", true},
      {"the image by its digest alone", "[\"" + image.to_string() + "\"]", true},
      {"the image by its hash", R"([{"@id":"app","hashes":{"sha-256":")" + hex + "\"}}]", true},
      {"the image, one of several", "[\"x\",\"sha256:" + hex + "\"]", true},
      {"the package in the image",
       "[{\"@id\":\"sha256:" + hex + "\",\"subcomponents\":" + part + "}]", true},
      {"one of several packages in the image",
       "[{\"@id\":\"sha256:" + hex +
           R"(","subcomponents":["pkg:deb/x","pkg:deb/debian/openssl"]}])",
       true},
      {"the package", R"(["pkg:deb/debian/openssl@1"])", true},
      {"the package of any version", R"(["pkg:deb/debian/openssl"])", true},
      {"the package with its qualifier", R"(["pkg:deb/debian/openssl@1?arch=amd64"])", true},
      {"the package with another qualifier", R"(["pkg:deb/debian/openssl@1?arch=arm64"])", false},
      {"the package with one qualifier more",
       R"(["pkg:deb/debian/openssl@1?arch=amd64&distro=debian-12"])", false},
      {"the package of any version, with its qualifier",
       R"(["pkg:deb/debian/openssl?arch=amd64#x"])", true},
      {"the image by its name", R"(["pkg:oci/app"])", false},
      {"another image", "[\"pkg:oci/app@sha256:" + std::string(64, '0') + "\"]", false},
      {"another image that has the digest in its name", "[\"sha256:" + hex + "/x\"]", false},
      {"the start of the digest", "[\"sha256:" + hex.substr(0, 32) + "\"]", false},
      {"the hex without algorithm", "[\"" + hex + "\"]", false},
      {"another hash", R"([{"@id":"app","hashes":{"sha-256":"00"}}])", false},
      {"another package in the image",
       "[{\"@id\":\"sha256:" + hex + R"(","subcomponents":["pkg:deb/debian/zlib@1"]}])", false},
      {"the package in another image", "[{\"@id\":\"sha256:00\",\"subcomponents\":" + part + "}]",
       false},
      {"another version", R"(["pkg:deb/debian/openssl@2"])", false},
      {"the start of the package", R"(["pkg:deb/debian/open"])", false},
      {"the package's name", R"(["openssl"])", false},
      {"a qualifier alone", R"(["pkg:"])", false},
  }));
  CAPTURE(row.why);
  CHECK(state({document(about(row.products))}) ==
        (row.applies ? std::optional(State::fixed) : std::nullopt));
}

TEST_CASE("a vulnerability is told by any of its names, letter for letter", "[vex-excuses]") {
  const std::vector documents = {document(about("[]"))};
  formats::Vulnerability other = openssl;
  other.id = "GHSA-1";
  CHECK(state(documents, other) == State::fixed);
  other.id = "CVE-10";
  CHECK_FALSE(state(documents, other));
  other.id = "cve-1";
  CHECK_FALSE(state(documents, other));
  CHECK_FALSE(state({}));
}

TEST_CASE("a package that is not known by URL is excused with its image alone", "[vex-excuses]") {
  formats::Vulnerability unnamed = openssl;
  unnamed.purl.clear();
  CHECK(state({document(about("[\"sha256:" + image.hex() + "\"]"))}, unnamed) == State::fixed);
  CHECK_FALSE(state({document(about(R"(["pkg:deb/debian/openssl"])"))}, unnamed));
  CHECK_FALSE(state({document(about(R"(["pkg:"])"))}, unnamed));
  CHECK_FALSE(state({document(about(R"([""])"))}, unnamed));
}

TEST_CASE("the latest statement holds", "[vex-excuses]") {
  const auto fixed = [](const std::string& time) { return about("[]", "fixed", time); };
  const auto affected = [](const std::string& time) { return about("[]", "affected", time); };
  const std::string early = "2026-01-01";
  const std::string late = "2026-01-02";
  // In one document.
  CHECK(state({document(fixed(early) + "," + affected(late))}) == State::affected);
  CHECK(state({document(affected(late) + "," + fixed(early))}) == State::affected);
  CHECK(state({document(affected(early) + "," + fixed(late))}) == State::fixed);
  CHECK(state({document(affected(early) + "," + fixed(early))}) == State::fixed);
  CHECK(state({document(fixed("") + "," + affected(""))}) == State::affected);
  // In several, whose order is nobody's to say.
  CHECK(state({document(fixed(late)), document(affected(early))}) == State::fixed);
  CHECK(state({document(fixed(late)),
               document(R"({"vulnerability":"CVE-2","status":"affected"})")}) == State::fixed);
  CHECK(state({document(affected(early)), document(fixed(late))}) == State::fixed);
  CHECK(state({document(fixed(early)), document(affected(late))}) == State::affected);
  CHECK(state({document(fixed(early)), document(affected(early))}) == State::affected);
  CHECK(state({document(affected(early)), document(fixed(early))}) == State::affected);
  CHECK(state({document(about("[]", "not_affected", early)),
               document(about("[]", "under_investigation", early))}) == State::under_investigation);
  CHECK(state({document(about("[]", "under_investigation", early)),
               document(about("[]", "not_affected", early))}) == State::under_investigation);
  // Those to come do not hold yet.
  CHECK(state({document(affected(early) + "," + fixed("2027-01-16"))}) == State::affected);
  CHECK_FALSE(state({document(fixed("2027-01-16"))}));
}

}  // namespace touchstone::judge
