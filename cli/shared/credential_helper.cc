#include "cli/shared/credential_helper.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "oci/helper_answer.h"

namespace touchstone::cli {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Result<CredentialHelper> CredentialHelper::find(const std::string& name,
                                                const std::string& search_path,
                                                HelperLimits bounds) {
  if (!is_name(name)) {
    return Error{Code::auth_helper, "\"" + printable(name) + "\" is no name of a credential helper",
                 "a helper's name consists of a-z, 0-9 and '-'"};
  }
  for (const std::string_view folder : split(search_path, ':')) {
    if (!folder.starts_with('/')) continue;
    const std::string program = std::string(folder) + "/docker-credential-" + name;
    struct stat info{};
    if (stat(program.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    if (access(program.c_str(), X_OK) != 0) continue;
    if ((info.st_mode & S_IWOTH) != 0 || (info.st_uid != geteuid() && info.st_uid != 0)) {
      return Error{
          Code::auth_unsafe_file,
          "\"" + printable(program) + "\" belongs to somebody else, or others may write it", ""};
    }
    return CredentialHelper(name, program, bounds);
  }
  return Error{Code::auth_helper, "there is no docker-credential-" + name + " in the PATH",
               "install it, or take it out of the file that names it"};
}

Error CredentialHelper::failure(std::string_view why) const {
  return Error{Code::auth_helper, "docker-credential-" + name_ + ": " + std::string(why), ""};
}

Result<HelperOutcome> CredentialHelper::run(const std::string& verb, std::string_view input) const {
  auto outcome = run_helper(program_, {verb}, input, bounds_);
  if (!outcome) return failure(outcome.error().message);
  return outcome;
}

Result<std::optional<oci::Credential>> CredentialHelper::get(const std::string& server) const {
  TS_TRY(HelperOutcome outcome, run("get", server));
  if (outcome.exit_status != 0) {
    const bool none = oci::helper_has_none(outcome.output);
    wipe(outcome.output);
    if (none) return std::optional<oci::Credential>();
    return failure("it ended with status " + std::to_string(outcome.exit_status) +
                   (outcome.complaint.empty() ? "" : ": " + printable(outcome.complaint)));
  }
  auto answer = oci::read_helper_answer(outcome.output, server);
  wipe(outcome.output);
  if (!answer) return failure(answer.error().message);
  if (*answer) (*answer)->origin = description();
  return answer;
}

Status CredentialHelper::store(const std::string& server, const oci::Credential& credential) const {
  std::string request = oci::helper_store_request(server, credential);
  auto outcome = run("store", request);
  wipe(request);
  if (!outcome) return std::move(outcome).error();
  // It was told the secret, so nothing of what it says is repeated.
  if (outcome->exit_status == 0) return ok();
  return failure("it did not save the login: status " + std::to_string(outcome->exit_status));
}

Status CredentialHelper::erase(const std::string& server) const {
  TS_TRY(const HelperOutcome outcome, run("erase", server));
  if (outcome.exit_status == 0 || oci::helper_has_none(outcome.output)) return ok();
  return failure("it did not forget the login: status " + std::to_string(outcome.exit_status));
}

}  // namespace touchstone::cli
