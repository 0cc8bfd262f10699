#include "oci/session.h"

#include <algorithm>
#include <thread>

#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"

namespace touchstone::oci {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds jitter() { return milliseconds(50 + crypto::random_bytes(1)[0]); }

// How long to wait before the same is asked once more; absent where asking again is no use.
// RFC 9110 section 10.2.3, the form in seconds; dates and nonsense count as the shortest wait.
std::optional<milliseconds> wait_before_retry(const Result<HttpResponse>& answer) {
  if (!answer) {
    if (answer.error().code != Code::network_unreachable) return std::nullopt;
    return jitter();
  }
  if (answer->status >= 500) return jitter();
  if (answer->status != 429) return std::nullopt;
  const std::string_view asked = answer->header("retry-after").value_or("");
  if (asked.empty() || asked.find_first_not_of("0123456789") != std::string_view::npos) {
    return jitter();
  }
  if (asked.size() > 9) return std::nullopt;
  const auto wait = std::chrono::seconds(std::stol(std::string(asked)));
  if (wait > limits::max_retry_wait) return std::nullopt;
  return wait + jitter();
}

// What may be sent twice without doing it twice.
bool is_repeatable(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// A 401 counts when it is the registry's own, not that of a host it redirected to.
bool wants_login(const HttpRequest& request, const Result<HttpResponse>& answer) {
  if (!answer || answer->status != 401) return false;
  const auto asked = Url::parse(request.url);
  const auto answered = Url::parse(answer->url);
  return asked && answered && asked->same_origin(*answered);
}

Result<std::string> read_token(const HttpResponse& response) {
  const Error unusable{Code::auth_token, "the login server's answer holds no usable token", ""};
  const auto document = formats::parse_json(response.body, limits::max_token_answer_bytes);
  if (!document) return unusable;
  const auto fields = formats::Fields::of(*document);
  if (!fields) return unusable;
  auto token = fields->string_or("token", "");
  if (token && token->empty()) token = fields->string_or("access_token", "");
  const auto printable_ascii = [](char c) { return c > 0x20 && c < 0x7F; };
  if (!token || token->empty() || token->size() > limits::max_token_bytes ||
      !std::ranges::all_of(*token, printable_ascii)) {
    return unusable;
  }
  return *std::move(token);
}

Error out_of_time() {
  return Error{Code::limit_time, "the time for the whole verification is over", ""};
}

}  // namespace

Error status_error(const HttpResponse& response, std::string_view what) {
  const std::string message =
      std::string(what) + ": the registry answered " + std::to_string(response.status);
  if (response.status == 401 || response.status == 403) {
    return Error{Code::auth_refused, message, ""};
  }
  if (response.status == 404) return Error{Code::image_not_found, message, ""};
  if (response.status == 429) return Error{Code::network_throttled, message, ""};
  return Error{Code::network_status, message, ""};
}

Session::Session(HttpClient& http, const Clock& clock, Access access)
    : http_(http),
      clock_(clock),
      access_(std::move(access)),
      deadline_(clock.monotonic() + limits::verification_timeout) {}

bool Session::plain_http(std::string_view registry) const {
  if (is_loopback_host(host_of_authority(registry))) return !access_.tls_for_loopback;
  return std::ranges::any_of(access_.plain_http_hosts, [&](const std::string& host) {
    return ascii_lower(host) == registry;
  });
}

std::vector<Result<HttpResponse>> Session::send_once(std::vector<HttpRequest>& requests) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - clock_.monotonic());
  if (left <= milliseconds(0)) {
    return std::vector<Result<HttpResponse>>(requests.size(), out_of_time());
  }
  for (HttpRequest& request : requests) {
    request.timeout = std::min<milliseconds>(limits::request_timeout, left);
  }
  auto answers = http_.send(requests);
  constexpr milliseconds rounding(10);  // timeouts are whole milliseconds
  if (clock_.monotonic() + rounding < deadline_) return answers;
  for (auto& answer : answers) {
    if (!answer && answer.error().code == Code::network_timeout) answer = out_of_time();
  }
  return answers;
}

void Session::send_again(std::vector<HttpRequest>& requests,
                         std::vector<Result<HttpResponse>>& answers,
                         std::span<const std::size_t> places) {
  std::vector<HttpRequest> repeated;
  for (const std::size_t place : places) repeated.push_back(requests[place]);
  auto repeated_answers = send_once(repeated);
  for (std::size_t i = 0; i < places.size(); ++i) {
    answers[places[i]] = std::move(repeated_answers[i]);
  }
}

std::vector<Result<HttpResponse>> Session::send(std::vector<HttpRequest> requests,
                                                const std::string& registry,
                                                const std::string& repository, bool writes) {
  const std::string scope = "repository:" + repository + (writes ? ":pull,push" : ":pull");
  const std::string token_key = registry + " " + scope;
  const auto authorize = [&] {
    const auto known = tokens_.find(token_key);
    if (known == tokens_.end()) return;
    for (HttpRequest& request : requests) request.authorization = "Bearer " + known->second;
  };

  authorize();
  auto answers = send_once(requests);
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (wants_login(requests[i], answers[i])) refused.push_back(i);
  }
  if (!refused.empty()) {
    auto token = fetch_token(*answers[refused.front()], registry, scope);
    if (!token) {
      for (const std::size_t i : refused) answers[i] = token.error();
      return answers;
    }
    tokens_[token_key] = *std::move(token);
    authorize();
    send_again(requests, answers, refused);
  }
  retry_what_may_pass(requests, answers);
  return answers;
}

void Session::retry_what_may_pass(std::vector<HttpRequest>& requests,
                                  std::vector<Result<HttpResponse>>& answers) {
  std::vector<std::size_t> places;
  milliseconds longest(0);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto wait = wait_before_retry(answers[i]);
    if (!wait || !is_repeatable(requests[i])) continue;
    places.push_back(i);
    longest = std::max(longest, *wait);
  }
  if (places.empty() || clock_.monotonic() + longest >= deadline_) return;
  std::this_thread::sleep_for(longest);
  send_again(requests, answers, places);
}

// A realm is only asked over TLS when the registry speaks TLS, and over plain HTTP only where the
// registry itself is reached so. Unless the user named its host, a public registry's realm may not
// be at a private address; that is settled when connecting.
Result<HttpRequest> Session::realm_request(const BearerChallenge& challenge,
                                           const HttpResponse& refused) const {
  const auto realm = Url::parse(challenge.realm);
  const auto registry = Url::parse(refused.url);
  if (!realm || !registry) {
    return Error{Code::auth_realm,
                 "\"" + printable(challenge.realm) + "\" is no login server's address", ""};
  }
  if (realm->scheme != "https" &&
      (registry->scheme == "https" || !plain_http(realm->authority()))) {
    return Error{
        Code::auth_realm,
        "the registry names a login server without TLS, \"" + printable(challenge.realm) + "\"",
        ""};
  }
  const bool named_by_user = std::ranges::any_of(
      access_.auth_realm_hosts,
      [&](const std::string& host) { return ascii_lower(host) == realm->authority(); });
  HttpRequest request;
  request.url = realm->to_string();
  request.max_body_bytes = limits::max_token_answer_bytes;
  request.refuse_private_address = !refused.from_private_address && !named_by_user;
  return request;
}

Result<std::string> Session::fetch_token(const HttpResponse& refused, const std::string& registry,
                                         const std::string& fallback_scope) {
  TS_TRY(const auto challenge, bearer_challenge(refused));
  if (!challenge) {
    return Error{Code::auth_refused, "\"" + registry + "\" wants a login", ""};
  }
  TS_TRY(HttpRequest request, realm_request(*challenge, refused));
  const std::string& scope = challenge->scope.empty() ? fallback_scope : challenge->scope;
  request.url += request.url.find('?') == std::string::npos ? '?' : '&';
  if (!challenge->service.empty()) {
    request.url += "service=" + percent_encode(challenge->service) + "&";
  }
  request.url += "scope=" + percent_encode(scope);
  std::vector<HttpRequest> one = {std::move(request)};
  auto answer = std::move(send_once(one).front());
  if (!answer) {
    const Code code = answer.error().code;
    if (code == Code::limit_size) {
      return Error{Code::auth_token, "login server: " + answer.error().message, ""};
    }
    if (code == Code::network_redirect) {
      return in_context(answer.error(), Code::auth_realm, "login server");
    }
    return std::move(answer).error();
  }
  if (answer->status != 200) return status_error(*answer, "anonymous login");
  return read_token(*answer);
}

}  // namespace touchstone::oci
