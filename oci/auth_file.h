// The files in which docker and podman keep logins: config.json and auth.json. Bytes in, bytes out.
//
// Spec: containers-auth.json(5); docker's cli/config/configfile. One object with
//   auths        by registry: {"auth": base64 of "user:password"}, or username and password, or
//                identitytoken; an empty object says nothing
//   credHelpers  by registry: the name of a credential helper, "" for none
//   credsStore   the name of the helper for all others
// Everything else is left as it is.
//
// A key is a registry, host[:port], and counts for that host and port alone; Docker Hub has several
// spellings. With "http://" or "https://" before it, what follows the host is left out, as docker
// does. Without, a path after the host is podman's: the credential counts for the repositories
// under it, and the longest one wins. No key is a pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "formats/json.h"
#include "oci/credentials.h"

namespace touchstone::oci {

class AuthFile {
 public:
  enum class Style : std::uint8_t { docker, containers };  // how Docker Hub is called in it

  // No bytes are a file without logins. Refused: what is no strict JSON, over
  // limits::max_auth_file_bytes or limits::max_auth_entries; members above of another kind.
  // Errors: auth.file.
  static Result<AuthFile> parse(ByteView bytes, Style style);

  struct Found {
    std::optional<Credential> saved;  // in the file itself
    std::string helper;               // to be asked first; empty: none
  };
  // What the file says about a repository. Only the entry that fits is decoded.
  // Errors: auth.file (that entry is malformed).
  Result<Found> find(std::string_view registry, std::string_view repository) const;

  // The helper for a registry: a name that consists of a-z, 0-9 and '-', or nothing.
  // Errors: auth.helper.
  Result<std::string> helper(std::string_view registry) const;

  // How the registry is called in this kind of file, and towards its helpers.
  std::string key_of(std::string_view registry) const;

  // Whether the registry itself has an entry; paths under it are not looked at.
  bool lists(std::string_view registry) const;

  // Every registry that the file says something about, as it is called there but without a scheme:
  // "host[:port]", with a path where the entry has one. Sorted, each once.
  std::vector<std::string> registries() const;

  // Replaces the registry's entries by one; without a credential, by one that is empty, which is
  // how docker notes that a helper has it.
  void put(std::string_view registry, const Credential* credential);

  // Removes the registry's entries. False when there was none.
  bool remove(std::string_view registry);

  // As docker writes it: indented with tabs.
  std::string text() const;

 private:
  AuthFile(formats::Json document, Style style) : document_(std::move(document)), style_(style) {}
  const formats::Json* best_entry(std::string_view host, std::string_view repository) const;

  formats::Json document_;
  Style style_;
};

}  // namespace touchstone::oci
