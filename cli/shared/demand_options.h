// The options that say what a signature must show, alike for every command that verifies.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/shared/application.h"
#include "crypto/public_key.h"
#include "verify/evidence.h"

namespace touchstone::cli {

// Reads what --key names. The verifier's own takes files only; the full program's asks devices too.
using PublicKeyReader = std::function<Result<crypto::PublicKey>(const std::string& name)>;

// A PEM or DER file. Errors: usage.device-uri, usage.file, format.key, policy.weak-key.
Result<crypto::PublicKey> read_public_key_file(const std::string& name);

class DemandOptions {
 public:
  explicit DemandOptions(PublicKeyReader reader) : reader_(std::move(reader)) {}

  // What is signed: an image, unless --type asks for attestations of it, or a file.
  enum class Subject : std::uint8_t { image, file };
  void declare(CLI::App& command, Subject subject);

  // Says what is loose in it on standard error.
  // Errors: usage.*, policy.*, trust.*, format.key, limit.*.
  Result<verify::Demand> demand(const Clock& clock) const;

  // The clock, or the instant that --at names. Lives as long as this object.
  // Errors: usage.arguments.
  Result<const Clock*> clock();

  // Whether any of the options was given that say whose signatures count, or what they show.
  bool given() const;

  std::string trust() const;  // the trust store's folder

  // Whether nothing but what is at hand may be looked at: no registry is asked.
  bool offline() const { return offline_; }

 private:
  // A text that is given letter for letter or as a pattern.
  struct Name {
    std::optional<std::string> exact;
    std::optional<std::string> pattern;
  };
  static Result<std::optional<verify::TextMatch>> match(const Name& name, const char* option);
  Status add_identity(verify::Demand& demand) const;
  Status add_trusted_roots(verify::Demand& demand) const;
  Status add_content(verify::Demand& demand) const;
  Status add_hardware(verify::Demand& demand, const Clock& clock) const;
  Status add_attestations(verify::Demand& demand) const;

  PublicKeyReader reader_;
  Subject subject_ = Subject::image;
  std::vector<std::string> keys_;
  std::vector<std::string> roots_;
  std::vector<std::string> trusted_roots_;
  std::vector<std::string> annotations_;
  Name identity_;
  Name issuer_;
  bool require_log_ = false;
  std::vector<std::string> hardware_;  // "true" for the option without a value
  std::vector<std::string> key_attestations_;
  bool offline_ = false;
  std::string type_;
  std::string at_;
  std::string trust_;
  std::unique_ptr<Clock> clock_;
};

}  // namespace touchstone::cli
