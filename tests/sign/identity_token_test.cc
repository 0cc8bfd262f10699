#include "sign/identity_token.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/pretend_services.h"

namespace touchstone::sign {
namespace {

constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

Result<IdentityToken> parse(const std::string& text) {
  return IdentityToken::parse(Secret::holding(text), now);
}

TEST_CASE("an identity token names its holder", "[identity-token]") {
  struct Row {
    const char* claims;
    const char* subject;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"iss":"https://i","sub":"1","exp":1800000001})", "1"},
      {R"({"iss":"https://i","sub":"1","email":"a@b","email_verified":true,"exp":1800000001})",
       "a@b"},
      {R"({"iss":"https://i","sub":"1","email":"a@b","email_verified":"true","exp":1800000001})",
       "a@b"},
      {R"({"iss":"https://i","sub":"repo:o/r:ref:refs/heads/m","email":"","exp":1800000001})",
       "repo:o/r:ref:refs/heads/m"},
  }));
  CAPTURE(row.claims);
  const auto token = parse(test::identity_token(row.claims) + "\n");
  if (!token) FAIL(token.error().message);
  CHECK(token->subject() == row.subject);
  CHECK(token->issuer() == "https://i");
  CHECK(token->ends() == now + std::chrono::seconds(1));
  CHECK(token->text().reveal() == test::identity_token(row.claims));
}

TEST_CASE("IdentityToken::parse refuses everything else", "[identity-token]") {
  const auto claims = [](const std::string& text) { return test::identity_token(text); };
  const std::string good = claims(R"({"iss":"i","sub":"s","exp":1800000001})");
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", ""},
      {"blank", "\n"},
      {"no parts", "token"},
      {"two parts", good.substr(0, good.rfind('.'))},
      {"four parts", good + ".x"},
      {"no signature", good.substr(0, good.rfind('.') + 1)},
      {"padding", good + "="},
      {"a blank within", "x " + good},
      {"the other alphabet", good + "+"},
      {"malformed base64url", "eyJ.x.y"},
      {"claims that are no JSON", claims("claims")},
      {"claims that are no object", claims("[]")},
      {"a claim twice", claims(R"({"iss":"i","sub":"s","sub":"t","exp":1800000001})")},
      {"no issuer", claims(R"({"sub":"s","exp":1800000001})")},
      {"an empty issuer", claims(R"({"iss":"","sub":"s","exp":1800000001})")},
      {"no subject", claims(R"({"iss":"i","exp":1800000001})")},
      {"an empty subject", claims(R"({"iss":"i","sub":"","exp":1800000001})")},
      {"a subject that is a number", claims(R"({"iss":"i","sub":1,"exp":1800000001})")},
      {"an address that nobody verified",
       claims(R"({"iss":"i","sub":"s","email":"a@b","exp":1800000001})")},
      {"an address that is not verified",
       claims(R"({"iss":"i","sub":"s","email":"a@b","email_verified":false,"exp":1800000001})")},
      {"an address that is verified in a number",
       claims(R"({"iss":"i","sub":"s","email":"a@b","email_verified":1,"exp":1800000001})")},
      {"an address that is verified in another word",
       claims(R"({"iss":"i","sub":"s","email":"a@b","email_verified":"no","exp":1800000001})")},
      {"no end", claims(R"({"iss":"i","sub":"s"})")},
      {"an end in words", claims(R"({"iss":"i","sub":"s","exp":"1800000001"})")},
      {"over just now", claims(R"({"iss":"i","sub":"s","exp":1800000000})")},
      {"a negative end", claims(R"({"iss":"i","sub":"s","exp":-1})")},
      {"too long", good + std::string(limits::max_identity_token_bytes, 'x')},
  }));
  CAPTURE(row.why);
  const auto token = parse(row.text);
  REQUIRE_FALSE(token);
  CHECK(token.error().code == Code::auth_identity_token);
  if (row.text.size() > 8) CHECK_FALSE(token.error().message.contains(row.text.substr(0, 8)));
}

TEST_CASE("an empty token is told as such", "[identity-token]") {
  CHECK(parse("\n").error().message.contains("is empty"));
}

TEST_CASE("a token that is far from its end is good", "[identity-token]") {
  CHECK(parse(test::identity_token(R"({"iss":"i","sub":"s","exp":18446744073709551615})")));
}

TEST_CASE("a token is told from a name", "[identity-token]") {
  CHECK(looks_like_token(test::identity_token()));
  CHECK_FALSE(looks_like_token("token.jwt"));
  CHECK_FALSE(looks_like_token("eyJ.jwt"));
  CHECK_FALSE(looks_like_token("env:TOKEN"));
}

}  // namespace
}  // namespace touchstone::sign
