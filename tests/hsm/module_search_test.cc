// Which PKCS#11 modules a machine has.
#include "hsm/module_search.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::hsm {

using test::TemporaryFolder;

TEST_CASE("a *.module file names a module", "[module-search]") {
  struct Row {
    const char* why;
    std::string text;
    std::optional<std::string> module;
  };
  const auto row = GENERATE(values<Row>({
      {"a name", "module: opensc-pkcs11.so\n", "opensc-pkcs11.so"},
      {"a path", "module: /opt/hsm/lib.so", "/opt/hsm/lib.so"},
      {"other settings", "# a comment\npriority: 1\n module :\tx.so \r\nlog-calls: no\n", "x.so"},
      {"the last one counts", "module: a.so\nmodule: b.so\n", "b.so"},
      {"empty", "", std::nullopt},
      {"no module", "priority: 1\n", std::nullopt},
      {"an empty one", "module:\n", std::nullopt},
      {"a comment", "#module: a.so\n", std::nullopt},
      {"no colon", "module a.so\n", std::nullopt},
      {"of certificates", "module: p11-kit-trust.so\ntrust-policy: yes\n", std::nullopt},
      {"not of certificates", "module: a.so\ntrust-policy: no\n", "a.so"},
      {"elsewhere", "remote: |ssh there\nmodule: a.so\n", std::nullopt},
  }));
  CAPTURE(row.why);
  CHECK(module_of_config(row.text) == row.module);
}

TEST_CASE("modules are found by their *.module files and by their names, each once",
          "[module-search]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "config");
  std::filesystem::create_directory(folder / "lib");
  std::filesystem::create_directory(folder / "lib");
  folder.write("lib/libsofthsm2.so", "x");
  folder.write("lib/other.so", "x");
  folder.write("hsm.so", "x");
  std::filesystem::create_symlink("../hsm.so", folder / "lib/libykcs11.so");
  folder.write("config/a.module", "module: other.so\n");
  folder.write("config/b.module", "module: " + (folder / "hsm.so") + "\n");
  folder.write("config/c.module", "module: absent.so\n");
  folder.write("config/d.module", "module: /absent/absent.so\n");
  folder.write("config/e.module", "trust-policy: yes\nmodule: other.so\n");
  folder.write("config/.f.module", "module: other.so\n");
  folder.write("config/readme", "module: other.so\n");
  folder.write("config/g.module", std::string(limits::max_module_config_bytes + 1, 'x'));

  const auto found = find_modules({folder / "absent", folder / "config"}, {folder / "lib"});

  REQUIRE(found.size() == 6);
  CHECK(found[0].name == folder / "config/a.module");
  CHECK(*found[0].path == folder / "lib/other.so");
  CHECK(*found[1].path == folder / "hsm.so");
  for (const std::size_t i : {2U, 3U, 4U}) {
    CAPTURE(i);
    REQUIRE_FALSE(found[i].path);
    CHECK(found[i].path.error().code == Code::device_module);
  }
  CHECK(found[4].name == folder / "config/g.module");
  CHECK(*found[5].path == folder / "lib/libsofthsm2.so");  // libykcs11.so is hsm.so, seen before
}

TEST_CASE("a machine with very many modules is looked at in part", "[module-search]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "config");
  for (std::size_t i = 0; i < limits::max_modules + 5; ++i) {
    folder.write("config/" + std::to_string(i) + ".module",
                 "module: /absent" + std::to_string(i) + "\n");
  }
  CHECK(find_modules({folder / "config"}, {}).size() == limits::max_modules);
}

}  // namespace touchstone::hsm
