// Which images a command is about: those of its arguments, and those that files name.
#pragma once

#include <string>
#include <vector>

#include "base/reference.h"
#include "cli/shared/application.h"
#include "judge/verdict.h"

namespace touchstone::cli {

struct WantedImage {
  Reference reference;
  std::vector<judge::NamedAt> named_at = {};  // in files
};

class ImageSources {
 public:
  void declare(CLI::App& command);

  // Each image once, in the order in which they are named, with all the places that name it. Says
  // on standard error what a file names in a way that is not read.
  // Errors: usage.arguments (none, too many), reference.malformed, usage.file, format.file,
  // limit.*.
  Result<std::vector<WantedImage>> read() const;

 private:
  std::vector<std::string> images_;
  std::vector<std::string> files_;
  std::vector<std::string> build_arguments_;
};

}  // namespace touchstone::cli
