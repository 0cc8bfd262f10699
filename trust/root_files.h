// What stands in the files of one root: root.json, the keys or certificates, and changes.jsonl.
#pragma once

#include <string>

#include "base/store.h"
#include "formats/json_fields.h"
#include "trust/trust_store.h"

namespace touchstone::trust {

inline constexpr std::string_view kind_keys = "keys";
inline constexpr std::string_view kind_certificates = "certificates";
inline constexpr std::string_view kind_sigstore = "sigstore";
inline constexpr std::string_view kind_hardware = "hardware";
inline constexpr const char* root_file = "root.json";
inline constexpr const char* changes_file = "changes.jsonl";

// The files of `root`, each entry under its own name; without changes.jsonl.
Store::Files write_root(const Root& root);

// Refused: a missing file, members that are unknown or of the wrong kind, another version or kind,
// an entry's file that does not parse or has another hash or that root.json does not name (what ls
// shows is what is trusted), what check_root() refuses. Errors: trust.corrupt, limit.*.
Result<Root> read_root(const std::string& name, const Store::Files& files);

// Whether the root is of one kind, no entry stands in it twice and it has not too many, each owner
// is printable and short, no validity ends before it begins, each certificate is that of an
// authority for code signing or, of kind `hardware`, one that may be above attestations, and each
// attestation is of its key.
// Errors: usage.arguments, policy.root-kind, policy.root-exists, policy.authority,
// policy.hardware-authority, hardware.other-key, limit.count.
Status check_root(const Root& root);

// One entry of a list in JSON: owner, times and `sha256`. The reader takes the entry's text, PEM or
// a trusted root, and refuses it when its hash is another.
formats::Json entry_json(const TrustedKey& entry);
formats::Json entry_json(const TrustedCertificate& entry);
formats::Json entry_json(const TrustedInstanceRoot& entry);
Result<TrustedKey> read_key(const formats::Fields& fields, ByteView pem);
Result<TrustedCertificate> read_certificate(const formats::Fields& fields, ByteView pem);
Result<TrustedHardware> read_hardware(const formats::Fields& fields, ByteView pem);
Result<TrustedInstanceRoot> read_instance(const formats::Fields& fields, ByteView json);

std::string text_of(const TrustedKey& entry);
std::string text_of(const TrustedCertificate& entry);
std::string text_of(const TrustedInstanceRoot& entry);

// "keys", "certificates", "sigstore" or "hardware".
std::string_view kind_of(const Root& root);

// One line of changes.jsonl, with its line break.
std::string write_change(const Change& change);

// Refused as well: changes that do not lead to exactly the entries of root.json.
// Errors: trust.corrupt, limit.*.
Result<std::vector<Change>> read_changes(const std::string& name, const Store::Files& files);

}  // namespace touchstone::trust
