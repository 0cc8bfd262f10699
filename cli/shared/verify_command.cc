#include "cli/shared/verify_command.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"
#include "cli/shared/trust_loading.h"
#include "formats/sigstore_bundle.h"
#include "verify/report.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Check that each IMAGE is signed as you ask. By one of the keys, or by somebody with a\n"
    "certificate of one of the authorities. Prints the pinned reference of each image that is,\n"
    "one a line, and nothing for the others.\n\n"
    "Exit status: 0 accepted, 1 refused, 2 wrong usage or configuration, 3 could not decide,\n"
    "4 key device, 5 internal. Of several images: 1 when any is refused, else 3 when any is\n"
    "undecided.\n\n"
    "Examples:\n"
    "  touchstone verify --key release.pub registry.example/shop/api:1.4\n"
    "  touchstone verify --root release -a env=prod registry.example/shop/api@sha256:...";

// The system's clock, or an instant at which it stands; what measures intervals goes on.
class ClockAt : public Clock {
 public:
  ClockAt(const Clock& clock, std::optional<std::chrono::sys_seconds> instant)
      : clock_(clock), instant_(instant) {}
  std::chrono::sys_seconds now() const override { return instant_.value_or(clock_.now()); }
  std::chrono::steady_clock::time_point monotonic() const override { return clock_.monotonic(); }

 private:
  const Clock& clock_;
  std::optional<std::chrono::sys_seconds> instant_;
};

struct VerifyCommand {
  PublicKeyReader reader;
  RegistryOptions registry;
  std::vector<std::string> images;
  std::vector<std::string> keys;
  std::vector<std::string> roots;
  std::vector<std::string> annotations;
  std::string identity;
  bool identity_given = false;
  std::string at;
  std::string trust;
  std::string bundle;
  std::string platform;
  std::string output = "text";

  int run();
  Result<verify::Policy> policy(const Clock& clock) const;
  Result<verify::VerifyOptions> options() const;
  Result<std::vector<Reference>> references() const;
};

Result<verify::Policy> VerifyCommand::policy(const Clock& clock) const {
  if (keys.empty() && roots.empty()) {
    return Error{Code::usage_no_trust, "nothing was given to judge the image by", ""};
  }
  verify::Policy policy;
  TS_TRY(policy.annotations, parse_annotations(annotations));
  for (const std::string& name : keys) {
    auto key = reader(name);
    if (!key) {
      Error error = std::move(key).error();
      error.message = "key \"" + printable(name) + "\": " + error.message;
      return error;
    }
    policy.signers.push_back(
        {trust::TrustedKey{*std::move(key), "", {}, {}, ""}, "key " + printable(name)});
  }
  TS_CHECK(add_roots(policy, trust_folder(trust), roots, clock));
  if (identity_given) {
    if (identity.empty() || policy.authorities.empty() || !policy.signers.empty()) {
      return Error{
          Code::usage_arguments,
          "--identity names the holder of a certificate: it goes with roots of authorities "
          "alone, where keys would count whoever holds them",
          ""};
    }
    policy.identity = identity;
  }
  return policy;
}

Result<verify::VerifyOptions> VerifyCommand::options() const {
  verify::VerifyOptions options;
  if (!platform.empty()) {
    TS_TRY(options.platform, formats::Platform::parse(platform));
  }
  if (!bundle.empty()) {
    TS_TRY(Bytes bytes, read_file(bundle, limits::max_bundle_bytes));
    const auto parsed = formats::SigstoreBundle::parse(bytes);
    if (!parsed) return in_context(parsed.error(), Code::format_file, printable(bundle));
    options.detached = verify::Candidate{printable(bundle), std::move(bytes)};
  }
  return options;
}

Result<std::vector<Reference>> VerifyCommand::references() const {
  if (images.size() > limits::max_images) {
    return Error{Code::usage_arguments, "too many images", ""};
  }
  std::vector<Reference> references;
  for (const std::string& image : images) {
    TS_TRY(Reference reference, Reference::parse(image));
    references.push_back(std::move(reference));
  }
  return references;
}

int VerifyCommand::run() {
  const SystemClock system_clock;
  std::optional<std::chrono::sys_seconds> instant;
  if (!at.empty()) {
    instant = parse_rfc3339(at);
    if (!instant) {
      return complain(Error{Code::usage_arguments, "--at: \"" + printable(at) + "\" is no time",
                            "write it like 2026-01-31T23:59:59Z"});
    }
  }
  const ClockAt clock(system_clock, instant);
  const auto wanted = references();
  if (!wanted) return complain(wanted.error());
  if (output != "text" && output != "json") {
    return complain(Error{Code::usage_arguments, "--output takes text or json", ""});
  }
  const auto judged_by = policy(clock);
  if (!judged_by) return complain(judged_by.error());
  const auto how = options();
  if (!how) return complain(how.error());

  oci::Registries& registries = registry.registries(clock);
  std::vector<verify::ImageReport> reports;
  std::string accepted;
  std::optional<Progress> progress(std::in_place, "verifying", wanted->size());
  for (const Reference& reference : *wanted) {
    progress->next(reference.to_string());
    registries.set_deadline(clock.monotonic() + limits::verification_timeout);
    auto repository = registries.open(reference);
    reports.push_back(repository
                          ? verify::verify_image(**repository, reference, *judged_by, *how, clock)
                          : verify::undecided(reference, std::move(repository).error()));
    const verify::ImageReport& report = reports.back();
    if (report.decision == verify::Decision::accepted) accepted += report.pinned + "\n";
    if (output == "text") {
      for (const std::string& line : verify::describe(report, *judged_by)) say(line);
    }
  }
  progress.reset();
  // On refusal standard output is empty but for the other images that were accepted.
  const auto printed =
      print(output == "json" ? verify::to_json(reports, *judged_by, clock.now()) : accepted);
  if (!printed) return complain(printed.error());
  return verify::exit_status(reports);
}

}  // namespace

Result<crypto::PublicKey> read_public_key_file(const std::string& name) {
  for (const std::string_view scheme : {"pkcs11:", "yubikey:", "piv:"}) {
    if (name.starts_with(scheme)) {
      return Error{Code::usage_device_uri, "this program opens no key devices", ""};
    }
  }
  TS_TRY(const Bytes contents, read_trusted_file(name, limits::max_key_file_bytes));
  return crypto::PublicKey::from_file(contents);
}

void declare_verify(CLI::App& app, PublicKeyReader reader) {
  auto command = std::make_shared<VerifyCommand>();
  command->reader = std::move(reader);
  app.description(std::string(description));
  app.add_option("IMAGE", command->images,
                 "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->required()
      ->type_name("");
  app.add_option("-k,--key", command->keys, "public key that may have signed (any of several)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  offer_roots(*app.add_option("--root", command->roots,
                              "root of the trust store whose keys, or whose authorities' "
                              "certificates, may\nhave signed")
                   ->type_name("NAME")
                   ->allow_extra_args(false));
  app.add_option_function<std::string>(
         "--identity",
         [command](const std::string& name) {
           command->identity = name;
           command->identity_given = true;
         },
         "whose certificate it must be: its one alternative name, letter for letter")
      ->type_name("NAME");
  app.add_option("--at", command->at, "judge as of then, for audits, and not as of now")
      ->type_name("TIME");
  app.add_option("--trust", command->trust,
                 "trust store (default: $TOUCHSTONE_TRUST, else ~/.config/touchstone/trust,\n"
                 "else /etc/touchstone/trust)")
      ->type_name("DIR");
  app.add_option("-a,--annotation", command->annotations, "annotation that must be signed")
      ->type_name("K=V")
      ->allow_extra_args(false);
  app.add_option("--bundle", command->bundle, "judge this signature, and none that is attached")
      ->type_name("FILE");
  app.add_option("--platform", command->platform, "judge this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  offer(*app.add_option("-o,--output", command->output, "text (the default) or json")
             ->type_name("FORMAT"),
        {"text", "json"});
  command->registry.declare(app);
  set_action(app, [command] { return command->run(); });
}

void declare_verifier(CLI::App& app) {
  prepare(app, std::string("touchstone-verify ") + TOUCHSTONE_VERSION);
  declare_verify(app, read_public_key_file);
}

}  // namespace touchstone::cli
