// One request on its way, redirects included. The part of net/ that speaks libcurl.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/http.h"
#include "base/url.h"
#include "net/curl_client.h"
#include "net/curl_handles.h"

namespace touchstone::net {

// What the transfers of one client share.
struct Surroundings {
  CurlOptions options;
  // Origins that a connection to a private address was made for. A kept connection is not made
  // anew, so its address is not looked at again: such an origin is closed to redirects from public
  // hosts from then on.
  std::set<std::string> private_origins;
  // Handles that no transfer uses now. A handle reads the resolver's configuration when it is made,
  // which costs more than a request on a kept connection does.
  std::vector<Easy> idle_handles;
  std::size_t sockets_opened = 0;

  bool is_private(std::string_view address_text) const;
};

class Transfer {
 public:
  Transfer(const HttpRequest& request, Surroundings& surroundings);
  ~Transfer();
  Transfer(const Transfer&) = delete;  // libcurl holds its address
  Transfer& operator=(const Transfer&) = delete;

  // Readies the handle for the first connection, or for the next after a redirect.
  // Errors: network.protocol (a malformed request), network.redirect, network.timeout.
  Status prepare();

  CURL* handle() const { return easy_.get(); }

  // What became of it when libcurl says that it is done. Nothing: a redirect is to be followed,
  // prepare() again.
  std::optional<Result<HttpResponse>> finish(CURLcode outcome);

 private:
  // What libcurl calls.
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* room, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  Status check_request() const;
  Status check_private_origin() const;
  Status configure();
  Status configure_tls();
  Status configure_method();
  Status add_headers();
  Status take_header_line(std::string_view line);
  Status take_field(std::string_view name, std::string_view value);
  std::uint64_t body_cap() const;
  Error too_long() const;
  Status pass_on(ByteView bytes);
  std::chrono::seconds patience() const;
  void note_peer();
  Error failure(Code code, std::string_view why, std::string hint = "") const;
  Error failure_of(CURLcode outcome) const;
  bool successful() const { return response_.status >= 200 && response_.status < 300; }
  bool into_sink() const { return request_.sink != nullptr && successful(); }
  bool private_is_allowed() const;
  bool behind_proxy() const { return !proxy_for(*current_, surroundings_.options.proxies).empty(); }

  const HttpRequest& request_;
  Surroundings& surroundings_;
  Easy easy_;
  HeaderList headers_;
  char curl_message_[CURL_ERROR_SIZE] = {};

  std::optional<Url> original_;
  std::optional<Url> current_;
  std::chrono::steady_clock::time_point deadline_;
  std::size_t redirects_ = 0;
  bool carries_authorization_ = true;   // until a redirect leaves the origin
  bool first_peer_is_private_ = false;  // of the server first asked

  HttpResponse response_;
  std::uint64_t header_bytes_ = 0;
  bool headers_complete_ = false;  // what comes later are trailers, and not looked at
  bool body_was_cut_ = false;      // of an answer that is no 2xx
  std::uint64_t streamed_bytes_ = 0;
  bool private_was_refused_ = false;
  std::optional<Error> refusal_;  // why a callback stopped the transfer
};

}  // namespace touchstone::net
