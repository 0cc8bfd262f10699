#include <algorithm>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/public_keys.h"
#include "cli/shared/attestation_files.h"
#include "cli/shared/certificate_files.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/trust_loading.h"
#include "trust/built_in.h"
#include "trust/folder_store.h"
#include "trust/root_export.h"
#include "trust/trust_store.h"

namespace touchstone::cli {
namespace {

struct Validity {
  std::optional<std::chrono::sys_seconds> begin;
  std::optional<std::chrono::sys_seconds> end;
};

struct TrustCommand {
  std::string folder;
  std::string name;
  std::vector<std::string> exported;
  std::string file;
  bool replace = false;
  std::vector<std::string> keys;
  std::vector<std::string> authorities;
  std::vector<std::string> instances;
  std::vector<std::string> hardware;
  std::string attestation;
  std::string owner;
  std::string not_before;
  std::string not_after;
  std::string fingerprint;

  // Runs `action` on the store and shows its text.
  int run(Result<std::string> (TrustCommand::*action)(trust::TrustStore&) const) const;

  Result<std::string> add(trust::TrustStore& store) const;
  Result<std::string> add_keys(trust::TrustStore& store, const Validity& validity) const;
  Result<std::string> add_authorities(trust::TrustStore& store, const Validity& validity) const;
  Result<std::string> add_instances(trust::TrustStore& store, const Validity& validity) const;
  Result<std::string> add_hardware(trust::TrustStore& store, const Validity& validity) const;
  Status attest(trust::TrustStore& store, trust::TrustedKey& key) const;
  Result<std::string> show_key(trust::TrustStore& store, const trust::TrustedKey& key) const;
  Result<std::string> export_roots(trust::TrustStore& store) const;
  Result<std::string> import_roots(trust::TrustStore& store) const;
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

// An entry's lines, between its fingerprint and what the store says of it.
template <class Entry>
std::string describe(const Entry& trusted, const std::string& facts) {
  std::string text = trust::fingerprint(trusted) + "\n" + facts;
  if (!trusted.owner.empty()) text += "  owner:      " + printable(trusted.owner) + "\n";
  if (trusted.not_before) text += "  not before: " + to_rfc3339(*trusted.not_before) + "\n";
  if (trusted.not_after) text += "  not after:  " + to_rfc3339(*trusted.not_after) + "\n";
  return text;
}

std::string describe(const trust::TrustedKey& trusted) {
  return describe(trusted, "  kind:       " + trusted.key.kind_name() + "\n");
}

std::string describe(const trust::TrustedCertificate& trusted) {
  const crypto::Certificate& certificate = trusted.certificate;
  return describe(trusted, "  authority:  " + certificate.subject() +
                               "\n  issuer:     " + certificate.issuer() +
                               "\n  kind:       " + certificate.key().kind_name() +
                               "\n  valid:      " + to_rfc3339(certificate.not_before()) + " to " +
                               to_rfc3339(certificate.not_after()) + "\n");
}

std::string part_of(const char* what, const std::string& name, const formats::Validity& validity) {
  const auto shown = [](const Instant& time) {
    return to_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
  };
  std::string text = std::string("  ") + what + printable(name);
  if (validity.start) text += ", from " + shown(*validity.start);
  if (validity.end) text += ", until " + shown(*validity.end);
  return text + "\n";
}

std::string describe(const formats::TrustedRoot& root) {
  std::string text;
  for (const auto& authority : root.authorities) {
    text += part_of("authority:  ", authority.identity(), authority.validity);
  }
  for (const auto& log : root.logs) text += part_of("log:        ", log.url, log.validity);
  for (const auto& log : root.certificate_logs) {
    text += part_of("ct log:     ", log.url, log.validity);
  }
  for (const auto& authority : root.timestamp_authorities) {
    text += part_of("timestamps: ", authority.identity(), authority.validity);
  }
  return text;
}

std::string describe(const trust::TrustedInstanceRoot& trusted) {
  return describe(trusted, describe(*trusted.root));
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
  const int kinds = static_cast<int>(!keys.empty()) + static_cast<int>(!authorities.empty()) +
                    static_cast<int>(!instances.empty()) + static_cast<int>(!hardware.empty());
  if (kinds != 1) {
    return Error{Code::usage_arguments, "give one of --key, --ca, --trusted-root and --hardware-ca",
                 "a root holds keys, authorities of one kind or sigstore instances, and nothing "
                 "beside"};
  }
  if (!attestation.empty() && keys.size() != 1) {
    return Error{Code::usage_arguments, "--attestation goes with one --key", ""};
  }
  const Validity validity{begin, end};
  TS_TRY(auto text, !keys.empty()          ? add_keys(store, validity)
                    : !authorities.empty() ? add_authorities(store, validity)
                    : !hardware.empty()    ? add_hardware(store, validity)
                                           : add_instances(store, validity));
  say("added to root \"" + name + "\"");
  return text;
}

Result<std::string> TrustCommand::add_keys(trust::TrustStore& store,
                                           const Validity& validity) const {
  std::vector<trust::TrustedKey> trusted;
  std::string text;
  for (const std::string& key : keys) {
    TS_TRY(auto public_key, read_public_key(key));
    text += public_key.fingerprint() + "\n";
    trusted.push_back({std::move(public_key), owner, validity.begin, validity.end, ""});
  }
  if (!attestation.empty()) TS_CHECK(attest(store, trusted.front()));
  TS_CHECK(store.add(name, trusted));
  return text;
}

// What is kept is judged first, by every maker that is known here.
Status TrustCommand::attest(trust::TrustStore& store, trust::TrustedKey& key) const {
  const SystemClock clock;
  TS_TRY(key.attestation, read_attestation_file(attestation));
  TS_CHECK(verify::check_attested_key(key.attestation.front().key(), key.key));
  TS_TRY(const auto vendors, known_vendors(store, clock));
  TS_TRY(const auto attested, verify::judge_attestation(key.attestation, vendors, clock.now()));
  say("attested: " + verify::summary(attested));
  for (const std::string& warning : attested.warnings()) say("warning: " + warning);
  return ok();
}

Result<std::string> TrustCommand::add_authorities(trust::TrustStore& store,
                                                  const Validity& validity) const {
  const SystemClock clock;
  std::vector<trust::TrustedCertificate> trusted;
  std::string text;
  for (const std::string& path : authorities) {
    TS_TRY(auto certificates, read_certificate_file(path));
    for (crypto::Certificate& certificate : certificates) {
      text += certificate.fingerprint() + "\n";
      if (clock.now() < certificate.not_before()) {
        say("note: " + certificate.subject() + " is not valid before " +
            to_rfc3339(certificate.not_before()));
      }
      trusted.push_back({std::move(certificate), owner, validity.begin, validity.end, ""});
    }
  }
  TS_CHECK(store.add(name, trusted));
  return text;
}

Result<std::string> TrustCommand::add_instances(trust::TrustStore& store,
                                                const Validity& validity) const {
  if (validity.begin || validity.end) {
    return Error{Code::usage_arguments, "a trusted root says itself when its parts count", ""};
  }
  std::vector<trust::TrustedInstanceRoot> trusted;
  std::string text;
  for (const std::string& path : instances) {
    TS_TRY(const Bytes contents, read_file(path, limits::max_trust_file_bytes));
    auto instance = trust::TrustedInstanceRoot::parse(contents);
    if (!instance) {
      Error error = std::move(instance).error();
      error.message = printable(path) + ": " + error.message;
      return error;
    }
    instance->owner = owner;
    text += trust::fingerprint(*instance) + "\n";
    trusted.push_back(*std::move(instance));
  }
  TS_CHECK(store.add(name, trusted));
  return text;
}

Result<std::string> TrustCommand::add_hardware(trust::TrustStore& store,
                                               const Validity& validity) const {
  std::vector<trust::TrustedHardware> trusted;
  std::string text;
  for (const std::string& path : hardware) {
    TS_TRY(auto certificates, read_certificate_file(path));
    for (crypto::Certificate& certificate : certificates) {
      text += certificate.fingerprint() + "\n";
      trusted.push_back({{std::move(certificate), owner, validity.begin, validity.end, ""}});
    }
  }
  TS_CHECK(store.add(name, trusted));
  return text;
}

Result<std::string> TrustCommand::export_roots(trust::TrustStore& store) const {
  std::vector<std::string> wanted = exported;
  if (wanted.empty()) {
    TS_TRY(wanted, store.list());
  }
  if (wanted.empty()) return Error{Code::policy_unknown_root, "the trust store has no roots", ""};
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<trust::Root> roots;
  for (const std::string& root : wanted) {
    TS_TRY(trust::Root loaded, store.load(root));
    roots.push_back(std::move(loaded));
  }
  std::string text = trust::write_export(roots);
  if (file.empty()) return text;
  TS_CHECK(replace_file(file, as_bytes(text), 0644));
  return std::string();
}

// Nothing is changed when any root of the file cannot be: what is there is looked at first.
Result<std::string> TrustCommand::import_roots(trust::TrustStore& store) const {
  TS_TRY(const Bytes contents, read_file(file, limits::max_trust_file_bytes));
  TS_TRY(const auto roots, trust::read_export(contents));
  TS_TRY(const auto present, store.list());
  for (const trust::Root& root : roots) {
    if (!replace && std::ranges::find(present, root.name) != present.end()) {
      return Error{Code::policy_root_exists, "there is a root \"" + root.name + "\"",
                   "--replace puts the file's in its place"};
    }
  }
  std::string text;
  for (const trust::Root& root : roots) {
    using Existing = trust::TrustStore::Existing;
    TS_CHECK(store.import(root, replace ? Existing::replace : Existing::refuse));
    say("imported root \"" + root.name + "\"");
    text += root.name + "\n";
  }
  return text;
}

Result<std::string> TrustCommand::list(trust::TrustStore& store) const {
  TS_TRY(const auto names, store.list());
  if (names.empty()) say("the trust store has no roots");
  std::string text;
  for (const std::string& root : names) text += root + "\n";
  return text;
}

// Whether the attestation holds is judged anew: makers come and go.
Result<std::string> TrustCommand::show_key(trust::TrustStore& store,
                                           const trust::TrustedKey& key) const {
  std::string text = describe(key);
  if (key.attestation.empty()) return text;
  const SystemClock clock;
  TS_TRY(const auto vendors, known_vendors(store, clock));
  const auto attested = verify::judge_attestation(key.attestation, vendors, clock.now());
  return text + "  attested:   " +
         (attested ? verify::summary(*attested)
                   : "not any more: " + attested.error().message + " (" +
                         std::string(slug(attested.error().code)) + ")") +
         "\n";
}

Result<std::string> TrustCommand::show(trust::TrustStore& store) const {
  if (name == "yubico") {
    TS_TRY(const auto yubico, trust::HardwareVendor::yubico());
    say("root \"" + name + "\" comes with the program");
    std::string text;
    for (const crypto::Certificate& certificate : yubico.anchors) {
      text += describe(trust::TrustedCertificate{certificate, "", {}, {}, ""});
    }
    return text;
  }
  if (const auto built_in = trust::built_in_root(name)) {
    TS_TRY(const auto instance, trust::TrustedInstanceRoot::parse(as_bytes(*built_in)));
    say("root \"" + name + "\" comes with the program");
    return describe(instance);
  }
  TS_TRY(const auto root, store.load(name));
  std::string text;
  for (const trust::TrustedKey& trusted : root.keys) {
    TS_TRY(const std::string shown, show_key(store, trusted));
    text += shown;
  }
  for (const trust::TrustedHardware& trusted : root.hardware) text += describe(trusted);
  for (const trust::TrustedCertificate& trusted : root.certificates) text += describe(trusted);
  for (const trust::TrustedInstanceRoot& trusted : root.instances) text += describe(trusted);
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
    TS_CHECK(store.remove_entry(name, fingerprint));
    say("removed " + printable(fingerprint) + " from root \"" + name + "\"");
  }
  return std::string();
}

}  // namespace

void declare_trust(CLI::App& app) {
  app.description(
      "Keep named trust roots. A root holds the keys whose signatures count, the authorities "
      "whose\n"
      "certificates do, sigstore instances, or authorities above attestations of key devices. "
      "The\nroot of the public-good instance, \"sigstore\", and that of Yubico's devices, "
      "\"yubico\", come\nwith the program.\n\n"
      "Examples:\n  touchstone trust add shop --key release.pub --owner release@shop\n"
      "  touchstone trust add builders --ca root.pem\n"
      "  touchstone trust export --output roots.json");
  app.require_subcommand(1);
  const auto command = std::make_shared<TrustCommand>();
  const auto declare = [&](const char* name, const char* description,
                           Result<std::string> (TrustCommand::*action)(trust::TrustStore&)
                               const) -> CLI::App& {
    CLI::App& sub = *app.add_subcommand(name, description);
    declare_trust(sub, command->folder);
    set_action(sub, [command, action] { return command->run(action); });
    return sub;
  };
  const auto take_name = [&](CLI::App& sub) {
    offer_roots(
        *sub.add_option("NAME", command->name, "the root's name")->required()->type_name(""));
  };

  CLI::App& add = declare("add",
                          "Make a root, or add keys, authorities or sigstore instances to it.\n\n"
                          "Examples:\n"
                          "  touchstone trust add shop --key release.pub --owner release@shop\n"
                          "  touchstone trust add staff --ca authority.pem\n"
                          "  touchstone trust add private --trusted-root trusted_root.json\n"
                          "  touchstone trust add own-devices --hardware-ca f9-authority.pem",
                          &TrustCommand::add);
  take_name(add);
  // One file an option: a NAME that follows is not taken for another file.
  add.add_option("--ca", command->authorities,
                 "certificates of authorities, in one file; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("FILE");
  add.add_option("--key", command->keys,
                 "public key: a file, yubikey:SLOT or a PKCS#11 URI; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("FILE");
  add.add_option("--trusted-root", command->instances,
                 "trusted root of a sigstore instance; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("FILE");
  add.add_option("--hardware-ca", command->hardware,
                 "authorities above the attestations of key devices; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("FILE");
  add.add_option("--attestation", command->attestation,
                 "what the device attests of the one key, kept with it if it holds")
      ->type_name("FILE");
  add.add_option("--owner", command->owner, "whose these are, for people")->type_name("TEXT");
  add.add_option("--not-before", command->not_before, "when they begin to count")
      ->type_name("TIME");
  add.add_option("--not-after", command->not_after, "when they cease to")->type_name("TIME");

  declare("list",
          "List the names of all roots.\n\n"
          "They are those of the trust store; `sigstore` and `yubico` come with the program.\n\n"
          "Example:\n  touchstone trust list",
          &TrustCommand::list);
  take_name(declare("show",
                    "Show what a root holds, and its changes.\n\n"
                    "Example:\n  touchstone trust show shop",
                    &TrustCommand::show));
  CLI::App& remove = declare("remove",
                             "Remove a root, or one entry of it.\n\n"
                             "Examples:\n  touchstone trust remove shop\n"
                             "  touchstone trust remove shop --key sha256:HEX",
                             &TrustCommand::remove);
  take_name(remove);
  remove
      .add_option("--key,--ca,--trusted-root,--hardware-ca", command->fingerprint,
                  "remove this entry alone")
      ->type_name("sha256:HEX");

  CLI::App& write = declare("export",
                            "Write roots, all or some, to one file.\n\n"
                            "Example:\n  touchstone trust export shop --output roots.json",
                            &TrustCommand::export_roots);
  write.add_option("NAME", command->exported, "the roots (default: all)")->type_name("");
  write.add_option("--output", command->file, "where to (default: standard output)")
      ->type_name("FILE");
  CLI::App& read = declare("import",
                           "Take roots from an exported file, each whole.\n\n"
                           "Example:\n  touchstone trust import roots.json",
                           &TrustCommand::import_roots);
  read.add_option("FILE", command->file, "what `trust export` wrote")->required()->type_name("");
  read.add_flag("--replace", command->replace, "replace roots of the same names");
}

}  // namespace touchstone::cli
