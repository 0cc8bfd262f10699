// Source code has one name for each place, and no name leads to two.
#include "formats/source_uri.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {

TEST_CASE("names of one place become one", "[source-uri]") {
  struct Row {
    std::string text;
    SourceUri uri;
  };
  const auto row = GENERATE(values<Row>({
      {"github.com/acme/app", {"github.com/acme/app", ""}},
      {"https://github.com/acme/app", {"github.com/acme/app", ""}},
      {"git+https://github.com/acme/app.git@refs/tags/v1", {"github.com/acme/app", "refs/tags/v1"}},
      {"https://GitHub.COM/Acme/App/", {"github.com/Acme/App", ""}},
      {"https://github.com/acme/app.git#refs/heads/main",
       {"github.com/acme/app", "refs/heads/main"}},
      {"git@github.com:acme/app.git", {"github.com/acme/app", ""}},
      {"git+ssh://git@github.com/acme/app.git", {"github.com/acme/app", ""}},
      {"git://git.example:9418/a", {"git.example:9418/a", ""}},
      {"http://git.example/a/b/c@v1@v2#v3", {"git.example/a/b/c", "v1@v2#v3"}},
      {"https://dev.azure.com/o/My%20Project/_git/x", {"dev.azure.com/o/My%20Project/_git/x", ""}},
  }));
  CAPTURE(row.text);
  const auto uri = SourceUri::parse(row.text);
  REQUIRE(uri);
  CHECK(uri->place == row.uri.place);
  CHECK(uri->ref == row.uri.ref);
}

TEST_CASE("what could be read as another place is refused", "[source-uri]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"no path", "https://github.com"},
      {"an empty path", "https://github.com/"},
      {"nothing but a suffix", "https://github.com/.git"},
      {"no host", "https:///acme/app"},
      {"two schemes", "https://http://github.com/acme/app"},
      {"a user that looks like a host", "https://github.com@evil.example/acme/app"},
      {"a user with a password", "https://u:p@evil.example/acme/app"},
      {"a bucket", "gs://bucket/x"},
      {"the folder above", "https://github.com/acme/../evil/app"},
      {"the folder itself", "https://github.com/acme/./app"},
      {"the folder above, encoded", "https://github.com/acme/%2E%2e/evil/app"},
      {"a slash, encoded", "https://github.com/acme%2Fapp"},
      {"a backslash, encoded", "https://github.com/acme%5capp"},
      {"an empty part", "https://github.com//acme/app"},
      {"two slashes at the end", "https://github.com/acme/app//"},
      {"a query", "https://github.com/acme/app?x"},
      {"a backslash", "https://github.com\\@evil.example/a"},
      {"a backslash in the path", "https://github.com/a\\b"},
      {"a blank", "https://github.com/acme/a b"},
      {"a line break", "https://github.com/acme/app\n"},
      {"a host with other letters", "https://github.c\u043Em/acme/app"},
  }));
  CAPTURE(row.why);
  const auto uri = SourceUri::parse(row.text);
  REQUIRE_FALSE(uri);
  CHECK(uri.error().code == Code::format_json);
}

}  // namespace touchstone::formats
