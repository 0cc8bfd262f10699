#include "net/curl_client.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/http_server.h"

using namespace touchstone;
using namespace touchstone::net;
using test::HttpServer;
using test::Reply;
using test::ServedRequest;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t cap = 4096;

Reply says(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

Reply raw(std::string bytes) {
  Reply reply;
  reply.raw = std::move(bytes);
  return reply;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.max_body_bytes = cap;
  request.timeout = 5s;
  return request;
}

Code code_of(const Result<HttpResponse>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

std::string text(const HttpResponse& answer) { return std::string(as_text(answer.body)); }

}  // namespace

TEST_CASE("a request is sent as it was given, and its answer comes back whole", "[net]") {
  HttpServer server([](const ServedRequest&) {
    Reply reply = says("the answer");
    reply.status = 418;
    reply.headers = {{"X-Thing", "  value  "}, {"x-thing", "second"}};
    return reply;
  });
  CurlClient client;
  const std::string method = GENERATE("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
  HttpRequest request = get(server.url("/a/../b?q=%2F"));
  request.method = method;
  request.headers = {{"Accept", "text/plain"}};
  request.authorization = "Bearer abc";
  if (method == "PUT" || method == "POST") request.body = to_bytes("content");

  const auto answer = client.send_one(request);

  REQUIRE(answer);
  CHECK(answer->status == 418);
  CHECK(answer->header("x-thing") == "value");
  CHECK(text(*answer) == (method == "HEAD" ? "" : "the answer"));
  CHECK(answer->from_private_address);
  const ServedRequest seen = server.log().front();
  CHECK(seen.method == method);
  CHECK(seen.target == "/a/../b?q=%2F");
  CHECK(seen.header("accept") == "text/plain");
  CHECK(seen.header("authorization") == "Bearer abc");
  CHECK(seen.header("user-agent") == "touchstone/" TOUCHSTONE_VERSION);
  CHECK(seen.header("accept-encoding").empty());
  CHECK(seen.header("cookie").empty());
  CHECK(seen.header("expect").empty());
  CHECK(seen.header("content-type").empty());
  CHECK(seen.body == as_text(request.body));
}

TEST_CASE("connections are kept, and requests sent together travel together", "[net]") {
  HttpServer server([](const ServedRequest& request) {
    Reply reply = says(request.target);
    reply.delay = 60ms;
    return reply;
  });
  CurlClient client;
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 8; ++i) requests.push_back(get(server.url("/" + std::to_string(i))));

  const auto answers = client.send(requests);

  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i]);
    CHECK(text(*answers[i]) == "/" + std::to_string(i));
  }
  CHECK(server.sequential_requests() == 1);
  const std::size_t connections = server.connections();
  REQUIRE(client.send_one(requests[0]));
  CHECK(server.connections() == connections);
}

TEST_CASE("a server that answers soon is asked over one connection", "[net]") {
  HttpServer server([](const ServedRequest& request) { return says(request.target); });
  CurlOptions patient;
  patient.connection_patience = 1min;
  CurlClient client(patient);
  const std::vector<HttpRequest> requests(5, get(server.url("/")));

  for (const auto& answer : client.send(requests)) CHECK(answer);

  CHECK(server.connections() == 1);
}

TEST_CASE("connections that are open already are used at once", "[net]") {
  std::atomic<bool> far = true;
  HttpServer server([&](const ServedRequest& request) {
    Reply reply = says(request.target);
    reply.delay = far ? 400ms : 100ms;
    return reply;
  });
  CurlOptions options;
  options.connection_patience = 200ms;
  CurlClient client(options);
  const std::vector<HttpRequest> requests(3, get(server.url("/")));
  for (const auto& answer : client.send(requests)) CHECK(answer);
  REQUIRE(server.connections() == 3);

  far = false;
  for (const auto& answer : client.send(requests)) CHECK(answer);

  CHECK(server.sequential_requests() == 2);  // one of each send()
  CHECK(server.connections() == 3);
}

TEST_CASE("more requests than may be in flight are all answered", "[net]") {
  HttpServer server([](const ServedRequest& request) { return says(request.target); });
  CurlClient client;
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 100; ++i) requests.push_back(get(server.url("/" + std::to_string(i))));

  const auto answers = client.send(requests);

  REQUIRE(answers.size() == 100);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i]);
    CHECK(text(*answers[i]) == "/" + std::to_string(i));
  }
  CHECK(server.connections() <= limits::max_requests_in_flight);
  CHECK(client.send({}).empty());
}

TEST_CASE("malformed answers and answers over the limits are refused", "[net]") {
  struct Row {
    const char* why;
    Code code;
    Reply reply;
  };
  const std::string ok_line = "HTTP/1.1 200 OK\r\n";
  Reply chunked_over = says(std::string(cap + 1, 'x'));
  chunked_over.chunked = true;
  Reply endless = says(std::string(1000, 'x'));
  endless.endless = true;
  Reply short_body = says("ten bytes.");
  short_body.promised_length = 1000;
  short_body.close = true;
  Reply cut_chunks = says(std::string(1000, 'x'));
  cut_chunks.chunked = true;
  cut_chunks.close_after = 500;
  Reply huge_honest = says("");
  huge_honest.promised_length = std::uint64_t{1} << 30;
  Reply beyond = says("");
  beyond.promised_length = UINT64_MAX;
  std::string many_headers;
  for (int i = 0; i < 10'000; ++i) many_headers += "a: b\r\n";
  std::string many_small;
  for (std::size_t i = 0; i <= limits::max_headers; ++i) many_small += "a: b\r\n";

  const auto row = GENERATE_COPY(values<Row>({
      {"REG-13 honest length over the cap", Code::limit_size, huge_honest},
      {"REG-13 length of 2^64-1", Code::limit_size, beyond},
      {"REG-14 one chunk over the cap", Code::limit_size, chunked_over},
      {"REG-14 chunks without end", Code::limit_size, endless},
      {"REG-15 body shorter than promised", Code::network_protocol, short_body},
      {"REG-15 chunks cut short", Code::network_protocol, cut_chunks},
      {"REG-17 10,000 headers", Code::limit_count, raw(ok_line + many_headers + "\r\n")},
      {"REG-17 one header too many", Code::limit_count, raw(ok_line + many_small + "\r\n")},
      {"REG-17 one header of 80 KiB", Code::limit_size,
       raw(ok_line + "a: " + std::string(80 << 10, 'x') + "\r\n\r\n")},
      {"REG-17 headers of 80 KiB in all", Code::limit_size,
       raw(ok_line + "a: " + std::string(40 << 10, 'x') + "\r\nb: " + std::string(40 << 10, 'x') +
           "\r\n\r\n")},
      {"REG-18 gzip", Code::network_protocol,
       raw(ok_line + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx")},
      {"REG-18 gzip, spelled otherwise", Code::network_protocol,
       raw(ok_line + "CONTENT-ENCODING:GZip\r\nContent-Length: 2\r\n\r\nxx")},
      {"gzip as transfer encoding", Code::network_protocol,
       raw(ok_line + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")},
      {"two lengths", Code::network_protocol,
       raw(ok_line + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nxxx")},
      {"negative length", Code::network_protocol, raw(ok_line + "Content-Length: -1\r\n\r\n")},
      {"fractional length", Code::network_protocol, raw(ok_line + "Content-Length: 1.5\r\n\r\nx")},
      {"folded header", Code::network_protocol,
       raw(ok_line + "a: b\r\n c\r\nContent-Length: 0\r\n\r\n")},
      {"blank before the colon", Code::network_protocol,
       raw(ok_line + "a : b\r\nContent-Length: 0\r\n\r\n")},
      {"header without a colon", Code::network_protocol,
       raw(ok_line + "nonsense\r\nContent-Length: 0\r\n\r\n")},
      {"CR inside a header", Code::network_protocol,
       raw(ok_line + "a: b\rc\r\nContent-Length: 0\r\n\r\n")},
      {"NUL inside a header", Code::network_protocol,
       raw(ok_line + std::string("a: b\0c\r\n", 8) + "Content-Length: 0\r\n\r\n")},
      {"no HTTP at all", Code::network_protocol, raw("SSH-2.0-OpenSSH\r\n")},
      {"HTTP/0.9", Code::network_protocol, raw("<html>")},
      {"interim answers only", Code::network_protocol, raw("HTTP/1.1 103 Early\r\n\r\n")},
      {"REG-45 closed after nothing", Code::network_protocol,
       [] {
         Reply reply = says("x");
         reply.close_after = 0;
         return reply;
       }()},
      {"REG-45 closed after one byte", Code::network_protocol,
       [] {
         Reply reply = says("x");
         reply.close_after = 1;
         return reply;
       }()},
  }));
  CAPTURE(row.why);
  HttpServer server([&](const ServedRequest&) { return row.reply; });
  CurlClient client;

  CHECK(slug(code_of(client.send_one(get(server.url("/"))))) == slug(row.code));
}

TEST_CASE("one header of 10 MiB ends the request", "[net][REG-17]") {
  HttpServer server([&](const ServedRequest&) {
    return raw("HTTP/1.1 200 OK\r\na: " + std::string(10 << 20, 'x') + "\r\n\r\n");
  });
  CurlClient client;
  CHECK(code_of(client.send_one(get(server.url("/")))) == Code::limit_size);
}

TEST_CASE("a body longer than its length is cut there, and its rest is no second answer",
          "[net][REG-15]") {
  HttpServer server([](const ServedRequest& request) {
    if (request.target == "/first") {
      return raw(
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\n"
          "Content-Length: 4\r\n\r\nevil");
    }
    return says("good");
  });
  CurlClient client;
  for (const char* path : {"/first", "/second"}) {
    const auto answer = client.send_one(get(server.url(path)));
    REQUIRE(answer);
    CHECK(text(*answer) == "good");
  }
  CHECK(server.log().size() == 2);
}

TEST_CASE("what comes after a chunked body is not taken for headers", "[net]") {
  HttpServer server([](const ServedRequest&) {
    return raw(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        "oci-subject: sha256:00\r\n\r\n");
  });
  CurlClient client;
  const auto answer = client.send_one(get(server.url("/")));
  REQUIRE(answer);
  CHECK(text(*answer) == "x");
  CHECK_FALSE(answer->header("oci-subject"));
}

TEST_CASE("headers of interim answers are not those of the final one", "[net]") {
  HttpServer server([](const ServedRequest&) {
    return raw(
        "HTTP/1.1 103 Early\r\nlink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        "\r\n");
  });
  CurlClient client;
  const auto answer = client.send_one(get(server.url("/")));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK_FALSE(answer->header("link"));
}

TEST_CASE("the body of an error answer is cut, not refused", "[net]") {
  Reply reply = says(std::string(limits::max_error_body_bytes + 1000, 'x'));
  reply.status = 404;
  reply.chunked = GENERATE(true, false);
  HttpServer server([&](const ServedRequest&) { return reply; });
  CurlClient client;
  HttpRequest request = get(server.url("/"));
  request.max_body_bytes = 10;
  const auto answer = client.send_one(request);
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body.size() == limits::max_error_body_bytes);
}

TEST_CASE("a body of exactly the cap is taken", "[net]") {
  HttpServer server([](const ServedRequest&) { return says(std::string(cap, 'x')); });
  CurlClient client;
  const auto answer = client.send_one(get(server.url("/")));
  REQUIRE(answer);
  CHECK(answer->body.size() == cap);
}

TEST_CASE("slow servers run out of time, and hold up nobody else", "[net][REG-16]") {
  struct Row {
    const char* why;
    std::chrono::milliseconds delay;
    std::chrono::milliseconds between_bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing at all", 3s, 0ms},
      {"one byte now and then, in headers and body", 0ms, 20ms},
  }));
  CAPTURE(row.why);
  HttpServer server([&](const ServedRequest& request) {
    Reply reply = says(std::string(100, 'x'));
    if (request.target == "/slow") {
      reply.delay = row.delay / 10;
      reply.between_bytes = row.between_bytes;
    }
    return reply;
  });
  CurlClient client;
  std::vector<HttpRequest> requests = {get(server.url("/slow")), get(server.url("/quick"))};
  requests[0].timeout = 150ms;
  const auto answers = client.send(requests);
  CHECK(code_of(answers[0]) == Code::network_timeout);
  CHECK(answers[1]);
}

TEST_CASE("a transfer that only trickles is given up", "[net][REG-16]") {
  HttpServer server([](const ServedRequest&) {
    Reply reply = says(std::string(1000, 'x'));
    reply.between_bytes = 20ms;
    return reply;
  });
  CurlOptions options;
  options.low_speed_time = 1s;
  CurlClient client(options);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(code_of(client.send_one(get(server.url("/")))) == Code::network_timeout);
  CHECK(std::chrono::steady_clock::now() - begun < 4s);
}

TEST_CASE("a host that is not there is unreachable", "[net]") {
  int port = 0;
  {
    const HttpServer gone([](const ServedRequest&) { return Reply(); });
    port = gone.port();
  }
  CurlClient client;
  CHECK(code_of(client.send_one(get("http://127.0.0.1:" + std::to_string(port) + "/"))) ==
        Code::network_unreachable);
  CHECK(code_of(client.send_one(get("http://name.invalid/"))) == Code::network_unreachable);
}

TEST_CASE("requests that cannot be sent honestly are refused", "[net]") {
  struct Row {
    const char* why;
    std::string url;
    std::string name;
    std::string value;
    std::string authorization;
  };
  HttpServer server([](const ServedRequest&) { return Reply(); });
  const std::string fine = server.url("/");
  const auto row = GENERATE_COPY(values<Row>({
      {"CR LF in a value", fine, "a", "b\r\nc: d", ""},
      {"LF in a value", fine, "a", "b\nc: d", ""},
      {"NUL in a value", fine, "a", std::string("b\0c", 3), ""},
      {"LF in a name", fine, "a\nb", "c", ""},
      {"blank in a name", fine, "a b", "c", ""},
      {"no name", fine, "", "c", ""},
      {"CR LF in the authorization", fine, "a", "b", "Bearer x\r\nc: d"},
      {"CR LF in the address", fine + "\r\nx", "a", "b", ""},
      {"NUL in the address", fine + std::string("\0", 1), "a", "b", ""},
      {"another protocol", "file:///etc/passwd", "a", "b", ""},
      {"a user in the address", "http://u:p@127.0.0.1/", "a", "b", ""},
  }));
  CAPTURE(row.why);
  HttpRequest request = get(row.url);
  request.headers = {{row.name, row.value}};
  request.authorization = row.authorization;
  CurlClient client;
  CHECK(code_of(client.send_one(request)) == Code::network_protocol);
  CHECK(server.log().empty());
}

TEST_CASE("a proxy is used when it is given, and never from the environment", "[net][XP-02]") {
  HttpServer proxy([](const ServedRequest&) { return says("proxy"); });
  HttpServer server([](const ServedRequest&) { return says("server"); });
  setenv("http_proxy", proxy.url("/").c_str(), 1);
  setenv("all_proxy", proxy.url("/").c_str(), 1);
  setenv("no_proxy", "*", 1);

  CurlClient plain;
  const auto direct = plain.send_one(get(server.url("/")));
  CurlOptions options;
  options.proxies.for_http = proxy.url("");
  CurlClient through(options);
  const auto relayed = through.send_one(get("http://registry.invalid/"));
  const auto excepted = through.send_one(get(server.url("/")));
  for (const char* name : {"http_proxy", "all_proxy", "no_proxy"}) unsetenv(name);

  REQUIRE((direct && relayed && excepted));
  CHECK(text(*direct) == "server");
  CHECK(text(*relayed) == "proxy");
  CHECK(text(*excepted) == "server");
}

TEST_CASE("localhost is reached without asking a name server", "[net]") {
  HttpServer server([](const ServedRequest&) { return says("x"); });
  CurlClient client;
  CHECK(client.send_one(get("http://localhost:" + std::to_string(server.port()) + "/")));
}
