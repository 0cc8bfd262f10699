#include "cli/shared/system.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace touchstone::cli {
namespace {

bool is_own_private_folder(const std::string& path) {
  struct stat info{};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
         (info.st_mode & 077) == 0;
}

bool is_folder(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

std::chrono::sys_seconds SystemClock::now() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::monotonic() const {
  return std::chrono::steady_clock::now();
}

std::optional<std::string> environment(const char* name) {
  const char* value = getenv(name);
  return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<std::string_view> pin_variable() {
  const char* value = getenv("TOUCHSTONE_PIN");
  return value != nullptr && *value != '\0' ? std::optional<std::string_view>(value) : std::nullopt;
}

std::optional<std::string_view> cosign_password() {
  const char* value = getenv("COSIGN_PASSWORD");
  return value != nullptr ? std::optional<std::string_view>(value) : std::nullopt;
}

std::string lock_folder() {
  const std::string user = std::to_string(geteuid());
  std::string folder = "/tmp/touchstone-" + user;
  if (const auto runtime = environment("XDG_RUNTIME_DIR"); runtime && is_folder(*runtime)) {
    folder = *runtime + "/touchstone";
  }
  mkdir(folder.c_str(), 0700);  // that it is there already is the common case
  return is_own_private_folder(folder) ? folder : "";
}

std::string trust_folder(const std::string& option) {
  if (!option.empty()) return option;
  if (const auto variable = environment("TOUCHSTONE_TRUST")) return *variable;
  std::string config;
  if (const auto xdg = environment("XDG_CONFIG_HOME")) {
    config = *xdg;
  } else if (const auto home = environment("HOME")) {
    config = *home + "/.config";
  }
  if (!config.empty() && is_folder(config + "/touchstone/trust")) {
    return config + "/touchstone/trust";
  }
  return "/etc/touchstone/trust";
}

net::Proxies proxies(const std::string& option) {
  const auto variable = [](const char* lower, const char* upper) {
    const auto value = environment(lower);
    return value ? *value : environment(upper).value_or("");
  };
  net::Proxies found{option, option, variable("no_proxy", "NO_PROXY")};
  if (option.empty()) {
    found.for_https = variable("https_proxy", "HTTPS_PROXY");
    found.for_http = variable("http_proxy", "HTTP_PROXY");
  }
  return found;
}

}  // namespace touchstone::cli
