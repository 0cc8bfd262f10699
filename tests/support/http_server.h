// A small HTTP/1.1 server on loopback that does as a test says, right or wrong.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/http.h"

namespace touchstone::test {

using namespace std::chrono_literals;

struct ServedRequest {
  std::string method;
  std::string target;               // path and query as sent
  std::vector<HttpHeader> headers;  // names in lower case
  std::string body;
  std::chrono::steady_clock::time_point started;   // when it had been read
  std::chrono::steady_clock::time_point finished;  // when its answer had been sent

  std::string path() const { return target.substr(0, target.find('?')); }
  std::string header(std::string_view name) const;  // empty when there is none
};

struct Reply {
  int status = 200;
  std::vector<HttpHeader> headers;
  std::string body;
  std::chrono::milliseconds delay{0};            // before the first byte
  std::chrono::milliseconds between_bytes{0};    // one byte at a time, when not zero
  std::optional<std::uint64_t> promised_length;  // a Content-Length that is not the body's
  bool chunked = false;                          // instead of Content-Length
  bool endless = false;                          // chunks of `body` for ever
  std::optional<std::size_t> close_after;        // bytes of the whole answer
  std::string raw;                               // the whole answer, instead of all above
  bool close = false;                            // the connection, afterwards
};

class HttpServer {
 public:
  using Handler = std::function<Reply(const ServedRequest&)>;

  struct Options {
    std::string address = "127.0.0.1";
    std::string certificate;  // PEM, with `key`: speak TLS
    std::string key;
    std::string client_authority;  // PEM; demand a certificate of the client's
    bool only_tls_1_0 = false;
    bool silent = false;  // takes connections and never says anything
  };

  // Listens at once, on a free port. The handler is called from several threads.
  HttpServer(Handler handler, Options options);
  explicit HttpServer(Handler handler) : HttpServer(std::move(handler), Options()) {}
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  std::string host() const;  // "127.0.0.1:PORT"
  std::string url(std::string_view path) const;
  std::vector<ServedRequest> log() const;  // in the order in which requests began
  std::size_t connections() const;

  // How many requests were answered one after another: the longest chain in which each began after
  // the answer before it had been sent. Meaningful when answers are delayed.
  std::size_t sequential_requests() const;

 private:
  struct Connection;
  void accept_connections();
  void serve(Connection& connection);
  bool serve_one(Connection& connection, std::string& buffer);
  void send_reply(Connection& connection, const ServedRequest& request, const Reply& reply);

  Handler handler_;
  Options options_;
  int listener_ = -1;
  int port_ = 0;
  std::shared_ptr<void> tls_;  // an SSL_CTX
  mutable std::mutex mutex_;
  bool stopping_ = false;
  std::vector<ServedRequest> log_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread acceptor_;
};

}  // namespace touchstone::test
