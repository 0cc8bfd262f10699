// What a registry, or its login server, may be shown, and where it comes from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace touchstone::oci {

struct Credential {
  enum class Kind : std::uint8_t {
    password,
    identity_token,  // OAuth 2.0's refresh token: for a login server only
  };

  Kind kind = Kind::password;
  std::string username;  // empty with an identity token
  Secret secret;
  std::string origin;  // for people: a file, a credential helper, an option

  // "user:password" in base64, as RFC 7617 sends it and files keep it.
  Secret basic() const;
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;

  // What is known for a repository of a registry (host[:port]; the repository may be empty); null:
  // nothing. Asked only when the registry demanded a login. What is returned lives as long as the
  // source.
  // Errors: auth.file, auth.unsafe-file, auth.helper, usage.*.
  virtual Result<const Credential*> find(std::string_view registry,
                                         std::string_view repository) = 0;
};

// The name under which a registry's credentials are looked up: host[:port] in lower case, and
// "docker.io" for each of Docker Hub's names.
std::string credential_host(std::string_view registry);

// The same for a key of a file or a server's address: a scheme and what follows the host are left
// out, as docker does.
std::string credential_host_of_key(std::string_view key);

}  // namespace touchstone::oci
