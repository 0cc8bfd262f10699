#include "cli/doctor/local_checks.h"

#include <set>

#include "base/files.h"
#include "base/text.h"
#include "cli/pin_entry.h"
#include "cli/shared/credential_helper.h"

namespace touchstone::cli {
namespace {

constexpr const char* logins_check = "logins";

// The helpers that a file names, each once.
Findings check_helpers(const oci::AuthFile& file, const std::string& search_path) {
  std::set<std::string> names;
  Findings findings;
  std::vector<std::string> registries = file.registries();
  registries.emplace_back();  // the one for all others
  for (const std::string& registry : registries) {
    const auto name = file.helper(registry);
    if (!name) {
      findings.push_back(problem(logins_check, name.error()));
    } else if (!name->empty() && names.insert(*name).second) {
      const auto helper = CredentialHelper::find(*name, search_path);
      if (!helper) findings.push_back(problem(logins_check, helper.error()));
    }
  }
  return findings;
}

std::string list_of(const std::vector<std::string>& registries) {
  constexpr std::size_t most = 8;
  std::vector<std::string> shown;
  for (const std::string& name : registries) {
    if (shown.size() == most) break;
    shown.push_back(printable(name));
  }
  if (shown.empty()) return "none";
  std::string text = join(shown, ", ");
  if (registries.size() > most) {
    text += " and " + std::to_string(registries.size() - most) + " more";
  }
  return text;
}

Findings check_file(const LoginPlaces::File& place, const std::string& search_path) {
  bool readable_by_others = false;
  const auto file = read_auth_file(place, [&](const std::string&) { readable_by_others = true; });
  if (!file) return {problem(logins_check, file.error())};
  const std::string name = "\"" + printable(place.path) + "\"";
  if (!*file) {
    if (!place.must_exist) return {};
    return {problem(logins_check, {Code::auth_file, name + ": no such file", ""})};
  }
  const std::string text = name + ": registries with a login: " + list_of((*file)->registries());
  Findings findings;
  if (readable_by_others) {
    findings.push_back(
        warning(logins_check, text + "; others can read it", "chmod 600 " + printable(place.path)));
  } else {
    findings.push_back(good(logins_check, text));
  }
  append(findings, check_helpers(**file, search_path));
  return findings;
}

}  // namespace

Findings check_logins(const LoginPlaces& places) {
  Findings findings;
  for (const LoginPlaces::File& place : places.files) {
    append(findings, check_file(place, places.helper_path));
  }
  if (findings.empty()) findings.push_back(good(logins_check, "none are saved"));
  return findings;
}

Finding check_pin_file(const std::string& path) {
  ControllingTerminal nobody("/dev/null");
  SecretRequest request;
  request.noun = "PIN";
  request.file = path;
  const auto pin = obtain_secret(request, nobody);
  if (!pin) return problem("pin-file", pin.error());
  return good("pin-file", "\"" + printable(path) + "\" holds one line, and is for its owner alone");
}

Finding check_authorities(const std::string& ca_file, const net::CertificateStore& system) {
  constexpr const char* check = "authorities";
  if (!ca_file.empty()) {
    const auto readable = read_file(ca_file, limits::max_certificate_file_bytes);
    if (!readable) return problem(check, readable.error());
    return good(check, "registries are believed under \"" + printable(ca_file) + "\" alone");
  }
  if (!system.folder.empty()) return good(check, "folder " + printable(system.folder));
  if (!system.file.empty()) {
    return good(check, "file " + printable(system.file) + ", which is read whole each time");
  }
  return warning(check, "there are no certificate authorities; no registry can be reached over TLS",
                 "apt-get install ca-certificates, or give --registry-ca FILE");
}

std::string without_login(const std::string& proxy) {
  const std::size_t scheme = proxy.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(proxy.find('/', host), proxy.size());
  // A password with a slash in it, which no proxy's address may have, must not be told either.
  if (proxy.substr(host, end - host).contains(':') &&
      !proxy.substr(host, end - host).contains('@') && proxy.substr(end).contains('@')) {
    return printable(proxy.substr(0, host)) + "...";
  }
  const std::size_t at = proxy.substr(0, end).rfind('@');
  if (at == std::string::npos || at < host) return printable(proxy);
  return printable(proxy.substr(0, host) + proxy.substr(at + 1));
}

Finding check_proxies(const net::Proxies& proxies) {
  constexpr const char* check = "proxy";
  std::vector<std::string> parts;
  if (!proxies.for_https.empty()) parts.push_back("https: " + without_login(proxies.for_https));
  if (!proxies.for_http.empty()) parts.push_back("http: " + without_login(proxies.for_http));
  if (parts.empty()) return good(check, "none");
  if (!proxies.exceptions.empty()) parts.push_back("not for " + printable(proxies.exceptions));
  return good(check, join(parts, "; "));
}

}  // namespace touchstone::cli
