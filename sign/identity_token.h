// Identity tokens: what an OpenID Connect issuer says of who runs this program, for a certificate
// authority to believe. Whether it is genuine is for that authority to say.
//
// Spec: RFC 7519 (JWT) in RFC 7515's compact form; OpenID Connect Core 1.0 section 2; Fulcio for
// which claim is the subject.
#pragma once

#include <chrono>
#include <string>

#include "base/http.h"
#include "base/result.h"
#include "base/secret.h"

namespace touchstone::sign {

// Holds the token; it is shown to the authority and to nobody else.
class IdentityToken {
 public:
  // Refused: anything but three parts of base64url without padding, claims that are no JSON object,
  // no issuer, no subject, an e-mail address that the issuer has not verified, no end of its life,
  // or one that is not after `now`. Blanks and line breaks at the end are passed over.
  // Errors: auth.identity-token; the message never holds the token.
  static Result<IdentityToken> parse(const Secret& text, std::chrono::sys_seconds now);

  // What a proof of possession is over: the e-mail address where there is one, else the subject.
  const std::string& subject() const { return subject_; }
  const std::string& issuer() const { return issuer_; }
  std::chrono::sys_seconds ends() const { return ends_; }
  const Secret& text() const { return text_; }

 private:
  IdentityToken() = default;
  Secret text_;
  std::string subject_;
  std::string issuer_;
  std::chrono::sys_seconds ends_;
};

// Whether somebody may have given a token itself where the name of one is wanted.
bool looks_like_token(std::string_view text);

// GitHub Actions hands out tokens to jobs with the permission `id-token: write`: at this address,
// to who has this request token, for the audience sigstore.
// Errors: network.*, auth.identity-token, limit.size.
Result<Secret> ask_github_for_token(HttpClient& http, std::string_view url,
                                    const Secret& request_token);

}  // namespace touchstone::sign
