#include <array>
#include <chrono>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"
#include "oci/copy.h"
#include "oci/layout_repository.h"
#include "verify/collect.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Copy IMAGE, and everything that is attached to it, to DEST.\n"
    "Each may be in a registry or in an image-layout folder. All images of an index come along,\n"
    "their layers, signatures, attestations and SBOMs, and what is attached to those. Bytes are\n"
    "never changed, so signatures hold at DEST. The tag comes last; after a copy that was cut\n"
    "off, the same command sends what is missing. Prints the pinned reference at DEST.\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 registry or layout, 5 internal.\n\n"
    "Examples:\n"
    "  touchstone copy registry.example/shop/api:1.4 oci-layout:/media/usb/images:api-1.4\n"
    "  touchstone copy oci-layout:/media/usb/images:api-1.4 registry.inside/shop/api:1.4";

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string in_words(std::uint64_t bytes) {
  constexpr std::array units = {" bytes", " KiB", " MiB", " GiB", " TiB"};
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10;
  for (; tenths >= 10'240 && unit + 1 < units.size(); ++unit) tenths /= 1024;
  const std::string whole = std::to_string(tenths / 10);
  return unit == 0 ? whole + units[unit] : whole + "." + std::to_string(tenths % 10) + units[unit];
}

struct CopyCommand {
  RegistryOptions registry;
  std::string image;
  std::string destination;
  std::string platform;

  int run();
  Result<std::string> copy();
  Result<verify::ResolvedImage> resolve(oci::Repository& from, const Reference& source) const;
  Result<oci::CopyPlan> plan(oci::Repository& from, const oci::FetchedManifest& root) const;
};

// Where layers lie between two registries. Not /tmp, which is in memory here and there.
std::string scratch_folder() { return environment("TMPDIR").value_or("/var/tmp"); }

// A layout that cannot be read is a mistake on the command line here.
Result<std::unique_ptr<oci::Repository>> open_destination(oci::Registries& registries,
                                                          const Reference& target) {
  if (!target.is_layout()) return registries.open(target);
  TS_CHECK(oci::LayoutRepository::create(target.folder()));
  auto opened = registries.open(target);
  if (!opened) return in_context(std::move(opened).error(), Code::format_file, target.name());
  const std::string no_tag;
  const auto readable = std::move((*opened)->manifests_by_tag(std::span(&no_tag, 1)).front());
  if (!readable) return in_context(readable.error(), Code::format_file, target.name());
  return opened;
}

void tell(const oci::CopyPlan& plan, const oci::CopyCounts& counts) {
  for (const std::string& notice : counts.notices) say("note: " + notice);
  say("copied " + counted(plan.images, "image or index", "images and indexes") + " and " +
      std::to_string(plan.attached.size() + plan.tagged.size()) + " attached; " +
      counted(counts.blobs_sent, "blob", "blobs") + " sent (" + in_words(counts.bytes_sent) +
      "), " + std::to_string(counts.blobs_there) + " there already");
}

Result<verify::ResolvedImage> CopyCommand::resolve(oci::Repository& from,
                                                   const Reference& source) const {
  std::optional<formats::Platform> wanted;
  if (!platform.empty()) {
    TS_TRY(wanted, formats::Platform::parse(platform));
  }
  return verify::resolve(from, source, wanted, verify::Attached::not_wanted);
}

Result<oci::CopyPlan> CopyCommand::plan(oci::Repository& from,
                                        const oci::FetchedManifest& root) const {
  const Progress progress("looking what there is", 1);
  return oci::plan_copy(from, root);
}

Result<std::string> CopyCommand::copy() {
  TS_TRY(const Reference source, Reference::parse(image));
  TS_TRY(const Reference target, Reference::parse(destination));
  const SystemClock clock;
  oci::Registries& registries = registry.registries(clock);
  // Each request has its own time; how long all of them take is for the layers to say.
  registries.set_deadline(std::chrono::steady_clock::time_point::max());
  TS_TRY(const auto from, registries.open(source));
  TS_TRY(const verify::ResolvedImage resolved, resolve(*from, source));
  if (target.digest() && *target.digest() != resolved.digest) {
    return Error{Code::usage_arguments,
                 "the image is " + resolved.digest.to_string() + ", and DEST names another digest",
                 "name DEST by a tag, or by that digest"};
  }
  if (!platform.empty()) {
    say("note: one image of an index: what is attached to the index, its signatures too, does not "
        "come along");
  }
  TS_TRY(const oci::CopyPlan all, plan(*from, resolved.manifest));
  for (const std::string& notice : all.notices) say("note: " + notice);
  TS_TRY(const auto to, open_destination(registries, target));

  const std::size_t steps =
      all.blobs.size() + all.parts.size() + all.attached.size() + all.tagged.size();
  oci::CopyOptions options;
  options.tag = target.tag().value_or("");
  options.scratch_folder = scratch_folder();
  Progress progress("copying", steps);
  options.on_next = [&](const std::string& name) { progress.next(name); };
  TS_TRY(const auto counts, oci::carry_out(all, *from, *to, options));
  tell(all, counts);
  return target.pinned(resolved.digest) + "\n";
}

int CopyCommand::run() {
  const auto pinned = copy();
  if (!pinned) return complain(pinned.error());
  const auto printed = print(*pinned);
  return printed ? exit_accepted : complain(printed.error());
}

}  // namespace

// No --username: it would go to both registries.
void declare_copy(CLI::App& app) {
  auto command = std::make_shared<CopyCommand>();
  app.description(std::string(description));
  app.add_option("IMAGE", command->image,
                 "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->required()
      ->type_name("");
  app.add_option("DEST", command->destination,
                 "the same kinds; without a tag, latest in a registry and none in a layout")
      ->required()
      ->type_name("");
  app.add_option("--platform", command->platform,
                 "copy this image of a multi-platform index alone, with what is attached to it")
      ->type_name("OS/ARCH[/VARIANT]");
  command->registry.declare_connection(app);
  command->registry.declare_authfile(app);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
