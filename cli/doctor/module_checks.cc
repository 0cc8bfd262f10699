#include <deque>

#include "base/text.h"
#include "cli/doctor/child.h"
#include "cli/doctor/device_checks.h"
#include "cli/shared/output.h"
#include "hsm/module_path.h"

namespace touchstone::cli {
namespace {

constexpr const char* module_check = "module";
constexpr const char* token_check = "token";

Result<Findings> load_and_list(const std::string& path) {
  TS_TRY(const auto module, hsm::Module::load(path));
  TS_TRY(const auto tokens, module->tokens());
  Findings findings = {good(
      module_check, "\"" + printable(path) + "\" loads; tokens: " + std::to_string(tokens.size()))};
  for (const hsm::Token& token : tokens) findings.push_back(judge_token(token));
  return findings;
}

std::string found_by_child(const std::string& path, bool named_by_user) {
  auto findings = load_and_list(path);
  if (findings) return to_message(*findings);
  Error error = findings.error();
  if (!error.message.contains(path)) {
    error.message = "\"" + printable(path) + "\": " + error.message;
  }
  if (error.hint.empty() && code_info(error.code).hint.empty()) {
    error.hint = "it may miss something that it needs; of no matter where nobody uses it";
  }
  // What others could replace is never loaded; that it lies there is bad whoever put it there.
  const bool grave = named_by_user || error.code == Code::policy_unsafe_module;
  return to_message({grave ? problem(module_check, error) : warning(module_check, error)});
}

Findings findings_of(const std::string& path, const ChildOutcome& outcome) {
  const auto broken = [&](const std::string& why) {
    return problem(module_check,
                   {Code::device_module, "\"" + printable(path) + "\" " + why,
                    "update or remove it; name another one in the key's module-path until then"});
  };
  if (outcome.end != ChildOutcome::End::answered) return {broken(outcome.fault())};
  auto findings = read_message(outcome.answer);
  return findings ? *std::move(findings) : Findings{broken("disturbs the process it is in")};
}

}  // namespace

Finding judge_token(const hsm::Token& token) {
  using Tries = KeyDescription::Tries;
  const std::string name = hsm::name_of(token);
  switch (token.tries) {
    case Tries::locked:
      return problem(token_check, {Code::device_pin_locked, name + ": its PIN is blocked", ""});
    case Tries::last:
      return warning(token_check, name + ": one try is left for its PIN",
                     "the next wrong PIN blocks it; the right one gives tries back");
    case Tries::low:
      return warning(token_check, name + ": a wrong PIN was given, and fewer tries are left",
                     "the right PIN gives them back");
    case Tries::normal:
    case Tries::unknown:
      break;
  }
  if (token.officer_tries == Tries::locked) {
    return warning(token_check, name + ": the PIN of its security officer is blocked",
                   "nobody can unblock the user's PIN any more: keep a second token ready");
  }
  return good(token_check, name + (token.login_required ? ": wants a PIN" : ": wants no PIN"));
}

Findings look_at_modules(const std::vector<hsm::FoundModule>& modules, bool named_by_user,
                         std::chrono::milliseconds timeout) {
  std::deque<AskedChild> children;
  for (const hsm::FoundModule& found : modules) {
    if (!found.path) continue;
    children.emplace_back([&] { return found_by_child(*found.path, named_by_user); }, timeout);
  }
  Findings findings;
  for (const hsm::FoundModule& found : modules) {
    if (found.path) {
      show_status("looking at " + printable(*found.path));
      append(findings, findings_of(*found.path, children.front().outcome()));
      children.pop_front();
    } else {
      Error error = found.path.error();
      error.message = "\"" + printable(found.name) + "\": " + error.message;
      error.hint = "install the package it belongs to, or remove the file";
      findings.push_back(warning(module_check, error));
    }
  }
  show_status("");
  if (modules.empty()) {
    findings.push_back(
        warning(module_check, "there is no PKCS#11 module; one is needed for HSMs alone",
                "install the one of your HSM's maker; apt-get install opensc for smart cards, "
                "softhsm2 to try things out"));
  }
  return findings;
}

Findings check_modules(const std::string& module) {
  if (!module.empty()) return look_at_modules({{module, module}}, true);
  return look_at_modules(hsm::find_modules(hsm::module_config_folders(), hsm::module_folders()),
                         false);
}

}  // namespace touchstone::cli
