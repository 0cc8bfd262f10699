#include "cli/image_signing.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/encoding.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"
#include "verify/collect.h"

namespace touchstone::cli {

void ImageSigning::declare(CLI::App& command, const std::function<void()>& own_options) {
  command
      .add_option("IMAGE", images_,
                  "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->required()
      ->type_name("");
  device_.declare(command, DeviceOptions::Key::optional);
  own_options();
  certificate_.declare(command);
  witnesses_.declare(command);
  command.add_flag("--attach-key-attestation", attach_attestation_,
                   "attach as well what the key's device attests of it, which names the device");
  command.add_flag("-r,--recursive", recursive_, "sign an index and every image in it");
  command.add_option("--platform", platform_, "sign this image of a multi-platform index")
      ->type_name("OS/ARCH[/VARIANT]");
  command.add_flag("--no-push", no_push_, "attach nothing; needs --output-dir");
  command.add_option("--output-dir", output_dir_, "write what was signed there as well")
      ->type_name("DIR");
  command.add_flag("-y,--yes", yes_, "do not ask whether what a tag names is right");
  registry_.declare(command);
}

Status ImageSigning::check_usage() const {
  if (no_push_ && output_dir_.empty()) {
    return Error{Code::usage_arguments, "--no-push without --output-dir would sign for nothing",
                 ""};
  }
  if (recursive_ && !platform_.empty()) {
    return Error{Code::usage_arguments, "--recursive and --platform exclude each other", ""};
  }
  TS_CHECK(certificate_.check_usage());
  TS_CHECK(witnesses_.check_usage(device_.given(), certificate_.given()));
  if (attach_attestation_ && no_push_) {
    return Error{Code::usage_arguments, "--no-push leaves nothing to attach an attestation to",
                 "`touchstone key attest KEY` prints it"};
  }
  if (attach_attestation_ && !device_.given()) {
    return Error{Code::usage_arguments, "no device attests a key that is made for one signature",
                 "give --key, or leave out --attach-key-attestation"};
  }
  struct stat info{};
  if (!output_dir_.empty() && (stat(output_dir_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) {
    return Error{Code::usage_file, "\"" + printable(output_dir_) + "\" is no folder", ""};
  }
  return ok();
}

Status ImageSigning::add_jobs(const Reference& reference, oci::Registries& registries,
                              std::vector<SigningJob>& jobs) {
  std::optional<formats::Platform> wanted;
  if (!platform_.empty()) {
    TS_TRY(wanted, formats::Platform::parse(platform_));
  }
  TS_TRY(auto repository, registries.open(reference));
  TS_TRY(const auto resolved,
         verify::resolve(*repository, reference, wanted, verify::Attached::not_wanted));
  std::vector<formats::Descriptor> all = {resolved.manifest.descriptor()};
  if (recursive_) {
    TS_TRY(all, sign::with_children(*repository, resolved.manifest));
  }
  bool first = true;
  for (formats::Descriptor& image : all) {
    std::string pinned = reference.pinned(image.digest);
    jobs.push_back({reference,
                    {repository.get(), std::move(image), std::move(pinned)},
                    first && !reference.digest() && platform_.empty()});
    first = false;
  }
  repositories_.push_back(std::move(repository));
  return ok();
}

Result<std::vector<SigningJob>> ImageSigning::jobs(oci::Registries& registries) {
  std::vector<Reference> references;
  for (const std::string& image : images_) {
    TS_TRY(Reference reference, Reference::parse(image));
    references.push_back(std::move(reference));
  }
  std::vector<SigningJob> jobs;
  Progress progress("looking up", references.size());
  for (const Reference& reference : references) {
    progress.next(reference.to_string());
    TS_CHECK(add_jobs(reference, registries, jobs));
  }
  return jobs;
}

Status ask(const std::string& question, bool yes, const std::string& refusal) {
  if (yes || isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return ok();
  std::cerr << "touchstone: " << question << "? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return ok();
  return Error{Code::usage_not_confirmed, refusal, ""};
}

// What will be signed is shown before any PIN is asked; a tag in a terminal is asked about.
Status ImageSigning::confirm(const Task& task, const std::vector<SigningJob>& jobs) const {
  bool any_tag = false;
  for (const SigningJob& job : jobs) {
    say("will " + task.verb + " " + job.target.pinned +
        (job.by_tag ? " (" + job.reference.to_string() + " now)" : ""));
    any_tag = any_tag || job.by_tag;
  }
  return any_tag ? ask("sign", yes_, "nothing was signed") : ok();
}

Status ImageSigning::write_files(const Task& task, const SigningJob& job,
                                 const MadeSignatures& made) const {
  const Digest& digest = job.target.image.digest;
  const std::string name =
      output_dir_ + "/" + std::string(digest.algorithm_name()) + "-" + digest.hex();
  if (made.bundle) {
    TS_CHECK(replace_file(name + task.file_suffix + ".sigstore.json", made.bundle->bundle, 0644));
  }
  if (made.simple) {
    // As `cosign sign --output-payload --output-signature` writes them.
    const std::string signature = to_base64(made.simple->signature);
    TS_CHECK(replace_file(name + ".payload.json", made.simple->payload, 0644));
    TS_CHECK(replace_file(name + ".sig", as_bytes(signature), 0644));
  }
  return ok();
}

// Design section 11.14: a tag that moved while we signed is worth a word.
void ImageSigning::look_again(const SigningJob& job) const {
  if (!job.by_tag || !job.reference.tag()) return;
  const auto now = job.target.repository->manifest_by_tag(*job.reference.tag());
  if (now && now->digest != job.target.image.digest) {
    say("note: " + job.reference.to_string() + " has moved meanwhile and is now " +
        now->digest.to_string() + ", which was not signed");
  }
}

struct ImageSigning::Round {
  const Task& task;
  const sign::Signer& signer;
  oci::Registries& registries;
  const Clock& clock;
  Progress progress;
  const SigningAttestation& attestation;  // of the signing key
  std::string done = "";                  // what is printed in the end

  void more_time() { registries.set_deadline(clock.monotonic() + limits::verification_timeout); }
};

Status ImageSigning::attach_attestation(const SigningJob& job, const Round& round) const {
  const SigningAttestation& attestation = round.attestation;
  if (attestation.chain.empty()) return ok();
  TS_TRY(const auto attached, sign::attach_key_attestation(job.target, attestation.chain,
                                                           attestation.makers, round.clock.now()));
  if (attached == sign::Attached::before) {
    say("note: " + job.target.pinned + " has an attestation of this key that says the same");
  }
  return ok();
}

Status ImageSigning::push(const SigningJob& job, const MadeSignatures& made,
                          const Round& round) const {
  if (made.bundle) TS_CHECK(sign::attach(job.target, *made.bundle, round.clock.now()));
  if (made.simple) TS_CHECK(sign::attach_tagged(job.target, *made.simple));
  return attach_attestation(job, round);
}

Status ImageSigning::deliver(Round& round, const SigningJob& job,
                             const MadeSignatures& made) const {
  if (!output_dir_.empty()) TS_CHECK(write_files(round.task, job, made));
  if (no_push_) return ok();
  auto pushed = push(job, made, round);
  if (pushed) return ok();
  Error error = std::move(pushed).error();
  error.message = job.target.pinned + ": " + error.message;
  return error;
}

// A certificate of ten minutes may end before the last of many images is signed.
Status ImageSigning::renew_certificate(const Round& round) {
  if (witnesses_.certificate_lasts(round.clock)) return ok();
  device_.expect_another_signature();
  return witnesses_.certify_again(round.signer.device, round.signer.key, round.clock);
}

Status ImageSigning::sign_together(Round& round, Jobs jobs) {
  for (const SigningJob& job : jobs) {
    round.more_time();
    if (!no_push_ && round.task.before_pushing) round.task.before_pushing(job);
  }
  round.progress.next(jobs.front().target.pinned);
  round.more_time();
  TS_CHECK(renew_certificate(round));
  TS_TRY(const auto made, round.task.make(jobs, round.signer));
  for (const SigningJob& job : jobs) {
    if (&job != &jobs.front()) round.progress.next(job.target.pinned);
    round.more_time();
    TS_CHECK(deliver(round, job, made));
    look_again(job);
    round.done += job.target.pinned + "\n";
  }
  return ok();
}

int ImageSigning::sign_all(Round& round, Jobs jobs) {
  int status = exit_accepted;
  const std::size_t at_once = round.task.together ? jobs.size() : 1;
  for (std::size_t i = 0; i < jobs.size(); i += at_once) {
    const auto all_signed = sign_together(round, jobs.subspan(i, at_once));
    if (!all_signed) {
      status = complain(all_signed.error());
      break;  // a device that failed once, or a registry, is not tried with the rest
    }
  }
  const auto printed = print(round.done);
  return printed ? status : complain(printed.error());
}

int ImageSigning::run(const Task& task) {
  const SystemClock clock;
  const auto attestation =
      attach_attestation_
          ? read_signing_attestation(device_.name(), witnesses_.trust(), yes_, clock)
          : Result<SigningAttestation>(SigningAttestation());
  if (!attestation) return complain(attestation.error());
  const auto opened = witnesses_.open(registry_.client_options().proxies, clock);
  if (!opened) return complain(opened.error());
  auto key = device_.given() ? device_.open() : WitnessOptions::ephemeral_key();
  if (!key) return complain(key.error());
  // Another key may be there by now; looked at again once its public half is certain.
  const auto shown = check_signing_attestation(*attestation, (*key)->describe().public_key);
  if (!shown) return complain(shown.error());

  oci::Registries& registries = registry_.registries(clock);
  registries.set_deadline(clock.monotonic() + limits::verification_timeout);
  const auto wanted = jobs(registries);
  if (!wanted) return complain(wanted.error());
  if (const auto confirmed = confirm(task, *wanted); !confirmed) return complain(confirmed.error());
  const std::size_t times = task.together ? 1 : wanted->size();
  const auto open =
      device_.unlock(**key, task.signatures_of_each * times + witnesses_.signatures());
  if (!open) return complain(open.error());
  const auto spki = (*key)->public_key();
  if (!spki) return complain(spki.error());
  const auto public_key = crypto::PublicKey::from_der(*spki);
  if (!public_key) return complain(public_key.error());
  const auto attested = check_signing_attestation(*attestation, *spki);
  if (!attested) return complain(attested.error());
  const auto certified = certificate_.read(*public_key, clock);
  if (!certified) return complain(certified.error());
  const auto vouched = witnesses_.certify(**key, *public_key, true);
  if (!vouched) return complain(vouched.error());
  const sign::Signer signer{**key, *public_key, *certified, witnesses_.witnesses()};
  Round round{task, signer, registries, clock, Progress("signing", wanted->size()), *attestation};
  return sign_all(round, *wanted);
}

}  // namespace touchstone::cli
