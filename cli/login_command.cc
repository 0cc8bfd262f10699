#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/pin_entry.h"
#include "cli/registry_name.h"
#include "cli/shared/output.h"
#include "cli/terminal.h"
#include "oci/fallback_index.h"

namespace touchstone::cli {
namespace {

using oci::AuthFile;
using oci::Credential;

// The file itself where the path is a link to it: the link stays.
std::string behind_links(const std::string& path) {
  char* const resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string target = resolved;
  free(resolved);
  return target;
}

Status write_auth_file(const std::string& path, const AuthFile& file) {
  TS_CHECK(make_folders_for(path, 0700));
  std::string text = file.text();
  Bytes bytes = to_bytes(text);
  wipe(text);
  auto written = replace_file(behind_links(path), bytes, 0600);
  wipe(bytes);
  return written;
}

Result<AuthFile> read_or_new(const LoginPlaces::File& file) {
  TS_TRY(auto contents, read_auth_file(file, say));
  if (contents) return *std::move(contents);
  return AuthFile::parse({}, file.style);
}

// The file that a login goes into: one that lists the registry already, so that no older login is
// found before it, else the preferred one.
Result<LoginPlaces::File> file_for(const LoginPlaces& places, std::string_view registry) {
  if (places.files.empty()) {
    return Error{Code::usage_file, "there is no place to save a login in",
                 "give --authfile, or set HOME"};
  }
  for (const LoginPlaces::File& file : places.files) {
    TS_TRY(const auto contents, read_auth_file(file, say));
    if (contents && contents->lists(registry)) return file;
  }
  return places.files[places.preferred];
}

// Saves as docker does: in the helper that the file names for the registry, where there is one, and
// else in the file. Says where.
Result<std::string> save(const LoginPlaces& places, const std::string& registry,
                         const Credential& credential) {
  TS_TRY(const LoginPlaces::File target, file_for(places, registry));
  const touchstone::Descriptor lock = oci::lock_writers(lock_folder(), behind_links(target.path));
  TS_TRY(AuthFile file, read_or_new(target));
  TS_TRY(const std::string name, file.helper(registry));
  if (name.empty()) {
    file.put(registry, &credential);
    TS_CHECK(write_auth_file(target.path, file));
    return printable(target.path) + ", which you alone can read; it is not encrypted";
  }
  TS_TRY(const CredentialHelper helper, CredentialHelper::find(name, places.helper_path));
  TS_CHECK(helper.store(file.key_of(registry), credential));
  file.put(registry, nullptr);
  TS_CHECK(write_auth_file(target.path, file));
  return helper.description();
}

// Errors of the terminal are about PINs elsewhere.
template <class T>
Result<T> as_password_error(Result<T> typed) {
  if (typed || typed.error().code == Code::interrupted) return typed;
  return Error{Code::usage_password,
               "nobody can be asked for the user name and password, or what "
               "was typed is too long",
               ""};
}

struct LoginCommand {
  RegistryOptions registry;
  std::string name;
  std::string username;
  bool password_stdin = false;

  int run();
  Result<Credential> ask();
  Result<std::string> log_in();
};

Result<Credential> LoginCommand::ask() {
  if (password_stdin && username.empty()) {
    return Error{Code::usage_password, "--password-stdin without --username", ""};
  }
  ControllingTerminal terminal;
  if (username.empty()) {
    TS_TRY(username, as_password_error(terminal.ask_line("User name: ")));
  }
  TS_CHECK(check_user_name(username));
  Credential credential{Credential::Kind::password, username, Secret(), "as given"};
  if (password_stdin) {
    TS_TRY(credential.secret, read_password(STDIN_FILENO));
  } else {
    TS_TRY(credential.secret, as_password_error(terminal.ask_secret("Password: ")));
  }
  if (credential.secret.empty()) {
    return Error{Code::usage_password, "no password was typed", ""};
  }
  return credential;
}

// The one login that is being tried.
struct OneLogin : oci::CredentialSource {
  explicit OneLogin(const Credential& tried) : credential(tried) {}
  Result<const Credential*> find(std::string_view, std::string_view) override {
    return &credential;
  }
  const Credential& credential;
};

Result<std::string> LoginCommand::log_in() {
  TS_TRY(const Reference reference, parse_registry(name));
  forbid_core_dumps();
  TS_TRY(const Credential credential, ask());
  OneLogin login(credential);
  const SystemClock clock;
  oci::Registries& registries = registry.registries(clock, login);
  registries.set_deadline(clock.monotonic() + limits::verification_timeout);
  TS_TRY(const bool checked, registries.check_login(reference.api_host()));
  if (!checked) {
    say("note: " + reference.registry() + " wants no login; the password was not checked");
  }
  TS_TRY(const std::string where,
         save(login_places(registry.authfile()), reference.registry(), credential));
  return "logged in to " + reference.registry() + "; saved in " + where;
}

int LoginCommand::run() {
  const auto done = log_in();
  if (!done) return complain(done.error());
  say(*done);
  return exit_accepted;
}

struct LogoutCommand {
  RegistryOptions registry;
  std::string name;

  int run() const;
  Result<bool> forget(const LoginPlaces& places, const LoginPlaces::File& place,
                      const std::string& host) const;
  Result<bool> log_out() const;
};

// In one file, and in the helper that it names for the registry. False: there was nothing.
Result<bool> LogoutCommand::forget(const LoginPlaces& places, const LoginPlaces::File& place,
                                   const std::string& host) const {
  const touchstone::Descriptor lock = oci::lock_writers(lock_folder(), behind_links(place.path));
  TS_TRY(auto file, read_auth_file(place, say));
  if (!file) return false;
  bool found = false;
  TS_TRY(const std::string helper_name, file->helper(host));
  if (!helper_name.empty()) {
    TS_TRY(const CredentialHelper helper, CredentialHelper::find(helper_name, places.helper_path));
    TS_TRY(const auto known, helper.get(file->key_of(host)));
    if (known) {
      TS_CHECK(helper.erase(file->key_of(host)));
      say("removed the login for " + host + " from " + helper.description());
      found = true;
    }
  }
  if (file->remove(host)) {
    TS_CHECK(write_auth_file(place.path, *file));
    if (!found) say("removed the login for " + host + " from " + printable(place.path));
    found = true;
  }
  return found;
}

Result<bool> LogoutCommand::log_out() const {
  TS_TRY(const Reference reference, parse_registry(name));
  const LoginPlaces places = login_places(registry.authfile());
  bool found = false;
  for (const LoginPlaces::File& place : places.files) {
    TS_TRY(const bool here, forget(places, place, reference.registry()));
    found = found || here;
  }
  if (!found) say("there is no saved login for " + reference.registry());
  return found;
}

int LogoutCommand::run() const {
  const auto done = log_out();
  return done ? exit_accepted : complain(done.error());
}

}  // namespace

void declare_login(CLI::App& app) {
  auto command = std::make_shared<LoginCommand>();
  app.description(
      "Log in to REGISTRY and save the login. It is saved once the registry has accepted it, "
      "where\n"
      "docker and podman find it too: with the credential helper that their file names, else in\n"
      "the file.\n\n"
      "Examples:\n"
      "  touchstone login registry.example\n"
      "  touchstone login -u ci --password-stdin registry.example:5000 < token");
  app.add_option("REGISTRY", command->name, "host[:port]")->required()->type_name("");
  app.add_option("-u,--username", command->username, "user name (default: asked for)")
      ->type_name("USER");
  app.add_flag("--password-stdin", command->password_stdin,
               "the password is on standard input (default: asked for)");
  command->registry.declare_connection(app);
  command->registry.declare_authfile(app);
  set_action(app, [command] { return command->run(); });
}

void declare_logout(CLI::App& app) {
  auto command = std::make_shared<LogoutCommand>();
  app.description(
      "Remove the saved login for REGISTRY. Each file and credential helper that has it is "
      "asked.\n\n"
      "Example:\n  touchstone logout registry.example");
  app.add_option("REGISTRY", command->name, "host[:port]")->required()->type_name("");
  command->registry.declare_authfile(app);
  set_action(app, [command] { return command->run(); });
}

}  // namespace touchstone::cli
