#include <atomic>
#include <catch2/catch.hpp>

#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tls_identity.h"

using namespace touchstone;
using namespace touchstone::test;

namespace {

PretendRegistry::Options wanting_token() {
  PretendRegistry::Options options;
  options.token = "good-token";
  return options;
}

Reply challenge(const std::string& header) {
  return with_status(401, {{"WWW-Authenticate", header}});
}

PretendRegistry::Hook always(Reply reply) {
  return [reply](const ServedRequest&) { return reply; };
}

}  // namespace

TEST_CASE("an anonymous token is fetched once, shared and kept", "[oci]") {
  OciWorld world(wanting_token());
  world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  const auto image = world.repository->manifest_by_tag("one");
  REQUIRE(image);
  const auto found = world.repository->image_and_referrers(image->digest, "");
  CHECK(found.image);
  CHECK(found.referrers);
  const auto log = world.registry.server().log();
  REQUIRE(world.registry.count("GET", "/token") == 1);
  CHECK(log.at(1).target == "/token?service=pretend&scope=repository%3Ashop%2Fapi%3Apull");
  CHECK(log.at(1).header("authorization").empty());
  CHECK(log.size() ==
        6);  // refused, login, by tag; then manifest, referrers and cosign's tag at once
}

TEST_CASE("requests refused at once share one token", "[oci]") {
  OciWorld world(wanting_token());
  const Digest digest =
      world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "");
  const auto found = world.repository->image_and_referrers(digest, "");
  CHECK(found.image);
  CHECK(world.registry.count("GET", "/token") == 1);
}

TEST_CASE("an outdated token is replaced", "[oci]") {
  std::atomic<bool> outdated = false;
  OciWorld world(wanting_token(), [&](const ServedRequest& request) -> std::optional<Reply> {
    if (!outdated || request.path() == "/token") return std::nullopt;
    outdated = false;
    return challenge("Bearer realm=\"http://" + request.header("host") + "/token\"");
  });
  world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  REQUIRE(world.repository->manifest_by_tag("one"));
  outdated = true;
  CHECK(world.repository->manifest_by_tag("one"));
  CHECK(world.registry.count("GET", "/token") == 2);
}

TEST_CASE("malformed challenges end the attempt", "[oci][REG-27]") {
  const std::string header =
      GENERATE("Bearer service=\"s\"", "Bearer realm=\"a\",realm=\"b\"", "Bearer realm=\"a");
  CAPTURE(header);
  OciWorld world({}, always(challenge(header)));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.challenge");
  CHECK(world.registry.server().log().size() == 1);
}

TEST_CASE("a registry that wants more than an anonymous token refuses", "[oci]") {
  const int status = GENERATE(401, 403);
  const auto headers = std::vector<HttpHeader>{{"WWW-Authenticate", "Basic realm=\"x\""}};
  OciWorld world({}, always(with_status(status, headers)));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.refused");
}

TEST_CASE("realms that must not be asked are not asked", "[oci][REG-24]") {
  struct Row {
    const char* why;
    const char* realm;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"no address", "token", "auth.realm"},
      {"another protocol", "file:///etc/passwd", "auth.realm"},
      {"a user in it", "http://u:p@127.0.0.1/", "auth.realm"},
      {"plain http elsewhere", "http://login.invalid/token", "auth.realm"},
  }));
  CAPTURE(row.why);
  OciWorld world({}, always(challenge("Bearer realm=\"" + std::string(row.realm) + "\"")));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == row.code);
  CHECK(world.registry.server().log().size() == 1);
}

TEST_CASE("a registry over TLS does not lead to a login server without", "[oci][REG-24]") {
  const TemporaryFolder folder;
  const auto identity = make_tls_identity();
  HttpServer plain([](const ServedRequest&) { return with_status(200, {}, R"({"token":"x"})"); });
  PretendRegistry::Options options;
  options.server.certificate = identity.certificate;
  options.server.key = identity.key;
  oci::Access access;
  access.tls_for_loopback = true;
  net::CurlOptions curl;
  curl.ca_file = folder.write("ca.pem", identity.certificate);
  OciWorld world(options, always(challenge("Bearer realm=\"" + plain.url("/token") + "\"")),
                 nullptr, access, curl);
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.realm");
  CHECK(plain.log().empty());
}

TEST_CASE("a public registry does not lead to a login server inside", "[oci][REG-26]") {
  HttpServer inside([](const ServedRequest&) { return with_status(200, {}, R"({"token":"x"})"); });
  PretendRegistry::Options options;
  options.server.address = "127.0.0.2";  // plays a public address
  net::CurlOptions curl;
  curl.public_addresses = {"127.0.0.2"};
  oci::Access access;
  const bool named_by_user = GENERATE(false, true);
  if (named_by_user) access.auth_realm_hosts = {inside.host()};
  OciWorld world(options, always(challenge("Bearer realm=\"" + inside.url("/token") + "\"")),
                 nullptr, access, curl);
  const auto answer = world.repository->manifest_by_tag("one");
  CHECK(slug_of(answer) == (named_by_user ? "auth.refused" : "auth.realm"));
  CHECK(inside.log().size() == (named_by_user ? 1 : 0));
}

TEST_CASE("answers without a usable token are refused", "[oci][REG-28]") {
  struct Row {
    const char* why;
    std::string body;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"no JSON", "<html>"},
      {"no token", "{}"},
      {"empty token", R"({"token":""})"},
      {"number", R"({"token":7})"},
      {"CR LF inside", R"({"token":"a\r\nX-Evil: b"})"},
      {"blank inside", R"({"token":"a b"})"},
      {"not ASCII", "{\"token\":\"\xC3\xA9\"}"},
      {"two tokens", R"({"token":"a","token":"b"})"},
      {"over 64 KiB", R"({"token":")" + std::string((64 << 10) + 1, 'a') + "\"}"},
      {"10 MiB", R"({"token":")" + std::string(10 << 20, 'a') + "\"}"},
  }));
  CAPTURE(row.why);
  OciWorld world(wanting_token(), [&](const ServedRequest& request) -> std::optional<Reply> {
    if (request.path() != "/token") return std::nullopt;
    return with_status(200, {}, row.body);
  });
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.token");
}

TEST_CASE("a login server that fails says so", "[oci]") {
  struct Row {
    int status;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({{401, "auth.refused"},
                                         {403, "auth.refused"},
                                         {429, "network.throttled"},
                                         {500, "network.status"},
                                         {302, "network.status"}}));
  OciWorld world(wanting_token(), [&](const ServedRequest& request) -> std::optional<Reply> {
    if (request.path() != "/token") return std::nullopt;
    return with_status(row.status, {{"Location", "/elsewhere"}});
  });
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == row.code);
}

TEST_CASE("401 for ever ends after a second try", "[oci][REG-29]") {
  OciWorld world({}, [](const ServedRequest& request) -> std::optional<Reply> {
    if (request.path() == "/token") return with_status(200, {}, R"({"access_token":"x"})");
    return challenge("Bearer realm=\"http://" + request.header("host") + "/token\"");
  });
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.refused");
  CHECK(world.registry.count("GET", "/manifests/") == 2);
  CHECK(world.registry.count("GET", "/token") == 1);
}

TEST_CASE("a challenge by a host that was redirected to is not answered", "[oci][REG-25]") {
  HttpServer other([](const ServedRequest& request) {
    if (request.path() == "/token") return with_status(200, {}, R"({"token":"x"})");
    return challenge("Bearer realm=\"http://" + request.header("host") + "/token\"");
  });
  OciWorld world({}, always(with_status(307, {{"Location", other.url("/blob")}})));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.refused");
  CHECK(other.log().size() == 1);
}
