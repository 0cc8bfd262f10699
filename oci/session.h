// Requests to registries: deadlines, anonymous Bearer tokens, one retry of what may pass.
//
// Spec: OCI Distribution Spec v1.1, "Authentication"; Distribution's token authentication.
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

  // Sends requests to one repository at once. Those answered with 401 share one token and are sent
  // once more. Then GET and HEAD requests that were throttled (429; waiting as asked, not at all
  // where more than limits::max_retry_wait is asked), answered with 5xx or cut off get one more
  // try. Errors: those of HttpClient, auth.*, limit.time.
  std::vector<Result<HttpResponse>> send(std::vector<HttpRequest> requests,
                                         const std::string& registry, const std::string& repository,
                                         bool writes);

 private:
  std::vector<Result<HttpResponse>> send_once(std::vector<HttpRequest>& requests);
  void send_again(std::vector<HttpRequest>& requests, std::vector<Result<HttpResponse>>& answers,
                  std::span<const std::size_t> places);
  void retry_what_may_pass(std::vector<HttpRequest>& requests,
                           std::vector<Result<HttpResponse>>& answers);
  Result<std::string> fetch_token(const HttpResponse& refused, const std::string& registry,
                                  const std::string& fallback_scope);
  Result<HttpRequest> realm_request(const BearerChallenge& challenge,
                                    const HttpResponse& refused) const;

  HttpClient& http_;
  const Clock& clock_;
  Access access_;
  std::chrono::steady_clock::time_point deadline_;
  std::map<std::string, std::string> tokens_;  // by registry and scope
};

// The error that an answer's status means, for statuses that are none of the expected ones.
Error status_error(const HttpResponse& response, std::string_view what);

}  // namespace touchstone::oci
