#include "base/url.h"

#include <catch2/catch.hpp>
#include <string>

namespace touchstone {
namespace {

using namespace std::string_literals;

TEST_CASE("Url::parse takes http and https apart", "[url]") {
  struct Row {
    std::string text;
    std::string scheme;
    std::string host;
    int port;
    std::string target;
  };
  const auto row = GENERATE(values<Row>({
      {"https://foo.bar/v2/", "https", "foo.bar", 443, "/v2/"},
      {"http://foo.bar", "http", "foo.bar", 80, "/"},
      {"HTTPS://Foo.BAR:5000/A?b=C", "https", "foo.bar", 5000, "/A?b=C"},
      {"http://[::1]:5000/x", "http", "[::1]", 5000, "/x"},
      {"https://[::1]", "https", "[::1]", 443, "/"},
      {"https://foo.bar?q=1", "https", "foo.bar", 443, "/?q=1"},
      {"https://foo.bar/a@b:c", "https", "foo.bar", 443, "/a@b:c"},
      {"https://foo.bar:65535/", "https", "foo.bar", 65535, "/"},
  }));
  CAPTURE(row.text);

  const auto url = Url::parse(row.text);

  REQUIRE(url);
  CHECK(url->scheme == row.scheme);
  CHECK(url->host == row.host);
  CHECK(url->port == row.port);
  CHECK(url->target == row.target);
  const auto again = Url::parse(url->to_string());
  REQUIRE(again);
  CHECK(again->to_string() == url->to_string());
}

TEST_CASE("Url::parse refuses what registries have no use for", "[url]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"no scheme", "foo.bar/x"},
      {"no host", "https:///x"},
      {"no host before a port", "https://:443/x"},
      {"file", "file:///etc/passwd"},
      {"ftp", "ftp://foo.bar/"},
      {"scheme with a blank", " https://foo.bar/"},
      {"user", "https://user@foo.bar/"},
      {"user and password", "https://user:secret@foo.bar/"},
      {"host hidden behind a user", "https://foo.bar:80@evil.com/"},
      {"fragment", "https://foo.bar/#x"},
      {"blank", "https://foo.bar/a b"},
      {"line break", "https://foo.bar/\r\nX: y"},
      {"NUL", "https://foo.bar/\0"s},
      {"other alphabets", "https://f\xc3\xbc.bar/"},
      {"backslash in the host", "https://foo.bar\\evil.com/"},
      {"percent in the host", "https://foo%2ebar/"},
      {"empty port", "https://foo.bar:/"},
      {"port 0", "https://foo.bar:0/"},
      {"port 65536", "https://foo.bar:65536/"},
      {"port with a sign", "https://foo.bar:+1/"},
      {"port with letters", "https://foo.bar:80a/"},
      {"long port", "https://foo.bar:000443/"},
      {"IPv6 literal without end", "https://[::1/"},
      {"empty IPv6 literal", "https://[]/"},
      {"rubbish after an IPv6 literal", "https://[::1]x/"},
      {"zone in an IPv6 literal", "https://[fe80::1%25eth0]/"},
  }));
  CAPTURE(row.why, row.text);

  const auto url = Url::parse(row.text);

  REQUIRE_FALSE(url);
  CHECK(url.error().code == Code::network_protocol);
}

TEST_CASE("Url::resolve follows RFC 3986 section 5", "[url]") {
  struct Row {
    std::string reference;
    std::string result;
  };
  const auto row = GENERATE(values<Row>({
      {"", "https://foo.bar/a/b?c"},
      {"https://other.example/x", "https://other.example/x"},
      {"http://foo.bar/x", "http://foo.bar/x"},
      {"//other.example:444/x", "https://other.example:444/x"},
      {"/x/y?z", "https://foo.bar/x/y?z"},
      {"x", "https://foo.bar/a/x"},
      {"?n=1", "https://foo.bar/a/b?n=1"},
      {"./x", "https://foo.bar/a/x"},
      {"../x", "https://foo.bar/x"},
      {"../../../x", "https://foo.bar/x"},
      {"/a/./b/../c/", "https://foo.bar/a/c/"},
      {"/a/b/..", "https://foo.bar/a/"},
      {"/a/b/.", "https://foo.bar/a/b/"},
      {"/..", "https://foo.bar/"},
      {"x?next=https://other.example/..", "https://foo.bar/a/x?next=https://other.example/.."},
      {"/v2/_catalog?last=a/../b", "https://foo.bar/v2/_catalog?last=a/../b"},
  }));
  const auto base = Url::parse("https://foo.bar/a/b?c");
  CAPTURE(row.reference);

  const auto url = base->resolve(row.reference);

  REQUIRE(url);
  CHECK(url->to_string() == row.result);
}

TEST_CASE("Url::resolve refuses what Url::parse refuses", "[url]") {
  const auto base = Url::parse("https://foo.bar/a/b");
  const auto reference = GENERATE("file:///etc/passwd"s, "//user@evil.com/"s, "https://"s, "//"s,
                                  "/x#y"s, "/x\ny"s, "gopher://foo.bar/"s);
  CAPTURE(reference);
  const auto url = base->resolve(reference);
  REQUIRE_FALSE(url);
  CHECK(url.error().code == Code::network_protocol);
}

TEST_CASE("Url::same_origin compares scheme, host and port", "[url]") {
  const auto same = [](const char* a, const char* b) {
    return Url::parse(a)->same_origin(*Url::parse(b));
  };
  CHECK(same("https://foo.bar/x", "https://FOO.bar:443/y"));
  CHECK_FALSE(same("https://foo.bar/", "http://foo.bar:443/"));
  CHECK_FALSE(same("https://foo.bar/", "https://foo.bar:444/"));
  CHECK_FALSE(same("https://foo.bar/", "https://sub.foo.bar/"));
  CHECK(Url::parse("https://foo.bar:443/")->authority() == "foo.bar");
  CHECK(Url::parse("http://foo.bar:443/")->authority() == "foo.bar:443");
  CHECK(Url::parse("http://foo.bar/a?b?c")->path() == "/a");
}

TEST_CASE("is_loopback_host goes by the text alone", "[url]") {
  for (const auto* host : {"localhost", "127.0.0.1", "127.255.0.9", "[::1]"}) {
    CAPTURE(host);
    CHECK(is_loopback_host(host));
  }
  for (const auto* host :
       {"", "localhost.evil.com", "127.0.0.1.evil.com", "128.0.0.1", "127.0.0.256", "127.1",
        "127.0.0.", "127.0.0.x", "[::2]", "::1", "notlocalhost"}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("percent_encode leaves only unreserved characters", "[url]") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a b/c:d?e&f=g+h%") == "a%20b%2Fc%3Ad%3Fe%26f%3Dg%2Bh%25");
  CHECK(percent_encode("\xc3\xbc\0"s) == "%C3%BC%00");
}

TEST_CASE("host_of_authority cuts the port off", "[url]") {
  CHECK(host_of_authority("[::1]:5000") == "[::1]");
  CHECK(host_of_authority("host:80") == "host");
  CHECK(host_of_authority("host") == "host");
  CHECK(host_of_authority("[::1").empty());
}

}  // namespace
}  // namespace touchstone
