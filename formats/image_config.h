// The configuration of an image: what runtimes start, and how it came to be.
//
// Spec: OCI Image Spec v1.1, config.md; Docker's has the same members. All of it may be absent, as
// in artifacts that are no images. Refused: members of the wrong kind, and members whose names
// differ from known ones in case alone: runtimes written in Go take "USER" for "User", so that such
// a configuration would say one thing here and another there. More than limits::max_config_entries
// labels or variables are refused.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "formats/descriptor.h"

namespace touchstone::formats {

struct ImageConfig {
  Platform platform = {};
  std::string user = {};  // as it stands; empty is root
  std::map<std::string, std::string> labels = {};
  std::vector<std::string> env = {};      // "NAME=value"
  std::vector<std::string> history = {};  // what made the layers: commands and comments, in order
  std::optional<std::chrono::sys_seconds> created = {};

  // Errors: format.json, limit.*.
  static Result<ImageConfig> parse(ByteView bytes);
};

}  // namespace touchstone::formats
