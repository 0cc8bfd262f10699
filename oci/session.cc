#include "oci/session.h"

#include <algorithm>
#include <thread>

#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"
#include "oci/login_rules.h"

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

std::string login_hint(const std::string& host) {
  return "log in with `touchstone login " + host + "`";
}

// `server` is the registry or its login server.
Error refusal_of(const std::string& host, const std::string& server, const Credential& sent) {
  return Error{Code::auth_refused,
               "\"" + server + "\" refuses the login that is known for \"" + host + "\" (" +
                   printable(sent.origin) + ")",
               "check the password; `touchstone login " + host + "` saves another"};
}

Error withheld(const std::string& host, const Url& realm) {
  if (!is_safe_for_secrets(realm)) {
    return Error{Code::auth_refused,
                 "\"" + host + "\" wants a login, and passwords are not sent without TLS",
                 "let the registry speak TLS, or reach it through a tunnel to loopback"};
  }
  return Error{Code::auth_refused,
               "\"" + host + "\" wants the login sent to another host, \"" +
                   printable(realm.authority()) + "\"; it was not",
               "if that host is right, add --auth-realm " + printable(realm.authority())};
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
    const milliseconds most = request.streams() ? limits::stream_timeout : limits::request_timeout;
    request.timeout = std::min(most, left);
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
  const Place place{registry, repository,
                    "repository:" + repository + (writes ? ":pull,push" : ":pull")};
  const std::string key = registry + " " + place.scope;
  const auto authorize = [&] {
    const auto known = authorizations_.find(key);
    if (known == authorizations_.end()) return;
    for (HttpRequest& request : requests) request.authorization = known->second;
  };

  authorize();
  auto answers = send_once(requests);
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (wants_login(requests[i], answers[i])) refused.push_back(i);
  }
  if (!refused.empty()) {
    const auto login = log_in(*answers[refused.front()], place);
    if (!login) {
      for (const std::size_t i : refused) answers[i] = login.error();
      return answers;
    }
    authorizations_[key] = login->authorization;
    authorize();
    send_again(requests, answers, refused);
    for (const std::size_t i : refused) {
      const bool denied = answers[i] && answers[i]->status == 403 && !login->with_credentials;
      if (denied || wants_login(requests[i], answers[i])) answers[i] = login->refused;
    }
  }
  retry_what_may_pass(requests, answers);
  return answers;
}

Result<bool> Session::check_login(const std::string& registry) {
  HttpRequest request;
  request.url = (plain_http(registry) ? "http://" : "https://") + registry + "/v2/";
  std::vector<HttpRequest> one = {request};
  auto answer = std::move(send_once(one).front());
  const bool demanded = wants_login(request, answer);
  if (demanded) {
    TS_TRY(const Login login, log_in(*answer, {registry, "", ""}));
    if (!login.with_credentials) return login.refused;
    one.front().authorization = login.authorization;
    answer = std::move(send_once(one).front());
    wipe(one.front().authorization);
    if (wants_login(request, answer)) return login.refused;
  }
  if (!answer) return answer.error();
  if (answer->status != 200) return status_error(*answer, "login to " + credential_host(registry));
  return demanded;
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

Result<const Credential*> Session::credential_for(const Place& place) const {
  if (access_.credentials == nullptr) return nullptr;
  return access_.credentials->find(credential_host(place.registry), place.repository);
}

Result<Session::Login> Session::log_in(const HttpResponse& refused, const Place& place) {
  TS_TRY(const auto bearer, bearer_challenge(refused));
  if (bearer) return bearer_login(*bearer, refused, place);
  TS_TRY(const bool basic, asks_for_basic(refused));
  if (basic) return basic_login(refused, place);
  return Error{Code::auth_refused, "\"" + place.registry + "\" wants a login of an unknown kind",
               ""};
}

Result<Session::Login> Session::basic_login(const HttpResponse& refused, const Place& place) {
  const std::string host = credential_host(place.registry);
  TS_TRY(const Credential* known, credential_for(place));
  if (known == nullptr) {
    return Error{Code::auth_refused, "\"" + host + "\" wants a login, and none is known",
                 login_hint(host)};
  }
  if (known->kind != Credential::Kind::password) {
    return Error{Code::auth_refused,
                 "\"" + host + "\" wants a password, and only an identity token is known (" +
                     printable(known->origin) + ")",
                 login_hint(host)};
  }
  TS_TRY(const Url asked, Url::parse(refused.url));
  if (!is_safe_for_secrets(asked)) {
    return Error{Code::auth_refused,
                 "\"" + host + "\" wants a login, and passwords are not sent without TLS",
                 "let the registry speak TLS, or reach it through a tunnel to loopback"};
  }
  return Login{"Basic " + std::string(known->basic().reveal()), true,
               refusal_of(host, host, *known)};
}

Result<Session::Login> Session::bearer_login(const BearerChallenge& challenge,
                                             const HttpResponse& refused, const Place& place) {
  const std::string host = credential_host(place.registry);
  TS_TRY(HttpRequest request, realm_request(challenge, refused));
  TS_TRY(const Url realm, Url::parse(request.url));
  TS_TRY(const Url registry, Url::parse(refused.url));
  TS_TRY(const Credential* known, credential_for(place));
  Login login{
      "", false,
      Error{Code::auth_refused, "\"" + host + "\" refuses an anonymous login", login_hint(host)}};
  if (known != nullptr && realm_may_have_credentials(realm, registry, access_.auth_realm_hosts)) {
    login.with_credentials = true;
    login.refused = refusal_of(host, realm.authority(), *known);
  } else if (known != nullptr) {
    login.refused = withheld(host, realm);
  }

  // Where a place has no scope of its own, none is asked for: GHCR's challenge names a placeholder.
  const std::string& scope =
      challenge.scope.empty() || place.scope.empty() ? place.scope : challenge.scope;
  std::string query;
  if (!challenge.service.empty()) query = "service=" + percent_encode(challenge.service);
  if (!scope.empty()) query += (query.empty() ? "scope=" : "&scope=") + percent_encode(scope);
  if (login.with_credentials && known->kind == Credential::Kind::identity_token) {
    std::string form = "grant_type=refresh_token&client_id=touchstone&" + query;
    std::string token = percent_encode(known->secret.reveal());
    form += "&refresh_token=" + token;
    request.method = "POST";
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = to_bytes(form);
    wipe(form);
    wipe(token);
  } else {
    if (login.with_credentials) {
      request.authorization = "Basic " + std::string(known->basic().reveal());
    }
    if (!query.empty()) {
      request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + query;
    }
  }
  TS_TRY(const std::string token, ask_for_token(std::move(request), login));
  login.authorization = "Bearer " + token;
  return login;
}

Result<std::string> Session::ask_for_token(HttpRequest request, const Login& login) {
  std::vector<HttpRequest> one;
  one.push_back(std::move(request));
  auto answer = std::move(send_once(one).front());
  wipe(one.front().authorization);
  wipe(one.front().body);
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
  // RFC 6749 section 5.2: a refresh token that is not good is answered with 400.
  const bool grant_refused = one.front().method == "POST" && answer->status == 400;
  if (answer->status == 401 || answer->status == 403 || grant_refused) return login.refused;
  if (answer->status != 200) return status_error(*answer, "login server");
  auto token = read_token(*answer);
  wipe(answer->body);
  return token;
}

}  // namespace touchstone::oci
