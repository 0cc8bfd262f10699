#include "net/redirect.h"

#include <catch2/catch.hpp>
#include <string>

using namespace touchstone;
using namespace touchstone::net;

namespace {

Url url(const char* text) { return *Url::parse(text); }

}  // namespace

TEST_CASE("redirects to these addresses are followed", "[net]") {
  struct Row {
    const char* why;
    const char* original;
    const char* current;
    const char* location;
    const char* target;
  };
  const auto row = GENERATE(values<Row>({
      {"path", "https://r.example/v2/a", "https://r.example/v2/a", "/b", "https://r.example/b"},
      {"query", "https://r.example/v2/a", "https://r.example/v2/a", "?x=1",
       "https://r.example/v2/a?x=1"},
      {"other host over TLS", "https://r.example/", "https://r.example/", "https://cdn.example/b",
       "https://cdn.example/b"},
      {"from http to https", "http://127.0.0.1:5000/", "http://127.0.0.1:5000/",
       "https://cdn.example/b", "https://cdn.example/b"},
      {"plain http within the origin", "http://named.example/", "http://named.example/", "/b",
       "http://named.example/b"},
      {"plain http among loopback hosts", "http://127.0.0.1:5000/", "http://127.0.0.1:5000/",
       "http://localhost:5001/b", "http://localhost:5001/b"},
  }));
  CAPTURE(row.why);
  const auto target = redirect_target(url(row.original), url(row.current), row.location);
  REQUIRE(target);
  CHECK(target->to_string() == row.target);
}

TEST_CASE("redirects to these addresses are refused", "[net][REG-21]") {
  struct Row {
    const char* why;
    const char* original;
    const char* current;
    std::string location;
  };
  const auto row = GENERATE(values<Row>({
      {"from TLS to http", "https://r.example/", "https://r.example/", "http://r.example/b"},
      {"from TLS to http on loopback", "https://127.0.0.1:1/", "https://127.0.0.1:1/",
       "http://127.0.0.1:2/"},
      {"back to http after TLS", "http://127.0.0.1:5000/", "https://cdn.example/",
       "http://127.0.0.1:5000/"},
      {"plain http at another host", "http://named.example/", "http://named.example/",
       "http://other.example/"},
      {"plain http at another port", "http://named.example/", "http://named.example/",
       "http://named.example:81/"},
      {"plain http from loopback outwards", "http://127.0.0.1/", "http://127.0.0.1/",
       "http://other.example/"},
      {"plain http into loopback", "http://named.example/", "http://named.example/",
       "http://127.0.0.1/"},
      {"file", "https://r.example/", "https://r.example/", "file:///etc/passwd"},
      {"ftp", "https://r.example/", "https://r.example/", "ftp://r.example/"},
      {"gopher", "https://r.example/", "https://r.example/", "gopher://r.example/"},
      {"dict", "https://r.example/", "https://r.example/", "dict://r.example/"},
      {"smb", "https://r.example/", "https://r.example/", "smb://r.example/"},
      {"user information", "https://r.example/", "https://r.example/", "https://u:p@r.example/"},
      {"backslash in the host", "https://r.example/", "https://r.example/", "https://a\\@b/"},
      {"no host", "https://r.example/", "https://r.example/", "https:///b"},
      {"port 0", "https://r.example/", "https://r.example/", "https://r.example:0/"},
      {"blank", "https://r.example/", "https://r.example/", "/a b"},
      {"NUL", "https://r.example/", "https://r.example/", std::string("/a\0b", 4)},
  }));
  CAPTURE(row.why);
  const auto target = redirect_target(url(row.original), url(row.current), row.location);
  REQUIRE_FALSE(target);
  CHECK(target.error().code == Code::network_redirect);
}

TEST_CASE("five statuses are redirects", "[net]") {
  for (const int status : {301, 302, 303, 307, 308}) CHECK(is_redirect(status));
  for (const int status : {200, 300, 304, 305, 306, 309, 404}) CHECK_FALSE(is_redirect(status));
}
