#include <catch2/catch.hpp>

#include "net/curl_client.h"
#include "tests/support/http_server.h"

using namespace touchstone;
using namespace touchstone::net;
using test::HttpServer;
using test::Reply;
using test::ServedRequest;

namespace {

Reply to(std::string location, int status = 307) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"Location", std::move(location)}};
  return reply;
}

Reply says(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

HttpRequest following(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.authorization = "Bearer secret";
  request.follow_redirects = true;
  request.timeout = std::chrono::seconds(5);
  return request;
}

// 127.0.0.2 plays a public registry; 127.0.0.1 is private as ever.
CurlOptions with_public_address() {
  CurlOptions options;
  options.public_addresses = {"127.0.0.2"};
  return options;
}

HttpServer::Options at_public_address() {
  HttpServer::Options options;
  options.address = "127.0.0.2";
  return options;
}

}  // namespace

TEST_CASE("redirects are followed, and say where they ended", "[net]") {
  const int status = GENERATE(301, 302, 303, 307, 308);
  HttpServer server([&](const ServedRequest& request) {
    return request.target == "/a" ? to("/b", status) : says("end");
  });
  CurlClient client;
  const auto answer = client.send_one(following(server.url("/a")));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(as_text(answer->body) == "end");
  CHECK(answer->url == server.url("/b"));
  CHECK(server.log().at(1).header("authorization") == "Bearer secret");
}

TEST_CASE("a redirect is an answer when following was not asked for", "[net]") {
  HttpServer server([](const ServedRequest&) { return to("/b"); });
  CurlClient client;
  HttpRequest request = following(server.url("/a"));
  request.follow_redirects = false;
  const auto answer = client.send_one(request);
  REQUIRE(answer);
  CHECK(answer->status == 307);
  CHECK(server.log().size() == 1);
}

TEST_CASE("authorization is lost with the origin, and does not come back", "[net][REG-20]") {
  HttpServer home([](const ServedRequest&) { return says("home"); });
  HttpServer other([&](const ServedRequest&) { return to(home.url("/end")); });
  HttpServer start([&](const ServedRequest&) { return to(other.url("/x")); });
  CurlClient client;
  const auto answer = client.send_one(following(start.url("/a")));
  REQUIRE(answer);
  CHECK(start.log().at(0).header("authorization") == "Bearer secret");
  CHECK(other.log().at(0).header("authorization").empty());
  CHECK(home.log().at(0).header("authorization").empty());
}

TEST_CASE("authorization does not return to the origin after a detour", "[net][REG-20]") {
  std::string home_url;
  HttpServer detour([&](const ServedRequest&) { return to(home_url); });
  HttpServer home([&](const ServedRequest& request) {
    return request.target == "/a" ? to(detour.url("/")) : says("home");
  });
  home_url = home.url("/b");
  CurlClient client;
  REQUIRE(client.send_one(following(home.url("/a"))));
  CHECK(home.log().at(1).header("authorization").empty());
}

TEST_CASE("too many redirects are refused", "[net][REG-23]") {
  HttpServer server([](const ServedRequest& request) {
    const int hops = std::stoi(request.target.substr(1));
    return hops == 0 ? says("end") : to("/" + std::to_string(hops - 1));
  });
  CurlClient client;
  CHECK(client.send_one(following(server.url("/5"))));
  const auto sixth = client.send_one(following(server.url("/6")));
  REQUIRE_FALSE(sixth);
  CHECK(sixth.error().code == Code::limit_redirects);
  const auto thousand = client.send_one(following(server.url("/1000")));
  REQUIRE_FALSE(thousand);
  CHECK(thousand.error().code == Code::limit_redirects);
}

TEST_CASE("redirects to other protocols are refused", "[net][REG-21]") {
  const std::string location =
      GENERATE("file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/",
               "smb://127.0.0.1/", "http://registry.invalid/", "https://u:p@127.0.0.1/");
  CAPTURE(location);
  HttpServer server([&](const ServedRequest&) { return to(location); });
  CurlClient client;
  const auto answer = client.send_one(following(server.url("/")));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_redirect);
}

TEST_CASE("all redirects together have the time of one request", "[net][REG-23]") {
  HttpServer server([](const ServedRequest&) {
    Reply reply = to("/again");
    reply.delay = std::chrono::milliseconds(80);
    return reply;
  });
  CurlClient client;
  HttpRequest request = following(server.url("/"));
  request.timeout = std::chrono::milliseconds(200);
  const auto answer = client.send_one(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_timeout);
}

TEST_CASE("a public host does not lead to a private one", "[net][REG-22]") {
  HttpServer inside([](const ServedRequest&) { return says("metadata"); });
  const bool by_name = GENERATE(false, true);
  const std::string host = by_name ? "localhost" : "127.0.0.1";
  const std::string target = "https://" + host + ":" + std::to_string(inside.port()) + "/";
  HttpServer outside([&](const ServedRequest&) { return to(target); }, at_public_address());
  CurlClient client(with_public_address());
  const auto answer = client.send_one(following(outside.url("/")));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_redirect);
  CHECK(inside.connections() == 0);
}

TEST_CASE("a kept connection to a private host is no way in", "[net][REG-22]") {
  HttpServer inside([](const ServedRequest&) { return says("metadata"); });
  HttpServer outside([&](const ServedRequest&) { return to(inside.url("/secret")); },
                     at_public_address());
  CurlClient client(with_public_address());
  REQUIRE(client.send_one(following(inside.url("/first"))));
  const auto answer = client.send_one(following(outside.url("/")));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_redirect);
  CHECK(inside.log().size() == 1);
}

TEST_CASE("a private host may lead to a private one, and to a public one", "[net][REG-22]") {
  HttpServer::Options options = GENERATE(HttpServer::Options{}, at_public_address());
  HttpServer target([](const ServedRequest&) { return says("end"); }, options);
  HttpServer start([&](const ServedRequest&) { return to(target.url("/")); });
  CurlClient client(with_public_address());
  const auto answer = client.send_one(following(start.url("/")));
  REQUIRE(answer);
  CHECK(as_text(answer->body) == "end");
  CHECK(answer->from_private_address);
}

TEST_CASE("an address from outside can be held to public hosts", "[net][REG-26]") {
  HttpServer inside([](const ServedRequest&) { return says("x"); });
  HttpServer outside([](const ServedRequest&) { return says("x"); }, at_public_address());
  CurlClient client(with_public_address());
  HttpRequest request = following(outside.url("/"));
  request.refuse_private_address = true;
  const auto good = client.send_one(request);
  REQUIRE(good);
  CHECK_FALSE(good->from_private_address);
  request.url = inside.url("/");
  const auto bad = client.send_one(request);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == Code::network_redirect);
  CHECK(inside.connections() == 0);
}
