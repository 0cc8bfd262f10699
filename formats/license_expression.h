// Licences of packages, as SPDX writes them: "MIT AND (Apache-2.0 OR GPL-2.0-only WITH x)".
//
// Spec: SPDX 2.3, annex D. Operators in upper case; WITH binds closest, then AND, then OR. What is
// no such expression is one licence of that whole text, and hides none that a word of it names.
#pragma once

#include <functional>
#include <string_view>

namespace touchstone::formats {

// Whether it is such a licence. `exception` is what stands behind WITH, or empty.
using LicenseTest = std::function<bool(std::string_view id, std::string_view exception)>;

// Whether somebody could use the package under licences of which each is allowed and none denied:
// of AND both, of OR one.
bool is_acceptable(std::string_view expression, const LicenseTest& denied,
                   const LicenseTest& allowed);

}  // namespace touchstone::formats
