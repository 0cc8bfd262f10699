// What is common to the services that a signer asks: where they are, and how they are asked.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/http.h"
#include "base/result.h"
#include "formats/json.h"

namespace touchstone::sign {

// Where a service is. Refused: anything but https, or http to loopback; a query.
class ServiceAddress {
 public:
  // Errors: usage.arguments.
  static Result<ServiceAddress> parse(std::string_view url);

  // As it was given, without slashes at its end, and what is put behind it.
  const std::string& url() const { return url_; }
  std::string at(std::string_view path) const { return url_ + std::string(path); }

  std::string host() const { return host_; }  // for people, with the port

 private:
  ServiceAddress(std::string url, std::string host)
      : url_(std::move(url)), host_(std::move(host)) {}
  std::string url_;
  std::string host_;
};

// A POST with the limits of services, to which `content_type` is added.
HttpRequest service_request(std::string url, std::string_view content_type, Bytes body);

// The answer to it, with a status of success or one of `also`.
// Errors: network.*, limit.size; network.throttled and network.status, with what the service says
// about it.
Result<HttpResponse> ask_service(HttpClient& http, const HttpRequest& request, std::string_view who,
                                 std::span<const int> also = {});

// What an answer that is no success says about itself: `message` of a JSON object, safe to show.
std::string said_in(const HttpResponse& response);

// Not the answer that was asked for.
Error strange_answer(std::string_view who, std::string_view why);

// The JSON in an answer. Errors: network.protocol, limit.*.
Result<formats::Json> json_in(const HttpResponse& response, std::string_view who);

}  // namespace touchstone::sign
