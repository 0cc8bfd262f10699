#include <algorithm>

#include "cli/commands.h"
#include "cli/image_signing.h"
#include "cli/shared/output.h"

namespace touchstone::cli {
namespace {

constexpr std::string_view description =
    "Sign the digest of each IMAGE with a key that lives on a device. The signature is attached\n"
    "to the image, as cosign v3 does (--format sigstore) or as cosign did before (--format\n"
    "cosign). With --identity-token the key may be one that is made for this and forgotten.\n"
    "Prints the pinned reference of each image signed.\n\n"
    "Exit status: 0 done, 1 a verifier would refuse it, 2 wrong usage, 3 registry or services,\n"
    "4 key device, 5 internal.\n\n"
    "Examples:\n"
    "  touchstone sign --key yubikey:9c registry.example/shop/api:1.4\n"
    "  touchstone sign --key 'pkcs11:token=release;object=k1' registry.example/shop/api:1.4\n"
    "  touchstone sign --key release.pem -a env=prod registry.example/shop/api@sha256:...\n"
    "  touchstone sign --identity-token ci registry.example/shop/api@sha256:...\n"
    "  touchstone sign --key yubikey:9c --batch registry.example/shop/api:1.4 \\\n"
    "    registry.example/shop/web:1.4";

struct SignCommand {
  ImageSigning signing;
  std::vector<std::string> annotations;
  std::vector<std::string> formats;
  bool batch = false;

  int run();
  bool wants(std::string_view format) const;
  void tell_of_other_form(const SigningJob& job) const;
  Result<MadeSignatures> make(Jobs jobs, const sign::Signer& signer,
                              const std::map<std::string, std::string>& notes) const;
};

bool SignCommand::wants(std::string_view format) const {
  if (formats.empty()) return format == "sigstore";
  return std::ranges::find(formats, format) != formats.end();
}

// Design section 11.3. That it cannot be found out is no reason not to sign.
void SignCommand::tell_of_other_form(const SigningJob& job) const {
  const bool both = wants("sigstore") && wants("cosign");
  bool other = false;
  if (!both) {
    const auto there = job.target.repository->image_and_referrers(job.target.image.digest, "");
    if (wants("sigstore")) {
      other = there.tagged && there.tagged->has_value();
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

Result<MadeSignatures> SignCommand::make(Jobs jobs, const sign::Signer& signer,
                                         const std::map<std::string, std::string>& notes) const {
  MadeSignatures made;
  if (wants("sigstore")) {
    std::vector<formats::Descriptor> images;
    for (const SigningJob& job : jobs) images.push_back(job.target.image);
    TS_TRY(made.bundle, sign::sign_images(signer, images, notes));
  }
  if (wants("cosign")) {
    const SigningJob& job = jobs.front();  // the older form signs one image
    TS_TRY(made.simple, sign::sign_simple(signer.device, signer.key, job.target.image,
                                          sign::docker_reference(job.reference), notes));
  }
  return made;
}

int SignCommand::run() {
  if (const auto usable = signing.check_usage(); !usable) return complain(usable.error());
  if (signing.certificate().given() && !wants("sigstore")) {
    return complain(Error{Code::usage_arguments, "--certificate goes with --format sigstore", ""});
  }
  if (signing.witnesses().given() && wants("cosign")) {
    return complain(Error{Code::usage_arguments,
                          "--identity-token, --log, --timestamp and --signing-config go with "
                          "--format sigstore alone",
                          ""});
  }
  if (batch && wants("cosign")) {
    return complain(Error{Code::usage_arguments, "--batch goes with --format sigstore alone", ""});
  }
  const auto notes = parse_annotations(annotations);
  if (!notes) return complain(notes.error());
  if (batch) {
    say("one signature for all images: it lies beside each of them, and shows the digests of all");
  }
  const bool both = wants("sigstore") && wants("cosign");
  if (both) say("two signatures for each image, one in each format");
  return signing.run(
      {.verb = "sign",
       .signatures_of_each = both ? 2U : 1U,
       .file_suffix = "",
       .before_pushing = [this](const SigningJob& job) { tell_of_other_form(job); },
       .together = batch,
       .make = [&](Jobs jobs, const sign::Signer& signer) { return make(jobs, signer, *notes); }});
}

}  // namespace

void declare_sign(CLI::App& app) {
  auto command = std::make_shared<SignCommand>();
  app.description(std::string(description));
  command->signing.declare(app, [&] {
    app.add_option("-a,--annotation", command->annotations, "annotation to sign with the image")
        ->type_name("K=V")
        ->allow_extra_args(false);
    app.add_option("--format", command->formats,
                   "sigstore (the default) or cosign; give both for both")
        ->type_name("FORMAT")
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"sigstore", "cosign"}));
    app.add_flag("--batch", command->batch,
                 "one signature, and one touch, for all images; it shows the digests of all");
  });
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
