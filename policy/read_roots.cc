#include "policy/read_roots.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/key_attestation.h"
#include "formats/json.h"
#include "trust/root_files.h"
#include "verify/attestation.h"

namespace touchstone::policy {
namespace {

using formats::YamlMember;

// The file under a key, parsed. What is wrong with it is told at the place that names it;
// `malformed` stands for the codes that are about signatures.
template <class Parse>
auto read_file(const Fields& fields, std::string_view key, const std::string& path,
               const Reading& reading, Code malformed, Parse parse) -> decltype(parse(Bytes())) {
  auto contents = reading.materials.file(path);
  if (!contents) {
    return fields.error(key, contents.error().code, contents.error().message,
                        contents.error().hint);
  }
  auto parsed = parse(*contents);
  if (!parsed) {
    const Error& error = parsed.error();
    const bool about_signatures = exit_status(error.code) == 1;
    return fields.error(key, about_signatures ? malformed : error.code,
                        printable(path) + ": " + error.message, error.hint);
  }
  return parsed;
}

struct Validity {
  std::optional<std::chrono::sys_seconds> not_before;
  std::optional<std::chrono::sys_seconds> not_after;
};

Result<Validity> read_validity(const Fields& fields) {
  Validity validity;
  TS_TRY(validity.not_before, fields.time("not_before"));
  TS_TRY(validity.not_after, fields.time("not_after"));
  if (validity.not_before && validity.not_after && *validity.not_after < *validity.not_before) {
    return fields.error("not_after", Code::policy_value, "it ends before it begins");
  }
  return validity;
}

Result<trust::TrustedKey> read_key(const Fields& fields, const Reading& reading) {
  TS_TRY(const std::string path, fields.text("file"));
  TS_TRY(auto key,
         read_file(fields, "file", path, reading, Code::format_key, crypto::PublicKey::from_file));
  TS_TRY(const std::string id, fields.text("id"));
  TS_TRY(const Validity validity, read_validity(fields));
  trust::TrustedKey trusted{std::move(key), id, validity.not_before, validity.not_after, path};
  TS_TRY(const auto attestation, fields.optional_text("attestation"));
  if (!attestation) return trusted;
  TS_TRY(trusted.attestation, read_file(fields, "attestation", *attestation, reading,
                                        Code::policy_value, crypto::read_attestation_file));
  const auto same = verify::check_attested_key(trusted.attestation.front().key(), trusted.key);
  if (!same) return fields.error("attestation", Code::policy_value, same.error().message);
  return trusted;
}

Status read_keys(const Fields& fields, const Reading& reading, DefinedRoot& made) {
  TS_TRY(const auto listed, fields.objects("keys"));
  for (const Fields& each : listed) {
    TS_TRY(trust::TrustedKey trusted, read_key(each, reading));
    if (std::ranges::find(made.ids, trusted.owner) != made.ids.end()) {
      return each.error("id", Code::policy_duplicate,
                        "the id \"" + printable(trusted.owner) + "\" stands twice");
    }
    const auto same = std::ranges::find(made.root.keys, trusted.key, &trust::TrustedKey::key);
    if (same != made.root.keys.end()) {
      return each.error("file", Code::policy_duplicate,
                        "the same key as \"" + printable(same->owner) + "\" has",
                        "a key counts once, however often it stands in a root");
    }
    made.ids.push_back(trusted.owner);
    made.root.keys.push_back(std::move(trusted));
  }
  return ok();
}

Status read_certificates(const Fields& fields, const Reading& reading, DefinedRoot& made) {
  TS_TRY(const auto listed, fields.objects("certificates"));
  for (const Fields& each : listed) {
    TS_TRY(const std::string path, each.text("file"));
    TS_TRY(const Validity validity, read_validity(each));
    TS_TRY(const auto certificates, read_file(each, "file", path, reading, Code::format_certificate,
                                              crypto::Certificate::from_file));
    for (const crypto::Certificate& certificate : certificates) {
      made.root.certificates.push_back(
          {certificate, "", validity.not_before, validity.not_after, path});
    }
  }
  return ok();
}

Status read_instance(const Fields& fields, const Reading& reading, DefinedRoot& made) {
  TS_TRY(const auto instance, fields.object("sigstore"));
  TS_TRY(const std::string path, instance->text("trusted_root"));
  TS_TRY(auto root, read_file(*instance, "trusted_root", path, reading, Code::format_file,
                              trust::TrustedInstanceRoot::parse));
  root.file = path;
  made.root.instances.push_back(std::move(root));
  return ok();
}

Status read_maker(const Fields& fields, const Reading& reading, DefinedRoot& made) {
  TS_TRY(const auto maker, fields.object("hardware"));
  TS_TRY(const auto paths, maker->texts("ca"));
  for (const std::string& path : paths) {
    TS_TRY(const auto certificates, read_file(*maker, "ca", path, reading, Code::format_certificate,
                                              crypto::Certificate::from_file));
    for (const crypto::Certificate& certificate : certificates) {
      made.root.hardware.push_back({{certificate, "", {}, {}, path}});
    }
  }
  return ok();
}

Status read_stored(const Fields& fields, const Reading& reading, DefinedRoot& made) {
  TS_TRY(const std::string name, fields.text("store"));
  if (name == "yubico") {
    TS_TRY(made.vendor, trust::HardwareVendor::yubico());
    return ok();
  }
  auto stored = reading.materials.root(name);
  if (!stored) {
    return fields.error("store", stored.error().code, stored.error().message, stored.error().hint);
  }
  made.root = *std::move(stored);
  for (const trust::TrustedKey& key : made.root.keys) made.ids.push_back(key.owner);
  return ok();
}

using ReadKind = Status (*)(const Fields&, const Reading&, DefinedRoot&);
struct RootKind {
  std::string_view key;
  ReadKind read;
};
constexpr std::array<RootKind, 5> root_kinds = {{{"keys", read_keys},
                                                 {"certificates", read_certificates},
                                                 {"sigstore", read_instance},
                                                 {"hardware", read_maker},
                                                 {"store", read_stored}}};

Status check_name(const YamlMember& member, const std::string& store, const std::string& source) {
  const bool built_in = member.key == "sigstore" || member.key == "yubico";
  if (built_in && store == member.key) return ok();
  const auto fits = trust::check_root_name(member.key);
  if (fits) return ok();
  return error_at(source, member.place, fits.error().code, fits.error().message, fits.error().hint);
}

Result<DefinedRoot> read_root(const YamlMember& member, const Reading& reading) {
  TS_TRY(const Fields fields, Fields::of(member.value, "root", reading.source));
  TS_TRY(const auto store, fields.optional_text("store"));
  TS_CHECK(check_name(member, store.value_or(""), reading.source));
  const auto given = [&](const RootKind& kind) { return fields.has(kind.key); };
  if (std::ranges::count_if(root_kinds, given) != 1) {
    return error_at(reading.source, member.value.place(), Code::policy_root_kind,
                    "a root has one of keys, certificates, sigstore, hardware and store");
  }
  DefinedRoot made;
  TS_CHECK(std::ranges::find_if(root_kinds, given)->read(fields, reading, made));
  made.root.name = member.key;
  if (made.vendor) return made;
  if (const auto sound = trust::check_root(made.root); !sound) {
    return error_at(reading.source, member.value.place(), sound.error().code, sound.error().message,
                    sound.error().hint);
  }
  if (!made.root.hardware.empty()) {
    TS_TRY(made.vendor, trust::HardwareVendor::of(made.root, reading.now));
  }
  return made;
}

Result<const DefinedRoot*> find_root(const Fields& fields, std::string_view key,
                                     const std::string& name, const Reading& reading) {
  const auto found = reading.roots.find(name);
  if (found != reading.roots.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [known, root] : reading.roots) names.push_back(known);
  return fields.error(key, Code::policy_reference, "no root \"" + printable(name) + "\"",
                      meant(name, names));
}

// Adds what a root holds. A key or authority that another root of the signer holds too would count
// once, where its writer may have counted two.
Status add_root(const Fields& fields, const std::string& name, const DefinedRoot& from,
                verify::Demand& demand) {
  if (from.vendor) {
    return fields.error("root", Code::policy_root_kind,
                        "the root \"" + name + "\" is a maker of devices, who signs nothing",
                        "name it under `hardware`");
  }
  const std::string told = "root \"" + name + "\"";
  for (const trust::TrustedKey& trusted : from.root.keys) {
    for (const verify::TrustedSigner& known : demand.signers) {
      if (known.trusted.key != trusted.key) continue;
      return fields.error("root", Code::policy_duplicate,
                          "the key \"" + printable(trusted.owner) + "\" of " + told + " is in " +
                              known.source + " as well",
                          "a key counts once, in however many roots it stands");
    }
    demand.signers.push_back({trusted, told});
  }
  for (const trust::TrustedCertificate& trusted : from.root.certificates) {
    demand.authorities.push_back({trusted, told});
  }
  for (const trust::TrustedInstanceRoot& trusted : from.root.instances) {
    demand.instances.push_back({trusted.root, told});
  }
  return ok();
}

// `keys`: these ids alone.
Status keep_keys(const Fields& fields, verify::Demand& demand) {
  if (!fields.has("keys")) return ok();
  TS_TRY(const auto ids, fields.texts("keys"));
  if (demand.signers.empty()) {
    return fields.error("keys", Code::policy_value, "none of the roots holds keys");
  }
  std::vector<verify::TrustedSigner> kept;
  std::vector<std::string> names;
  for (const verify::TrustedSigner& each : demand.signers) names.push_back(each.trusted.owner);
  for (const std::string& id : ids) {
    const auto count = std::ranges::count(names, id);
    if (count != 1) {
      return fields.error(
          "keys", Code::policy_reference,
          (count == 0 ? "no key \"" : "several keys are called \"") + printable(id) + "\"",
          count == 0 ? meant(id, names) : "");
    }
    const auto index = std::ranges::find(names, id) - names.begin();
    kept.push_back(demand.signers[static_cast<std::size_t>(index)]);
  }
  demand.signers = std::move(kept);
  return ok();
}

// Under a sigstore instance without a subject nobody's certificate counts: it is there for its
// logs.
Status check_identity(const Fields& fields, const verify::Demand& demand) {
  const bool subject = fields.has("subject");
  const bool issuer = fields.has("issuer");
  const auto refuse = [&](std::string_view key, const std::string& why) {
    return fields.error(key, Code::policy_identity, why);
  };
  if (!subject && issuer) return refuse("issuer", "an issuer goes with a subject");
  TS_TRY(const bool for_logs, fields.boolean("require_log"));
  if (!subject && !demand.instances.empty() && (!for_logs || demand.signers.empty())) {
    return refuse("root", "a sigstore instance gives certificates to anybody: say whose counts");
  }
  if (!subject) return ok();
  if (!demand.signers.empty()) {
    return refuse("subject",
                  "a subject is the holder of a certificate, and keys count whoever holds them");
  }
  if (!demand.instances.empty() && !issuer) {
    return refuse("subject", "under a sigstore instance a name is only as good as its issuer");
  }
  if (demand.instances.empty() && issuer) {
    return refuse("issuer", "an authority of one's own is the issuer itself");
  }
  return ok();
}

// A pattern that everything matches names nobody.
Status check_tight(const Fields& fields, std::string_view key,
                   const std::optional<verify::TextMatch>& match) {
  if (!match || !match->matches("x") || !match->matches("https://evil.example/x@y")) return ok();
  return fields.error(key, Code::policy_pattern, match->describe() + " matches every name");
}

Status read_identity(const Fields& fields, verify::Demand& demand) {
  TS_CHECK(check_identity(fields, demand));
  TS_TRY(auto subject, fields.match("subject"));
  TS_TRY(auto issuer, fields.match("issuer"));
  TS_CHECK(check_tight(fields, "subject", subject));
  TS_CHECK(check_tight(fields, "issuer", issuer));
  if (subject) demand.identities.push_back({*std::move(subject), std::move(issuer)});
  return ok();
}

Status read_vendors(const Fields& hardware, const Reading& reading, verify::Demand& demand) {
  TS_TRY(const auto names, hardware.texts("root"));
  if (names.empty()) {
    TS_TRY(demand.vendors.emplace_back(), trust::HardwareVendor::yubico());
  }
  for (const std::string& name : names) {
    TS_TRY(const DefinedRoot* root, find_root(hardware, "root", name, reading));
    if (!root->vendor) {
      return hardware.error("root", Code::policy_root_kind,
                            "the root \"" + name + "\" is no maker of devices");
    }
    demand.vendors.push_back(*root->vendor);
  }
  for (const trust::HardwareVendor& vendor : demand.vendors) {
    demand.hardware->vendors.push_back(vendor.name);
  }
  return ok();
}

Status read_hardware(const Fields& fields, const Reading& reading, verify::Demand& demand) {
  TS_TRY(const auto hardware, fields.object("hardware"));
  if (!hardware) return ok();
  verify::HardwareDemand& wanted = demand.hardware.emplace();
  TS_TRY(wanted.touch, hardware->boolean("touch"));
  TS_TRY(wanted.pin, hardware->boolean("pin"));
  TS_TRY(wanted.fips, hardware->boolean("fips"));
  TS_TRY(wanted.serials, hardware->integers("serials"));
  TS_TRY(const auto firmware, hardware->optional_text("min_firmware"));
  if (firmware) wanted.firmware = Firmware::parse(*firmware);
  if (firmware && !wanted.firmware) {
    return hardware->error("min_firmware", Code::policy_value,
                           "\"" + printable(*firmware) + "\" is no version", "write 5.7.0");
  }
  return read_vendors(*hardware, reading, demand);
}

std::vector<std::string> sorted_fingerprints(const DefinedRoot& root) {
  std::vector<std::string> lines = root.root.fingerprints();
  if (root.vendor && root.root.hardware.empty()) lines.push_back("built in: " + root.vendor->name);
  for (const trust::TrustedKey& key : root.root.keys) {
    if (key.not_before)
      lines.push_back(trust::fingerprint(key) + " from " + to_rfc3339(*key.not_before));
    if (key.not_after)
      lines.push_back(trust::fingerprint(key) + " until " + to_rfc3339(*key.not_after));
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace

Status read_roots(const Fields& policy, Reading& reading) {
  TS_TRY(const auto members, policy.members("roots"));
  for (const YamlMember* member : members) {
    TS_TRY(DefinedRoot root, read_root(*member, reading));
    reading.roots.emplace(member->key, std::move(root));
  }
  return ok();
}

Result<Signer> read_signer(const Fields& fields, const Reading& reading) {
  Signer signer;
  TS_TRY(signer.roots, fields.texts("root"));
  for (const std::string& name : signer.roots) {
    TS_TRY(const DefinedRoot* root, find_root(fields, "root", name, reading));
    TS_CHECK(add_root(fields, name, *root, signer.demand));
  }
  TS_CHECK(keep_keys(fields, signer.demand));
  TS_CHECK(read_identity(fields, signer.demand));
  TS_TRY(signer.demand.annotations, fields.text_map("annotations"));
  TS_CHECK(read_hardware(fields, reading, signer.demand));
  TS_TRY(signer.demand.require_log, fields.boolean("require_log"));
  if (signer.demand.require_log && signer.demand.instances.empty()) {
    return fields.error("require_log", Code::policy_identity,
                        "no sigstore instance says which logs count",
                        "name one under `root` as well, with `subject` and `issuer`");
  }
  return signer;
}

Result<Signer> read_signer_of(const Fields& fields, std::string_view key, const Reading& reading) {
  TS_TRY(const auto signer, fields.object(key));
  return read_signer(*signer, reading);
}

Status read_builders(const Fields& policy, Reading& reading) {
  TS_TRY(const auto members, policy.members("builders"));
  for (const YamlMember* member : members) {
    TS_TRY(const Fields fields, Fields::of(member->value, "builder", reading.source));
    TS_TRY(Signer signer, read_signer_of(fields, "signer", reading));
    TS_TRY(auto id, fields.match("id"));
    TS_CHECK(check_tight(fields, "id", id));
    TS_TRY(const std::uint64_t level, fields.integer("level", 1, 3, 1));
    reading.builders.emplace(member->key, std::make_shared<const Builder>(Builder{
                                              member->key, std::move(signer), *std::move(id),
                                              static_cast<unsigned>(level), member->place}));
  }
  return ok();
}

Digest material_digest(const Reading& reading) {
  formats::Json::Array roots;
  for (const auto& [name, root] : reading.roots) {
    formats::Json::Array lines;
    for (const std::string& line : sorted_fingerprints(root)) lines.emplace_back(line);
    roots.push_back(
        formats::Json(formats::Json::Array{formats::Json(name), formats::Json(std::move(lines))}));
  }
  return crypto::digest_of(as_bytes(formats::to_text(formats::Json(std::move(roots)))));
}

}  // namespace touchstone::policy
