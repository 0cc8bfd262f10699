#include "net/proxy.h"

#include <catch2/catch.hpp>

#include "net/curl_client.h"
#include "tests/support/http_server.h"

using namespace touchstone;
using namespace touchstone::net;
using test::HttpServer;
using test::Reply;
using test::ServedRequest;

namespace {

Reply says(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = std::chrono::seconds(5);
  return request;
}

}  // namespace

TEST_CASE("a proxy is for its scheme and never for this machine", "[net]") {
  const Proxies proxies{"http://secure:1", "http://plain:2", ""};
  CHECK(proxy_for(*Url::parse("https://r.example/"), proxies) == "http://secure:1");
  CHECK(proxy_for(*Url::parse("http://r.example/"), proxies) == "http://plain:2");
  for (const char* own : {"http://localhost:5000/", "https://127.0.0.1/", "http://127.9.9.9/",
                          "https://[::1]:5000/"}) {
    CAPTURE(own);
    CHECK(proxy_for(*Url::parse(own), proxies).empty());
  }
  CHECK(proxy_for(*Url::parse("https://r.example/"), {}).empty());
}

TEST_CASE("exceptions from the proxy", "[net]") {
  struct Row {
    const char* exceptions;
    const char* url;
    bool excepted;
  };
  const auto row = GENERATE(values<Row>({
      {"r.example", "https://r.example/", true},
      {"r.example", "https://sub.r.example/", true},
      {".r.example", "https://sub.r.example/", true},
      {".r.example", "https://r.example/", true},
      {"r.example", "https://evil-r.example/", false},
      {"r.example", "https://r.example.evil.example/", false},
      {"R.Example", "https://r.example/", true},
      {"a, r.example", "https://r.example/", true},
      {"a r.example", "https://r.example/", true},
      {",,", "https://r.example/", false},
      {".", "https://r.example/", false},
      {"*", "https://r.example/", true},
      {"*.example", "https://r.example/", false},
      {"r.example:5000", "https://r.example:5000/", true},
      {"r.example:5000", "https://r.example/", false},
      {"10.0.0.0/8", "https://10.1.2.3/", true},
      {"10.0.0.0/8", "https://11.1.2.3/", false},
      {"10.1.2.3", "https://10.1.2.3:5000/", true},
      {"10.1.2.3:443", "https://10.1.2.3/", true},
      {"10.0.0.0/33", "https://10.0.0.0/", false},
      {"10.0.0.0/x", "https://10.0.0.0/", false},
      {"0.0.0.0/0", "https://10.0.0.0/", true},
      {"0.0.0.0/0", "https://[2001:db8::1]/", false},
      {"2001:db8::/32", "https://[2001:db8::1]/", true},
      {"2001:db8::1", "https://[2001:db8::1]/", true},
      {"2001:db8::/32", "https://[2001:db9::1]/", false},
      {"10", "https://10.1.2.3/", false},
      {"1.2.3", "https://10.1.2.3/", false},
  }));
  CAPTURE(row.exceptions, row.url);
  const Proxies proxies{"http://proxy:1", "", row.exceptions};
  CHECK(proxy_for(*Url::parse(row.url), proxies).empty() == row.excepted);
}

TEST_CASE("the proxy's password goes to the proxy alone", "[net]") {
  HttpServer proxy([](const ServedRequest&) { return says("proxy"); });
  HttpServer server([](const ServedRequest&) { return says("server"); });
  CurlOptions options;
  options.proxies.for_http = "http://user:pass@" + proxy.host();
  CurlClient client(options);
  const auto relayed = client.send_one(get("http://r.invalid/x"));
  REQUIRE(relayed);
  CHECK(as_text(relayed->body) == "proxy");
  REQUIRE(proxy.log().size() == 1);
  CHECK(proxy.log().front().target == "http://r.invalid/x");
  CHECK(proxy.log().front().header("proxy-authorization") == "Basic dXNlcjpwYXNz");
  const auto direct = client.send_one(get(server.url("/")));
  REQUIRE(direct);
  CHECK(as_text(direct->body) == "server");
  CHECK(server.log().front().header("proxy-authorization").empty());
}

TEST_CASE("a proxy that does not answer is not gone around, and its password not shown", "[net]") {
  CurlOptions options;
  options.proxies.for_http = "http://user:marker-pass@127.0.0.1:1";
  CurlClient client(options);
  const auto answer = client.send_one(get("http://r.invalid/x"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_unreachable);
  CHECK_FALSE(answer.error().message.contains("marker"));
}

TEST_CASE("a host that is excepted from the proxy is judged by its address", "[net][REG-22]") {
  HttpServer proxy([](const ServedRequest&) { return says("proxy"); });
  HttpServer server([](const ServedRequest&) { return says("server"); });
  CurlOptions options;
  options.proxies = {proxy.url(""), proxy.url(""), "127.0.0.1"};
  CurlClient client(options);
  HttpRequest request = get(server.url("/"));
  request.refuse_private_address = true;
  const auto answer = client.send_one(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_redirect);
  CHECK(server.log().empty());
}
