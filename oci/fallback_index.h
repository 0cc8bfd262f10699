// The index under the fallback tag, as writers change it.
//
// Spec: OCI Distribution Spec v1.1, "Referrers Tag Schema".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/result.h"
#include "formats/descriptor.h"

namespace touchstone::oci {

// "sha256-<hex>".
std::string fallback_tag(const Digest& subject);

// The index with `entry` added at the end; what was there stays as it was, entries that nobody
// here understands included. Absent when the entry stands there already.
// Errors: format.referrers (what cannot be read is never replaced), limit.*.
Result<std::optional<std::string>> with_entry(const std::optional<Bytes>& index,
                                              const formats::Descriptor& entry);

// Leaves each entry once, and none that names another type than `artifact_type` (empty: any).
void tidy_referrers(std::vector<formats::Descriptor>& entries, std::string_view artifact_type);

// Locks out other processes of this host that write the same list, until the descriptor closes.
// Without a folder, or where it cannot be locked in time, nobody is locked out: the list is read
// again after writing in any case.
Descriptor lock_writers(const std::string& folder, const std::string& repository);

}  // namespace touchstone::oci
