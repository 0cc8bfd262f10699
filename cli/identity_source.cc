#include "cli/identity_source.h"

#include <unistd.h>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/shared/system.h"
#include "sign/identity_token.h"

namespace touchstone::cli {
namespace {

Error missing(std::string message, std::string hint) {
  return Error{Code::auth_identity_token, std::move(message), std::move(hint)};
}

// The process's own environment still holds it.
Secret kept(std::string text) {
  Secret secret = Secret::holding(text);
  wipe(text);
  return secret;
}

Result<Secret> from_ci(HttpClient& http) {
  if (auto token = environment("SIGSTORE_ID_TOKEN")) return kept(*std::move(token));
  const auto url = environment("ACTIONS_ID_TOKEN_REQUEST_URL");
  auto request_token = environment("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (url && request_token) {
    return sign::ask_github_for_token(http, *url, kept(*std::move(request_token)));
  }
  return missing("the CI system gives this job no identity token",
                 "GitHub Actions: permissions id-token: write; GitLab: id_tokens with "
                 "SIGSTORE_ID_TOKEN and aud: sigstore");
}

}  // namespace

Result<Secret> read_identity_token(const std::string& source, HttpClient& http) {
  constexpr std::string_view variable = "env:";
  if (sign::looks_like_token(source)) {
    return Error{Code::usage_arguments,
                 "--identity-token was given the token itself, which every process can read there",
                 "give a file with it, env:NAME, or ci; that token should not be used any more"};
  }
  if (source == "ci") return from_ci(http);
  if (source.starts_with(variable)) {
    const std::string name = source.substr(variable.size());
    auto token = name.empty() ? std::nullopt : environment(name.c_str());
    if (!token) return missing("the variable \"" + printable(name) + "\" is not set", "");
    return kept(*std::move(token));
  }
  TS_TRY(Bytes contents,
         source == "-" ? read_descriptor(STDIN_FILENO, limits::max_identity_token_bytes, "stdin")
                       : read_file(source, limits::max_identity_token_bytes));
  Secret token = Secret::holding(as_text(contents));
  wipe(contents);
  return token;
}

}  // namespace touchstone::cli
