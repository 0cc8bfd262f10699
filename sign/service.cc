#include "sign/service.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"

namespace touchstone::sign {

Result<ServiceAddress> ServiceAddress::parse(std::string_view url) {
  const auto refuse = [&](std::string_view why) {
    return Error{Code::usage_arguments,
                 "\"" + printable(url) + "\" is no address of a service: " + std::string(why),
                 "https://HOST[:PORT][/PATH]"};
  };
  const auto parsed = Url::parse(url);
  if (!parsed) return refuse(parsed.error().message);
  if (parsed->scheme != "https" && !is_loopback_host(parsed->host)) {
    return refuse("only services on loopback are asked over plain HTTP");
  }
  if (parsed->target.contains('?')) return refuse("it has a query");
  std::string text = parsed->to_string();
  while (text.ends_with('/')) text.pop_back();
  return ServiceAddress(std::move(text), parsed->authority());
}

HttpRequest service_request(std::string url, std::string_view content_type, Bytes body) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Content-Type", std::string(content_type)}};
  request.body = std::move(body);
  request.max_body_bytes = limits::max_service_answer_bytes;
  request.timeout = limits::service_timeout;
  return request;
}

std::string said_in(const HttpResponse& response) {
  const auto document = formats::parse_json(response.body, limits::max_error_body_bytes);
  const formats::Json* message = document ? document->find("message") : nullptr;
  return message != nullptr && message->string() != nullptr ? printable(*message->string()) : "";
}

Result<HttpResponse> ask_service(HttpClient& http, const HttpRequest& request, std::string_view who,
                                 std::span<const int> also) {
  auto response = http.send_one(request);
  if (!response) {
    Error error = std::move(response).error();
    error.message = std::string(who) + ": " + error.message;
    return error;
  }
  const int status = response->status;
  if ((status >= 200 && status <= 299) || std::ranges::count(also, status) != 0) return response;
  constexpr int too_many_requests = 429;
  const std::string said = said_in(*response);
  return Error{
      status == too_many_requests ? Code::network_throttled : Code::network_status,
      std::string(who) + " answered " + std::to_string(status) + (said.empty() ? "" : ": " + said),
      status == too_many_requests ? "wait, and try again" : "try again; see the service's logs"};
}

Error strange_answer(std::string_view who, std::string_view why) {
  return Error{Code::network_protocol,
               std::string(who) + " gave a strange answer: " + std::string(why), ""};
}

Result<formats::Json> json_in(const HttpResponse& response, std::string_view who) {
  auto document = formats::parse_json(response.body, limits::max_service_answer_bytes);
  if (document) return document;
  if (document.error().code != Code::format_json) return document;
  return strange_answer(who, document.error().message);
}

}  // namespace touchstone::sign
