#include "oci/helper_answer.h"

#include <algorithm>

#include "base/limits.h"
#include "formats/json_fields.h"

namespace touchstone::oci {
namespace {

using formats::Json;

// The user name that says: the secret is an identity token.
constexpr std::string_view token_user = "<token>";

Error unusable(std::string_view why) { return Error{Code::auth_helper, std::string(why), ""}; }

bool is_user_name(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ':'; });
}

}  // namespace

Result<std::optional<Credential>> read_helper_answer(ByteView answer, std::string_view server) {
  const Error garbage = unusable("its answer is not a JSON object with a user name and a secret");
  const auto document = formats::parse_json(answer, limits::max_helper_answer_bytes);
  if (!document) return garbage;
  const auto fields = formats::Fields::of(*document);
  if (!fields) return garbage;
  const auto answered_for = fields->string_or("ServerURL", "");
  const auto username = fields->string("Username");
  auto secret = fields->string("Secret");
  if (!answered_for || !username || !secret) return garbage;
  if (!answered_for->empty() &&
      credential_host_of_key(*answered_for) != credential_host_of_key(server)) {
    return unusable("it answers for another server than it was asked about");
  }
  if (username->empty() && secret->empty()) return std::optional<Credential>();
  if (username->empty() || secret->empty() || !is_user_name(*username) ||
      username->size() + secret->size() > limits::max_credential_bytes) {
    return garbage;
  }
  Credential credential;
  credential.secret = Secret::holding(*secret);
  wipe(*secret);
  if (*username == token_user) {
    credential.kind = Credential::Kind::identity_token;
  } else {
    credential.username = *username;
  }
  return std::optional<Credential>(std::move(credential));
}

bool helper_has_none(ByteView answer) {
  std::string_view text = as_text(answer);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text == "credentials not found in native keychain";
}

std::string helper_store_request(std::string_view server, const Credential& credential) {
  const bool is_token = credential.kind == Credential::Kind::identity_token;
  Json request{Json::Object()};
  request.set("ServerURL", Json(server));
  request.set("Username", Json(is_token ? token_user : std::string_view(credential.username)));
  request.set("Secret", Json(credential.secret.reveal()));
  return formats::to_text(request);
}

}  // namespace touchstone::oci
