// A credential helper of docker's and podman's: the program docker-credential-NAME.
//
// Spec: docker-credential-helpers. The answers are read by oci/helper_answer.h.
#pragma once

#include <optional>
#include <string>

#include "cli/shared/helper_process.h"
#include "oci/credentials.h"

namespace touchstone::cli {

class CredentialHelper {
 public:
  // Looks for the program in the folders of `search_path` ($PATH); those that are not absolute are
  // passed over. Refused: names beyond a-z, 0-9 and '-', programs that others can write.
  // Errors: auth.helper, auth.unsafe-file.
  static Result<CredentialHelper> find(const std::string& name, const std::string& search_path,
                                       HelperLimits bounds = {});

  // What it knows about a server, as AuthFile::key_of() names it; absent: nothing. What a failing
  // helper complains about is shown, made safe; what it answers never is.
  // Errors: auth.helper.
  Result<std::optional<oci::Credential>> get(const std::string& server) const;

  // Errors: auth.helper.
  Status store(const std::string& server, const oci::Credential& credential) const;
  Status erase(const std::string& server) const;

  std::string description() const { return "credential helper " + name_; }

 private:
  CredentialHelper(std::string name, std::string program, HelperLimits bounds)
      : name_(std::move(name)), program_(std::move(program)), bounds_(bounds) {}
  Result<HelperOutcome> run(const std::string& verb, std::string_view input) const;
  Error failure(std::string_view why) const;

  std::string name_;
  std::string program_;
  HelperLimits bounds_;
};

}  // namespace touchstone::cli
