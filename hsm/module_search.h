// The PKCS#11 modules that this machine has, found without loading any.
//
// Spec: pkcs11.conf(5) of p11-kit, as far as it names modules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace touchstone::hsm {

// Where p11-kit's *.module files are.
std::vector<std::string> module_config_folders();

// What a *.module file names: a path or a file name. Absent for modules that hold no keys to sign
// with (trust-policy), for those that run elsewhere (remote), and where none is named.
std::optional<std::string> module_of_config(std::string_view text);

struct FoundModule {
  std::string name;          // the *.module file, or the module's own path
  Result<std::string> path;  // as it was found, or why it is not there
};

// The modules that *.module files in `config_folders` name, then the well-known ones in
// `module_folders`. Each file once, whatever links lead to it, and at most limits::max_modules.
std::vector<FoundModule> find_modules(const std::vector<std::string>& config_folders,
                                      const std::vector<std::string>& module_folders);

}  // namespace touchstone::hsm
