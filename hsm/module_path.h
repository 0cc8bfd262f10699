// Which PKCS#11 module is loaded. Loading one runs its code, so it must be a file that only root or
// the user can replace.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace touchstone::hsm {

// Folders where packages put modules, in the order in which they are searched.
std::vector<std::string> module_folders();

// The files of well-known modules: "libsofthsm2.so". p11-kit's proxy is not one of them.
std::span<const std::string_view> well_known_modules();

// The path of module `name`: NAME, NAME.so or libNAME.so in the first of `folders` that has one.
// Errors: device.module.
Result<std::string> find_module(std::string_view name, const std::vector<std::string>& folders);

// p11-kit's proxy, which offers every module configured on this machine.
// Errors: device.module, naming the well-known modules.
Result<std::string> default_module(const std::vector<std::string>& folders);

// The file to load for `path`, without symbolic links. Accepted: an absolute path to a regular file
// that belongs to root or the user and that nobody else can write, likewise every folder on the way
// there, as named and as resolved (a folder with the sticky bit may be writable: what lies in it
// cannot be replaced).
// Errors: policy.unsafe-module, device.module (absent or unreadable).
Result<std::string> safe_module(const std::string& path);

}  // namespace touchstone::hsm
