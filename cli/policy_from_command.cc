#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "policy/foreign.h"

namespace touchstone::cli {
namespace {

using policy::Foreign;

struct Kind {
  std::string_view name;
  Foreign kind;
};
constexpr std::array kinds = {Kind{"notation", Foreign::notation},
                              Kind{"containers", Foreign::containers},
                              Kind{"cluster-image-policy", Foreign::cluster_image_policy}};

struct FromCommand {
  std::string kind;
  std::string file;
  policy::TranslateOptions options;

  Result<policy::Translation> translated() const;
  int run() const;
};

Result<policy::Translation> FromCommand::translated() const {
  const auto known = std::ranges::find(kinds, kind, &Kind::name);
  if (known == kinds.end()) {
    return Error{Code::usage_arguments, "KIND is notation, containers or cluster-image-policy", ""};
  }
  TS_TRY(const Bytes contents, read_file(file, limits::max_policy_bytes));
  TS_TRY(policy::Translation made, policy::translate(known->kind, contents, options));
  for (const auto& [path, key] : made.keys) TS_CHECK(replace_file(path, key, 0644));
  return made;
}

int FromCommand::run() const {
  const auto made = translated();
  if (!made) return complain(made.error());
  for (const std::string& note : made->notes) say("note: " + note);
  const auto printed = print(made->text);
  return printed ? exit_accepted : complain(printed.error());
}

}  // namespace

void declare_policy_from(CLI::App& policy) {
  CLI::App& app = *policy.add_subcommand("from");
  auto command = std::make_shared<FromCommand>();
  app.description(
      "Print the policy of another program as one of ours.\n\n"
      "It may be notation's trust policy, the policy.json of podman and skopeo, or "
      "policy-controller's\n"
      "ClusterImagePolicy. What cannot be said denies, and is told in comments and on standard "
      "error.\n\n"
      "Exit status: 0 done, 2 the policy cannot be read.\n\n"
      "Example:\n"
      "  touchstone policy from containers /etc/containers/policy.json > policy.yaml");
  offer(*app.add_option("KIND", command->kind, "notation, containers or cluster-image-policy")
             ->required()
             ->type_name(""),
        {"notation", "containers", "cluster-image-policy"});
  app.add_option("FILE", command->file, "the other program's policy")->required()->type_name("");
  app.add_option("--keys", command->options.keys_folder,
                 "a folder that is there: public keys that stand in the policy are written to it")
      ->type_name("DIR");
  app.add_flag(
      "--any-repository", command->options.any_repository,
      "say containers' sigstoreSigned, though ours does not compare the repository that a\n"
      "signature names: one of another repository's image, with the same digest, counts");
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
