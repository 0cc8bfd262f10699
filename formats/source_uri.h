// Where source code lies, in one spelling for each place.
//
//   git+https://github.com/acme/app.git@refs/tags/v1    github.com/acme/app, refs/tags/v1
//   https://GitHub.com/acme/app#refs/heads/main         github.com/acme/app, refs/heads/main
//   git@github.com:acme/app.git                         github.com/acme/app
//
// The host is compared without case, the path letter for letter.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone::formats {

struct SourceUri {
  std::string place = {};  // "github.com/acme/app"
  std::string ref = {};    // what stands behind '@' or '#'; empty without one

  // Refused, because it could be read as another place: no host or no path, a user in front of the
  // host (but for git over SSH), a query, empty parts of the path, "." and ".." among them also
  // when they are percent-encoded, blanks and control characters.
  // Errors: format.json.
  static Result<SourceUri> parse(std::string_view text);

  friend bool operator==(const SourceUri&, const SourceUri&) = default;
};

}  // namespace touchstone::formats
