#include "cli/shared/policy_judging.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"
#include "base/text.h"
#include "cli/shared/output.h"
#include "cli/shared/policy_loading.h"
#include "crypto/hash.h"
#include "judge/record.h"

namespace touchstone::cli {
namespace {

// "registry.example_shop_api_1.4-0f3a1b9c5d7e.json": one file for each name and platform.
std::string file_name(const Reference& reference, const judge::JudgeOptions& options) {
  std::string name = reference.to_string();
  std::string whole = name;
  if (options.platform) whole += " " + options.platform->to_string();
  constexpr std::size_t hash_digits = 12;
  const std::string hash = crypto::digest_of(as_bytes(whole)).hex().substr(0, hash_digits);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    if (!plain) c = '_';
  }
  constexpr std::size_t max_bytes = 200;  // of a file's name; systems take 255
  if (name.size() > max_bytes) name.erase(0, name.size() - max_bytes);
  return name + "-" + hash + ".json";
}

judge::ImageVerdict judge_opened(const Reference& reference, const policy::Document& document,
                                 const judge::JudgeOptions& options,
                                 const judge::OpenRepository& open, const Clock& clock) {
  auto repository = open(reference);
  if (!repository) return judge::undecided_image(reference, document, repository.error());
  return judge::judge_image(**repository, reference, document, options, open, clock);
}

}  // namespace

void PolicyJudging::declare(CLI::App& command) {
  command
      .add_option("-p,--policy", policy_,
                  "policy to judge by (default, where no key or root is given:\n"
                  "~/.config/touchstone/policy.yaml, else /etc/touchstone/policy.yaml)")
      ->type_name("FILE");
  command
      .add_option(
          "--policy-key", keys_,
          "public key by which the policy must be signed (any of several); it is not taken\n"
          "again with a lower serial number")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_flag("--explain", explain_,
                   "show what the policy's rule asks for and what was found, as a tree");
  command
      .add_option("--record", record_,
                  "write what was judged and what came of it into a file in DIR, for `policy test`")
      ->type_name("DIR");
}

Result<std::optional<policy::Document>> PolicyJudging::document(const DemandOptions& demand,
                                                                const Clock& clock) const {
  if (demand.given() && !policy_.empty()) {
    return Error{Code::usage_arguments,
                 "--policy says whose signatures count, and so do other options that are given",
                 "give one or the other"};
  }
  if (demand.given()) {
    if (record_.empty() && !explain_ && keys_.empty()) return std::optional<policy::Document>();
    return Error{Code::usage_arguments, "--explain, --record and --policy-key go with a policy",
                 ""};
  }
  TS_CHECK(prepare_record());
  TS_TRY(const std::string file, policy_file(policy_));
  if (policy_.empty()) say("note: judged by the policy " + printable(file));
  TS_TRY(policy::Document document, open_policy(file, demand.trust(), keys_, clock));
  return std::optional(std::move(document));
}

// Before anything is fetched.
Status PolicyJudging::prepare_record() const {
  if (record_.empty()) return ok();
  mkdir(record_.c_str(), 0777);  // that it is there already is the common case
  if (access((record_ + "/").c_str(), W_OK | X_OK) == 0) return ok();
  return Error{Code::usage_file,
               "--record: cannot write to \"" + printable(record_) + "\": " + system_message(errno),
               ""};
}

Result<judge::ImageVerdict> PolicyJudging::judge(const Reference& reference,
                                                 const policy::Document& document,
                                                 const judge::JudgeOptions& options,
                                                 const judge::OpenRepository& open,
                                                 const Clock& clock) const {
  if (record_.empty()) return judge_opened(reference, document, options, open, clock);
  judge::Record record{reference, options.platform, clock.now()};
  const judge::OpenRepository open_recording =
      [&](const Reference& name) -> Result<std::shared_ptr<oci::Repository>> {
    TS_TRY(auto repository, open(name));
    return std::shared_ptr(judge::recording(std::move(repository), name, record));
  };
  judge::ImageVerdict judged = judge_opened(reference, document, options, open_recording, clock);
  record.expected = judge::Expected::of(judged.verdict);
  if (judged.digest) {
    TS_TRY(auto repository, open_recording(reference));
    judge::read_all(*repository, record.top().value_or(*judged.digest));
  }
  const std::string file = record_ + "/" + file_name(reference, options);
  constexpr unsigned readable = 0644;
  TS_CHECK(replace_file(file, as_bytes(record.to_text()), readable));
  return judged;
}

}  // namespace touchstone::cli
