#include "oci/auth_file.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/json_fields.h"

namespace touchstone::oci {
namespace {

using formats::Fields;
using formats::Json;

Error malformed(std::string_view why) { return Error{Code::auth_file, std::string(why), ""}; }

bool is_helper_name(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// A key, taken apart.
struct Key {
  std::string host;
  std::string path;      // below the host; empty: the registry itself
  bool literal = false;  // no scheme was left out

  static Key of(std::string_view text) {
    Key key;
    key.literal = !text.contains("://");
    key.host = credential_host_of_key(text);
    const std::size_t slash = text.find('/');
    if (!key.literal || slash == std::string_view::npos) return key;
    key.path = text.substr(slash + 1);
    // What docker left in old files, and a path for nobody else.
    if (key.path == "v1/" || key.path == "v2/" || key.path == "v1" || key.path == "v2") {
      key.path.clear();
      key.literal = false;
    }
    return key;
  }

  bool covers(std::string_view wanted_host, std::string_view repository) const {
    if (host.empty() || host != wanted_host) return false;
    if (path.empty()) return true;
    return repository == path || (repository.starts_with(path) && repository[path.size()] == '/');
  }

  bool is_registry(std::string_view wanted_host) const {
    return host == wanted_host && path.empty();
  }

  // The longer the path the better, and a bare host before one with a scheme.
  std::size_t rank() const { return 2 * path.size() + (literal ? 1 : 0); }
};

Status check_members(const Json& document) {
  TS_TRY(const Fields fields, Fields::of(document));
  TS_TRY(const auto auths, fields.optional_object("auths"));
  if (auths) {
    const Json::Object& entries = *auths->json().object();
    if (entries.size() > limits::max_auth_entries) return malformed("it lists too many registries");
    for (const auto& [name, entry] : entries) {
      TS_CHECK(Fields::of(entry, "an entry of auths"));
    }
  }
  TS_CHECK(fields.string_map_or_empty("credHelpers"));
  TS_CHECK(fields.string_or("credsStore", ""));
  return ok();
}

// "user:password" in base64. Old docker clients padded the password with NULs.
Result<Credential> decode_auth(std::string_view text) {
  auto bytes = from_base64(text);
  if (!bytes) return malformed("an entry's \"auth\" is not base64");
  std::string_view plain = as_text(*bytes);
  while (plain.ends_with('\0')) plain.remove_suffix(1);
  const std::size_t colon = plain.find(':');
  const bool good = colon != std::string_view::npos && colon > 0 &&
                    plain.find('\0') == std::string_view::npos &&
                    plain.size() <= limits::max_credential_bytes;
  Credential credential;
  if (good) {
    credential.username = plain.substr(0, colon);
    credential.secret = Secret::holding(plain.substr(colon + 1));
  }
  wipe(*bytes);
  if (!good) return malformed("an entry's \"auth\" is not a user name, a colon and a password");
  return credential;
}

Result<std::optional<Credential>> decode(const Json& entry) {
  TS_TRY(const Fields fields, Fields::of(entry, "an entry of auths"));
  TS_TRY(std::string token, fields.string_or("identitytoken", ""));
  TS_TRY(std::string auth, fields.string_or("auth", ""));
  TS_TRY(const std::string username, fields.string_or("username", ""));
  TS_TRY(std::string password, fields.string_or("password", ""));
  if (std::max(token.size(), password.size()) > limits::max_credential_bytes) {
    return malformed("an entry's secret is too long");
  }
  std::optional<Credential> found;
  if (!token.empty()) {
    found = Credential{Credential::Kind::identity_token, "", Secret::holding(token), ""};
  } else if (!auth.empty()) {
    TS_TRY(found, decode_auth(auth));
  } else if (!username.empty()) {
    found = Credential{Credential::Kind::password, username, Secret::holding(password), ""};
  }
  wipe(token);
  wipe(auth);
  wipe(password);
  return found;
}

// Compact JSON with a line for each value, as docker's own writer makes it.
std::string indented(std::string_view compact) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out += "\n" + std::string(depth, '\t'); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += compact[++i];
      if (c == '"') in_string = false;
      continue;
    }
    const bool opens = c == '{' || c == '[';
    const bool closes = c == '}' || c == ']';
    const bool is_empty = closes && (compact[i - 1] == '{' || compact[i - 1] == '[');
    if (closes) --depth;
    if (closes && !is_empty) new_line();
    out += c;
    if (c == '"') in_string = true;
    if (c == ':') out += ' ';
    if (opens) ++depth;
    if (c == ',') new_line();
    if (opens && compact[i + 1] != '}' && compact[i + 1] != ']') new_line();
  }
  return out + "\n";
}

}  // namespace

Result<AuthFile> AuthFile::parse(ByteView bytes, Style style) {
  if (bytes.empty()) return AuthFile(Json(Json::Object()), style);
  auto document = formats::parse_json(bytes, limits::max_auth_file_bytes);
  if (!document) return malformed(document.error().message);
  if (const auto good = check_members(*document); !good) return malformed(good.error().message);
  return AuthFile(*std::move(document), style);
}

const Json* AuthFile::best_entry(std::string_view host, std::string_view repository) const {
  const Json* auths = document_.find("auths");
  if (auths == nullptr || auths->object() == nullptr) return nullptr;
  const Json* best = nullptr;
  std::size_t best_rank = 0;
  for (const auto& [name, entry] : *auths->object()) {
    const Key key = Key::of(name);
    if (!key.covers(host, repository) || (best != nullptr && key.rank() <= best_rank)) continue;
    best = &entry;
    best_rank = key.rank();
  }
  return best;
}

Result<AuthFile::Found> AuthFile::find(std::string_view registry,
                                       std::string_view repository) const {
  Found found;
  TS_TRY(found.helper, helper(registry));
  const Json* entry = best_entry(credential_host(registry), repository);
  if (entry == nullptr) return found;
  auto saved = decode(*entry);
  if (!saved) return malformed(saved.error().message);
  found.saved = *std::move(saved);
  return found;
}

Result<std::string> AuthFile::helper(std::string_view registry) const {
  const std::string host = credential_host(registry);
  std::string name;
  if (const Json* store = document_.find("credsStore"); store != nullptr && store->string()) {
    name = *store->string();
  }
  const Json* helpers = document_.find("credHelpers");
  if (helpers != nullptr && helpers->object() != nullptr) {
    std::size_t best_rank = 0;
    for (const auto& [text, helper] : *helpers->object()) {
      const Key key = Key::of(text);
      if (!key.is_registry(host) || key.rank() + 1 <= best_rank) continue;
      name = *helper.string();
      best_rank = key.rank() + 1;
    }
  }
  if (!is_helper_name(name)) {
    return Error{Code::auth_helper, "\"" + printable(name) + "\" is no name of a credential helper",
                 "a helper's name consists of a-z, 0-9 and '-'"};
  }
  return name;
}

std::string AuthFile::key_of(std::string_view registry) const {
  const std::string host = credential_host(registry);
  return host == "docker.io" && style_ == Style::docker ? "https://index.docker.io/v1/" : host;
}

bool AuthFile::lists(std::string_view registry) const {
  const Json* auths = document_.find("auths");
  if (auths == nullptr || auths->object() == nullptr) return false;
  const std::string host = credential_host(registry);
  return std::ranges::any_of(*auths->object(), [&](const Json::Member& member) {
    return Key::of(member.first).is_registry(host);
  });
}

std::vector<std::string> AuthFile::registries() const {
  std::vector<std::string> names;
  for (const char* const member : {"auths", "credHelpers"}) {
    const Json* list = document_.find(member);
    if (list == nullptr || list->object() == nullptr) continue;
    for (const auto& [text, entry] : *list->object()) {
      const Key key = Key::of(text);
      if (!key.host.empty())
        names.push_back(key.path.empty() ? key.host : key.host + "/" + key.path);
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void AuthFile::put(std::string_view registry, const Credential* credential) {
  remove(registry);
  Json entry{Json::Object()};
  if (credential != nullptr && credential->kind == Credential::Kind::identity_token) {
    entry.set("identitytoken", Json(credential->secret.reveal()));
  } else if (credential != nullptr) {
    entry.set("auth", Json(credential->basic().reveal()));
  }
  const Json* auths = document_.find("auths");
  Json changed = auths == nullptr || auths->is_null() ? Json(Json::Object()) : *auths;
  changed.set(key_of(registry), std::move(entry));
  document_.set("auths", std::move(changed));
}

bool AuthFile::remove(std::string_view registry) {
  if (!lists(registry)) return false;
  const std::string host = credential_host(registry);
  Json auths = *document_.find("auths");
  std::erase_if(*auths.object(), [&](const Json::Member& member) {
    return Key::of(member.first).is_registry(host);
  });
  document_.set("auths", std::move(auths));
  return true;
}

std::string AuthFile::text() const { return indented(formats::to_text(document_)); }

}  // namespace touchstone::oci
