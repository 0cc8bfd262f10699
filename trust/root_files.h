// What stands in the files of one root: root.json, the keys and changes.jsonl.
#pragma once

#include <string>

#include "base/store.h"
#include "trust/trust_store.h"

namespace touchstone::trust {

inline constexpr const char* root_file = "root.json";
inline constexpr const char* changes_file = "changes.jsonl";

// The files of `root`, each key under its own name; without changes.jsonl.
Store::Files write_root(const Root& root);

// Refused: a missing file, members that are unknown or of the wrong kind, another version or kind,
// no key or a key twice, a key file that does not parse or has another hash or that root.json does
// not name (what ls shows is what is trusted), what check_key() refuses.
// Errors: trust.corrupt, limit.*.
Result<Root> read_root(const std::string& name, const Store::Files& files);

// Whether the owner is printable and short, and the validity does not end before it begins.
// Errors: usage.arguments.
Status check_key(const TrustedKey& key);

// One line of changes.jsonl, with its line break.
std::string write_change(const Change& change);

// Refused as well: changes that do not lead to exactly the keys of root.json.
// Errors: trust.corrupt, limit.*.
Result<std::vector<Change>> read_changes(const std::string& name, const Store::Files& files);

}  // namespace touchstone::trust
