#include "base/paths.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/temporary_folder.h"

namespace touchstone {
namespace {

using test::TemporaryFolder;
namespace fs = std::filesystem;

}  // namespace

TEST_CASE("a link that leads nowhere is there", "[paths]") {
  const TemporaryFolder folder;
  folder.write("file", "x");
  fs::create_symlink("/nowhere", folder / "link");
  CHECK(is_there(folder / "file"));
  CHECK(is_there(folder / "link"));
  CHECK_FALSE(is_there(folder / "absent"));
  CHECK_FALSE(is_there(""));
}

TEST_CASE("the folders on the way to a file are made, with their permissions", "[paths]") {
  const TemporaryFolder folder;
  const mode_t before = umask(0);
  const auto made = make_folders_for(folder / "a/b/file", 0750);
  umask(before);
  REQUIRE(made);
  for (const char* each : {"a", "a/b"}) {
    struct stat info{};
    REQUIRE(stat((folder / each).c_str(), &info) == 0);
    CHECK((info.st_mode & 07777U) == 0750);
  }
  CHECK_FALSE(is_there(folder / "a/b/file"));
  CHECK(make_folders_for(folder / "a/b/file", 0750));
  CHECK(make_folders_for("file", 0750));
  CHECK(make_folders_for("/file", 0750));
}

TEST_CASE("folders that cannot be made are an error", "[paths]") {
  const TemporaryFolder folder;
  folder.write("file", "x");
  const auto made = make_folders_for(folder / "file/a/b", 0755);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::usage_file);
}

}  // namespace touchstone
