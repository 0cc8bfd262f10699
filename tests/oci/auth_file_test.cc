#include "oci/auth_file.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/text.h"
#include "tests/support/oci_world.h"

using namespace touchstone;
using namespace touchstone::oci;
using touchstone::test::slug_of;

namespace {

AuthFile parsed(std::string_view text, AuthFile::Style style = AuthFile::Style::docker) {
  auto file = AuthFile::parse(as_bytes(text), style);
  REQUIRE(file);
  return *std::move(file);
}

// An entry whose password is `name`: dTo= is "u:".
std::string entry(const std::string& key, const std::string& password) {
  return "\"" + key + R"(":{"username":"u","password":")" + password + "\"}";
}

// The password found, or "none", or the error's code.
std::string password_for(const AuthFile& file, std::string_view registry,
                         std::string_view repository = "shop/api") {
  const auto found = file.find(registry, repository);
  if (!found) return slug_of(found);
  return found->saved ? std::string(found->saved->secret.reveal()) : "none";
}

}  // namespace

TEST_CASE("keys count for their own registry and repositories", "[oci][logins]") {
  struct Row {
    const char* why;
    const char* key;
    const char* registry;
    const char* repository;
    bool fits;
  };
  const auto row = GENERATE(values<Row>({
      {"the host", "registry.example", "registry.example", "shop/api", true},
      {"host and port", "registry.example:5000", "registry.example:5000", "shop/api", true},
      {"another port", "registry.example:5000", "registry.example:5001", "shop/api", false},
      {"a port that was not named", "registry.example:443", "registry.example", "shop/api", false},
      {"no port where one is needed", "registry.example", "registry.example:5000", "a", false},
      {"upper case", "Registry.Example", "registry.example", "shop/api", true},
      {"an IPv6 address", "[::1]:5000", "[::1]:5000", "shop/api", true},
      {"a scheme", "https://registry.example", "registry.example", "shop/api", true},
      {"the other scheme", "http://registry.example", "registry.example", "shop/api", true},
      {"a scheme and a path", "https://registry.example/v1/", "registry.example", "shop/api", true},
      {"docker's old path", "registry.example/v1/", "registry.example", "shop/api", true},
      {"Docker Hub as docker says", "https://index.docker.io/v1/", "docker.io", "library/x", true},
      {"Docker Hub as podman says", "docker.io", "docker.io", "library/x", true},
      {"Docker Hub's own server", "registry-1.docker.io", "docker.io", "library/x", true},
      {"Docker Hub, as it is reached", "docker.io", "registry-1.docker.io", "library/x", true},
      {"a repository", "registry.example/shop/api", "registry.example", "shop/api", true},
      {"a path above it", "registry.example/shop", "registry.example", "shop/api", true},
      {"a path that only begins so", "registry.example/sho", "registry.example", "shop/api", false},
      {"a path below it", "registry.example/shop/api/x", "registry.example", "shop/api", false},
      {"a path for the registry itself", "registry.example/shop", "registry.example", "", false},
      {"a path of Docker Hub", "docker.io/library", "docker.io", "library/x", true},
      {"another path of Docker Hub", "docker.io/library", "docker.io", "other/x", false},
      {"another host", "registry.example.evil.example", "registry.example", "shop/api", false},
      {"a longer host", "evil-registry.example", "registry.example", "shop/api", false},
      {"a pattern", "*.example", "registry.example", "shop/api", false},
      {"a star", "*", "registry.example", "shop/api", false},
      {"empty", "", "registry.example", "shop/api", false},
      {"only a scheme", "https://", "registry.example", "shop/api", false},
      {"only a path", "/shop", "registry.example", "shop/api", false},
      {"a user before the host", "u@registry.example", "registry.example", "shop/api", false},
      {"the host as a user", "https://registry.example@evil.example", "registry.example", "a",
       false},
      {"the host in a query", "https://evil.example?registry.example", "registry.example", "a",
       false},
      {"a blank", "registry.example ", "registry.example", "shop/api", false},
      {"another scheme", "ftp://registry.example", "registry.example", "shop/api", false},
      {"two slashes", "registry.example//shop", "registry.example", "shop/api", false},
      {"a slash at the end", "registry.example/shop/", "registry.example", "shop/api", false},
      {"a dot at the end", "registry.example.", "registry.example", "shop/api", false},
  }));
  CAPTURE(row.why, row.key);
  const AuthFile file = parsed(R"({"auths":{)" + entry(row.key, "p") + "}}");
  CHECK(password_for(file, row.registry, row.repository) == (row.fits ? "p" : "none"));
}

TEST_CASE("the longest path wins, and a bare host before one with a scheme", "[oci][logins]") {
  const std::string host = entry("r.example", "host");
  const std::string scheme = entry("https://r.example", "scheme");
  const std::string shop = entry("r.example/shop", "shop");
  const std::string api = entry("r.example/shop/api", "api");
  const auto order = GENERATE_COPY(values<std::vector<std::string>>(
      {{scheme, host, shop, api}, {api, shop, host, scheme}, {shop, api, scheme, host}}));
  const AuthFile file = parsed(R"({"auths":{)" + join(order, ",") + "}}");
  CHECK(password_for(file, "r.example", "shop/api") == "api");
  CHECK(password_for(file, "r.example", "shop/web") == "shop");
  CHECK(password_for(file, "r.example", "other") == "host");
  CHECK(password_for(file, "r.example", "") == "host");
}

TEST_CASE("entries say a password or an identity token", "[oci][logins]") {
  struct Row {
    const char* why;
    std::string entry;
    std::string username;
    std::string secret;
    bool token;
  };
  const auto row = GENERATE(values<Row>({
      {"auth", R"({"auth":"dTpw"})", "u", "p", false},
      {"a colon in the password", R"({"auth":"dTpwOnE="})", "u", "p:q", false},
      {"no password", R"({"auth":"dTo="})", "u", "", false},
      {"docker's padding with NULs", R"({"auth":"dTpwAAA="})", "u", "p", false},
      {"in clear", R"({"username":"u","password":"p"})", "u", "p", false},
      {"auth before what is in clear", R"({"auth":"dTpw","username":"x","password":"y"})", "u", "p",
       false},
      {"an identity token", R"({"identitytoken":"t"})", "", "t", true},
      {"a token beside auth", R"({"auth":"dTpw","identitytoken":"t"})", "", "t", true},
      {"members that are not known", R"({"auth":"dTpw","email":"e","x":[1]})", "u", "p", false},
  }));
  CAPTURE(row.why);
  const auto found = parsed(R"({"auths":{"r.example":)" + row.entry + "}}").find("r.example", "a");
  REQUIRE(found);
  REQUIRE(found->saved);
  CHECK(found->saved->username == row.username);
  CHECK(found->saved->secret.reveal() == row.secret);
  CHECK((found->saved->kind == Credential::Kind::identity_token) == row.token);
}

TEST_CASE("a file without a login for the registry says nothing", "[oci][logins]") {
  const auto text = GENERATE(values<std::string>(
      {"", "{}", R"({"auths":{}})", R"({"auths":null})", R"({"auths":{"r.example":{}}})",
       R"({"auths":{"r.example":{"email":"e"}},"credHelpers":null})"}));
  CAPTURE(text);
  CHECK(password_for(parsed(text), "r.example") == "none");
}

TEST_CASE("malformed files are errors", "[oci][logins]") {
  struct Row {
    const char* why;
    std::string text;
  };
  std::string many = R"({"auths":{)";
  for (std::size_t i = 0; i <= limits::max_auth_entries; ++i) {
    many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":{}";
  }
  many += "}}";
  const auto row = GENERATE_COPY(values<Row>({
      {"no JSON", "marker-secret"},
      {"cut off", R"({"auths":{"r.example":{"auth":"marker-secret)"},
      {"a list", "[]"},
      {"auths is a list", R"({"auths":[]})"},
      {"an entry is a string", R"({"auths":{"r.example":"marker-secret"}})"},
      {"another entry is one", R"({"auths":{"x.example":"marker-secret"}})"},
      {"two of one name", R"({"auths":{"r.example":{},"r.example":{"auth":"dTpw"}}})"},
      {"a byte order mark", "\xEF\xBB\xBF{}"},
      {"credsStore is a number", R"({"credsStore":1})"},
      {"credHelpers is a string", R"({"credHelpers":"marker-secret"})"},
      {"a helper is a number", R"({"credHelpers":{"r.example":1}})"},
      {"too large", R"({"x":")" + std::string(limits::max_auth_file_bytes, 'a') + "\"}"},
      {"too many registries", many},
  }));
  CAPTURE(row.why);
  const auto file = AuthFile::parse(as_bytes(row.text), AuthFile::Style::docker);
  REQUIRE_FALSE(file);
  CHECK(file.error().code == Code::auth_file);
  CHECK_FALSE(file.error().message.contains("marker"));
}

TEST_CASE("a malformed entry is an error for its own registry", "[oci][logins]") {
  struct Row {
    const char* why;
    std::string entry;
  };
  const auto row = GENERATE(values<Row>({
      {"no base64", R"({"auth":"marker!"})"},
      {"no padding", R"({"auth":"dTo"})"},
      {"no colon", R"({"auth":"dXA="})"},
      {"no user", R"({"auth":"OnA="})"},
      {"NUL inside", R"({"auth":"dTpwAHA="})"},
      {"a number", R"({"auth":1})"},
      {"the token is a list", R"({"identitytoken":[]})"},
      {"the password is a number", R"({"username":"u","password":1})"},
      {"a token that is too long",
       R"({"identitytoken":")" + std::string(limits::max_credential_bytes + 1, 'a') + "\"}"},
  }));
  CAPTURE(row.why);
  const AuthFile file =
      parsed(R"({"auths":{"r.example":)" + row.entry + "," + entry("x.example", "p") + "}}");
  const auto found = file.find("r.example", "a");
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Code::auth_file);
  CHECK_FALSE(found.error().message.contains("marker"));
  CHECK(password_for(file, "x.example") == "p");
}

TEST_CASE("helpers are chosen by registry", "[oci][logins]") {
  const AuthFile file = parsed(
      R"({"credsStore":"store","credHelpers":{"r.example":"own","https://index.docker.io/v1/":"hub",
          "off.example":"","r.example/path":"wrong"}})");
  CHECK(*file.helper("r.example") == "own");
  CHECK(*file.helper("r.example:5000") == "store");
  CHECK(*file.helper("docker.io") == "hub");
  CHECK(file.helper("off.example")->empty());
  CHECK(parsed("{}").helper("r.example")->empty());
}

TEST_CASE("names of helpers that are none are refused", "[oci][logins][XP-03]") {
  const auto name = GENERATE(values<std::string>(
      {"../../x", "a/b", "/bin/sh", "a b", "a;b", "$(id)", "`id`", "A", "a.exe", "a\\nb", ".."}));
  CAPTURE(name);
  CHECK(slug_of(parsed(R"({"credsStore":")" + name + "\"}").helper("r.example")) == "auth.helper");
  const AuthFile named = parsed(R"({"credHelpers":{"r.example":")" + name + "\"}}");
  CHECK(slug_of(named.helper("r.example")) == "auth.helper");
  CHECK(slug_of(named.find("r.example", "a")) == "auth.helper");
  CHECK(named.helper("other.example"));
}

TEST_CASE("a login is put in and taken out, and all else stays", "[oci][logins]") {
  AuthFile file = parsed(R"({"HttpHeaders":{"A":"b\"{,"},"auths":{"https://r.example/v1/":{},)" +
                         entry("x.example", "x") + "," + entry("r.example/path", "path") +
                         R"(},"n":1.5,"e":[],"l":[1,{"k":null}]})");
  const Credential credential{Credential::Kind::password, "u", Secret("p:q"), ""};
  CHECK(file.lists("r.example"));
  file.put("r.example", &credential);
  const AuthFile again = parsed(file.text());
  CHECK(password_for(again, "r.example") == "p:q");
  CHECK(password_for(again, "r.example", "path") == "path");
  CHECK(password_for(again, "x.example") == "x");
  CHECK(file.text().contains(R"("A": "b\"{,")"));
  CHECK(file.text().contains("\"n\": 1.5"));
  CHECK_FALSE(file.text().contains("v1"));
  CHECK(file.text() == again.text());

  CHECK(file.remove("r.example"));
  CHECK_FALSE(file.lists("r.example"));
  CHECK_FALSE(file.remove("r.example"));
  CHECK(password_for(file, "x.example") == "x");
  CHECK(password_for(file, "r.example", "path") == "path");
}

TEST_CASE("a file tells the registries it says something about", "[oci][logins]") {
  const auto file = AuthFile::parse(
      as_bytes(R"({"auths":{"https://index.docker.io/v1/":{},"b.example/team":{},"A.example:5":{}},
                   "credHelpers":{"gcr.example":"gcloud","a.example:5":"other"}})"),
      AuthFile::Style::docker);

  REQUIRE(file);
  CHECK(file->registries() ==
        std::vector<std::string>{"a.example:5", "b.example/team", "docker.io", "gcr.example"});
  const auto none = AuthFile::parse({}, AuthFile::Style::docker);
  REQUIRE(none);
  CHECK(none->registries().empty());
}

TEST_CASE("Docker Hub is written as each kind of file calls it", "[oci][logins]") {
  const Credential token{Credential::Kind::identity_token, "", Secret("t"), ""};
  AuthFile docker = parsed("", AuthFile::Style::docker);
  docker.put("docker.io", &token);
  CHECK(docker.text() ==
        "{\n\t\"auths\": {\n\t\t\"https://index.docker.io/v1/\": {\n\t\t\t\"identitytoken\": "
        "\"t\"\n\t\t}\n\t}\n}\n");
  AuthFile podman = parsed("", AuthFile::Style::containers);
  podman.put("registry-1.docker.io", nullptr);
  CHECK(podman.text() == "{\n\t\"auths\": {\n\t\t\"docker.io\": {}\n\t}\n}\n");
}
