#include "base/limits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/doctor/clock_checks.h"
#include "cli/doctor/device_checks.h"
#include "cli/doctor/local_checks.h"
#include "cli/doctor/registry_checks.h"
#include "cli/registry_name.h"
#include "cli/shared/output.h"
#include "cli/shared/progress.h"

namespace touchstone::cli {
namespace {

struct DoctorCommand {
  std::vector<std::string> targets;
  std::string module;
  std::string pin_file;
  std::string trust;
  std::string output = "text";
  RegistryOptions registry;

  struct Target {
    Reference reference;
    bool registry_alone = false;
  };
  Result<std::vector<Target>> parse_targets() const;
  Findings look_here() const;
  Findings look_there(const std::vector<Target>& wanted) const;
  Result<int> run() const;
};

Result<std::vector<DoctorCommand::Target>> DoctorCommand::parse_targets() const {
  if (output != "text" && output != "json") {
    return Error{Code::usage_arguments, "--output is text or json", ""};
  }
  std::vector<Target> parsed;
  for (const std::string& target : targets) {
    const bool registry_alone = names_registry(target);
    TS_TRY(Reference reference, registry_alone ? parse_registry(target) : Reference::parse(target));
    parsed.push_back({std::move(reference), registry_alone});
  }
  return parsed;
}

// Devices first: what looks at them is forked, and no thread may run then.
Findings DoctorCommand::look_here() const {
  const SystemClock clock;
  Findings findings;
  if (module.empty()) append(findings, check_smart_cards());
  append(findings, check_modules(module));
  if (!pin_file.empty()) findings.push_back(check_pin_file(pin_file));
  append(findings, check_trust_store(trust_folder(trust), clock));
  append(findings, check_logins(login_places(registry.authfile())));
  findings.push_back(check_clock(clock.now(), source_date()));
  const net::CurlOptions options = registry.client_options();
  findings.push_back(check_authorities(options.ca_file, net::system_certificates()));
  findings.push_back(check_proxies(options.proxies));
  return findings;
}

Findings DoctorCommand::look_there(const std::vector<Target>& wanted) const {
  Findings findings;
  if (wanted.empty()) return findings;
  const SystemClock clock;
  SavedLogins logins(login_places(registry.authfile()), [](const std::string&) {});
  net::CurlClient http(registry.client_options());
  const RegistryWorld world{http, clock, registry.access(logins),
                            registry.client_options().proxies};
  Progress progress("asking", wanted.size());
  for (const Target& target : wanted) {
    progress.next(target.reference.name());
    append(findings, target.registry_alone ? check_registry(target.reference, world)
                                           : check_image(target.reference, world));
  }
  return findings;
}

Result<int> DoctorCommand::run() const {
  TS_TRY(const auto wanted, parse_targets());
  Findings findings = look_here();
  append(findings, look_there(wanted));
  TS_CHECK(print(output == "json" ? to_json(findings, SystemClock().now()) : describe(findings)));
  return exit_status(findings);
}

}  // namespace

void declare_doctor(CLI::App& app) {
  auto command = std::make_shared<DoctorCommand>();
  app.description(
      "Say whether signing and verifying will work here, and what to do where not. Looked at are\n"
      "smart cards and PKCS#11 modules, the trust store, saved logins, the clock, certificate\n"
      "authorities and proxies, and each REGISTRY or IMAGE that is named: whether it can be\n"
      "reached, wants a login and takes the saved one, and lists what is attached. Registries in\n"
      "files of logins are told and not asked. No PIN is asked or tried, and nothing is "
      "changed.\n\n"
      "One line a check is printed: ok, warning or problem, and below what is not ok, a hint.\n\n"
      "Exit status: 0 nothing is a problem; else that of the gravest problem: 4 key device, 3\n"
      "network, registry, login, trust root or clock, 2 a file or module that others can change;\n"
      "2 as well for wrong usage, 5 internal.\n\n"
      "Examples:\n"
      "  touchstone doctor\n"
      "  touchstone doctor registry.example registry.example/shop/api:1.4\n"
      "  touchstone doctor --module /usr/lib/softhsm/libsofthsm2.so --pin-file release.pin");
  app.add_option("REGISTRY|IMAGE", command->targets,
                 "host[:port], registry/name:tag or oci-layout:DIR[:tag]")
      ->type_name("");
  app.add_option("--module", command->module,
                 "look at this PKCS#11 module alone, and at no smart cards")
      ->type_name("FILE");
  app.add_option("--pin-file", command->pin_file, "look whether FILE can serve as one")
      ->type_name("FILE");
  declare_trust(app, command->trust);
  app.add_option("-o,--output", command->output, "text (default) or json")->type_name("FORMAT");
  command->registry.declare_connection(app);
  command->registry.declare_authfile(app);
  set_action(app, [command] {
    const auto status = command->run();
    return status ? *status : complain(status.error());
  });
}

}  // namespace touchstone::cli
