#include "sign/identity_token.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "formats/json_fields.h"
#include "sign/service.h"

namespace touchstone::sign {
namespace {

using formats::Fields;
using formats::Json;

Error refuse(std::string_view why) {
  return Error{Code::auth_identity_token, "the identity token " + std::string(why), ""};
}

bool is_base64url(std::string_view part) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !part.empty() && part.find_first_not_of(alphabet) == std::string_view::npos;
}

// The second of three parts.
Result<Json> claims_of(std::string_view token) {
  const std::vector<std::string_view> parts = split(token, '.');
  if (parts.size() != 3 || !std::ranges::all_of(parts, is_base64url)) {
    return refuse("is not three parts of base64url");
  }
  auto bytes = from_base64(parts[1], Base64::either);
  if (!bytes) return refuse("is malformed base64url");
  auto claims = formats::parse_json(*bytes, limits::max_identity_token_bytes);
  wipe(*bytes);
  if (!claims) return refuse("holds malformed claims: " + claims.error().message);
  return claims;
}

// Some issuers write it as text.
bool is_true(const Json* value) {
  if (value == nullptr) return false;
  if (value->boolean() != nullptr) return *value->boolean();
  return value->string() != nullptr && *value->string() == "true";
}

Result<std::string> subject_in(const Fields& claims) {
  TS_TRY(const std::string email, claims.string_or("email", ""));
  if (!email.empty()) {
    if (is_true(claims.json().find("email_verified"))) return email;
    return claims.error("email_verified", "the issuer has not verified the e-mail address");
  }
  return claims.string("sub");
}

}  // namespace

Result<IdentityToken> IdentityToken::parse(const Secret& text, std::chrono::sys_seconds now) {
  std::string_view token = text.reveal();
  while (!token.empty() && std::string_view(" \t\r\n").contains(token.back())) {
    token.remove_suffix(1);
  }
  if (token.empty()) return refuse("is empty");
  if (token.size() > limits::max_identity_token_bytes) return refuse("is longer than any");
  TS_TRY(const Json document, claims_of(token));
  const auto in_words = [](Error error) { return refuse("is unusable: " + error.message); };
  const auto claims = Fields::of(document);
  if (!claims) return in_words(claims.error());
  auto issuer = claims->string("iss");
  if (!issuer) return in_words(issuer.error());
  auto subject = subject_in(*claims);
  if (!subject) return in_words(subject.error());
  const auto end = claims->unsigned_integer("exp");
  if (!end) return in_words(end.error());
  if (issuer->empty() || subject->empty()) return refuse("names nobody");

  constexpr std::uint64_t latest = 253'402'300'799;  // the year 9999
  const std::chrono::sys_seconds ends{
      std::chrono::seconds(static_cast<std::int64_t>(std::min(*end, latest)))};
  if (ends <= now) return refuse("ended at " + to_rfc3339(ends));
  IdentityToken out;
  out.text_ = Secret::holding(token);
  out.subject_ = *std::move(subject);
  out.issuer_ = *std::move(issuer);
  out.ends_ = ends;
  return out;
}

bool looks_like_token(std::string_view text) {
  // '{"' in base64.
  return text.starts_with("eyJ") && std::ranges::count(text, '.') == 2;
}

Result<Secret> ask_github_for_token(HttpClient& http, std::string_view url,
                                    const Secret& request_token) {
  constexpr std::string_view who = "GitHub Actions";
  const auto address = Url::parse(url);
  if (!address || (address->scheme != "https" && !is_loopback_host(address->host))) {
    return refuse("cannot be had from GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL is no address");
  }
  HttpRequest request;
  request.url =
      std::string(url) + (address->target.contains('?') ? "&" : "?") + "audience=sigstore";
  request.authorization = "Bearer " + std::string(request_token.reveal());
  request.max_body_bytes = limits::max_identity_token_bytes;
  request.timeout = limits::service_timeout;
  auto response = ask_service(http, request, who);
  wipe(request.authorization);
  if (!response) return std::move(response).error();
  TS_TRY(const Json document, json_in(*response, who));
  wipe(response->body);
  const Json* value = document.find("value");
  if (value == nullptr || value->string() == nullptr) {
    return refuse("is not in the answer of GitHub Actions");
  }
  return Secret::holding(*value->string());
}

}  // namespace touchstone::sign
