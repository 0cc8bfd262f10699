#include "base/limits.h"
#include "cli/commands.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"
#include "inspect/show.h"
#include "verify/collect.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Show every signature and attestation that is attached to IMAGE.\n"
    "A tree, for each image of an index: what kind it is, whom it claims to be by, what it says\n"
    "and about what, log entries and timestamps, SBOMs and other artifacts. Nothing of it is\n"
    "verified, and what is malformed is shown with the reason: `touchstone verify` decides.\n\n"
    "Exit status: 0 shown, whatever it is; 2 wrong usage; 3 it could not be listed; 5 internal.\n\n"
    "Examples:\n"
    "  touchstone inspect registry.example/shop/api:1.4\n"
    "  touchstone inspect --output json registry.example/shop/api:1.4";

struct InspectCommand {
  RegistryOptions registry;
  std::string image;
  std::string platform;
  std::string output = "text";

  int run();
  Result<std::string> inspect();
};

Result<std::string> InspectCommand::inspect() {
  TS_TRY(const Reference reference, Reference::parse(image));
  std::optional<formats::Platform> wanted;
  if (!platform.empty()) {
    TS_TRY(wanted, formats::Platform::parse(platform));
  }
  const SystemClock clock;
  oci::Registries& registries = registry.registries(clock);
  registries.set_deadline(clock.monotonic() + limits::verification_timeout);
  const Progress progress("looking what is attached", 1);
  TS_TRY(const auto repository, registries.open(reference));
  TS_TRY(const auto resolved,
         verify::resolve(*repository, reference, wanted, verify::Attached::not_wanted));
  TS_TRY(const auto found, touchstone::inspect::inspect(*repository, resolved.manifest));
  return output == "json" ? touchstone::inspect::to_json(found, reference)
                          : touchstone::inspect::describe(found, reference);
}

int InspectCommand::run() {
  if (output != "text" && output != "json") {
    return complain(Error{Code::usage_arguments, "--output takes text or json", ""});
  }
  const auto text = inspect();
  if (!text) return complain(text.error());
  const auto printed = print(*text);
  return printed ? exit_accepted : complain(printed.error());
}

}  // namespace

void declare_inspect(CLI::App& app) {
  auto command = std::make_shared<InspectCommand>();
  app.description(std::string(description));
  app.add_option("IMAGE", command->image,
                 "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->required()
      ->type_name("");
  app.add_option("--platform", command->platform, "this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  offer(*app.add_option("-o,--output", command->output, "text (the default) or json")
             ->type_name("FORMAT"),
        {"text", "json"});
  command->registry.declare(app);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
