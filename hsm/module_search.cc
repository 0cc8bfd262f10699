#include "hsm/module_search.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "hsm/module_path.h"

namespace touchstone::hsm {
namespace {

constexpr std::string_view suffix = ".module";

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

std::vector<std::string> config_files(const std::string& folder) {
  const std::unique_ptr<DIR, CloseFolder> handle(opendir(folder.c_str()));
  std::vector<std::string> names;
  if (!handle) return names;
  while (const dirent* entry = readdir(handle.get())) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(suffix) && !name.starts_with('.')) names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> target(realpath(path.c_str(), nullptr), free);
  return target == nullptr ? path : target.get();
}

Result<std::string> locate(const std::string& module, const std::vector<std::string>& folders) {
  if (!module.starts_with('/')) return find_module(module, folders);
  if (access(module.c_str(), F_OK) == 0) return module;
  return Error{Code::device_module, "\"" + printable(module) + "\" is not there", ""};
}

// Modules, each file once.
class Modules {
 public:
  void add(const std::string& name, Result<std::string> path) {
    if (found_.size() >= limits::max_modules) return;
    if (path && !seen_.insert(resolved(*path)).second) return;
    found_.push_back({name, std::move(path)});
  }
  std::vector<FoundModule> take() { return std::move(found_); }

 private:
  std::set<std::string> seen_;
  std::vector<FoundModule> found_;
};

}  // namespace

std::vector<std::string> module_config_folders() {
  return {"/etc/pkcs11/modules", "/usr/share/p11-kit/modules"};
}

std::optional<std::string> module_of_config(std::string_view text) {
  std::string module;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (trimmed(line).starts_with('#') || colon == std::string_view::npos) continue;
    const std::string_view name = trimmed(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "module") module = value;
    if (name == "trust-policy" && value == "yes") return std::nullopt;
    if (name == "remote") return std::nullopt;
  }
  return module.empty() ? std::nullopt : std::optional(module);
}

std::vector<FoundModule> find_modules(const std::vector<std::string>& config_folders,
                                      const std::vector<std::string>& module_folders) {
  Modules modules;
  for (const std::string& folder : config_folders) {
    for (const std::string& name : config_files(folder)) {
      const std::string path = folder + "/" + name;
      const auto text = read_file(path, limits::max_module_config_bytes);
      if (!text) {
        modules.add(path, Error{Code::device_module, text.error().message, ""});
        continue;
      }
      const auto module = module_of_config(as_text(*text));
      if (module) modules.add(path, locate(*module, module_folders));
    }
  }
  for (const std::string_view name : well_known_modules()) {
    const auto path = find_module(name, module_folders);
    if (path) modules.add(*path, *path);
  }
  return modules.take();
}

}  // namespace touchstone::hsm
