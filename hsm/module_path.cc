#include "hsm/module_path.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "base/files.h"
#include "base/text.h"

namespace touchstone::hsm {
namespace {

constexpr std::string_view proxy = "p11-kit-proxy.so";

// Named in the error when there is no module to use.
constexpr std::array<std::string_view, 9> known_modules = {
    "libsofthsm2.so",        "opensc-pkcs11.so",   "libykcs11.so",
    "yubihsm_pkcs11.so",     "libtpm2_pkcs11.so",  "libkmsp11.so",
    "libcloudhsm_pkcs11.so", "libCryptoki2_64.so", "libcknfast.so"};

std::string known_module_names() {
  return join(std::vector<std::string>(known_modules.begin(), known_modules.end()), ", ");
}

bool is_file(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Error absent(const std::string& path, int number) {
  return Error{Code::device_module, "\"" + printable(path) + "\": " + system_message(number), ""};
}

Error unsafe(const std::string& path, std::string_view why) {
  return Error{Code::policy_unsafe_module, "\"" + printable(path) + "\" " + std::string(why), ""};
}

Status check_owner_and_mode(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return absent(path, errno);
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return unsafe(path, "belongs to another user");
  }
  const bool others_write = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  const bool sticky_folder = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
  if (others_write && !sticky_folder) return unsafe(path, "can be written by others");
  return ok();
}

// Every folder of an absolute path, from the root down, and then the path itself.
Status check_each_element(const std::string& path) {
  TS_CHECK(check_owner_and_mode("/"));
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    TS_CHECK(check_owner_and_mode(path.substr(0, slash)));
  }
  return check_owner_and_mode(path);
}

}  // namespace

std::vector<std::string> module_folders() {
#if defined(__x86_64__)
  const std::string multiarch = "/usr/lib/x86_64-linux-gnu";
#elif defined(__aarch64__)
  const std::string multiarch = "/usr/lib/aarch64-linux-gnu";
#else
  const std::string multiarch = "/usr/lib";
#endif
  return {multiarch + "/pkcs11", multiarch,          multiarch + "/softhsm",
          "/usr/lib/pkcs11",     "/usr/lib/softhsm", "/usr/lib64/pkcs11",
          "/usr/lib64",          "/usr/lib",         "/usr/local/lib"};
}

std::span<const std::string_view> well_known_modules() { return known_modules; }

Result<std::string> find_module(std::string_view name, const std::vector<std::string>& folders) {
  const std::string base(name);
  for (const std::string& folder : folders) {
    for (const std::string& file : {base, base + ".so", "lib" + base + ".so"}) {
      const std::string path = folder + "/" + file;
      if (is_file(path)) return path;
    }
  }
  return Error{Code::device_module,
               "no PKCS#11 module \"" + printable(name) + "\" in " + join(folders, ", "),
               "give its place with module-path"};
}

Result<std::string> default_module(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + std::string(proxy);
    if (is_file(path)) return path;
  }
  return Error{Code::device_module, "no PKCS#11 module is named, and p11-kit's is not installed",
               "name one with module-path; well-known ones are " + known_module_names()};
}

Result<std::string> safe_module(const std::string& path) {
  if (!path.starts_with('/')) return unsafe(path, "is not an absolute path");
  const std::unique_ptr<char, decltype(&free)> resolved(realpath(path.c_str(), nullptr), free);
  if (resolved == nullptr) return absent(path, errno);
  const std::string target = resolved.get();
  struct stat info{};
  if (stat(target.c_str(), &info) != 0) return absent(path, errno);
  if (!S_ISREG(info.st_mode)) return unsafe(path, "is not a regular file");
  TS_CHECK(check_each_element(path));
  TS_CHECK(check_each_element(target));
  return target;
}

}  // namespace touchstone::hsm
