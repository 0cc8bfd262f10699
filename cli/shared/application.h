// What every command shares: the parsed command line turned into real parts.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/shared/saved_logins.h"
#include "cli/shared/system.h"
#include "net/curl_client.h"
#include "oci/repository.h"

namespace touchstone::cli {

// Exits of a command: its status.
inline constexpr int exit_accepted = 0;

// How registries are reached, as the user says it.
class RegistryOptions {
 public:
  void declare(CLI::App& command);             // all of them
  void declare_connection(CLI::App& command);  // but for the login
  void declare_authfile(CLI::App& command);

  // The client and the registries; both live as long as this object. With the logins that the
  // options name or the user has saved, or with others.
  oci::Registries& registries(const Clock& clock);
  oci::Registries& registries(const Clock& clock, oci::CredentialSource& logins);

  // The same in parts, for a command that puts them together itself.
  net::CurlOptions client_options() const;
  oci::Access access(oci::CredentialSource& logins) const;

  const std::string& authfile() const { return authfile_; }

 private:
  std::string username_;
  bool password_stdin_ = false;
  std::string authfile_;
  std::unique_ptr<oci::CredentialSource> logins_;
  std::vector<std::string> plain_http_;
  std::vector<std::string> auth_realms_;
  std::string proxy_;
  net::CurlOptions curl_;
  std::unique_ptr<net::CurlClient> http_;
  std::unique_ptr<oci::Registries> registries_;
};

// Parses the command line and runs what was chosen. Help and versions go to standard output;
// errors of usage end with 2.
int run(CLI::App& app, int argc, const char* const* argv);

// What all commands of `app` have; called before they are declared.
void prepare(CLI::App& app, const std::string& version);

// A command's action: its callback ends the program with the action's status.
void set_action(CLI::App& command, std::function<int()> action);

// --trust DIR, for trust_folder().
void declare_trust(CLI::App& command, std::string& folder);

// "K=V" pairs. Errors: usage.arguments.
Result<std::map<std::string, std::string>> parse_annotations(const std::vector<std::string>& pairs);

}  // namespace touchstone::cli
