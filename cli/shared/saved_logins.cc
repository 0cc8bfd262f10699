#include "cli/shared/saved_logins.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "cli/shared/system.h"

namespace touchstone::cli {
namespace {

using oci::AuthFile;
using oci::Credential;
using Style = AuthFile::Style;

Error in_file(const std::string& path, const Error& error) {
  return Error{error.code, "\"" + printable(path) + "\": " + error.message, error.hint};
}

Style style_of(const std::string& path) {
  return path.ends_with("config.json") ? Style::docker : Style::containers;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Error unusable_password(std::string_view why) {
  return Error{Code::usage_password, std::string(why), ""};
}

}  // namespace

LoginPlaces login_places(const std::string& authfile) {
  LoginPlaces places;
  places.helper_path = environment("PATH").value_or("");
  if (!authfile.empty()) {
    places.files.push_back({authfile, style_of(authfile), true});
    return places;
  }
  const auto home = environment("HOME");
  const auto add = [&](const std::optional<std::string>& folder, const std::string& name) {
    if (folder) places.files.push_back({*folder + name, style_of(name), false});
    return places.files.size() - 1;
  };
  const auto named = environment("REGISTRY_AUTH_FILE");
  if (named) places.files.push_back({*named, style_of(*named), false});
  std::optional<std::string> config = environment("XDG_CONFIG_HOME");
  if (!config && home) config = *home + "/.config";
  const std::size_t podman = places.files.size();
  add(environment("XDG_RUNTIME_DIR"), "/containers/auth.json");
  add(config, "/containers/auth.json");
  const auto docker_folder = environment("DOCKER_CONFIG");
  std::optional<std::string> docker = docker_folder;
  if (!docker && home) docker = *home + "/.docker";
  const std::size_t docker_file = add(docker, "/config.json");
  if (named) {
    places.preferred = 0;
  } else if (docker && (docker_folder || exists(places.files[docker_file].path))) {
    places.preferred = docker_file;
  } else {
    places.preferred = podman;
  }
  return places;
}

Result<std::optional<AuthFile>> read_auth_file(const LoginPlaces::File& file, const Warn& warn) {
  const auto failure = [&](Code code, std::string_view why) {
    return in_file(file.path, Error{code, std::string(why), ""});
  };
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  const Descriptor fd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::optional<AuthFile>();
  struct stat info{};
  if (!fd || fstat(fd.get(), &info) != 0) return failure(Code::auth_file, system_message(errno));
  if (!S_ISREG(info.st_mode)) return failure(Code::auth_file, "not a regular file");
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return failure(Code::auth_unsafe_file, "belongs to user " + std::to_string(info.st_uid));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return failure(Code::auth_unsafe_file, "others may write it");
  }
  if ((info.st_mode & (S_IRGRP | S_IROTH)) != 0 && info.st_uid == geteuid()) {
    warn("note: \"" + printable(file.path) +
         "\" holds logins and others can read it; chmod 600 it");
  }
  auto bytes = read_descriptor(fd.get(), limits::max_auth_file_bytes, file.path);
  if (!bytes) return Error{Code::auth_file, bytes.error().message, ""};
  auto parsed = AuthFile::parse(*bytes, file.style);
  wipe(*bytes);
  if (!parsed) return in_file(file.path, parsed.error());
  return std::optional(*std::move(parsed));
}

SavedLogins::SavedLogins(LoginPlaces places, Warn warn, HelperLimits bounds)
    : places_(std::move(places)), warn_(std::move(warn)), bounds_(bounds) {}

void SavedLogins::warn_once(const std::string& text) {
  if (warned_.insert(text).second) warn_(text);
}

Result<const Credential*> SavedLogins::find(std::string_view registry,
                                            std::string_view repository) {
  const std::string key = std::string(registry) + " " + std::string(repository);
  if (const auto known = saved_.find(key); known != saved_.end()) return known->second.get();
  for (const LoginPlaces::File& file : places_.files) {
    TS_TRY(const auto contents,
           read_auth_file(file, [this](const std::string& text) { warn_once(text); }));
    if (!contents && file.must_exist) {
      return Error{Code::auth_file, "\"" + printable(file.path) + "\": no such file", ""};
    }
    if (!contents) continue;
    auto found = contents->find(registry, repository);
    if (!found) return in_file(file.path, found.error());
    if (!found->helper.empty()) {
      TS_TRY(const Credential* answer, ask_helper(found->helper, contents->key_of(registry)));
      if (answer != nullptr) return answer;
    }
    if (!found->saved) continue;
    found->saved->origin = file.path;
    const auto kept = saved_.emplace(key, std::make_unique<Credential>(*std::move(found->saved)));
    return kept.first->second.get();
  }
  return nullptr;
}

Result<const Credential*> SavedLogins::ask_helper(const std::string& name,
                                                  const std::string& server) {
  const std::string key = name + " " + server;
  if (const auto known = helped_.find(key); known != helped_.end()) return known->second.get();
  TS_TRY(const CredentialHelper helper, CredentialHelper::find(name, places_.helper_path, bounds_));
  TS_TRY(auto answer, helper.get(server));
  Known& kept = helped_[key];
  if (answer) kept = std::make_unique<Credential>(*std::move(answer));
  return kept.get();
}

GivenLogin::GivenLogin(std::string username, std::function<Result<Secret>()> read_password)
    : username_(std::move(username)), read_password_(std::move(read_password)) {}

Result<const Credential*> GivenLogin::find(std::string_view registry, std::string_view) {
  if (credential_ && registry_ == registry) return &*credential_;
  if (credential_) {
    return Error{Code::usage_arguments,
                 "--username is for one registry, which is \"" + printable(registry_) + "\"; \"" +
                     printable(registry) + "\" wants a login too",
                 "name images of one registry, or save the logins with `touchstone login`"};
  }
  TS_CHECK(check_user_name(username_));
  TS_TRY(Secret password, read_password_());
  registry_ = registry;
  credential_ = Credential{Credential::Kind::password, username_, std::move(password),
                           "as given on the command line"};
  return &*credential_;
}

Status check_user_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= limits::max_credential_bytes &&
                    std::ranges::none_of(name, [](char c) {
                      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ':';
                    });
  if (good) return ok();
  return unusable_password("a user name is not empty and holds no colon or control characters");
}

Result<Secret> read_password(int fd) {
  auto bytes = read_descriptor(fd, limits::max_credential_bytes, "standard input");
  if (!bytes) return unusable_password(bytes.error().message);
  std::string_view text = as_text(*bytes);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  const bool good =
      !text.empty() && text.find_first_of(std::string_view("\n\r\0", 3)) == std::string_view::npos;
  Secret password = good ? Secret::holding(text) : Secret();
  wipe(*bytes);
  if (!good) return unusable_password("standard input holds no password, or more than one line");
  return password;
}

}  // namespace touchstone::cli
