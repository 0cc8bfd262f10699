#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/encoding.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/device_options.h"
#include "cli/shared/certificate_files.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"
#include "sign/sign_image.h"
#include "sign/simple_signing.h"
#include "verify/collect.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Sign the digest of each IMAGE with a key that lives on a device. The signature is attached\n"
    "to the image, as cosign v3 does (--format sigstore) or as cosign did before (--format\n"
    "cosign). Prints the pinned reference of each image signed.\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 registry, 4 key device, 5 internal.\n\n"
    "Examples:\n"
    "  touchstone sign --key yubikey:9c registry.example/shop/api:1.4\n"
    "  touchstone sign --key 'pkcs11:token=release;object=k1' registry.example/shop/api:1.4\n"
    "  touchstone sign --key release.pem -a env=prod registry.example/shop/api@sha256:...";

// What was made for one image; a form that was not asked for is absent.
struct Signatures {
  std::optional<sign::SignedImage> bundle;
  std::optional<sign::SimpleSignature> simple;
};

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
  std::vector<std::string> formats;
  std::string certificate;
  std::string chain;
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
  Result<std::optional<sign::CertificateToUse>> certificate_for(const crypto::PublicKey& key,
                                                                const Clock& clock) const;
  bool wants(std::string_view format) const;
  void tell_of_other_form(const Job& job) const;
  Result<Signatures> make(const Job& job, KeyDevice& key, const crypto::PublicKey& public_key,
                          const std::map<std::string, std::string>& notes,
                          const std::optional<sign::CertificateToUse>& certified) const;
  Status write_files(const Job& job, const Signatures& made) const;
  Status push(const Job& job, const Signatures& made, const Clock& clock) const;
  Status deliver(const Job& job, const Signatures& made, const Clock& clock) const;
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
  if (!chain.empty() && certificate.empty()) {
    return Error{Code::usage_arguments, "--chain needs --certificate", ""};
  }
  if (!certificate.empty() && !wants("sigstore")) {
    return Error{Code::usage_arguments, "--certificate goes with --format sigstore", ""};
  }
  struct stat info{};
  if (!output_dir.empty() && (stat(output_dir.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) {
    return Error{Code::usage_file, "\"" + printable(output_dir) + "\" is no folder", ""};
  }
  return ok();
}

Result<std::optional<sign::CertificateToUse>> SignCommand::certificate_for(
    const crypto::PublicKey& key, const Clock& clock) const {
  if (certificate.empty()) return std::optional<sign::CertificateToUse>();
  TS_TRY(const auto leaf, read_certificate_file(certificate));
  if (leaf.size() != 1) {
    return Error{Code::usage_certificate, "--certificate takes a file with one certificate",
                 "give the others by --chain"};
  }
  std::vector<crypto::Certificate> others;
  if (!chain.empty()) {
    TS_TRY(others, read_certificate_file(chain));
  }
  const auto now = clock.now();
  TS_TRY(auto checked, sign::SigningCertificate::create(leaf.front(), others, key, now));
  if (checked.carried().certificates.size() > 1) {
    say("note: the signature carries intermediate certificates; cosign v3 reads it with "
        "--allow-certificate-chain");
  }
  return std::optional(sign::CertificateToUse{std::move(checked), now});
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
  Progress progress("looking up", references.size());
  for (const Reference& reference : references) {
    progress.next(reference.to_string());
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

bool SignCommand::wants(std::string_view format) const {
  if (formats.empty()) return format == "sigstore";
  return std::ranges::find(formats, format) != formats.end();
}

// Design section 11.3. That it cannot be found out is no reason not to sign.
void SignCommand::tell_of_other_form(const Job& job) const {
  const bool both = wants("sigstore") && wants("cosign");
  bool other = false;
  if (!both) {
    const auto there = job.target.repository->image_and_referrers(job.target.image.digest, "");
    if (wants("sigstore")) {
      other = there.tagged && there.tagged_signatures->has_value();
    } else {
      other = there.referrers && std::ranges::any_of(*there.referrers, [](const auto& referrer) {
                return referrer.artifact_type == formats::media_type::bundle_v03;
              });
    }
  }
  if (!both && !other) return;
  say("note: " + job.target.pinned +
      " then has signatures of both formats; cosign 2.6 refuses the older one beside the newer");
}

Result<Signatures> SignCommand::make(const Job& job, KeyDevice& key,
                                     const crypto::PublicKey& public_key,
                                     const std::map<std::string, std::string>& notes,
                                     const std::optional<sign::CertificateToUse>& certified) const {
  Signatures made;
  if (wants("sigstore")) {
    TS_TRY(made.bundle, sign::sign_image(key, public_key, job.target.image, notes, certified));
  }
  if (wants("cosign")) {
    TS_TRY(made.simple, sign::sign_simple(key, public_key, job.target.image,
                                          sign::docker_reference(job.reference), notes));
  }
  return made;
}

Status SignCommand::write_files(const Job& job, const Signatures& made) const {
  const Digest& digest = job.target.image.digest;
  const std::string name =
      output_dir + "/" + std::string(digest.algorithm_name()) + "-" + digest.hex();
  if (made.bundle) {
    TS_CHECK(replace_file(name + ".sigstore.json", made.bundle->bundle, 0644));
  }
  if (made.simple) {
    // As `cosign sign --output-payload --output-signature` writes them.
    const std::string signature = to_base64(made.simple->signature);
    TS_CHECK(replace_file(name + ".payload.json", made.simple->payload, 0644));
    TS_CHECK(replace_file(name + ".sig", as_bytes(signature), 0644));
  }
  return ok();
}

Status SignCommand::push(const Job& job, const Signatures& made, const Clock& clock) const {
  if (made.bundle) TS_CHECK(sign::attach(job.target, *made.bundle, clock.now()));
  if (made.simple) TS_CHECK(sign::attach_tagged(job.target, *made.simple));
  return ok();
}

Status SignCommand::deliver(const Job& job, const Signatures& made, const Clock& clock) const {
  if (!output_dir.empty()) TS_CHECK(write_files(job, made));
  if (no_push) return ok();
  auto pushed = push(job, made, clock);
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
  const std::size_t forms = wants("sigstore") && wants("cosign") ? 2 : 1;
  const std::size_t signatures = forms * wanted->size();
  if (forms == 2) say("two signatures for each image, one in each format");
  if (const auto open = device.unlock(**key, signatures); !open) return complain(open.error());
  const auto spki = (*key)->public_key();
  if (!spki) return complain(spki.error());
  const auto public_key = crypto::PublicKey::from_der(*spki);
  if (!public_key) return complain(public_key.error());
  const auto certified = certificate_for(*public_key, clock);
  if (!certified) return complain(certified.error());

  std::string done;
  int status = exit_accepted;
  Progress progress("signing", wanted->size());
  for (const Job& job : *wanted) {
    progress.next(job.target.pinned);
    registries.set_deadline(clock.monotonic() + limits::verification_timeout);
    if (!no_push) tell_of_other_form(job);
    const auto made = make(job, **key, *public_key, *notes, *certified);
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
  app.add_option("--format", command->formats,
                 "sigstore (the default) or cosign; give both for both")
      ->type_name("FORMAT")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"sigstore", "cosign"}));
  app.add_option("--certificate", command->certificate,
                 "certificate of the key, for verifiers who trust its authority")
      ->type_name("FILE");
  app.add_option("--chain", command->chain,
                 "the authorities above it; those below the root go with the signature")
      ->type_name("FILE");
  app.add_flag("-r,--recursive", command->recursive, "sign an index and every image in it");
  app.add_option("--platform", command->platform, "sign this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  app.add_flag("--no-push", command->no_push, "attach nothing; needs --output-dir");
  app.add_option("--output-dir", command->output_dir, "write what was signed there as well")
      ->type_name("DIR");
  app.add_flag("-y,--yes", command->yes, "do not ask whether what a tag names is right");
  command->registry.declare(app);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
