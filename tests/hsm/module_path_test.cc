// Which PKCS#11 modules are loaded, and which are not.
#include "hsm/module_path.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "hsm/keys.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::hsm {

using test::TemporaryFolder;

TEST_CASE("safe_module follows links and gives the file to load", "[module-path]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("module.so", "x");
  std::filesystem::create_symlink("module.so", folder / "link.so");

  const auto direct = safe_module(file);
  const auto linked = safe_module(folder / "link.so");

  REQUIRE(direct);
  REQUIRE(linked);
  CHECK(*direct == *linked);
}

TEST_CASE("safe_module refuses what others could replace", "[module-path][HW-12]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("module.so", "x");
  std::filesystem::create_directory(folder / "open");
  folder.write("open/module.so", "x");
  std::filesystem::create_symlink("open/module.so", folder / "link.so");
  std::filesystem::create_symlink("../module.so", folder / "open/link.so");

  SECTION("a relative path") {
    const auto path = safe_module("module.so");
    REQUIRE_FALSE(path);
    CHECK(path.error().code == Code::policy_unsafe_module);
  }
  SECTION("a folder") {
    const auto path = safe_module(folder / "open");
    REQUIRE_FALSE(path);
    CHECK(path.error().code == Code::policy_unsafe_module);
  }
  SECTION("a file that others can write") {
    chmod(file.c_str(), 0646);
    const auto path = safe_module(file);
    REQUIRE_FALSE(path);
    CHECK(path.error().code == Code::policy_unsafe_module);
  }
  SECTION("a file that its group can write") {
    chmod(file.c_str(), 0664);
    const auto path = safe_module(file);
    REQUIRE_FALSE(path);
    CHECK(path.error().code == Code::policy_unsafe_module);
  }
  SECTION("a folder that others can write, also behind a link, also where the link lies") {
    chmod((folder / "open").c_str(), 0777);
    for (const char* name : {"open/module.so", "link.so", "open/link.so"}) {
      CAPTURE(name);
      const auto path = safe_module(folder / name);
      REQUIRE_FALSE(path);
      CHECK(path.error().code == Code::policy_unsafe_module);
    }
  }
  SECTION("a folder with the sticky bit is no danger") {
    chmod((folder / "open").c_str(), 01777);
    CHECK(safe_module(folder / "open/module.so"));
  }
  SECTION("a file of somebody else") {
    if (geteuid() != 0) return;  // only root can make one
    REQUIRE(chown(file.c_str(), 65534, 65534) == 0);
    const auto path = safe_module(file);
    REQUIRE_FALSE(path);
    CHECK(path.error().code == Code::policy_unsafe_module);
  }
  SECTION("nothing there") {
    const auto path = safe_module(folder / "absent.so");
    REQUIRE_FALSE(path);
    CHECK(path.error().code == Code::device_module);
  }
}

TEST_CASE("an unsafe module is refused before it is loaded", "[module-path]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("module.so", "not even a library");
  chmod(file.c_str(), 0666);

  const auto key = open_key("pkcs11:token=a?module-path=" + file);

  REQUIRE_FALSE(key);
  CHECK(key.error().code == Code::policy_unsafe_module);
}

TEST_CASE("a file that is no module is refused", "[module-path]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("module.so", "not a library");

  const auto key = open_key("pkcs11:token=a?module-path=" + file);

  REQUIRE_FALSE(key);
  CHECK(key.error().code == Code::device_module);
}

TEST_CASE("modules are found by name", "[module-path]") {
  const TemporaryFolder folder;
  folder.write("libone.so", "x");
  folder.write("two.so", "x");
  folder.write("three", "x");
  const std::vector<std::string> folders = {folder / "absent", folder.path().string()};

  for (const char* name : {"one", "libone", "libone.so", "two", "two.so", "three"}) {
    CAPTURE(name);
    CHECK(find_module(name, folders));
  }
  const auto absent = find_module("four", folders);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == Code::device_module);
}

TEST_CASE("without a module and without p11-kit, the well-known modules are named",
          "[module-path]") {
  const TemporaryFolder folder;
  KeyOptions options;
  options.folders = {folder.path().string()};

  const auto keys = list_keys("pkcs11:", options);

  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == Code::device_module);
  CHECK(keys.error().hint.contains("libykcs11.so"));
}

}  // namespace touchstone::hsm
