#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/public_keys.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "trust/folder_store.h"
#include "trust/trust_store.h"

namespace touchstone::cli {
namespace {

struct TrustCommand {
  std::string folder;
  std::string name;
  std::vector<std::string> keys;
  std::string owner;
  std::string not_before;
  std::string not_after;
  std::string fingerprint;

  // Runs `action` on the store and shows its text.
  int run(Result<std::string> (TrustCommand::*action)(trust::TrustStore&) const) const;

  Result<std::string> add(trust::TrustStore& store) const;
  Result<std::string> list(trust::TrustStore& store) const;
  Result<std::string> show(trust::TrustStore& store) const;
  Result<std::string> remove(trust::TrustStore& store) const;
};

Result<std::optional<std::chrono::sys_seconds>> time_option(const std::string& option,
                                                            const std::string& text) {
  if (text.empty()) return std::optional<std::chrono::sys_seconds>();
  const auto time = parse_rfc3339(text);
  if (!time) {
    return Error{Code::usage_arguments, option + ": \"" + printable(text) + "\" is no time",
                 "write it like 2026-01-31T23:59:59Z"};
  }
  return time;
}

std::string describe(const trust::TrustedKey& trusted) {
  std::string text =
      trusted.key.fingerprint() + "\n  kind:       " + trusted.key.kind_name() + "\n";
  if (!trusted.owner.empty()) text += "  owner:      " + printable(trusted.owner) + "\n";
  if (trusted.not_before) text += "  not before: " + to_rfc3339(*trusted.not_before) + "\n";
  if (trusted.not_after) text += "  not after:  " + to_rfc3339(*trusted.not_after) + "\n";
  return text;
}

int TrustCommand::run(Result<std::string> (TrustCommand::*action)(trust::TrustStore&) const) const {
  const SystemClock clock;
  trust::FolderStore folder_store(trust_folder(folder), clock);
  trust::TrustStore store(folder_store, clock);
  const auto text = (this->*action)(store);
  if (!text) return complain(text.error());
  const auto printed = print(*text);
  return printed ? exit_accepted : complain(printed.error());
}

Result<std::string> TrustCommand::add(trust::TrustStore& store) const {
  TS_TRY(const auto begin, time_option("--not-before", not_before));
  TS_TRY(const auto end, time_option("--not-after", not_after));
  if (begin && end && *begin > *end) {
    return Error{Code::usage_arguments, "--not-before is later than --not-after", ""};
  }
  if (!is_printable(owner)) {
    return Error{Code::usage_arguments, "--owner holds characters that cannot be shown", ""};
  }
  std::vector<trust::TrustedKey> trusted;
  std::string text;
  for (const std::string& key : keys) {
    TS_TRY(auto public_key, read_public_key(key));
    text += public_key.fingerprint() + "\n";
    trusted.push_back({std::move(public_key), owner, begin, end, ""});
  }
  TS_CHECK(store.add(name, trusted));
  say("added to root \"" + name + "\"");
  return text;
}

Result<std::string> TrustCommand::list(trust::TrustStore& store) const {
  TS_TRY(const auto names, store.list());
  if (names.empty()) say("the trust store has no roots");
  std::string text;
  for (const std::string& root : names) text += root + "\n";
  return text;
}

Result<std::string> TrustCommand::show(trust::TrustStore& store) const {
  TS_TRY(const auto root, store.load(name));
  std::string text;
  for (const trust::TrustedKey& trusted : root.keys) text += describe(trusted);
  TS_TRY(const auto changes, store.changes(name));
  for (const trust::Change& change : changes) {
    say(to_rfc3339(change.time) + " " + printable(change.action) + " by user " +
        std::to_string(change.user) + ": " + printable(join(change.fingerprints, " ")));
  }
  return text;
}

Result<std::string> TrustCommand::remove(trust::TrustStore& store) const {
  if (fingerprint.empty()) {
    TS_CHECK(store.remove(name));
    say("removed root \"" + name + "\"");
  } else {
    TS_CHECK(store.remove_key(name, fingerprint));
    say("removed " + printable(fingerprint) + " from root \"" + name + "\"");
  }
  return std::string();
}

}  // namespace

void declare_trust(CLI::App& app) {
  app.description(
      "Keep named trust roots: the keys whose signatures count.\n\n"
      "Example:\n  touchstone trust add shop --key release.pub --owner release@shop");
  app.require_subcommand(1);
  const auto command = std::make_shared<TrustCommand>();
  const auto declare = [&](const char* name, const char* description,
                           Result<std::string> (TrustCommand::*action)(trust::TrustStore&)
                               const) -> CLI::App& {
    CLI::App& sub = *app.add_subcommand(name, description);
    sub.add_option(
           "--trust", command->folder,
           "trust store (default: $TOUCHSTONE_TRUST, else the user's, else /etc/touchstone/trust)")
        ->type_name("DIR");
    set_action(sub, [command, action] { return command->run(action); });
    return sub;
  };
  const auto take_name = [&](CLI::App& sub) {
    offer_roots(
        *sub.add_option("NAME", command->name, "the root's name")->required()->type_name(""));
  };

  CLI::App& add = declare("add",
                          "Make a root, or add keys to it.\n\nExample:\n"
                          "  touchstone trust add shop --key release.pub --owner release@shop",
                          &TrustCommand::add);
  take_name(add);
  // One file an option: a NAME that follows is not taken for another file.
  add.add_option("--key", command->keys, "public key: a file or a PKCS#11 URI; may be repeated")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("FILE");
  add.add_option("--owner", command->owner, "whose keys these are, for people")->type_name("TEXT");
  add.add_option("--not-before", command->not_before, "when the keys begin to count")
      ->type_name("TIME");
  add.add_option("--not-after", command->not_after, "when they cease to")->type_name("TIME");

  declare("list", "List the names of all roots.\n\nExample:\n  touchstone trust list",
          &TrustCommand::list);
  take_name(declare("show",
                    "Show the keys of a root, and its changes.\n\n"
                    "Example:\n  touchstone trust show shop",
                    &TrustCommand::show));
  CLI::App& remove = declare("remove",
                             "Remove a root, or one key of it.\n\n"
                             "Examples:\n  touchstone trust remove shop\n"
                             "  touchstone trust remove shop --key sha256:HEX",
                             &TrustCommand::remove);
  take_name(remove);
  remove.add_option("--key", command->fingerprint, "remove this key alone")
      ->type_name("sha256:HEX");
}

}  // namespace touchstone::cli
