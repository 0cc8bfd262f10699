#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "base/text.h"

namespace touchstone::test {
namespace {

using std::chrono::steady_clock;

void set_pem(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  BIO* bio = BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size()));
  X509* x509 = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  bio = BIO_new_mem_buf(key.data(), static_cast<int>(key.size()));
  EVP_PKEY* pkey = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  if (SSL_CTX_use_certificate(context, x509) != 1 || SSL_CTX_use_PrivateKey(context, pkey) != 1) {
    std::abort();
  }
  X509_free(x509);
  EVP_PKEY_free(pkey);
}

std::shared_ptr<void> tls_context(const HttpServer::Options& options) {
  if (options.certificate.empty()) return nullptr;
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  set_pem(context, options.certificate, options.key);
  if (!options.client_authority.empty()) {
    const std::string& pem = options.client_authority;
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* authority = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
    X509_free(authority);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (options.only_tls_1_0) {
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  }
  return {context, [](void* c) { SSL_CTX_free(static_cast<SSL_CTX*>(c)); }};
}

std::string head_of(const Reply& reply, bool endless) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
  for (const HttpHeader& h : reply.headers) head += h.name + ": " + h.value + "\r\n";
  if (reply.chunked || endless) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (reply.status != 204 && reply.status != 304) {
    const auto length = reply.promised_length.value_or(reply.body.size());
    head += "Content-Length: " + std::to_string(length) + "\r\n";
  }
  return head + "\r\n";
}

std::string chunk(std::string_view body) {
  char digits[17] = {};
  std::to_chars(digits, digits + 16, body.size(), 16);
  return std::string(digits) + "\r\n" + std::string(body) + "\r\n";
}

}  // namespace

struct HttpServer::Connection {
  int fd = -1;
  SSL* ssl = nullptr;
  std::thread thread;

  bool read_some(std::string& buffer) const {
    char bytes[16384];
    const ssize_t count =
        ssl != nullptr ? SSL_read(ssl, bytes, sizeof bytes) : recv(fd, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    buffer.append(bytes, static_cast<std::size_t>(count));
    return true;
  }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ssl != nullptr
                                ? SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                                : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
};

std::string ServedRequest::header(std::string_view name) const {
  for (const HttpHeader& h : headers) {
    if (h.name == name) return h.value;
  }
  return "";
}

HttpServer::HttpServer(Handler handler, Options options)
    : handler_(std::move(handler)), options_(std::move(options)), tls_(tls_context(options_)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that the client closed
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, options_.address.c_str(), &address.sin_addr);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener_, 128) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_connections(); });
}

HttpServer::~HttpServer() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    for (const auto& connection : connections_) shutdown(connection->fd, SHUT_RDWR);
  }
  acceptor_.join();
  for (const auto& connection : connections_) {
    connection->thread.join();
    SSL_free(connection->ssl);
    close(connection->fd);
  }
  close(listener_);
}

std::string HttpServer::host() const { return options_.address + ":" + std::to_string(port_); }

std::string HttpServer::url(std::string_view path) const {
  return (tls_ ? "https://" : "http://") + host() + std::string(path);
}

std::vector<ServedRequest> HttpServer::log() const {
  const std::lock_guard guard(mutex_);
  return log_;
}

std::size_t HttpServer::connections() const {
  const std::lock_guard guard(mutex_);
  return connections_.size();
}

std::size_t HttpServer::sequential_requests() const {
  const auto requests = log();
  std::vector<std::size_t> depth(requests.size(), 1);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (requests[j].finished <= requests[i].started) depth[i] = std::max(depth[i], depth[j] + 1);
    }
    longest = std::max(longest, depth[i]);
  }
  return longest;
}

void HttpServer::accept_connections() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard guard(mutex_);
    if (fd < 0 || stopping_) {
      if (fd >= 0) close(fd);
      return;
    }
    constexpr int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>();
    connection->fd = fd;
    Connection& there = *connection;
    connections_.push_back(std::move(connection));
    there.thread = std::thread([this, &there] { serve(there); });
  }
}

void HttpServer::serve(Connection& connection) {
  std::string buffer;
  if (options_.silent) {
    while (connection.read_some(buffer)) {
    }
    return;
  }
  if (tls_) {
    connection.ssl = SSL_new(static_cast<SSL_CTX*>(tls_.get()));
    SSL_set_fd(connection.ssl, connection.fd);
    if (SSL_accept(connection.ssl) != 1) {
      shutdown(connection.fd, SHUT_RDWR);
      return;
    }
  }
  while (serve_one(connection, buffer)) {
  }
  shutdown(connection.fd, SHUT_RDWR);
}

bool HttpServer::serve_one(Connection& connection, std::string& buffer) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!connection.read_some(buffer)) return false;
    if (buffer.front() < 'A' || buffer.front() > 'Z') {  // no method: TLS, perhaps
      connection.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      return false;
    }
  }
  ServedRequest request;
  const std::string head = buffer.substr(0, end);
  buffer.erase(0, end + 4);
  const auto lines = split(head, '\n');
  const auto words = split(lines.front(), ' ');
  request.method = words[0];
  request.target = words.size() > 1 ? words[1] : "";
  for (const std::string_view line : std::span(lines).subspan(1)) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    std::string value(line.substr(colon + 2));
    if (value.ends_with('\r')) value.pop_back();
    request.headers.push_back({ascii_lower(line.substr(0, colon)), std::move(value)});
  }
  const std::string length = request.header("content-length");
  const std::size_t wanted = length.empty() ? 0 : std::stoul(length);
  while (buffer.size() < wanted) {
    if (!connection.read_some(buffer)) return false;
  }
  request.body = buffer.substr(0, wanted);
  buffer.erase(0, wanted);

  std::size_t number = 0;
  {
    const std::lock_guard guard(mutex_);
    request.started = steady_clock::now();
    request.finished = steady_clock::time_point::max();
    number = log_.size();
    log_.push_back(request);
  }
  const Reply reply = handler_(request);
  if (reply.delay.count() > 0) std::this_thread::sleep_for(reply.delay);
  {
    // Noted before the answer leaves: what the client asks next began later than this.
    const std::lock_guard guard(mutex_);
    log_[number].finished = steady_clock::now();
  }
  send_reply(connection, request, reply);
  return !reply.close && !reply.close_after && reply.raw.empty();
}

void HttpServer::send_reply(Connection& connection, const ServedRequest& request,
                            const Reply& reply) {
  std::string bytes = reply.raw;
  if (bytes.empty()) {
    bytes = head_of(reply, reply.endless);
    if (request.method != "HEAD" && !reply.endless) {
      bytes += reply.chunked ? chunk(reply.body) + "0\r\n\r\n" : reply.body;
    }
  }
  if (reply.close_after) bytes.resize(std::min(bytes.size(), *reply.close_after));
  if (reply.between_bytes.count() > 0) {
    for (const char c : bytes) {
      if (!connection.write(std::string_view(&c, 1))) return;
      std::this_thread::sleep_for(reply.between_bytes);
    }
    return;
  }
  if (!connection.write(bytes)) return;
  const std::string more = chunk(reply.body);
  while (reply.endless && connection.write(more)) {
  }
}

}  // namespace touchstone::test
