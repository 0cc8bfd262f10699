// Where other people's test data lies: $TOUCHSTONE_VECTORS, else ../shared/vectors beside the
// project.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace touchstone::test {

// The folder `name`, or nothing where the vectors are not there; a test then says that it skips.
inline std::optional<std::filesystem::path> vectors(const std::string& name) {
  const char* named = std::getenv("TOUCHSTONE_VECTORS");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(TOUCHSTONE_SOURCE_DIR) / "../shared/vectors";
  if (!std::filesystem::is_directory(folder / name)) return std::nullopt;
  return folder / name;
}

}  // namespace touchstone::test
