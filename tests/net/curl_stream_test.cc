// Bodies that are passed on as they come, and sent as they are read.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>

#include "net/curl_client.h"
#include "tests/support/http_server.h"

using namespace touchstone;
using namespace touchstone::net;
using test::HttpServer;
using test::Reply;
using test::ServedRequest;
using namespace std::chrono_literals;

namespace {

class TextSink : public ByteSink {
 public:
  Status begin() override {
    ++begun;
    text.clear();
    return ok();
  }
  Status write(ByteView bytes) override {
    ++pieces;
    if (fails) return Error{Code::usage_file, "full", ""};
    text += as_text(bytes);
    return ok();
  }
  int begun = 0;
  int pieces = 0;
  bool fails = false;
  std::string text;
};

class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string given) : text(std::move(given)) {}
  std::uint64_t size() const override { return text.size(); }
  Status rewind() override {
    ++rewound;
    at = 0;
    return ok();
  }
  Result<std::size_t> read(std::span<std::uint8_t> room) override {
    if (at >= fails_at) return Error{Code::digest_mismatch, "changed", ""};
    const std::size_t count = std::min(room.size(), text.size() - at);
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(at), count, room.begin());
    at += count;
    return count;
  }
  std::string text;
  std::size_t at = 0;
  std::size_t fails_at = SIZE_MAX;
  int rewound = 0;
};

Reply says(int status, std::string body) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

HttpRequest get(std::string url, ByteSink& sink) {
  HttpRequest request;
  request.url = std::move(url);
  request.max_body_bytes = 1 << 20;
  request.timeout = 5s;
  request.sink = &sink;
  return request;
}

HttpRequest put(std::string url, ByteSource& source) {
  HttpRequest request;
  request.method = "PUT";
  request.url = std::move(url);
  request.timeout = 5s;
  request.source = &source;
  return request;
}

const std::string large(1 << 20, 'x');

}  // namespace

TEST_CASE("a body is passed on as it comes", "[net]") {
  const bool chunked = GENERATE(false, true);
  HttpServer server([&](const ServedRequest&) {
    Reply reply = says(200, large);
    reply.chunked = chunked;
    return reply;
  });
  CurlClient client;
  TextSink sink;
  const auto answer = client.send_one(get(server.url("/"), sink));
  REQUIRE(answer);
  CHECK(answer->body.empty());
  CHECK(sink.text == large);
  CHECK(sink.begun == 1);
  CHECK(sink.pieces > 1);
}

TEST_CASE("an empty body begins too", "[net]") {
  HttpServer server([](const ServedRequest&) { return says(200, ""); });
  CurlClient client;
  TextSink sink;
  REQUIRE(client.send_one(get(server.url("/"), sink)));
  CHECK(sink.begun == 1);
  CHECK(sink.pieces == 0);
}

TEST_CASE("only the body of a good answer is passed on", "[net]") {
  HttpServer server([](const ServedRequest& request) {
    if (request.target == "/good") return says(200, "good");
    Reply reply = says(request.target == "/moved" ? 307 : 404, "elsewhere");
    reply.headers = {{"Location", "/good"}};
    return reply;
  });
  CurlClient client;
  TextSink sink;
  const auto missing = client.send_one(get(server.url("/missing"), sink));
  REQUIRE(missing);
  CHECK(as_text(missing->body) == "elsewhere");
  CHECK(sink.begun == 0);
  HttpRequest moved = get(server.url("/moved"), sink);
  moved.follow_redirects = true;
  REQUIRE(client.send_one(moved));
  CHECK(sink.begun == 1);
  CHECK(sink.text == "good");
}

TEST_CASE("a body that is passed on is bounded too", "[net][REG-16]") {
  Reply reply = says(200, large + "x");
  const std::string kind = GENERATE("announced", "chunked", "endless");
  reply.chunked = kind == "chunked";
  reply.endless = kind == "endless";
  HttpServer server([&](const ServedRequest&) { return reply; });
  CurlClient client;
  TextSink sink;
  const auto answer = client.send_one(get(server.url("/"), sink));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::limit_size);
  CHECK(sink.text.size() <= large.size());
  CHECK(sink.begun == (kind == "announced" ? 0 : 1));
}

TEST_CASE("a sink that fails ends the transfer", "[net]") {
  HttpServer server([](const ServedRequest&) { return says(200, large); });
  CurlClient client;
  TextSink sink;
  sink.fails = true;
  const auto answer = client.send_one(get(server.url("/"), sink));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::usage_file);
  CHECK(sink.pieces == 1);
}

TEST_CASE("a body is sent as it is read", "[net]") {
  HttpServer server([](const ServedRequest&) { return says(201, ""); });
  CurlClient client;
  TextSource source(GENERATE(as<std::string>{}, "", "short", large));
  HttpRequest request = put(server.url("/upload?x=1"), source);
  request.headers = {{"Content-Type", "application/octet-stream"}};
  REQUIRE(client.send_one(request));
  REQUIRE(client.send_one(request));  // over the kept connection, from the beginning again
  const auto log = server.log();
  REQUIRE(log.size() == 2);
  for (const ServedRequest& seen : log) {
    CHECK(seen.method == "PUT");
    CHECK(seen.target == "/upload?x=1");
    CHECK(seen.body == source.text);
    CHECK(seen.header("content-length") == std::to_string(source.text.size()));
    CHECK(seen.header("content-type") == "application/octet-stream");
    CHECK(seen.header("expect").empty());
    CHECK(seen.header("transfer-encoding").empty());
  }
  CHECK(source.rewound >= 2);
}

TEST_CASE("a source that fails ends the transfer before all is sent", "[net]") {
  HttpServer server([](const ServedRequest&) { return says(201, ""); });
  CurlClient client;
  TextSource source(large);
  source.fails_at = 1;
  const auto answer = client.send_one(put(server.url("/"), source));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::digest_mismatch);
  CHECK(server.log().empty());  // it never had the whole request
}

TEST_CASE("a kept connection that the server has closed is replaced, and all is sent", "[net]") {
  HttpServer server([](const ServedRequest& request) {
    Reply reply = says(201, "");
    reply.close = request.method == "GET";
    return reply;
  });
  CurlClient client;
  TextSource source("the content");
  TextSink sink;
  REQUIRE(client.send_one(get(server.url("/"), sink)));
  std::this_thread::sleep_for(50ms);
  REQUIRE(client.send_one(put(server.url("/"), source)));
  CHECK(server.log().back().body == "the content");
}

TEST_CASE("what is sent is not redirected, nor sent with a method that sends nothing", "[net]") {
  HttpServer elsewhere([](const ServedRequest&) { return says(201, ""); });
  HttpServer server([&](const ServedRequest&) {
    Reply reply = says(307, "");
    reply.headers = {{"Location", elsewhere.url("/")}};
    return reply;
  });
  CurlClient client;
  TextSource source("secret");
  const auto answer = client.send_one(put(server.url("/"), source));
  REQUIRE(answer);
  CHECK(answer->status == 307);
  CHECK(elsewhere.log().empty());
  HttpRequest reading = put(server.url("/"), source);
  reading.method = GENERATE("GET", "HEAD");
  const auto refused = client.send_one(reading);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::internal_error);
}

TEST_CASE("a registry may take its time over what was sent", "[net]") {
  CurlOptions options;
  options.low_speed_time = 1s;
  HttpServer server([](const ServedRequest&) {
    Reply reply = says(201, "");
    reply.delay = 2500ms;
    return reply;
  });
  CurlClient client(options);
  TextSource source("content");
  HttpRequest request = put(server.url("/"), source);
  CHECK(client.send_one(request));
  request.timeout = 200ms;
  const auto answer = client.send_one(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_timeout);
}
