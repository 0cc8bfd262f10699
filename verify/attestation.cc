#include "verify/attestation.h"

#include <algorithm>
#include <charconv>

#include "base/key_policy.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"

namespace touchstone::verify {
namespace {

using crypto::Certificate;
using crypto::CertificatePath;
using crypto::KeyAttestation;
using formats::Json;
using trust::HardwareVendor;

Result<CertificatePath> path_under(std::span<const Certificate> chain, const HardwareVendor& vendor,
                                   std::chrono::sys_seconds at) {
  auto path =
      crypto::find_attestation_path(chain, {vendor.anchors, vendor.issues_devices_alone}, at);
  if (path) return path;
  // Why not is said better by where it leads instead.
  const auto other =
      crypto::find_attestation_path(chain, {vendor.elsewhere, vendor.issues_devices_alone}, at);
  if (!other) return path;
  return Error{Code::hardware_branch,
               "the device's certificate leads to \"" +
                   other->certificates[other->certificates.size() - 1].subject() +
                   "\", which is for other keys of " + vendor.source + "'s devices",
               ""};
}

// HW-17: such a key can be computed from its public half.
Status check_strength(const AttestedKey& key) {
  if (key.facts.device != KeyAttestation::Device::yubikey ||
      key.key.kind() != crypto::KeyKind::rsa || !firmware::makes_weak_rsa(key.facts.firmware)) {
    return ok();
  }
  return Error{Code::hardware_weak,
               "the key was made by firmware " + key.facts.firmware.to_string() +
                   ", whose RSA keys can be factored (CVE-2017-15361)",
               ""};
}

Status check_origin(const KeyAttestation& facts) {
  if (!facts.made_inside) {
    return Error{Code::hardware_origin, "the key was brought into the device from outside", ""};
  }
  if (facts.can_leave) {
    return Error{Code::hardware_origin, "the key can be exported from the device", ""};
  }
  return ok();
}

Error half_said(std::string_view item) {
  return Error{Code::policy_hardware, "\"" + printable(item) + "\" asks nothing of hardware", ""};
}

std::string device_text(const AttestedKey& key) {
  std::string text = key.facts.device_name();
  if (key.facts.serial) text += " (serial " + std::to_string(*key.facts.serial) + ")";
  return text;
}

Status add_item(std::string_view item, HardwareDemand& demand) {
  const std::size_t equals = item.find('=');
  const std::string_view name = item.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
  bool* const flag = item == "touch"  ? &demand.touch
                     : item == "pin"  ? &demand.pin
                     : item == "fips" ? &demand.fips
                                      : nullptr;
  if (flag != nullptr) {
    *flag = true;
    return ok();
  }
  if (name == "firmware>" && !demand.firmware) {
    demand.firmware = Firmware::parse(value);
    return demand.firmware ? ok() : Status(half_said(item));
  }
  if (name == "serial" && demand.serials.size() < limits::max_demanded_serials) {
    std::uint32_t serial = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), serial);
    if (error != std::errc() || end != value.data() + value.size()) return half_said(item);
    demand.serials.push_back(serial);
    return ok();
  }
  if (name == "vendor" && !value.empty() && is_printable(value)) {
    demand.vendors.emplace_back(value);
    return ok();
  }
  return half_said(item);
}

}  // namespace

std::vector<std::string> AttestedKey::warnings() const {
  const bool ecdsa = key.kind() != crypto::KeyKind::rsa && key.kind() != crypto::KeyKind::ed25519;
  const bool old = facts.device == KeyAttestation::Device::yubikey &&
                   facts.firmware < firmware::first_without_eucleak;
  if (!ecdsa || !old) return {};
  return {
      "whoever opens the device can copy its ECDSA keys (YSA-2024-03): firmware 5.7.0 and later "
      "have not that"};
}

Result<AttestedKey> judge_attestation(std::span<const Certificate> chain,
                                      std::span<const HardwareVendor> vendors,
                                      std::chrono::sys_seconds at) {
  Error nearest{Code::hardware_untrusted, "no maker of hardware was named who counts", ""};
  for (const HardwareVendor& vendor : vendors) {
    const auto path = path_under(chain, vendor, at);
    if (!path) {
      // That no name fits says least.
      if (nearest.code == Code::hardware_untrusted) nearest = path.error();
      continue;
    }
    TS_TRY(KeyAttestation facts,
           crypto::read_key_attestation(path->certificates[0], path->certificates[1]));
    AttestedKey key{chain.front().key(), std::move(facts), vendor.name,
                    vendor.source,       path->not_before, path->not_after};
    TS_CHECK(check_strength(key));
    TS_CHECK(check_origin(key.facts));
    return key;
  }
  return nearest;
}

Status check_attested_key(const crypto::PublicKey& attested, const crypto::PublicKey& key) {
  if (attested == key) return ok();
  return Error{
      Code::hardware_other_key,
      "the attestation is of the key " + attested.fingerprint() + ", not of " + key.fingerprint(),
      ""};
}

Result<HardwareDemand> HardwareDemand::parse(std::string_view text) {
  HardwareDemand demand;
  if (text.empty()) return demand;
  for (const std::string_view item : split(text, ',')) TS_CHECK(add_item(item, demand));
  return demand;
}

std::string HardwareDemand::describe() const {
  std::vector<std::string> parts;
  if (touch) parts.emplace_back("touch");
  if (pin) parts.emplace_back("pin");
  if (fips) parts.emplace_back("fips");
  if (firmware) parts.push_back("firmware>=" + firmware->to_string());
  for (const std::uint32_t serial : serials) parts.push_back("serial=" + std::to_string(serial));
  for (const std::string& vendor : vendors) parts.push_back("vendor=" + vendor);
  return join(parts, ",");
}

Status HardwareDemand::check(const AttestedKey& key) const {
  const KeyAttestation& facts = key.facts;
  const std::string device = device_text(key);
  if (!vendors.empty() && std::ranges::find(vendors, key.vendor) == vendors.end()) {
    return Error{Code::hardware_untrusted,
                 "the key is attested by " + key.source + ", who was not asked for", ""};
  }
  if (touch && facts.touch != TouchPolicy::always && facts.touch != TouchPolicy::cached) {
    return Error{Code::hardware_touch,
                 "the key in " + facts.place + " of " + device +
                     " is not attested to want a touch for its signatures",
                 ""};
  }
  if (pin && facts.pin != PinPolicy::once && facts.pin != PinPolicy::always) {
    return Error{Code::hardware_pin,
                 "the key in " + facts.place + " of " + device +
                     " is not attested to want a PIN for its signatures",
                 ""};
  }
  if (fips && !facts.fips) {
    return Error{Code::hardware_fips, device + " is not attested to be a FIPS one", ""};
  }
  if (firmware && facts.firmware < *firmware) {
    return Error{Code::hardware_firmware,
                 device + " has firmware " + facts.firmware.to_string() + ", older than " +
                     firmware->to_string(),
                 ""};
  }
  if (!serials.empty() &&
      (!facts.serial || std::ranges::find(serials, *facts.serial) == serials.end())) {
    return Error{Code::hardware_serial,
                 "the key is in another device than was asked for: " + device, ""};
  }
  return ok();
}

std::vector<std::string> describe(const AttestedKey& key) {
  const KeyAttestation& facts = key.facts;
  std::vector<std::string> lines;
  const std::string form = facts.form_factor_text();
  lines.push_back("device:      " + device_text(key) + (form.empty() ? "" : ", " + form));
  lines.push_back("maker:       " + key.source);
  lines.push_back("firmware:    " + facts.firmware.to_string());
  lines.push_back("key in:      " + facts.place + ", " + key.key.kind_name());
  lines.push_back("fingerprint: " + key.key.fingerprint());
  if (facts.device == KeyAttestation::Device::yubikey) {
    lines.push_back("PIN:         " + std::string(word(facts.pin)) +
                    (facts.biometric ? ", or a fingerprint" : ""));
    lines.push_back("touch:       " + std::string(word(facts.touch)));
    lines.push_back("FIPS:        " + std::string(facts.fips ? "yes" : "no"));
  }
  lines.push_back("valid:       " + to_rfc3339(key.not_before) + " to " +
                  to_rfc3339(key.not_after));
  for (const std::string& warning : key.warnings()) lines.push_back("warning:     " + warning);
  return lines;
}

Json to_json(const AttestedKey& key) {
  const KeyAttestation& facts = key.facts;
  Json json;
  json.set("device", Json(facts.device_name()));
  json.set("serial", facts.serial ? Json(std::uint64_t{*facts.serial}) : Json());
  json.set("firmware", Json(facts.firmware.to_string()));
  json.set("place", Json(facts.place));
  json.set("formFactor", facts.form_factor ? Json(facts.form_factor_text()) : Json());
  json.set("pin", Json(word(facts.pin)));
  json.set("touch", Json(word(facts.touch)));
  json.set("fips", Json(facts.fips));
  json.set("vendor", Json(key.vendor));
  json.set("fingerprint", Json(key.key.fingerprint()));
  Json::Array warnings;
  for (const std::string& warning : key.warnings()) warnings.emplace_back(warning);
  json.set("warnings", Json(std::move(warnings)));
  return json;
}

std::string summary(const AttestedKey& key) {
  const KeyAttestation& facts = key.facts;
  std::string text = device_text(key) + ", firmware " + facts.firmware.to_string();
  if (facts.device == KeyAttestation::Device::yubikey) {
    text += ", touch " + std::string(word(facts.touch)) + ", PIN " + std::string(word(facts.pin));
  }
  if (facts.fips) text += ", FIPS";
  return text + ", by " + key.source;
}

}  // namespace touchstone::verify
