#include "net/certificates.h"

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

namespace touchstone::net {
namespace {

constexpr std::array folders = {
    "/etc/ssl/certs",      // Debian, Ubuntu, openSUSE, Alpine with ca-certificates
    "/etc/pki/tls/certs",  // Fedora from 43 on
};

constexpr std::array files = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, distroless
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, newer
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // Alpine, BSDs
};

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

// OpenSSL's X509_LOOKUP_hash_dir: eight hex digits, a dot, a number.
bool is_hash_name(std::string_view name) {
  return name.size() >= 10 && name[8] == '.' && name.find_first_not_of("0123456789abcdef") == 8 &&
         name[9] >= '0' && name[9] <= '9';
}

CertificateStore probe() {
  for (const char* folder : folders) {
    if (is_hashed_folder(folder)) return {folder, ""};
  }
  for (const char* file : files) {
    if (access(file, R_OK) == 0) return {"", file};
  }
  return {};
}

}  // namespace

bool is_hashed_folder(const std::string& folder) {
  const std::unique_ptr<DIR, CloseFolder> handle(opendir(folder.c_str()));
  if (!handle) return false;
  while (const dirent* entry = readdir(handle.get())) {
    if (is_hash_name(entry->d_name)) return true;
  }
  return false;
}

const CertificateStore& system_certificates() {
  static const CertificateStore store = probe();
  return store;
}

}  // namespace touchstone::net
