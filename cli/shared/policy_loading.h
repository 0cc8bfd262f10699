// Where policies come from.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/read.h"

namespace touchstone::cli {

// The policy's file: the one named, else touchstone/policy.yaml in $XDG_CONFIG_HOME (else
// ~/.config) when it is there, else /etc/touchstone/policy.yaml.
// Errors: usage.no-trust (none is there).
Result<std::string> policy_file(const std::string& named);

// What a policy at that place names: files relative to its own folder, which nobody else can write,
// and roots of the trust store.
policy::Materials materials_of(const std::string& file, const std::string& trust_folder,
                               const Clock& clock);

// Opens the policy that is to be in force, with the files and roots that it names. It and they must
// be regular files that nobody else can write. With `keys`, files of public keys, one of these must
// have signed it, and its serial number is recorded in the trust store's folder.
// Errors: policy.*, usage.file, trust.*, format.*, limit.*.
Result<policy::Document> open_policy(const std::string& file, const std::string& trust_folder,
                                     const std::vector<std::string>& keys, const Clock& clock);

// The same of a plain policy that is only tried, and may have expired.
Result<policy::Document> read_policy(const std::string& file, const std::string& trust_folder,
                                     const Clock& clock);

}  // namespace touchstone::cli
