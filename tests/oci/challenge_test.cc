#include "oci/challenge.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

using namespace touchstone;
using namespace touchstone::oci;

TEST_CASE("Bearer challenges are read", "[oci]") {
  struct Row {
    const char* why;
    const char* header;
    const char* realm;
    const char* service;
    const char* scope;
  };
  const auto row = GENERATE(values<Row>({
      {"all three", R"(Bearer realm="https://a/t",service="s",scope="repository:x:pull")",
       "https://a/t", "s", "repository:x:pull"},
      {"realm alone", R"(Bearer realm="https://a/t")", "https://a/t", "", ""},
      {"case and blanks", R"(bEaReR  REALM="https://a/t" , Service=s)", "https://a/t", "s", ""},
      {"escapes", R"(Bearer realm="https://a/\"t")", "https://a/\"t", "", ""},
      {"unknown parameters", R"(Bearer realm="https://a/t",error="x")", "https://a/t", "", ""},
      {"another challenge after it", R"(Bearer realm="https://a/t", Basic realm="b")",
       "https://a/t", "", ""},
  }));
  CAPTURE(row.why);
  const auto challenge = parse_challenge(row.header);
  REQUIRE(challenge);
  REQUIRE(*challenge);
  CHECK((*challenge)->realm == row.realm);
  CHECK((*challenge)->service == row.service);
  CHECK((*challenge)->scope == row.scope);
}

TEST_CASE("malformed challenges are refused", "[oci][REG-27]") {
  struct Row {
    const char* why;
    std::string header;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"no realm", R"(Bearer service="s")"},
      {"empty realm", R"(Bearer realm="")"},
      {"no parameters", "Bearer"},
      {"two realms", R"(Bearer realm="https://a/",realm="https://b/")"},
      {"two realms in different case", R"(Bearer realm="https://a/",REALM="https://b/")"},
      {"quote without end", R"(Bearer realm="https://a/)"},
      {"escape at the end", R"(Bearer realm="https://a/\)"},
      {"no comma", R"(Bearer realm="https://a/" service="s")"},
      {"text after the quote", R"(Bearer realm="https://a/"x)"},
      {"no name", R"(Bearer ="https://a/")"},
      {"realm without quotes", "Bearer realm=https://a/"},
      {"CR LF", "Bearer realm=\"https://a/\r\nx\""},
      {"NUL", std::string("Bearer realm=\"https://a/\0\"", 25)},
      {"too long", "Bearer realm=\"" + std::string(limits::max_challenge_bytes, 'a') + "\""},
  }));
  CAPTURE(row.why);
  const auto challenge = parse_challenge(row.header);
  REQUIRE_FALSE(challenge);
  CHECK(challenge.error().code == Code::auth_challenge);
  CHECK(challenge.error().message.find("https://") == std::string::npos);  // nothing is echoed
}

TEST_CASE("other schemes are passed over", "[oci]") {
  HttpResponse response;
  response.headers = {{"www-authenticate", "Basic realm=\"x\""}};
  auto challenge = bearer_challenge(response);
  REQUIRE(challenge);
  CHECK_FALSE(*challenge);

  response.headers.push_back({"www-authenticate", "Bearer realm=\"https://a/\""});
  challenge = bearer_challenge(response);
  REQUIRE(challenge);
  REQUIRE(*challenge);

  response.headers.push_back({"www-authenticate", "Bearer realm=\"https://b/\""});
  challenge = bearer_challenge(response);
  REQUIRE_FALSE(challenge);
  CHECK(challenge.error().code == Code::auth_challenge);
}

TEST_CASE("the link to the next page is found", "[oci]") {
  struct Row {
    const char* why;
    const char* header;
    const char* target;
  };
  const auto row = GENERATE(values<Row>({
      {"quoted", R"(</v2/x?n=1>; rel="next")", "/v2/x?n=1"},
      {"token", "</v2/x?n=1>;rel=next", "/v2/x?n=1"},
      {"other parameters", R"(</a>; title="x, y"; rel="next")", "/a"},
      {"after another link", R"(</a>; rel="prev", </b>; rel="next")", "/b"},
      {"comma in the target", R"(</a,b>; rel="next")", "/a,b"},
      {"no next", R"(</a>; rel="prev")", ""},
      {"no rel", "</a>", ""},
  }));
  CAPTURE(row.why);
  const auto link = parse_next_link(row.header);
  REQUIRE(link);
  CHECK(link->value_or("") == row.target);
}

TEST_CASE("malformed links are refused", "[oci]") {
  const std::string header =
      GENERATE("/a; rel=next", "<>; rel=next", "</a; rel=next", "</a> rel=next", "</a>; =next",
               "</a>; rel=\"next", "</a>\t;rel=next");
  CAPTURE(header);
  const auto link = parse_next_link(header);
  REQUIRE_FALSE(link);
  CHECK(link.error().code == Code::network_protocol);
}
