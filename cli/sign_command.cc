#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/device_options.h"
#include "cli/shared/output.h"
#include "sign/sign_image.h"
#include "verify/collect.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Sign the digest of each IMAGE with a key that lives on a device, and attach the signature to\n"
    "the image as cosign v3 does. Prints the pinned reference of each image signed.\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 registry, 4 key device.\n\n"
    "Examples:\n"
    "  touchstone sign --key 'pkcs11:token=release;object=k1' registry.example/shop/api:1.4\n"
    "  touchstone sign --key release.pem -a env=prod registry.example/shop/api@sha256:...";

// An image to sign, and where its tag pointed when it was looked up.
struct Job {
  Reference reference;
  sign::Target target;
  bool by_tag = false;  // named by a tag, not by a digest
};

struct SignCommand {
  RegistryOptions registry;
  DeviceOptions device;
  std::vector<std::string> images;
  std::vector<std::string> annotations;
  std::string platform;
  std::string output_dir;
  bool recursive = false;
  bool no_push = false;
  bool yes = false;

  // Repositories live as long as the targets that point to them.
  std::vector<std::unique_ptr<oci::Repository>> repositories;

  int run();
  Status check_usage() const;
  Result<std::vector<Job>> jobs(oci::Registries& registries);
  Status add_jobs(const Reference& reference, oci::Registries& registries, std::vector<Job>& jobs);
  Status confirm(const std::vector<Job>& jobs) const;
  Status deliver(const Job& job, const sign::SignedImage& signed_image, const Clock& clock) const;
  void look_again(const Job& job) const;
};

Status SignCommand::check_usage() const {
  if (no_push && output_dir.empty()) {
    return Error{Code::usage_arguments, "--no-push without --output-dir would sign for nothing",
                 ""};
  }
  if (recursive && !platform.empty()) {
    return Error{Code::usage_arguments, "--recursive and --platform exclude each other", ""};
  }
  struct stat info{};
  if (!output_dir.empty() && (stat(output_dir.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) {
    return Error{Code::usage_file, "\"" + printable(output_dir) + "\" is no folder", ""};
  }
  return ok();
}

Status SignCommand::add_jobs(const Reference& reference, oci::Registries& registries,
                             std::vector<Job>& jobs) {
  std::optional<formats::Platform> wanted;
  if (!platform.empty()) {
    TS_TRY(wanted, formats::Platform::parse(platform));
  }
  TS_TRY(auto repository, registries.open(reference));
  TS_TRY(const auto resolved,
         verify::resolve(*repository, reference, wanted, verify::Attached::not_wanted));
  std::vector<formats::Descriptor> all = {resolved.manifest.descriptor()};
  if (recursive) {
    TS_TRY(all, sign::with_children(*repository, resolved.manifest));
  }
  bool first = true;
  for (formats::Descriptor& image : all) {
    std::string pinned = reference.pinned(image.digest);
    jobs.push_back({reference,
                    {repository.get(), std::move(image), std::move(pinned)},
                    first && !reference.digest() && platform.empty()});
    first = false;
  }
  repositories.push_back(std::move(repository));
  return ok();
}

Result<std::vector<Job>> SignCommand::jobs(oci::Registries& registries) {
  std::vector<Reference> references;
  for (const std::string& image : images) {
    TS_TRY(Reference reference, Reference::parse(image));
    references.push_back(std::move(reference));
  }
  std::vector<Job> jobs;
  for (const Reference& reference : references) {
    TS_CHECK(add_jobs(reference, registries, jobs));
  }
  return jobs;
}

// What will be signed is shown before any PIN is asked; a tag in a terminal is asked about.
Status SignCommand::confirm(const std::vector<Job>& jobs) const {
  bool any_tag = false;
  for (const Job& job : jobs) {
    say("will sign " + job.target.pinned +
        (job.by_tag ? " (" + job.reference.to_string() + " now)" : ""));
    any_tag = any_tag || job.by_tag;
  }
  if (!any_tag || yes || isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return ok();
  std::cerr << "touchstone: sign? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return ok();
  return Error{Code::usage_not_confirmed, "nothing was signed", ""};
}

Status SignCommand::deliver(const Job& job, const sign::SignedImage& signed_image,
                            const Clock& clock) const {
  if (!output_dir.empty()) {
    const Digest& digest = job.target.image.digest;
    const std::string name = std::string(digest.algorithm_name()) + "-" + digest.hex();
    TS_CHECK(replace_file(output_dir + "/" + name + ".sigstore.json", signed_image.bundle, 0644));
  }
  if (no_push) return ok();
  auto pushed = sign::attach(job.target, signed_image, clock.now());
  if (!pushed) {
    Error error = std::move(pushed).error();
    error.message = job.target.pinned + ": " + error.message;
    return error;
  }
  return ok();
}

// Design section 11.14: a tag that moved while we signed is worth a word.
void SignCommand::look_again(const Job& job) const {
  if (!job.by_tag || !job.reference.tag()) return;
  const auto now = job.target.repository->manifest_by_tag(*job.reference.tag());
  if (now && now->digest != job.target.image.digest) {
    say("note: " + job.reference.to_string() + " has moved meanwhile and is now " +
        now->digest.to_string() + ", which was not signed");
  }
}

int SignCommand::run() {
  const SystemClock clock;
  if (const auto usable = check_usage(); !usable) return complain(usable.error());
  const auto notes = parse_annotations(annotations);
  if (!notes) return complain(notes.error());
  auto key = device.open();
  if (!key) return complain(key.error());

  oci::Registries& registries = registry.registries(clock);
  registries.set_deadline(clock.monotonic() + limits::verification_timeout);
  const auto wanted = jobs(registries);
  if (!wanted) return complain(wanted.error());
  if (const auto confirmed = confirm(*wanted); !confirmed) return complain(confirmed.error());
  if (const auto open = device.unlock(**key, wanted->size()); !open) return complain(open.error());
  const auto spki = (*key)->public_key();
  if (!spki) return complain(spki.error());
  const auto public_key = crypto::PublicKey::from_der(*spki);
  if (!public_key) return complain(public_key.error());

  std::string done;
  int status = exit_accepted;
  for (const Job& job : *wanted) {
    registries.set_deadline(clock.monotonic() + limits::verification_timeout);
    const auto made = sign::sign_image(**key, *public_key, job.target.image, *notes);
    const auto delivered = made ? deliver(job, *made, clock) : Status(made.error());
    if (!delivered) {
      status = complain(delivered.error());
      break;  // a device that failed once, or a registry, is not tried with the rest
    }
    look_again(job);
    done += job.target.pinned + "\n";
  }
  const auto printed = print(done);
  return printed ? status : complain(printed.error());
}

}  // namespace

void declare_sign(CLI::App& app) {
  auto command = std::make_shared<SignCommand>();
  app.description(std::string(description));
  app.add_option("IMAGE", command->images,
                 "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->required()
      ->type_name("");
  command->device.declare(app);
  app.add_option("-a,--annotation", command->annotations, "annotation to sign with the image")
      ->type_name("K=V")
      ->allow_extra_args(false);
  app.add_flag("-r,--recursive", command->recursive, "sign an index and every image in it");
  app.add_option("--platform", command->platform, "sign this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  app.add_flag("--no-push", command->no_push, "attach nothing; needs --output-dir");
  app.add_option("--output-dir", command->output_dir, "write each bundle there as well")
      ->type_name("DIR");
  app.add_flag("-y,--yes", command->yes, "do not ask whether what a tag names is right");
  command->registry.declare(app);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
