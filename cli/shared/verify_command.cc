#include "cli/shared/verify_command.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/shared/command_info.h"
#include "cli/shared/image_sources.h"
#include "cli/shared/output.h"
#include "cli/shared/policy_judging.h"
#include "cli/shared/progress.h"
#include "cli/shared/trust_loading.h"
#include "formats/sigstore_bundle.h"
#include "report/direct.h"
#include "report/words.h"
#include "verify/report.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Check that each IMAGE is signed as you ask. As a policy says, by one of the keys, or by\n"
    "somebody with a certificate of one of the authorities or sigstore instances. Prints the\n"
    "pinned reference of each image that is, one a line, and nothing for the others.\n\n"
    "Exit status: 0 accepted, 1 refused, 2 wrong usage or configuration, 3 could not decide,\n"
    "4 key device, 5 internal. Of several images: 1 when any is refused, else 3 when any is\n"
    "undecided.\n\n"
    "Examples:\n"
    "  touchstone verify --policy policy.yaml --explain registry.example/shop/api:1.4\n"
    "  touchstone verify --key release.pub registry.example/shop/api:1.4\n"
    "  touchstone verify --key release.pub --images-from deploy.yaml -o github -o "
    "sarif=scan.sarif\n"
    "  touchstone verify --root release -a env=prod registry.example/shop/api@sha256:...\n"
    "  touchstone verify --root sigstore --identity ci@shop.example \\\n"
    "    --issuer https://accounts.example registry.example/shop/api:1.4";

struct VerifyCommand {
  VerifyCommand(PublicKeyReader reader, std::shared_ptr<SummarySigner> signer)
      : judged_by(std::move(reader)), outputs(std::move(signer)) {}

  DemandOptions judged_by;
  PolicyJudging policy;
  RegistryOptions registry;
  ImageSources images;
  std::string bundle;
  std::string platform;
  ReportOutputs outputs;

  int run();
  int run_by_policy(const policy::Document& document, const std::vector<WantedImage>& wanted,
                    const Clock& clock);
  Result<verify::VerifyOptions> options() const;
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

Result<std::unique_ptr<oci::Repository>> VerifyCommand::open(oci::Registries& registries,
                                                             const Reference& reference) const {
  if (judged_by.offline() && !reference.is_layout()) {
    return Error{Code::network_unreachable, "the image is in a registry, and --offline asks none",
                 "copy it into a folder: touchstone copy IMAGE oci-layout:DIR"};
  }
  return registries.open(reference);
}

// What became of an image, and in which files it is named.
void tell(const verify::ImageReport& image, const verify::Demand& demand,
          const std::vector<judge::NamedAt>& named_at) {
  std::vector<std::string> lines = verify::describe(image, demand);
  auto place = lines.begin() + 1;
  for (const judge::NamedAt& named : named_at) {
    place = lines.insert(place, "  named at " + report::shown_place(named)) + 1;
  }
  for (const std::string& line : lines) say(line);
}

// The same for an image that was judged by a policy.
void tell(const judge::ImageVerdict& image, bool explain) {
  for (const std::string& line : report::describe(image, explain)) say(line);
}

int VerifyCommand::run_by_policy(const policy::Document& document,
                                 const std::vector<WantedImage>& wanted, const Clock& clock) {
  judge::JudgeOptions how;
  if (!bundle.empty()) {
    return complain(Error{Code::usage_arguments, "--bundle goes with --key or --root", ""});
  }
  if (!platform.empty()) {
    const auto parsed = formats::Platform::parse(platform);
    if (!parsed) return complain(parsed.error());
    how.platform = *parsed;
  }
  if (const auto ready = outputs.prepare(wanted.size()); !ready) return complain(ready.error());
  oci::Registries& registries = registry.registries(clock);
  const judge::OpenRepository opener =
      [&](const Reference& reference) -> Result<std::shared_ptr<oci::Repository>> {
    TS_TRY(auto repository, open(registries, reference));
    return std::shared_ptr<oci::Repository>(std::move(repository));
  };
  judge::Report report{judge::PolicyNote::of(document), clock.now(), {}};
  std::optional<Progress> progress(std::in_place, "verifying", wanted.size());
  for (const auto& [reference, named_at] : wanted) {
    progress->next(reference.to_string());
    registries.set_deadline(clock.monotonic() + limits::verification_timeout);
    auto judged = policy.judge(reference, document, how, opener, clock);
    if (!judged) return complain(judged.error());
    report.images.push_back(*std::move(judged));
    report.images.back().named_at = named_at;
    if (outputs.tells_people()) tell(report.images.back(), policy.explains());
  }
  progress.reset();
  const auto written = outputs.write({report, TOUCHSTONE_VERSION, {}});
  return written ? judge::exit_status(report) : complain(written.error());
}

int VerifyCommand::run() {
  const auto given_clock = judged_by.clock();
  if (!given_clock) return complain(given_clock.error());
  const Clock& clock = **given_clock;
  const auto wanted = images.read();
  if (!wanted) return complain(wanted.error());
  const auto document = policy.document(judged_by, clock);
  if (!document) return complain(document.error());
  if (*document) return run_by_policy(**document, *wanted, clock);
  const auto demand = judged_by.demand(clock);
  if (!demand) return complain(demand.error());
  const auto how = options();
  if (!how) return complain(how.error());
  if (const auto ready = outputs.prepare(wanted->size()); !ready) return complain(ready.error());

  oci::Registries& registries = registry.registries(clock);
  std::vector<verify::ImageReport> reports;
  judge::Report report{{}, clock.now(), {}};
  std::optional<Progress> progress(std::in_place, "verifying", wanted->size());
  for (const auto& [reference, named_at] : *wanted) {
    progress->next(reference.to_string());
    const auto begin = clock.monotonic();
    registries.set_deadline(begin + limits::verification_timeout);
    auto repository = open(registries, reference);
    reports.push_back(repository
                          ? verify::verify_image(**repository, reference, *demand, *how, clock)
                          : verify::undecided(reference, std::move(repository).error()));
    report.images.push_back(report::image_verdict(reports.back(), *demand));
    report.images.back().named_at = named_at;
    report.images.back().latency =
        std::chrono::floor<std::chrono::microseconds>(clock.monotonic() - begin);
    if (outputs.tells_people()) tell(reports.back(), *demand, named_at);
  }
  progress.reset();
  formats::Json demanded;
  if (outputs.tells_programs()) demanded = verify::to_document(reports, *demand, report.time);
  const auto written = outputs.write({report, TOUCHSTONE_VERSION, {}, &demanded});
  return written ? verify::exit_status(reports) : complain(written.error());
}

}  // namespace

void declare_verify(CLI::App& app, PublicKeyReader reader, std::shared_ptr<SummarySigner> signer) {
  auto command = std::make_shared<VerifyCommand>(std::move(reader), std::move(signer));
  app.description(std::string(description));
  command->images.declare(app);
  command->policy.declare(app);
  command->judged_by.declare(app, DemandOptions::Subject::image);
  app.add_option("--bundle", command->bundle, "judge this signature, and none that is attached")
      ->type_name("FILE");
  app.add_option("--platform", command->platform, "judge this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  command->outputs.declare(app);
  command->registry.declare(app);
  set_action(app, [command] { return command->run(); });
}

void declare_verifier(CLI::App& app) {
  prepare(app, std::string("touchstone-verify ") + TOUCHSTONE_VERSION);
  declare_verify(app, read_public_key_file, std::make_shared<SummarySigner>());
}

}  // namespace touchstone::cli
