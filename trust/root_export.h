// Roots in one file, to carry from one machine to another and to review on the way.
//
//   {"version":1,"roots":[
//   {"name":"shop","kind":"keys","entries":[
//   {"owner":"release@shop.example","not_after":"2027-12-31T23:59:59Z","sha256":"...","pem":"..."}
//   ]}
//   ]}
//
// Same roots, same bytes: roots stand in the order of their names, entries in that of the store.
// The record of changes and the history stay where they were made.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "trust/trust_store.h"

namespace touchstone::trust {

std::string write_export(std::span<const Root> roots);

// Refused: another version or kind, members that are unknown or of the wrong kind, no root, a name
// twice or one that no root may have, a hash that is not the entry's, what is no valid root.
// Errors: format.file, limit.*.
Result<std::vector<Root>> read_export(ByteView bytes);

}  // namespace touchstone::trust
