#include <algorithm>

#include "base/files.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/device_options.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/policy_loading.h"
#include "formats/dsse_json.h"
#include "policy/issue.h"
#include "policy/lint.h"
#include "policy/open.h"
#include "sign/sign_envelope.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Sign a policy with a key that lives on a device, for `verify --policy-key`.\n\n"
    "The policy needs a serial number, above that of the issue in whose place it is written. What\n"
    "`policy lint` finds in it is refused unless it is allowed by name. The files that it names\n"
    "are looked for beside the signed policy, so write it where the policy is. Prints the policy\n"
    "digest.\n\n"
    "Exit status: 0 done, 2 the policy cannot be signed, 4 key device, 5 internal.\n\n"
    "Examples:\n"
    "  touchstone policy sign --key yubikey:9c policy.yaml\n"
    "  touchstone policy sign --key security.pem --allow audit-mode policy.yaml";

struct PolicySignCommand {
  DeviceOptions device;
  std::string file;
  std::string output;
  std::string trust;
  std::vector<std::string> allowed;  // findings
  bool overwrite = false;

  int run();
  Result<std::string> sign();
  Status check_signable(const policy::Document& document) const;
  Status check_findings(const policy::Document& document) const;
  Status check_replaced(const policy::Document& document) const;
  Result<std::string> signed_text(ByteView text) const;
};

// "policy.yaml" becomes "policy.signed.json".
std::string default_output(std::string file) {
  for (const std::string_view ending : {".yaml", ".yml", ".json"}) {
    if (!file.ends_with(ending)) continue;
    file.erase(file.size() - ending.size());
    break;
  }
  return file + ".signed.json";
}

Status PolicySignCommand::check_findings(const policy::Document& document) const {
  const SystemClock clock;
  std::size_t refused = 0;
  for (const policy::Finding& finding : policy::lint(document, clock.now())) {
    if (std::ranges::find(allowed, finding.name) != allowed.end()) continue;
    say(policy::to_line(finding, file));
    ++refused;
  }
  if (refused == 0) return ok();
  return Error{Code::usage_arguments,
               printable(file) + ": " + std::to_string(refused) + " findings are not allowed",
               "correct them, or sign in spite of them with --allow NAME"};
}

// That an older issue is never put in the place of a newer one, nor of anything else.
Status PolicySignCommand::check_replaced(const policy::Document& document) const {
  if (overwrite || !is_there(output)) return ok();
  const auto refuse = [&](Code code, const std::string& why) {
    return Error{code, "\"" + printable(output) + "\" is there already, and " + why,
                 "give --overwrite, or another name with --output"};
  };
  TS_TRY(const Bytes contents, read_file(output, policy::max_file_bytes));
  const auto there = policy::claimed_issue(contents, printable(output));
  if (!there) return refuse(Code::usage_file, "is no signed policy");
  if (there->name != document.name) {
    return refuse(Code::usage_file, "is the policy \"" + printable(there->name) + "\"");
  }
  if (document.serial > there->serial) return ok();
  return refuse(Code::policy_older, "has serial number " + std::to_string(there->serial) +
                                        "; this one has " + std::to_string(document.serial));
}

Status PolicySignCommand::check_signable(const policy::Document& document) const {
  if (document.serial == 0) {
    return Error{Code::policy_missing_key,
                 printable(file) + ": no `serial`, so that an older issue could take its place",
                 "give it `serial: 1`, and a higher one to each later issue"};
  }
  TS_CHECK(check_findings(document));
  return check_replaced(document);
}

// Opened again as whoever verifies opens it.
Result<std::string> PolicySignCommand::signed_text(ByteView text) const {
  TS_TRY(const auto key, device.open());
  TS_CHECK(device.unlock(*key, 1));
  TS_TRY(const Bytes spki, key->public_key());
  TS_TRY(const auto public_key, crypto::PublicKey::from_der(spki));
  TS_TRY(const auto envelope, sign::sign_envelope(*key, public_key, policy::payload_type, text));
  std::string made = formats::to_text(formats::to_json(envelope)) + "\n";
  const SystemClock clock;
  const auto opened =
      policy::open(as_bytes(made), printable(output),
                   materials_of(file, trust_folder(trust), clock), clock.now(), {{&public_key, 1}});
  if (opened) return made;
  return Error{Code::device_signature,
               "the signature just made does not verify: " + opened.error().message, ""};
}

Result<std::string> PolicySignCommand::sign() {
  const SystemClock clock;
  if (output.empty()) output = default_output(file);
  TS_TRY(const Bytes text, read_trusted_file(file, limits::max_policy_bytes));
  if (policy::is_signed(text)) {
    return Error{Code::usage_arguments, "\"" + printable(file) + "\" is signed already",
                 "give the policy itself"};
  }
  TS_TRY(const policy::Document document,
         policy::open(text, printable(file), materials_of(file, trust_folder(trust), clock),
                      clock.now()));
  TS_CHECK(check_signable(document));
  say("will sign " + printable(file) + ", serial number " + std::to_string(document.serial));
  TS_TRY(const std::string made, signed_text(text));
  TS_CHECK(replace_file(output, as_bytes(made), 0644));
  say("wrote " + printable(output));
  return document.digest->to_string() + "\n";
}

int PolicySignCommand::run() {
  const auto digest = sign();
  if (!digest) return complain(digest.error());
  const auto printed = print(*digest);
  return printed ? exit_accepted : complain(printed.error());
}

std::vector<std::string> finding_names() {
  std::vector<std::string> names;
  for (const policy::FindingKind& kind : policy::finding_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace

void declare_policy_sign(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("sign");
  auto command = std::make_shared<PolicySignCommand>();
  app.description(std::string(description));
  app.add_option("FILE", command->file, "the policy")->required()->type_name("");
  command->device.declare(app);
  app.add_option("--output", command->output,
                 "where to write it (default: beside FILE, with the ending .signed.json)")
      ->type_name("FILE");
  app.add_option("--allow", command->allowed, "sign in spite of this finding of `policy lint`")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(finding_names()));
  app.add_flag("--overwrite", command->overwrite,
               "replace what is there, be it a newer issue or something else");
  declare_trust(app, command->trust);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
