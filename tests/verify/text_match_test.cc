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
