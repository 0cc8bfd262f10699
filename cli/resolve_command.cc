#include "base/limits.h"
#include "cli/commands.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"
#include "verify/collect.h"

namespace touchstone::cli {
namespace {

struct ResolveCommand {
  RegistryOptions registry;
  std::vector<std::string> images;
  std::string platform;

  Result<std::string> resolve_one(const std::string& image, oci::Registries& registries) const;
  int run();
};

Result<std::string> ResolveCommand::resolve_one(const std::string& image,
                                                oci::Registries& registries) const {
  TS_TRY(const Reference reference, Reference::parse(image));
  std::optional<formats::Platform> wanted;
  if (!platform.empty()) {
    TS_TRY(wanted, formats::Platform::parse(platform));
  }
  TS_TRY(const auto repository, registries.open(reference));
  TS_TRY(const auto resolved,
         verify::resolve(*repository, reference, wanted, verify::Attached::not_wanted));
  return reference.pinned(resolved.digest) + "\n";
}

int ResolveCommand::run() {
  const SystemClock clock;
  oci::Registries& registries = registry.registries(clock);
  int status = exit_accepted;
  std::string pinned;
  Progress progress("resolving", images.size());
  for (const std::string& image : images) {
    progress.next(image);
    registries.set_deadline(clock.monotonic() + limits::verification_timeout);
    const auto line = resolve_one(image, registries);
    if (line) {
      pinned += *line;
    } else {
      const int failed = complain(line.error());
      status = status == exit_accepted ? failed : std::min(status, failed);
    }
  }
  const auto printed = print(pinned);
  return printed ? status : complain(printed.error());
}

}  // namespace

void declare_resolve(CLI::App& command) {
  auto resolve = std::make_shared<ResolveCommand>();
  command.description(
      "Print the pinned reference of each IMAGE: the digest that its tag names now.\n"
      "No signature is looked at.\n\n"
      "Exit status: 0 done, 2 wrong usage, 3 registry, 5 internal.\n\n"
      "Example:\n  touchstone resolve registry.example/shop/api:1.4");
  command.add_option("IMAGE", resolve->images, "registry/name:tag or oci-layout:DIR[:tag]")
      ->required()
      ->type_name("");
  command.add_option("--platform", resolve->platform, "this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  resolve->registry.declare(command);
  set_action(command, [resolve] { return resolve->run(); });
}

}  // namespace touchstone::cli
