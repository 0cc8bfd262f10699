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
    "certificate of one of the authorities or sigstore instances. Prints the pinned reference of "
    "each image that is,\n"
    "one a line, and nothing for the others.\n\n"
    "Exit status: 0 accepted, 1 refused, 2 wrong usage or configuration, 3 could not decide,\n"
    "4 key device, 5 internal. Of several images: 1 when any is refused, else 3 when any is\n"
    "undecided.\n\n"
    "Examples:\n"
    "  touchstone verify --key release.pub registry.example/shop/api:1.4\n"
    "  touchstone verify --root release -a env=prod registry.example/shop/api@sha256:...\n"
    "  touchstone verify --root sigstore --identity ci@shop.example \\\n"
    "    --issuer https://accounts.example registry.example/shop/api:1.4";

struct VerifyCommand {
  explicit VerifyCommand(PublicKeyReader reader) : judged_by(std::move(reader)) {}

  DemandOptions judged_by;
  RegistryOptions registry;
  std::vector<std::string> images;
  std::string bundle;
  std::string platform;
  std::string output = "text";

  int run();
  Result<verify::VerifyOptions> options() const;
  Result<std::vector<Reference>> references() const;
  Result<std::unique_ptr<oci::Repository>> open(oci::Registries& registries,
                                                const Reference& reference) const;
};

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

Result<std::unique_ptr<oci::Repository>> VerifyCommand::open(oci::Registries& registries,
                                                             const Reference& reference) const {
  if (judged_by.offline() && !reference.is_layout()) {
    return Error{Code::network_unreachable, "the image is in a registry, and --offline asks none",
                 "copy it into a folder: touchstone copy IMAGE oci-layout:DIR"};
  }
  return registries.open(reference);
}

int VerifyCommand::run() {
  const auto given_clock = judged_by.clock();
  if (!given_clock) return complain(given_clock.error());
  const Clock& clock = **given_clock;
  const auto wanted = references();
  if (!wanted) return complain(wanted.error());
  if (output != "text" && output != "json") {
    return complain(Error{Code::usage_arguments, "--output takes text or json", ""});
  }
  const auto demand = judged_by.demand(clock);
  if (!demand) return complain(demand.error());
  const auto how = options();
  if (!how) return complain(how.error());

  oci::Registries& registries = registry.registries(clock);
  std::vector<verify::ImageReport> reports;
  std::string accepted;
  std::optional<Progress> progress(std::in_place, "verifying", wanted->size());
  for (const Reference& reference : *wanted) {
    progress->next(reference.to_string());
    registries.set_deadline(clock.monotonic() + limits::verification_timeout);
    auto repository = open(registries, reference);
    reports.push_back(repository
                          ? verify::verify_image(**repository, reference, *demand, *how, clock)
                          : verify::undecided(reference, std::move(repository).error()));
    const verify::ImageReport& report = reports.back();
    if (report.decision == verify::Decision::accepted) accepted += report.pinned + "\n";
    if (output == "text") {
      for (const std::string& line : verify::describe(report, *demand)) say(line);
    }
  }
  progress.reset();
  // On refusal standard output is empty but for the other images that were accepted.
  const auto printed =
      print(output == "json" ? verify::to_json(reports, *demand, clock.now()) : accepted);
  if (!printed) return complain(printed.error());
  return verify::exit_status(reports);
}

}  // namespace

void declare_verify(CLI::App& app, PublicKeyReader reader) {
  auto command = std::make_shared<VerifyCommand>(std::move(reader));
  app.description(std::string(description));
  app.add_option("IMAGE", command->images,
                 "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->required()
      ->type_name("");
  command->judged_by.declare(app, DemandOptions::Subject::image);
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
