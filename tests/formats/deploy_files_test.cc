// What deploy/ holds for others to read is YAML.
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/files.h"
#include "formats/yaml.h"

namespace touchstone::formats {

TEST_CASE("every YAML file of deploy/ can be read", "[deploy]") {
  std::size_t seen = 0;
  const std::filesystem::path root = TOUCHSTONE_SOURCE_DIR;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "deploy")) {
    const std::string extension = entry.path().extension();
    if (extension != ".yml" && extension != ".yaml") continue;
    CAPTURE(entry.path().string());
    const auto contents = read_file(entry.path().string(), 1 << 20);
    REQUIRE(contents);
    const auto documents = parse_yaml(*contents, {1 << 20, 64, 10'000});
    REQUIRE(documents);
    CHECK_FALSE(documents->empty());
    ++seen;
  }
  CHECK(seen >= 2);
}

TEST_CASE("the action runs no input as code", "[deploy]") {
  const auto contents =
      read_file(std::string(TOUCHSTONE_SOURCE_DIR) + "/deploy/ci/github/action.yml", 1 << 20);
  REQUIRE(contents);
  const auto documents = parse_yaml(*contents, {1 << 20, 64, 10'000});
  REQUIRE(documents);
  const Yaml& steps = documents->front().find("runs")->value.find("steps")->value;
  for (const Yaml& step : *steps.sequence()) {
    CHECK_FALSE(step.find("run")->value.string()->contains("${{"));
  }
}

}  // namespace touchstone::formats
