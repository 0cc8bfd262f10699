// Names letter for letter, and patterns that match all of a name.
#include "verify/text_match.h"

#include <catch2/catch.hpp>

namespace touchstone::verify {

TEST_CASE("a text is matched letter for letter", "[text_match][X509-26]") {
  const TextMatch match = TextMatch::exact("https://github.com/shop/api@refs/heads/main");
  CHECK(match.matches("https://github.com/shop/api@refs/heads/main"));
  for (const char* other : {"https://GITHUB.com/shop/api@refs/heads/main",
                            "https://github.com/shop%2Fapi@refs/heads/main",
                            "https://github.com/x/../shop/api@refs/heads/main",
                            "https://github.com/shop/api@refs/heads/main ", ""}) {
    CHECK_FALSE(match.matches(other));
  }
  CHECK_FALSE(TextMatch::exact(".*").matches("x"));
}

TEST_CASE("a pattern matches all of a name or nothing", "[text_match][SIG-35]") {
  const auto match = TextMatch::pattern("https://github\\.com/shop/[^/]+");
  REQUIRE(match);
  CHECK(match->matches("https://github.com/shop/api"));
  CHECK_FALSE(match->matches("https://github.com/shop/api/evil"));
  CHECK_FALSE(match->matches("https://evil.example/https://github.com/shop/api"));
  CHECK_FALSE(TextMatch::pattern("https://github.com/org")->matches("https://github.com/org-evil"));
  CHECK_FALSE(TextMatch::pattern("a|b")->matches("ax"));
}

TEST_CASE("a name without case is matched in any, and else as it stands", "[text_match]") {
  const TextMatch exact = TextMatch::exact("GPL-3.0-only");
  CHECK_FALSE(exact.matches("gpl-3.0-ONLY"));
  CHECK(exact.without_case().matches("gpl-3.0-ONLY"));
  CHECK_FALSE(exact.without_case().matches("gpl-3x0-only"));
  const auto pattern = TextMatch::glob("GPL-*");
  REQUIRE(pattern);
  CHECK_FALSE(pattern->matches("gpl-2.0"));
  CHECK(pattern->without_case().matches("gpl-2.0"));
  CHECK_FALSE(pattern->without_case().matches("lgpl-2.0"));
  CHECK(exact == TextMatch::exact("GPL-3.0-only"));
  CHECK_FALSE(exact == exact.without_case());
  CHECK_FALSE(TextMatch::exact("a") == *TextMatch::pattern("a"));
}

TEST_CASE("a pattern that is none is refused", "[text_match]") {
  for (const char* text : {"", "(", "a**", "[z-a]", "(?<x>", "\\8"}) {
    CAPTURE(text);
    const auto match = TextMatch::pattern(text);
    REQUIRE_FALSE(match);
    CHECK(match.error().code == Code::policy_pattern);
  }
  CHECK_FALSE(TextMatch::pattern(std::string(5000, 'a')));
}

TEST_CASE("a glob's star stays within a name's part", "[text_match]") {
  const auto match = TextMatch::glob("https://github.com/shop/*@refs/**");
  REQUIRE(match);
  CHECK(match->matches("https://github.com/shop/api@refs/heads/main"));
  CHECK_FALSE(match->matches("https://github.com/shop/a/b@refs/heads/main"));
  CHECK_FALSE(match->matches("https://githubxcom/shop/api@refs/heads/main"));
  CHECK(TextMatch::glob("v?")->matches("v1"));
  CHECK_FALSE(TextMatch::glob("v?")->matches("v/"));
  CHECK_FALSE(TextMatch::glob("v?")->matches("v12"));
  CHECK(TextMatch::glob("v*")->matches("v12"));
  CHECK_FALSE(TextMatch::glob("v*")->matches("v12/3"));
}

TEST_CASE("a loose pattern is told of, and a tight one is not", "[text_match][SIG-35]") {
  for (const char* loose : {".*", ".+", ".*@shop.example|.*", "https://.*", "https://github.com.*",
                            "https://.*/shop/api", "https://github\\.com/.*", ".*@.*"}) {
    CAPTURE(loose);
    CHECK(TextMatch::pattern(loose)->looseness());
  }
  for (const char* tight :
       {"https://github\\.com/shop/.*", ".*@shop\\.example",
        "https://github\\.com/shop/api/\\.github/workflows/[^@]+@refs/tags/.*"}) {
    CAPTURE(tight);
    CHECK_FALSE(TextMatch::pattern(tight)->looseness());
  }
  CHECK_FALSE(TextMatch::pattern("https://issuer\\.example")->looseness());
  CHECK_FALSE(TextMatch::exact(".*").looseness());
  CHECK_FALSE(TextMatch::exact("https://github.com.*").looseness());
}

}  // namespace touchstone::verify
