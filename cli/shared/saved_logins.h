// Where the user's logins are: given on the command line, or saved by docker, podman or
// `touchstone login`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shared/credential_helper.h"
#include "oci/auth_file.h"
#include "oci/credentials.h"

namespace touchstone::cli {

// What the environment says about logins, read in one place. A program that must not be swayed by
// its environment makes its own.
struct LoginPlaces {
  struct File {
    std::string path;
    oci::AuthFile::Style style = oci::AuthFile::Style::docker;
    bool must_exist = false;  // the user named it on the command line
  };
  std::vector<File> files;    // in the order in which they are asked
  std::size_t preferred = 0;  // the file that a new login goes into
  std::string helper_path;    // folders with credential helpers, as in $PATH
};

// With an --authfile, that file alone. Else podman's $REGISTRY_AUTH_FILE,
// $XDG_RUNTIME_DIR/containers/auth.json and ~/.config/containers/auth.json, then docker's
// $DOCKER_CONFIG/config.json or ~/.docker/config.json. A new login goes to $REGISTRY_AUTH_FILE when
// it is set, else to docker's file when it exists or $DOCKER_CONFIG is set, else to podman's.
LoginPlaces login_places(const std::string& authfile);

// Reads such a file; absent when there is none. A file that others may write, or that belongs to
// somebody else than the user and root, is refused; `warn` hears of one that others can read.
// Errors: auth.file, auth.unsafe-file.
using Warn = std::function<void(const std::string& text)>;
Result<std::optional<oci::AuthFile>> read_auth_file(const LoginPlaces::File& file,
                                                    const Warn& warn);

// The saved logins. Files are read, and helpers asked, when a registry demands a login: a helper
// once for each server. In each file a helper that is named for the registry is asked before the
// file's own entry; the first file that has something decides.
class SavedLogins : public oci::CredentialSource {
 public:
  SavedLogins(LoginPlaces places, Warn warn, HelperLimits bounds = {});

  Result<const oci::Credential*> find(std::string_view registry,
                                      std::string_view repository) override;

 private:
  using Known = std::unique_ptr<oci::Credential>;  // null: nothing is known
  Result<const oci::Credential*> ask_helper(const std::string& name, const std::string& server);
  void warn_once(const std::string& text);

  LoginPlaces places_;
  Warn warn_;
  HelperLimits bounds_;
  std::map<std::string, Known> saved_;   // by registry and repository
  std::map<std::string, Known> helped_;  // by helper and server
  std::set<std::string> warned_;
};

// The login of --username and --password-stdin. It is for one registry: the first that demands a
// login. A second one is refused rather than shown a password that is not its own.
class GivenLogin : public oci::CredentialSource {
 public:
  // `read_password` is called once, when a registry demands a login.
  GivenLogin(std::string username, std::function<Result<Secret>()> read_password);

  Result<const oci::Credential*> find(std::string_view registry,
                                      std::string_view repository) override;

 private:
  std::string username_;
  std::function<Result<Secret>()> read_password_;
  std::string registry_;
  std::optional<oci::Credential> credential_;
};

// A user name that can be sent: not empty, no colon, no control characters.
// Errors: usage.password.
Status check_user_name(std::string_view name);

// The password on a descriptor: to its end, without one line break there.
// Errors: usage.password.
Result<Secret> read_password(int fd);

}  // namespace touchstone::cli
