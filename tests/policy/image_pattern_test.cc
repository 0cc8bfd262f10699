#include "policy/image_pattern.h"

#include <catch2/catch.hpp>

namespace touchstone::policy {
namespace {

const std::string hex_a(64, 'a');
const Digest digest_a = *Digest::parse("sha256:" + hex_a);

ImagePattern pattern(std::string_view text) {
  const auto parsed = ImagePattern::parse(text);
  if (!parsed) FAIL(parsed.error().message);
  return *parsed;
}

bool matches(std::string_view text, std::string_view image) {
  return pattern(text).matches(*Reference::parse(image), digest_a);
}

}  // namespace

TEST_CASE("a pattern is normalised as references are", "[image-pattern]") {
  struct Row {
    const char* text;
    const char* normal;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"debian", "docker.io/library/debian"},
      {"debian:12*", "docker.io/library/debian:12*"},
      {"localhost", "docker.io/library/localhost"},
      {"localhost/app", "localhost/app"},
      {"acme/app", "docker.io/acme/app"},
      {"index.docker.io/library/debian", "docker.io/library/debian"},
      {"registry.example.com:5000/a/**", "registry.example.com:5000/a/**"},
      {"localhost/a", "localhost/a"},
      {"*.example.com/a", "*.example.com/a"},
      {"registry.example.com/**", "registry.example.com/**"},
      {"**", "**"},
      {"oci-layout:**", "oci-layout:**"},
      {"r.example.com/**/*", "r.example.com/*/**"},
      {"r.example.com/**/*/**/*/a", "r.example.com/*/*/**/a"},
      {"debian@sha256:*", "docker.io/library/debian@sha256:*"},
  }));
  CHECK(pattern(row.text).text() == row.normal);
}

TEST_CASE("what is no pattern is refused", "[image-pattern]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"nothing", ""},
      {"a star in a host", "registry.example.com*/a"},
      {"a star within a host", "registry.*.com/a"},
      {"a star as a part of a label", "*registry.example.com/a"},
      {"a host of anybody", "*.com/a"},
      {"a port of stars", "registry.example.com:*/a"},
      {"a port that is none", "registry.example.com:99999/a"},
      {"no registry", "*"},
      {"no registry, deeper", "**/app"},
      {"a tag for all", "**:latest"},
      {"** in a component", "registry.example.com/a**"},
      {"** twice", "registry.example.com/**/**"},
      {"*** ", "registry.example.com/***"},
      {"upper case in the host", "Registry.example.com/a"},
      {"upper case in the path", "registry.example.com/A"},
      {"another script", "registry.ex\u00e4mple.com/a"},
      {"a letter that looks like one", "registry.example.c\u043em/a"},
      {"a blank", "registry.example.com/a b"},
      {"a question mark", "registry.example.com/a?"},
      {"a bracket", "registry.example.com/[ab]"},
      {"an empty component", "registry.example.com//a"},
      {"a slash at the end", "registry.example.com/a/"},
      {"a parent folder", "registry.example.com/../a"},
      {"a scheme", "https://registry.example.com/a"},
      {"an empty tag", "registry.example.com/a:"},
      {"a tag beside a digest", "registry.example.com/a:1@sha256:*"},
      {"a part of a digest", "registry.example.com/a@sha256:12*"},
      {"another algorithm", "registry.example.com/a@md5:*"},
      {"a digest in upper case", "registry.example.com/a@sha256:" + std::string(64, 'A')},
      {"one layout", "oci-layout:/tmp/x"},
  }));
  CAPTURE(row.why, row.text);
  const auto parsed = ImagePattern::parse(row.text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Code::policy_value);
}

TEST_CASE("a pattern matches whole components of an image's name", "[image-pattern]") {
  struct Row {
    std::string text;
    std::string image;
    bool matches;
  };
  const std::string at_a = "@sha256:" + hex_a;
  const auto row = GENERATE_COPY(Catch::Generators::values<Row>({
      {"**", "debian", true},
      {"**", "oci-layout:/tmp/x", true},
      {"oci-layout:**", "oci-layout:/tmp/x", true},
      {"oci-layout:**", "debian", false},
      {"registry.example.com/**", "oci-layout:/tmp/x", false},
      {"r.example.com/prod/**", "r.example.com/prod/a", true},
      {"r.example.com/prod/**", "r.example.com/prod/a/b/c", true},
      {"r.example.com/prod/**", "r.example.com/prod", true},
      {"r.example.com/prod/**", "r.example.com/production/a", false},
      {"r.example.com/prod/**", "r.example.com/x/prod/a", false},
      {"r.example.com/prod/*", "r.example.com/prod/a", true},
      {"r.example.com/prod/*", "r.example.com/prod/a/b", false},
      {"r.example.com/prod/*", "r.example.com/prod", false},
      {"r.example.com/**/app", "r.example.com/a/b/app", true},
      {"r.example.com/**/app", "r.example.com/app", true},
      {"r.example.com/**/app", "r.example.com/a/b/apps", false},
      {"r.example.com/a/**/b/**/c", "r.example.com/a/x/b/b/y/c", true},
      {"r.example.com/app-*", "r.example.com/app-x", true},
      {"r.example.com/app-*", "r.example.com/app", false},
      {"r.example.com/*-*-x", "r.example.com/a-b-x-x", true},
      {"r.example.com/a", "r.example.com.evil.test/a", false},
      {"r.example.com/a", "r.example.com:5000/a", false},
      {"r.example.com/a", "R.example.com/a", true},
      {"*.example.com/a", "r.example.com/a", true},
      {"*.example.com/a", "example.com/a", false},
      {"*.example.com/a", "x.r.example.com/a", false},
      {"*.example.com/a", "evil-example.com/a", false},
      {"*.example.com/a", "r.example.com.evil.test/a", false},
      {"debian", "docker.io/library/debian:12", true},
      {"debian", "registry-1.docker.io/library/debian", true},
      {"debian", "docker.io/debian/debian", false},
      {"debian:12*", "debian:12.1", true},
      {"debian:12*", "debian:11", false},
      {"debian:latest", "debian", true},
      {"debian:12*", "debian" + at_a, false},
      {"debian:12*", "debian:12.1" + at_a, false},
      {"debian@sha256:*", "debian" + at_a, true},
      {"debian@sha256:*", "debian:12", false},
      {"debian@sha512:*", "debian" + at_a, false},
      {"debian" + at_a, "debian:12", true},
      {"debian" + at_a, "debian" + at_a, true},
      {"debian@sha256:" + std::string(64, 'b'), "debian" + at_a, false},
  }));
  CAPTURE(row.text, row.image);
  CHECK(matches(row.text, row.image) == row.matches);
}

TEST_CASE("specificity is a total order", "[image-pattern]") {
  const std::vector<std::string> ascending = {
      "**",
      "*.example.com/a",
      "r.example.com/**",
      "r.example.com/**/app",
      "r.example.com/*/**",
      "r.example.com/*",
      "r.example.com/app-*",
      "r.example.com/prod/**",
      "r.example.com/prod",
      "r.example.com/prod:*",
      "r.example.com/prod:1*",
      "r.example.com/prod:1",
      "r.example.com/prod@sha256:*",
      "r.example.com/prod@sha256:" + hex_a,
      "r.example.com/prod/*",
      "r.example.com/prod/app",
  };
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      CAPTURE(ascending[i], ascending[j]);
      const auto order = pattern(ascending[i]).compare_specificity(pattern(ascending[j]));
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
    }
  }
}

TEST_CASE("patterns tie when an image could match both and neither is more specific",
          "[image-pattern]") {
  struct Row {
    const char* a;
    const char* b;
    bool tie;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"**", "**", true},
      {"r.example.com/a", "r.example.com/a", true},
      {"r.example.com/a", "r.example.com/b", false},
      {"r.example.com/a-*", "r.example.com/*-b", true},
      {"r.example.com/a-*", "r.example.com/b-*", false},
      {"r.example.com/*/x", "r.example.com/*/x", true},
      {"r.example.com/*/x", "r.example.com/*/y", false},
      {"r.example.com/**/x", "r.example.com/**/y", false},
      {"r.example.com/**/x/*", "r.example.com/**/x/*", true},
      {"r.example.com/a", "s.example.com/a", false},
      {"*.example.com/a", "*.example.com/a", true},
      {"*.example.com/a", "*.example.org/a", false},
      {"debian:1*", "debian:*1", true},
      {"debian:1*", "debian:2*", false},
      {"debian:1", "debian:2", false},
      {"debian@sha256:*", "debian@sha512:*", false},
      {"debian@sha256:*", "debian:1*", false},
      {"r.example.com/a/**", "r.example.com/**", false},
      {"oci-layout:**", "oci-layout:**", true},
  }));
  CAPTURE(row.a, row.b);
  CHECK(pattern(row.a).ties_with(pattern(row.b)) == row.tie);
  CHECK(pattern(row.b).ties_with(pattern(row.a)) == row.tie);
}

TEST_CASE("patterns overlap when one image could match both", "[image-pattern]") {
  struct Row {
    const char* a;
    const char* b;
    bool overlap;
  };
  const auto row = GENERATE(values<Row>({
      {"**", "r.example.com/app", true},
      {"**", "oci-layout:**", true},
      {"oci-layout:**", "r.example.com/**", false},
      {"r.example.com/app", "r.example.com/app:1", true},
      {"r.example.com/app:1", "r.example.com/app:2", false},
      {"r.example.com/app:1*", "r.example.com/app:*2", true},
      {"r.example.com/app:1", "r.example.com/app@sha256:*", true},
      {"r.example.com/**", "r.example.com/prod/**", true},
      {"r.example.com/*/app", "r.example.com/prod/*", true},
      {"r.example.com/*/app", "r.example.com/prod/api", false},
      {"*.example.com/app", "r.example.com/app", true},
      {"*.example.com/app", "r.example.org/app", false},
      {"debian", "docker.io/library/*", true},
  }));
  CAPTURE(row.a, row.b);
  CHECK(pattern(row.a).overlaps(pattern(row.b)) == row.overlap);
  CHECK(pattern(row.b).overlaps(pattern(row.a)) == row.overlap);
}

TEST_CASE("a pattern covers another when it matches all that the other does", "[image-pattern]") {
  struct Row {
    std::string a;
    std::string b;
    bool covers;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"**", "oci-layout:**", true},
      {"r.example.com/**", "**", false},
      {"r.example.com/**", "r.example.com/a/*", true},
      {"r.example.com/*", "r.example.com/**", false},
      {"r.example.com/*", "r.example.com/a-*", true},
      {"r.example.com/a-*", "r.example.com/*", false},
      {"r.example.com/a-*", "r.example.com/a-b-*", true},
      {"*.example.com/a", "r.example.com/a", true},
      {"r.example.com/a", "*.example.com/a", false},
      {"debian", "debian:12", true},
      {"debian:12", "debian", false},
      {"debian:1*", "debian:12", true},
      {"debian@sha256:*", "debian@sha256:" + hex_a, false},
      {"debian", "debian@sha256:" + hex_a, true},
      {"r.example.com/**/x", "r.example.com/a/x", true},
  }));
  CAPTURE(row.a, row.b);
  CHECK(pattern(row.a).covers(pattern(row.b)) == row.covers);
}

TEST_CASE("patterns with many stars are matched in time", "[image-pattern]") {
  std::string stars;
  std::string name = "r.example.com/";
  for (int i = 0; i < 60; ++i) stars += "a*";
  name += std::string(200, 'a') + "b";
  CHECK_FALSE(matches("r.example.com/" + stars + "c", name));
  std::string deep = "r.example.com";
  for (int i = 0; i < 30; ++i) deep += "/**/a";
  std::string path = "r.example.com";
  for (int i = 0; i < 100; ++i) path += "/a";
  CHECK_FALSE(matches(deep + "/b", path));
}

}  // namespace touchstone::policy
