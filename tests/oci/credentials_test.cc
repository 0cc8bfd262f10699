// Logins with credentials: to whom they are sent, and to whom never.
#include "oci/credentials.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "crypto/hash.h"
#include "oci/login_rules.h"
#include "tests/support/oci_world.h"

using namespace touchstone;
using namespace touchstone::test;
using oci::Credential;

namespace {

const std::string basic = "Basic dTptYXJrZXI=";  // u:marker

class FixedLogin : public oci::CredentialSource {
 public:
  explicit FixedLogin(Credential::Kind kind = Credential::Kind::password)
      : credential_{kind, "u", Secret("marker"), "test"} {}

  Result<const Credential*> find(std::string_view registry, std::string_view repository) override {
    asked.push_back(std::string(registry) + "/" + std::string(repository));
    if (failure) return *failure;
    return there ? &credential_ : nullptr;
  }

  bool there = true;
  std::optional<Error> failure;
  std::vector<std::string> asked;

 private:
  Credential credential_;
};

oci::Access access_with(oci::CredentialSource& source) {
  oci::Access access;
  access.credentials = &source;
  return access;
}

Reply challenge(const std::string& header) {
  return with_status(401, {{"WWW-Authenticate", header}}, "{}");
}

// Demands a password for all it has.
std::optional<Reply> demand_basic(const ServedRequest& request) {
  if (request.header("authorization") == basic) return std::nullopt;
  return challenge("Basic realm=\"pretend\"");
}

std::size_t secrets_seen(const HttpServer& server) {
  std::size_t seen = 0;
  for (const ServedRequest& request : server.log()) {
    const bool in_form = request.body.find("marker") != std::string::npos;
    if (request.header("authorization") == basic || in_form) ++seen;
  }
  return seen;
}

// Gives out a token, to anybody.
Reply give_token(const ServedRequest&) { return with_status(200, {}, R"({"token":"t"})"); }

std::string message_of(const Result<oci::FetchedManifest>& answer) {
  return answer ? "" : answer.error().message + answer.error().hint;
}

}  // namespace

TEST_CASE("a Basic challenge is answered, and only then is a login looked for", "[oci][logins]") {
  FixedLogin login;
  bool demanded = true;
  OciWorld world(
      {},
      [&](const ServedRequest& request) { return demanded ? demand_basic(request) : std::nullopt; },
      nullptr, access_with(login));
  const Digest digest =
      world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  CHECK(world.repository->manifest_by_tag("one"));
  CHECK(login.asked == std::vector<std::string>{world.registry.host() + "/shop/api"});
  CHECK(world.registry.server().log().size() == 2);
  CHECK(world.repository->image_and_referrers(digest, "").image);
  // The login is kept: all but the first request carried it.
  CHECK(secrets_seen(world.registry.server()) == world.registry.server().log().size() - 1);
  CHECK(login.asked.size() == 1);
}

TEST_CASE("nobody is asked for a login that nobody demands", "[oci][logins]") {
  FixedLogin login;
  login.failure = Error{Code::auth_file, "must not be seen", ""};
  OciWorld world({}, nullptr, nullptr, access_with(login));
  world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  CHECK(world.repository->manifest_by_tag("one"));
  CHECK(login.asked.empty());
  CHECK(secrets_seen(world.registry.server()) == 0);
}

TEST_CASE("a login that cannot be had is an error, not an anonymous try", "[oci][logins]") {
  FixedLogin login;
  login.failure = Error{Code::auth_file, "broken", ""};
  PretendRegistry::Options options;
  const bool bearer = GENERATE(false, true);
  if (bearer) options.token = "good";
  OciWorld world(options, bearer ? PretendRegistry::Hook() : demand_basic, nullptr,
                 access_with(login));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.file");
  CHECK(world.registry.server().log().size() == 1);
}

TEST_CASE("a login that is refused is tried once", "[oci][logins][REG-29]") {
  FixedLogin login;
  OciWorld world(
      {}, [](const ServedRequest&) { return challenge("Basic realm=\"x\""); }, nullptr,
      access_with(login));
  const auto answer = world.repository->manifest_by_tag("one");
  CHECK(slug_of(answer) == "auth.refused");
  CHECK_FALSE(message_of(answer).contains("marker"));
  CHECK(message_of(answer).contains("(test)"));
  CHECK(secrets_seen(world.registry.server()) == 1);
  CHECK(world.registry.server().log().size() == 2);
}

TEST_CASE("without a password a Basic challenge ends the attempt", "[oci][logins]") {
  FixedLogin login(Credential::Kind::identity_token);
  login.there = GENERATE(false, true);
  OciWorld world({}, demand_basic, nullptr, access_with(login));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.refused");
  CHECK(world.registry.server().log().size() == 1);
}

TEST_CASE("malformed Basic challenges are refused", "[oci][logins][REG-27]") {
  const std::string header =
      GENERATE("Basic", "Basic realm=\"a\",realm=\"b\"", "Basic realm=\"a", "Basic realm=a b");
  CAPTURE(header);
  FixedLogin login;
  OciWorld world(
      {}, [&](const ServedRequest&) { return challenge(header); }, nullptr, access_with(login));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.challenge");
  CHECK(secrets_seen(world.registry.server()) == 0);
}

TEST_CASE("a Bearer challenge is answered with the login", "[oci][logins]") {
  FixedLogin login;
  PretendRegistry::Options options;
  options.token = "good";
  OciWorld world(
      options,
      [](const ServedRequest& request) -> std::optional<Reply> {
        if (request.path() != "/token" || request.header("authorization") == basic) {
          return std::nullopt;
        }
        return with_status(401);
      },
      nullptr, access_with(login));
  world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  CHECK(world.repository->manifest_by_tag("one"));
  CHECK(world.registry.count("GET",
                             "/token?service=pretend&scope=repository%3Ashop%2Fapi%3Apull") == 1);
  CHECK(secrets_seen(world.registry.server()) == 1);
}

TEST_CASE("an identity token is exchanged by POST", "[oci][logins]") {
  FixedLogin login(Credential::Kind::identity_token);
  PretendRegistry::Options options;
  options.token = "good";
  const int status = GENERATE(200, 400, 401);
  OciWorld world(
      options,
      [&](const ServedRequest& request) -> std::optional<Reply> {
        if (request.path() != "/token") return std::nullopt;
        return with_status(status, {}, R"({"access_token":"good"})");
      },
      nullptr, access_with(login));
  world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  CHECK(slug_of(world.repository->manifest_by_tag("one")) ==
        (status == 200 ? "ok" : "auth.refused"));
  const ServedRequest asked = world.registry.server().log().at(1);
  CHECK(asked.method == "POST");
  CHECK(asked.target == "/token");
  CHECK(asked.header("content-type") == "application/x-www-form-urlencoded");
  CHECK(asked.header("authorization").empty());
  CHECK(asked.body ==
        "grant_type=refresh_token&client_id=touchstone&service=pretend&"
        "scope=repository%3Ashop%2Fapi%3Apull&refresh_token=marker");
}

TEST_CASE("a login server on another host is asked anonymously", "[oci][logins][REG-25]") {
  HttpServer other(give_token);
  FixedLogin login(GENERATE(Credential::Kind::password, Credential::Kind::identity_token));
  oci::Access access = access_with(login);
  const bool named_by_user = GENERATE(false, true);
  if (named_by_user) access.auth_realm_hosts = {other.host()};
  OciWorld world(
      {},
      [&](const ServedRequest&) {
        return challenge("Bearer realm=\"" + other.url("/token") + "\"");
      },
      nullptr, access);
  const auto answer = world.repository->manifest_by_tag("one");
  CHECK(slug_of(answer) == "auth.refused");
  CHECK(other.log().size() == 1);
  CHECK(secrets_seen(other) == (named_by_user ? 1 : 0));
  CHECK(message_of(answer).contains("--auth-realm " + other.host()) != named_by_user);
}

TEST_CASE("an anonymous token that is good is good", "[oci][logins][REG-25]") {
  HttpServer other([](const ServedRequest&) { return with_status(200, {}, R"({"token":"t"})"); });
  FixedLogin login;
  OciWorld world(
      {},
      [&](const ServedRequest& request) -> std::optional<Reply> {
        if (request.header("authorization") == "Bearer t") return std::nullopt;
        return challenge("Bearer realm=\"" + other.url("/token") + "\"");
      },
      nullptr, access_with(login));
  world.registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  CHECK(world.repository->manifest_by_tag("one"));
  CHECK(secrets_seen(other) == 0);
}

TEST_CASE("realms that may have a login", "[oci][logins][REG-24][REG-25]") {
  struct Row {
    const char* why;
    const char* registry;
    const char* realm;
    bool allowed;
  };
  const auto row = GENERATE(values<Row>({
      {"the registry itself", "https://r.example/v2/", "https://r.example/token", true},
      {"its host, another port", "https://r.example:5050/v2/", "https://r.example/jwt", true},
      {"another host", "https://r.example/v2/", "https://evil.example/token", false},
      {"a host below it", "https://r.example/v2/", "https://auth.r.example/token", false},
      {"a host above it", "https://r.example/v2/", "https://example/token", false},
      {"without TLS", "https://r.example/v2/", "http://r.example/token", false},
      {"neither with TLS", "http://r.example/v2/", "http://r.example/token", false},
      {"Docker Hub", "https://registry-1.docker.io/v2/", "https://auth.docker.io/token", true},
      {"Docker Hub, another port", "https://registry-1.docker.io/v2/",
       "https://auth.docker.io:444/token", false},
      {"Docker Hub without TLS", "https://registry-1.docker.io/v2/", "http://auth.docker.io/token",
       false},
      {"Docker Hub's server for others", "https://r.example/v2/", "https://auth.docker.io/token",
       false},
      {"a name like Docker Hub's", "https://registry-1.docker.io/v2/",
       "https://auth.docker.io.evil.example/token", false},
      {"GitLab", "https://registry.gitlab.com/v2/", "https://gitlab.com/jwt/auth", true},
      {"pairs do not mix", "https://registry.gitlab.com/v2/", "https://auth.docker.io/token",
       false},
      {"loopback", "http://127.0.0.1:5000/v2/", "http://127.0.0.1:5000/token", true},
      {"loopback, another port", "http://127.0.0.1:5000/v2/", "http://127.0.0.1:5001/token", false},
      {"the same over TLS", "https://127.0.0.1:5000/v2/", "https://127.0.0.1:5001/token", false},
      {"loopback for another registry", "https://r.example/v2/", "https://127.0.0.1/token", false},
      {"named by the user", "https://r.example/v2/", "https://login.example/token", true},
      {"named, another port", "https://r.example/v2/", "https://login.example:444/token", false},
      {"named, without TLS", "https://r.example/v2/", "http://login.example/token", false},
      {"named, on loopback", "http://127.0.0.1:5000/v2/", "http://127.0.0.1:5005/token", true},
  }));
  CAPTURE(row.why);
  const std::vector<std::string> named = {"Login.example", "127.0.0.1:5005"};
  CHECK(oci::realm_may_have_credentials(*Url::parse(row.realm), *Url::parse(row.registry), named) ==
        row.allowed);
}

TEST_CASE("a login does not follow a redirect to another host", "[oci][logins][REG-20]") {
  HttpServer other([](const ServedRequest& request) {
    if (request.header("authorization").empty()) return challenge("Basic realm=\"x\"");
    return with_status(200);
  });
  FixedLogin login;
  OciWorld world(
      {},
      [&](const ServedRequest& request) {
        auto refused = demand_basic(request);
        return refused ? refused : with_status(307, {{"Location", other.url("/elsewhere")}});
      },
      nullptr, access_with(login));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "auth.refused");
  CHECK(other.log().size() == 1);
  CHECK(other.log().front().header("authorization").empty());
  CHECK(secrets_seen(world.registry.server()) == 1);
}

TEST_CASE("a login does not go where an upload is sent", "[oci][logins][REG-47]") {
  HttpServer other(give_token);
  FixedLogin login;
  OciWorld world(
      {},
      [&](const ServedRequest& request) -> std::optional<Reply> {
        if (auto refused = demand_basic(request)) return refused;
        if (request.method != "POST") return std::nullopt;
        return with_status(202, {{"Location", other.url("/upload")}});
      },
      nullptr, access_with(login));
  const Status pushed =
      world.repository->push_blob(crypto::digest_of(as_bytes("blob")), as_bytes("blob"));
  CHECK(slug_of(pushed) == "network.redirect");
  CHECK(other.log().empty());
}

TEST_CASE("a login does not follow a login server's redirect", "[oci][logins][REG-20]") {
  HttpServer other(give_token);
  FixedLogin login(GENERATE(Credential::Kind::password, Credential::Kind::identity_token));
  PretendRegistry::Options options;
  options.token = "good";
  OciWorld world(
      options,
      [&](const ServedRequest& request) -> std::optional<Reply> {
        if (request.path() != "/token") return std::nullopt;
        return with_status(307, {{"Location", other.url("/token")}});
      },
      nullptr, access_with(login));
  CHECK(slug_of(world.repository->manifest_by_tag("one")) == "network.status");
  CHECK(other.log().empty());
}

TEST_CASE("a login is checked at the registry's root", "[oci][logins]") {
  FixedLogin login;
  PretendRegistry registry({}, [](const ServedRequest& request) -> std::optional<Reply> {
    if (auto refused = demand_basic(request)) return refused;
    return with_status(request.target == "/v2/" ? 200 : 404);
  });
  const RunningClock clock;
  net::CurlClient http;
  oci::Registries registries(http, clock, access_with(login));
  const auto checked = registries.check_login(registry.host());
  REQUIRE(checked);
  CHECK(*checked);
  CHECK(login.asked == std::vector<std::string>{registry.host() + "/"});
  CHECK(registry.server().log().size() == 2);
}

TEST_CASE("a check of a login says what came of it", "[oci][logins]") {
  struct Row {
    const char* why;
    int first;
    std::string challenge;
    int second;
    std::string outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing is demanded", 200, "", 200, "unchecked"},
      {"good", 401, "Basic realm=\"x\"", 200, "checked"},
      {"wrong", 401, "Basic realm=\"x\"", 401, "auth.refused"},
      {"forbidden", 401, "Basic realm=\"x\"", 403, "auth.refused"},
      {"no registry", 404, "", 404, "image.not-found"},
      {"broken", 401, "Basic realm=\"x\"", 500, "network.status"},
      {"no challenge", 401, "", 200, "auth.refused"},
      {"another scheme", 401, "Negotiate", 200, "auth.refused"},
      {"a login server of others", 401, "Bearer realm=\"ELSEWHERE\"", 200, "auth.refused"},
  }));
  CAPTURE(row.why);
  HttpServer other(give_token);
  FixedLogin login;
  PretendRegistry registry({}, [&](const ServedRequest& request) -> std::optional<Reply> {
    if (!request.header("authorization").empty()) return with_status(row.second);
    std::vector<HttpHeader> headers;
    if (!row.challenge.empty()) {
      headers.push_back({"WWW-Authenticate", with_host(row.challenge, other.url("/token"))});
    }
    return with_status(row.first, headers);
  });
  const RunningClock clock;
  net::CurlClient http;
  oci::Registries registries(http, clock, access_with(login));
  const auto checked = registries.check_login(registry.host());
  CHECK((checked ? (*checked ? "checked" : "unchecked") : slug_of(checked)) == row.outcome);
  CHECK(secrets_seen(other) == 0);
}

namespace {

// A registry at any address, which demands a login and gives out tokens.
class FarRegistry : public HttpClient {
 public:
  explicit FarRegistry(std::string challenge) : challenge_(std::move(challenge)) {}

  std::vector<Result<HttpResponse>> send(std::span<const HttpRequest> requests) override {
    std::vector<Result<HttpResponse>> answers;
    for (const HttpRequest& request : requests) {
      seen.push_back(request);
      HttpResponse answer;
      answer.url = request.url;
      answer.status = request.url.contains("/token") ? 200 : 401;
      answer.headers = {{"www-authenticate", challenge_}};
      answer.body = to_bytes(R"({"token":"t"})");
      answers.emplace_back(std::move(answer));
    }
    return answers;
  }

  std::vector<HttpRequest> seen;

 private:
  std::string challenge_;
};

}  // namespace

TEST_CASE("a registry that is reached without TLS is not sent a login", "[oci][logins]") {
  struct Row {
    const char* why;
    const char* challenge;
    bool tls;
    bool sent;
  };
  const auto row = GENERATE(values<Row>({
      {"Basic", "Basic realm=\"x\"", false, false},
      {"Basic over TLS", "Basic realm=\"x\"", true, true},
      {"a login server", "Bearer realm=\"http://r.example/token\"", false, false},
      {"a login server with TLS", "Bearer realm=\"https://r.example/token\"", true, true},
  }));
  CAPTURE(row.why);
  FixedLogin login;
  oci::Access access = access_with(login);
  if (!row.tls) access.plain_http_hosts = {"r.example"};
  FarRegistry http(row.challenge);
  const RunningClock clock;
  oci::Registries registries(http, clock, access);
  auto repository = registries.open(*Reference::parse("r.example/shop/api"));
  REQUIRE(repository);
  const auto answer = (*repository)->manifest_by_tag("one");
  CHECK(slug_of(answer) == "auth.refused");
  CHECK(message_of(answer).contains("without TLS") != row.tls);
  const bool sent = std::ranges::any_of(
      http.seen, [](const HttpRequest& request) { return request.authorization == basic; });
  CHECK(sent == row.sent);
}

TEST_CASE("passwords are not sent without TLS beyond this machine", "[oci][logins]") {
  CHECK(oci::is_safe_for_secrets(*Url::parse("https://r.example/")));
  CHECK(oci::is_safe_for_secrets(*Url::parse("http://127.0.0.2:5000/")));
  CHECK(oci::is_safe_for_secrets(*Url::parse("http://localhost/")));
  CHECK_FALSE(oci::is_safe_for_secrets(*Url::parse("http://r.example/")));
  CHECK_FALSE(oci::is_safe_for_secrets(*Url::parse("http://192.168.0.1/")));
}
