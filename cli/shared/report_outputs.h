// --output: in which forms a run is told, and where each goes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/shared/application.h"
#include "report/report.h"

namespace touchstone::cli {

// Signs verification summaries; one without a key signs none. `touchstone-verify` has no keys.
class SummarySigner {
 public:
  virtual ~SummarySigner() = default;
  virtual void declare(CLI::App& /*command*/) {}
  virtual bool given() const { return false; }
  // Opens the key and presents its PIN, before anything is fetched.
  virtual Status prepare(std::size_t /*images*/) { return ok(); }
  // The bundles, one a line.
  virtual Result<std::string> sign(const report::Input& input);
};

class ReportOutputs {
 public:
  explicit ReportOutputs(std::shared_ptr<SummarySigner> signer) : signer_(std::move(signer)) {}

  void declare(CLI::App& command);

  // What can be said before anything is fetched: forms that there are, one at most without a file,
  // a file once, in a folder that is there, and not in the place of something that is no file.
  // Errors: usage.arguments, usage.file, those of opening a key.
  Status prepare(std::size_t images);

  // Whether people are told on standard error: nothing else replaces the list of accepted images.
  bool tells_people() const;

  // Whether anything but that list is wanted, so that it is worth to tell all.
  bool tells_programs() const;

  // All texts are made first, each form's once; then files are replaced, each whole; then comes
  // standard output. Fills in the verifier.
  // Errors: usage.file, internal.output, device.*.
  Status write(report::Input input) const;

 private:
  struct Output {
    report::Form form;
    std::string file;  // empty: standard output
  };
  Status add(const std::string& text);
  Status check_verifier() const;
  bool has(report::Form form) const;
  Result<std::string> text_of(report::Form form, const report::Input& input) const;

  std::shared_ptr<SummarySigner> signer_;
  std::vector<std::string> given_;
  std::string verifier_;
  std::vector<Output> outputs_;
};

}  // namespace touchstone::cli
