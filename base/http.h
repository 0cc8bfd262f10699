// HTTP, as a port. net/ implements it over libcurl; tests script it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/stream.h"

namespace touchstone {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";       // GET, HEAD, POST, PUT, PATCH, DELETE
  std::string url;                  // absolute, http or https
  std::vector<HttpHeader> headers;  // no CR, LF or NUL in them, or the request is refused
  std::string authorization;        // whole header value; dropped when a redirect leaves the origin
  Bytes body;
  std::uint64_t max_body_bytes = limits::max_error_body_bytes;  // of the answer
  std::chrono::milliseconds timeout = limits::request_timeout;  // redirects included
  bool follow_redirects = false;  // GET and HEAD only, at most limits::max_redirects
  bool refuse_private_address =
      false;                     // the address came from outside: only a public host is asked
  ByteSource* source = nullptr;  // of what is sent, instead of `body`; no redirect is followed
  ByteSink* sink = nullptr;      // takes the body of a 2xx answer, instead of the answer's `body`

  bool streams() const { return source != nullptr || sink != nullptr; }
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;  // of the final answer, names in lower case
  Bytes body;
  std::string url;                    // where the final answer came from
  bool from_private_address = false;  // the server first asked is on a private or loopback address

  // The value of the first header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const HttpHeader& h : headers) {
      if (h.name == name) return h.value;
    }
    return std::nullopt;
  }
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Sends the requests at once over kept connections; the answers come in the order of the
  // requests. Any status is an answer; an error means that there was none. The body of an answer
  // that is no 2xx is cut at limits::max_error_body_bytes.
  // Errors: network.*, limit.size (body or headers), limit.count (headers), limit.redirects.
  virtual std::vector<Result<HttpResponse>> send(std::span<const HttpRequest> requests) = 0;

  Result<HttpResponse> send_one(const HttpRequest& request) {
    return std::move(send(std::span(&request, 1)).front());
  }
};

}  // namespace touchstone
