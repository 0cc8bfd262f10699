#include "cli/shared/application.h"

#include <unistd.h>

#include "base/text.h"
#include "base/url.h"
#include "cli/shared/help.h"
#include "cli/shared/output.h"
#include "cli/shared/standard_streams.h"

namespace touchstone::cli {
namespace {

constexpr const char* group = "Registry";

// Carries a command's exit status out of CLI11's parse().
struct Finished {
  int status;
};

int finish(const Status& printed) { return printed ? exit_accepted : complain(printed.error()); }

}  // namespace

void RegistryOptions::declare(CLI::App& command) {
  declare_connection(command);
  auto* const name = command.add_option("--username", username_, "log in to the registry as USER")
                         ->group(group)
                         ->type_name("USER");
  auto* const password =
      command.add_flag("--password-stdin", password_stdin_, "the password is on standard input")
          ->group(group);
  name->needs(password);
  password->needs(name);
  declare_authfile(command);
}

void RegistryOptions::declare_authfile(CLI::App& command) {
  command.add_option("--authfile", authfile_, "saved logins (default: those of podman and docker)")
      ->group(group)
      ->type_name("FILE");
}

void RegistryOptions::declare_connection(CLI::App& command) {
  command.add_option("--plain-http", plain_http_, "registry to reach without TLS (host[:port])")
      ->group(group)
      ->type_name("HOST")
      ->allow_extra_args(false);
  command
      .add_option("--registry-ca", curl_.ca_file, "authority of the registry's certificate (PEM)")
      ->group(group)
      ->type_name("FILE");
  command
      .add_option("--registry-cert", curl_.certificate_file, "certificate to show to the registry")
      ->group(group)
      ->type_name("FILE");
  command.add_option("--registry-key", curl_.key_file, "key of that certificate")
      ->group(group)
      ->type_name("FILE");
  command
      .add_option("--auth-realm", auth_realms_, "login server on another host that may be asked")
      ->group(group)
      ->type_name("HOST")
      ->allow_extra_args(false);
  command
      .add_option("--proxy", proxy_, "HTTP proxy (default: $HTTPS_PROXY, $HTTP_PROXY, $NO_PROXY)")
      ->group(group)
      ->type_name("URL");
}

oci::Registries& RegistryOptions::registries(const Clock& clock) {
  if (!logins_ && password_stdin_) {
    logins_ = std::make_unique<GivenLogin>(username_, [] { return read_password(STDIN_FILENO); });
  } else if (!logins_) {
    logins_ = std::make_unique<SavedLogins>(login_places(authfile_), say);
  }
  return registries(clock, *logins_);
}

oci::Registries& RegistryOptions::registries(const Clock& clock, oci::CredentialSource& logins) {
  if (!registries_) {
    http_ = std::make_unique<net::CurlClient>(client_options());
    registries_ = std::make_unique<oci::Registries>(*http_, clock, access(logins));
  }
  return *registries_;
}

net::CurlOptions RegistryOptions::client_options() const {
  net::CurlOptions options = curl_;
  options.proxies = proxies(proxy_);
  return options;
}

oci::Access RegistryOptions::access(oci::CredentialSource& logins) const {
  oci::Access access;
  access.plain_http_hosts = plain_http_;
  access.tls_for_loopback = !curl_.ca_file.empty();
  access.auth_realm_hosts = auth_realms_;
  access.credentials = &logins;
  access.lock_folder = lock_folder();
  return access;
}

int run(CLI::App& app, int argc, const char* const* argv) {
  if (const auto occupied = occupy_closed_streams(); !occupied) return complain(occupied.error());
  // Known before the rest is parsed, for what is said of a command line that is not understood.
  for (int i = 1; i < argc; ++i) {
    if (argv[i] == std::string_view("--no-color")) forbid_colours();
  }
  try {
    app.parse(argc, argv);
  } catch (const Finished& finished) {
    return finished.status;
  } catch (const CLI::CallForHelp&) {
    const Chosen chosen = chosen_command(app);
    return finish(print(help_text(describe_command(*chosen.app, chosen.name))));
  } catch (const CLI::CallForVersion& version) {
    return finish(print(std::string(version.what()) + "\n"));
  } catch (const CLI::ParseError& error) {
    return complain(usage_error(app, error));
  } catch (const std::exception& error) {
    return complain(Error{Code::internal_error, printable(error.what()), ""});
  }
  return complain(Error{Code::usage_arguments, "no command was given", ""});
}

void prepare(CLI::App& app, const std::string& version) {
  app.set_help_flag("-h,--help", "show this help");
  app.set_version_flag("--version", version, "show the version");
}

void set_action(CLI::App& command, std::function<int()> action) {
  command.add_flag_callback("--no-color", forbid_colours,
                            "colour nothing (as with NO_COLOR in the environment)");
  command.callback([action = std::move(action)] { throw Finished{action()}; });
}

void declare_trust(CLI::App& command, std::string& folder) {
  command
      .add_option("--trust", folder,
                  "trust store (default: $TOUCHSTONE_TRUST, else ~/.config/touchstone/trust,\n"
                  "else /etc/touchstone/trust)")
      ->type_name("DIR");
}

Result<std::map<std::string, std::string>> parse_annotations(
    const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> annotations;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{Code::usage_arguments, "annotation \"" + printable(pair) + "\" is not KEY=VALUE",
                   ""};
    }
    if (!is_valid_utf8(pair)) {
      return Error{Code::usage_arguments, "annotation \"" + printable(pair) + "\" is not UTF-8",
                   ""};
    }
    if (!annotations.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) {
      return Error{Code::usage_arguments,
                   "annotation \"" + printable(pair.substr(0, equals)) + "\" is given twice", ""};
    }
  }
  return annotations;
}

}  // namespace touchstone::cli
