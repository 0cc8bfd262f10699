#include "oci/helper_answer.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/oci_world.h"

using namespace touchstone;
using namespace touchstone::oci;
using touchstone::test::slug_of;

TEST_CASE("a helper's answer is read", "[oci][logins]") {
  struct Row {
    const char* why;
    const char* server;
    const char* answer;
    const char* username;
    const char* secret;
  };
  const auto row = GENERATE(values<Row>({
      {"all three", "r.example", R"({"ServerURL":"r.example","Username":"u","Secret":"s"})", "u",
       "s"},
      {"no server", "r.example", R"({"Username":"u","Secret":"s"})", "u", "s"},
      {"empty server", "r.example", R"({"ServerURL":"","Username":"u","Secret":"s"})", "u", "s"},
      {"with a scheme", "r.example:5000",
       R"({"ServerURL":"https://r.example:5000/","Username":"u","Secret":"s"})", "u", "s"},
      {"Docker Hub", "https://index.docker.io/v1/",
       R"({"ServerURL":"https://index.docker.io/v1/","Username":"u","Secret":"s"})", "u", "s"},
      {"an identity token", "r.example", R"({"Username":"<token>","Secret":"s"})", "", "s"},
      {"a line break after it", "r.example", "{\"Username\":\"u\",\"Secret\":\"s\"}\n", "u", "s"},
  }));
  CAPTURE(row.why);
  const auto answer = read_helper_answer(as_bytes(row.answer), row.server);
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->username == row.username);
  CHECK((*answer)->secret.reveal() == row.secret);
  CHECK(((*answer)->kind == Credential::Kind::identity_token) == (*row.username == '\0'));
}

TEST_CASE("a helper that answers with nothing knows nothing", "[oci][logins]") {
  const auto answer =
      read_helper_answer(as_bytes(R"({"ServerURL":"x","Username":"","Secret":""})"), "x");
  REQUIRE(answer);
  CHECK_FALSE(*answer);
  CHECK(helper_has_none(as_bytes("credentials not found in native keychain\n")));
  CHECK_FALSE(helper_has_none(as_bytes("credentials not found")));
  CHECK_FALSE(helper_has_none({}));
}

TEST_CASE("answers that cannot be used are refused", "[oci][logins][REG-50]") {
  struct Row {
    const char* why;
    std::string answer;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing", ""},
      {"no JSON", "marker-secret"},
      {"a list", R"(["marker-secret"])"},
      {"no secret", R"({"Username":"marker-user"})"},
      {"no user", R"({"Secret":"marker-secret"})"},
      {"an empty user", R"({"Username":"","Secret":"marker-secret"})"},
      {"an empty secret", R"({"Username":"u","Secret":""})"},
      {"a number", R"({"Username":"u","Secret":1})"},
      {"two answers", R"({"Username":"u","Secret":"s"}{"Username":"u","Secret":"s"})"},
      {"two secrets", R"({"Username":"u","Secret":"s","Secret":"marker-secret"})"},
      {"a colon in the user", R"({"Username":"u:marker","Secret":"s"})"},
      {"a line break in the user", R"({"Username":"u\r\nX: marker","Secret":"s"})"},
      {"too long",
       R"({"Username":"u","Secret":")" + std::string(limits::max_credential_bytes, 'a') + "\"}"},
      {"another host", R"({"ServerURL":"evil.example","Username":"u","Secret":"marker"})"},
      {"no port", R"({"ServerURL":"r.example","Username":"u","Secret":"marker"})"},
      {"another port", R"({"ServerURL":"r.example:5001","Username":"u","Secret":"marker"})"},
      {"a host that begins so", R"({"ServerURL":"r.example:50000","Username":"u","Secret":"m"})"},
  }));
  CAPTURE(row.why);
  const auto answer = read_helper_answer(as_bytes(row.answer), "r.example:5000");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::auth_helper);
  CHECK_FALSE(answer.error().message.contains("marker"));
}

TEST_CASE("what a helper is to save reads back", "[oci][logins]") {
  const Credential saved{Credential::Kind::password, "u", Secret("quote\" and \\"), ""};
  const auto again =
      read_helper_answer(as_bytes(helper_store_request("r.example", saved)), "r.example");
  REQUIRE(again);
  REQUIRE(*again);
  CHECK((*again)->username == "u");
  CHECK((*again)->secret.reveal() == saved.secret.reveal());
  const Credential token{Credential::Kind::identity_token, "", Secret("t"), ""};
  CHECK(helper_store_request("r.example", token) ==
        R"({"ServerURL":"r.example","Username":"<token>","Secret":"t"})");
}
