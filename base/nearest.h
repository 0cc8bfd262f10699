// What somebody may have meant who misspelt a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace touchstone {

// The one of `names` that `typed` was meant to be; empty when none is near (a third of its letters
// may be wrong).
std::string nearest(std::string_view typed, const std::vector<std::string>& names);

}  // namespace touchstone
