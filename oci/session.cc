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

bool may_pass(const Result<HttpResponse>& answer) {
  return answer && (answer->status == 429 || answer->status >= 500);
}

// RFC 9110 section 10.2.3, the form in seconds; dates and nonsense count as the shortest wait.
milliseconds wait_before_retry(const HttpResponse& response) {
  const milliseconds jitter(100 + crypto::random_bytes(1)[0]);
  const auto header = response.header("retry-after");
  if (response.status != 429 || !header || header->empty() || header->size() > 9 ||
      header->find_first_not_of("0123456789") != std::string_view::npos) {
    return jitter;
  }
  const milliseconds asked = std::chrono::seconds(std::stol(std::string(*header)));
  return std::min<milliseconds>(asked, limits::max_retry_wait) + jitter;
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

}  // namespace

Error status_error(const HttpResponse& response, std::string_view what) {
  const std::string message = std::string(what) + ": the registry answered " +
                              std::to_string(response.status);
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
    const Error over{Code::limit_time, "the time for the whole verification is over", ""};
    return std::vector<Result<HttpResponse>>(requests.size(), Result<HttpResponse>(over));
  }
  for (HttpRequest& request : requests) {
    request.timeout = std::min<milliseconds>(limits::request_timeout, left);
  }
  return http_.send(requests);
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
  // Sends again those whose answer says so; the others keep their answer.
  const auto again = [&](std::vector<Result<HttpResponse>>& answers, auto wanted) {
    std::vector<std::size_t> places;
    std::vector<HttpRequest> repeated;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!wanted(answers[i])) continue;
      places.push_back(i);
      repeated.push_back(requests[i]);
    }
    if (places.empty()) return;
    auto repeated_answers = send_once(repeated);
    for (std::size_t i = 0; i < places.size(); ++i) {
      answers[places[i]] = std::move(repeated_answers[i]);
    }
  };
  const auto is_unauthorized = [](const Result<HttpResponse>& answer) {
    return answer && answer->status == 401;
  };

  authorize();
  auto answers = send_once(requests);
  const auto refused = std::ranges::find_if(answers, is_unauthorized);
  if (refused != answers.end()) {
    auto token = fetch_token(**refused, registry, scope);
    if (!token) {
      for (auto& answer : answers) {
        if (is_unauthorized(answer)) answer = token.error();
      }
      return answers;
    }
    tokens_[token_key] = *std::move(token);
    authorize();
    again(answers, is_unauthorized);
  }
  const auto passing = std::ranges::find_if(answers, may_pass);
  if (!writes && passing != answers.end()) {
    const milliseconds wait = wait_before_retry(**passing);
    if (clock_.monotonic() + wait < deadline_) {
      std::this_thread::sleep_for(wait);
      again(answers, may_pass);
    }
  }
  return answers;
}

// A realm is only asked over TLS when the registry speaks TLS, and over plain HTTP only where the
// registry itself is reached so. Whether it may be a private address is settled when connecting.
Status Session::check_realm(const BearerChallenge& challenge, const HttpResponse& refused) const {
  const auto realm = Url::parse(challenge.realm);
  const auto registry = Url::parse(refused.url);
  if (!realm || !registry) {
    return Error{Code::auth_realm, "the login server's address is malformed", ""};
  }
  const bool downgrade = realm->scheme != "https" &&
                         (registry->scheme == "https" || !plain_http(realm->authority()));
  if (downgrade) {
    return Error{Code::auth_realm,
                 "the registry names a login server without TLS, \"" + printable(challenge.realm) +
                     "\"",
                 ""};
  }
  return ok();
}

Result<std::string> Session::fetch_token(const HttpResponse& refused, const std::string& registry,
                                         const std::string& fallback_scope) {
  TS_TRY(const auto challenge, bearer_challenge(refused));
  if (!challenge) {
    return Error{Code::auth_refused, "\"" + registry + "\" wants a login", ""};
  }
  TS_CHECK(check_realm(*challenge, refused));
  const std::string& scope = challenge->scope.empty() ? fallback_scope : challenge->scope;
  std::string url = challenge->realm;
  url += url.find('?') == std::string::npos ? '?' : '&';
  if (!challenge->service.empty()) url += "service=" + percent_encode(challenge->service) + "&";
  url += "scope=" + percent_encode(scope);

  HttpRequest request;
  request.url = std::move(url);
  request.max_body_bytes = limits::max_token_answer_bytes;
  request.refuse_private_address = !refused.from_private_address;
  std::vector<HttpRequest> one = {std::move(request)};
  auto answer = std::move(send_once(one).front());
  if (!answer) {
    const Code code = answer.error().code;
    if (code == Code::limit_size) return in_context(answer.error(), Code::auth_token, "login server");
    if (code == Code::network_redirect) {
      return in_context(answer.error(), Code::auth_realm, "login server");
    }
    return std::move(answer).error();
  }
  if (answer->status != 200) return status_error(*answer, "anonymous login");
  return read_token(*answer);
}

}  // namespace touchstone::oci
