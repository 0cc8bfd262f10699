// Requests to registries: deadlines, logins, one retry of what may pass.
//
// Spec: OCI Distribution Spec v1.1, "Authentication"; Distribution's token authentication (GET, and
// OAuth 2.0's refresh_token grant for identity tokens); RFC 7617 (Basic). Credentials are looked up
// when a registry demands a login, and sent over TLS or to loopback only: to the registry itself
// and to login servers that may have them (oci/login_rules.h); others are asked anonymously.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "oci/challenge.h"
#include "oci/repository.h"

namespace touchstone::oci {

class Session {
 public:
  Session(HttpClient& http, const Clock& clock, Access access);

  const Access& access() const { return access_; }
  const Clock& clock() const { return clock_; }
  void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }

  // Whether this registry (host[:port]) is reached without TLS.
  bool plain_http(std::string_view registry) const;

  // Sends requests to one repository at once. Those answered with 401 share one login and are sent
  // once more; a second 401 is auth.refused. Then GET and HEAD requests that were throttled (429;
  // waiting as asked, not at all where more than limits::max_retry_wait is asked), answered with
  // 5xx or cut off get one more try. Errors: those of HttpClient, auth.*, limit.time.
  std::vector<Result<HttpResponse>> send(std::vector<HttpRequest> requests,
                                         const std::string& registry, const std::string& repository,
                                         bool writes);

  // See Registries::check_login().
  Result<bool> check_login(const std::string& registry);

 private:
  // What a login gives: the header to send from now on, and what to say should it be refused.
  struct Login {
    std::string authorization;
    bool with_credentials = false;
    Error refused;
  };
  struct Place {
    std::string registry;
    std::string repository;  // empty: the registry itself
    std::string scope;       // where the challenge names none; empty: none is asked for
  };

  std::vector<Result<HttpResponse>> send_once(std::vector<HttpRequest>& requests);
  void send_again(std::vector<HttpRequest>& requests, std::vector<Result<HttpResponse>>& answers,
                  std::span<const std::size_t> places);
  void retry_what_may_pass(std::vector<HttpRequest>& requests,
                           std::vector<Result<HttpResponse>>& answers);
  Result<Login> log_in(const HttpResponse& refused, const Place& place);
  Result<Login> basic_login(const HttpResponse& refused, const Place& place);
  Result<Login> bearer_login(const BearerChallenge& challenge, const HttpResponse& refused,
                             const Place& place);
  Result<const Credential*> credential_for(const Place& place) const;
  Result<HttpRequest> realm_request(const BearerChallenge& challenge,
                                    const HttpResponse& refused) const;
  Result<std::string> ask_for_token(HttpRequest request, const Login& login);

  HttpClient& http_;
  const Clock& clock_;
  Access access_;
  std::chrono::steady_clock::time_point deadline_;
  std::map<std::string, std::string> authorizations_;  // headers, by registry and scope
};

// The error that an answer's status means, for statuses that are none of the expected ones.
Error status_error(const HttpResponse& response, std::string_view what);

}  // namespace touchstone::oci
