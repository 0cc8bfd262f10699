// What `sign` and `attest` share: which images, by whose key, and where what was made goes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/certificate_options.h"
#include "cli/device_options.h"
#include "cli/shared/application.h"
#include "cli/signing_attestation.h"
#include "cli/witness_options.h"
#include "sign/sign_image.h"
#include "sign/simple_signing.h"

namespace touchstone::cli {

// An image to sign, and where its tag pointed when it was looked up.
struct SigningJob {
  Reference reference;
  sign::Target target;
  bool by_tag = false;  // named by a tag, not by a digest
};

using Jobs = std::span<const SigningJob>;

// What was made for an image; a form that was not asked for is absent.
struct MadeSignatures {
  std::optional<sign::SignedImage> bundle;
  std::optional<sign::SimpleSignature> simple;
};

class ImageSigning {
 public:
  // `own_options` declares those that only the command has, where they belong.
  void declare(CLI::App& command, const std::function<void()>& own_options);
  const CertificateOptions& certificate() const { return certificate_; }
  const WitnessOptions& witnesses() const { return witnesses_; }

  // What a command does with each image.
  struct Task {
    std::string verb;                    // "sign"
    std::size_t signatures_of_each = 1;  // by the device
    std::string file_suffix = "";        // of bundles in --output-dir, before ".sigstore.json"
    std::function<void(const SigningJob&)> before_pushing = {};
    bool together = false;  // all images in one go; else one after another
    // For one image, or for all that are signed together: what is attached to each of them.
    std::function<Result<MadeSignatures>(Jobs, const sign::Signer&)> make;
  };

  // Errors: usage.*.
  Status check_usage() const;

  // Looks the images up, says what will be signed, asks for the PIN once, makes and verifies all
  // that is asked for and pushes or writes it. Prints what was signed; the exit status.
  int run(const Task& task);

 private:
  struct Round;  // what signing all of them shares
  Result<std::vector<SigningJob>> jobs(oci::Registries& registries);
  Status add_jobs(const Reference& reference, oci::Registries& registries,
                  std::vector<SigningJob>& jobs);
  Status confirm(const Task& task, const std::vector<SigningJob>& jobs) const;
  Status write_files(const Task& task, const SigningJob& job, const MadeSignatures& made) const;
  Status attach_attestation(const SigningJob& job, const Round& round) const;
  Status push(const SigningJob& job, const MadeSignatures& made, const Round& round) const;
  Status deliver(Round& round, const SigningJob& job, const MadeSignatures& made) const;
  void look_again(const SigningJob& job) const;
  Status renew_certificate(const Round& round);
  Status sign_together(Round& round, Jobs jobs);
  int sign_all(Round& round, Jobs jobs);

  RegistryOptions registry_;
  DeviceOptions device_;
  CertificateOptions certificate_;
  WitnessOptions witnesses_;
  std::vector<std::string> images_;
  std::string platform_;
  std::string output_dir_;
  bool recursive_ = false;
  bool no_push_ = false;
  bool attach_attestation_ = false;
  bool yes_ = false;

  // Repositories live as long as the targets that point to them.
  std::vector<std::unique_ptr<oci::Repository>> repositories_;
};

// Asks on the terminal; without one, or with `yes`, the answer is yes.
// Errors: usage.not-confirmed with `refusal` as its message.
Status ask(const std::string& question, bool yes, const std::string& refusal);

}  // namespace touchstone::cli
