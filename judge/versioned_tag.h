// Tags that are versions.
//
// Spec: Semantic Versioning 2.0.0 with a "v" in front; short forms as slsa-verifier's
// --source-versioned-tag takes them.
#pragma once

#include <string_view>

namespace touchstone::judge {

// Whether a tag is a version that `wanted` covers: "v1" any v1.x.y, "v1.2" any v1.2.x, "v1.2.3"
// that one. Pre-releases are of the version that they precede, and fit short forms alone; what
// stands behind "+" is not looked at. False for what is no version.
bool fits_version(std::string_view wanted, std::string_view tag);

}  // namespace touchstone::judge
