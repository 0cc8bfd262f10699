// A registry alone, as people type it.
#pragma once

#include <string_view>

#include "base/reference.h"
#include "base/result.h"

namespace touchstone::cli {

// host[:port], with a scheme and a slash at its end where somebody copied it from a browser. Of the
// reference only the registry is meant.
// Errors: reference.malformed.
Result<Reference> parse_registry(std::string_view text);

// Where either could be meant: whether it is a registry rather than an image. So is what ends in a
// slash or begins with "https://", and a host that has a dot or is localhost, when no path follows:
// "registry.example:5000", "hub:5000/". "nginx:1.25" is an image.
bool names_registry(std::string_view text);

}  // namespace touchstone::cli
