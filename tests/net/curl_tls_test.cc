#include <catch2/catch.hpp>
#include <cstdlib>

#include "net/certificates.h"
#include "net/curl_client.h"
#include "tests/support/http_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tls_identity.h"

using namespace touchstone;
using namespace touchstone::net;
using test::HttpServer;
using test::Reply;
using test::ServedRequest;

namespace {

Reply fine(const ServedRequest&) {
  Reply reply;
  reply.body = "fine";
  return reply;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = std::chrono::seconds(5);
  return request;
}

HttpServer::Options speaking_tls(const test::TlsIdentity& identity) {
  HttpServer::Options options;
  options.certificate = identity.certificate;
  options.key = identity.key;
  return options;
}

}  // namespace

TEST_CASE("a server with a trusted certificate is reached over TLS", "[net]") {
  const test::TemporaryFolder folder;
  const auto identity = test::make_tls_identity();
  HttpServer server(fine, speaking_tls(identity));
  CurlOptions options;
  options.ca_file = folder.write("ca.pem", identity.certificate);
  CurlClient client(options);
  const auto answer = client.send_one(get(server.url("/")));
  REQUIRE(answer);
  CHECK(as_text(answer->body) == "fine");
}

TEST_CASE("certificates that do not verify end the request", "[net][REG-42]") {
  struct Row {
    const char* why;
    const char* name;
    int days;
    bool trusted;
    bool only_tls_1_0;
  };
  const auto row = GENERATE(values<Row>({
      {"self-signed and unknown", "IP:127.0.0.1", 1, false, false},
      {"for another address", "IP:127.0.0.9", 1, true, false},
      {"for a name", "DNS:registry.example", 1, true, false},
      {"expired", "IP:127.0.0.1", -1, true, false},
      {"TLS 1.0 only", "IP:127.0.0.1", 1, true, true},
  }));
  CAPTURE(row.why);
  const test::TemporaryFolder folder;
  const auto identity = test::make_tls_identity(row.name, row.days);
  HttpServer::Options server_options = speaking_tls(identity);
  server_options.only_tls_1_0 = row.only_tls_1_0;
  HttpServer server(fine, server_options);
  CurlOptions options;
  if (row.trusted) options.ca_file = folder.write("ca.pem", identity.certificate);
  CurlClient client(options);

  const auto answer = client.send_one(get(server.url("/")));

  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_tls);
  CHECK(server.log().empty());
}

TEST_CASE("a server that demands a certificate gets the client's", "[net]") {
  const test::TemporaryFolder folder;
  const auto identity = test::make_tls_identity();
  const auto own = test::make_tls_identity("DNS:client.example");
  HttpServer::Options server_options = speaking_tls(identity);
  server_options.client_authority = own.certificate;
  HttpServer server(fine, server_options);
  CurlOptions options;
  options.ca_file = folder.write("ca.pem", identity.certificate);

  CurlClient without(options);
  const auto refused = without.send_one(get(server.url("/")));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::network_tls);
  CHECK(refused.error().hint.contains("--registry-cert"));

  const auto stranger = test::make_tls_identity("DNS:client.example");
  options.certificate_file = folder.write("stranger.pem", stranger.certificate);
  options.key_file = folder.write("stranger.key", stranger.key);
  CurlClient wrong(options);
  const auto unknown = wrong.send_one(get(server.url("/")));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::network_tls);

  options.certificate_file = folder.write("own.pem", own.certificate);
  options.key_file = folder.write("own.key", own.key);
  CurlClient client(options);
  CHECK(client.send_one(get(server.url("/"))));

  options.key_file = folder / "absent.key";
  CurlClient keyless(options);
  const auto unusable = keyless.send_one(get(server.url("/")));
  REQUIRE_FALSE(unusable);
  CHECK(unusable.error().code == Code::network_tls);
}

TEST_CASE("variables that name authorities have no say", "[net][XP-02]") {
  const test::TemporaryFolder folder;
  const auto identity = test::make_tls_identity();
  HttpServer server(fine, speaking_tls(identity));
  const std::string file = folder.write("ca.pem", identity.certificate);
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) setenv(name, file.c_str(), 1);
  CurlClient client;
  const auto answer = client.send_one(get(server.url("/")));
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) unsetenv(name);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_tls);
}

TEST_CASE("a plain server behind an https address is not talked to plainly", "[net][REG-42]") {
  HttpServer server(fine);
  CurlClient client;
  const auto answer = client.send_one(get("https://" + server.host() + "/"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_tls);
  CHECK(server.log().empty());
}

TEST_CASE("a silent TLS handshake runs out of time", "[net][REG-16]") {
  HttpServer::Options server_options;
  server_options.silent = true;
  HttpServer server(fine, server_options);
  CurlOptions options;
  options.connect_timeout = std::chrono::milliseconds(150);
  CurlClient client(options);
  const auto answer = client.send_one(get("https://" + server.host() + "/"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Code::network_timeout);
}

TEST_CASE("a folder of authorities is told by its hashed names", "[net]") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(is_hashed_folder(folder.path().string()));
  folder.write("ca-bundle.crt", "x");
  folder.write("002c0b4f.pem", "x");
  folder.write("002C0B4F.0", "x");
  CHECK_FALSE(is_hashed_folder(folder.path().string()));
  folder.write("002c0b4f.0", "x");
  CHECK(is_hashed_folder(folder.path().string()));
  CHECK_FALSE(is_hashed_folder(folder / "absent"));
}
