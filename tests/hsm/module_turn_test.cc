#include "hsm/module_turn.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace touchstone::hsm {

using namespace std::chrono_literals;

TEST_CASE("a turn at a module begins when another's has ended", "[module-turn]") {
  const test::TemporaryFolder folder;
  const std::string module = folder.write("module.so", "");
  std::optional<ModuleTurn> first(module);
  std::atomic<bool> begun = false;
  std::thread other([&] {
    const ModuleTurn second(module);
    begun = true;
  });
  std::this_thread::sleep_for(100ms);
  CHECK_FALSE(begun);
  first.reset();
  other.join();
  CHECK(begun);
}

TEST_CASE("a turn that does not end keeps nobody out", "[module-turn]") {
  const test::TemporaryFolder folder;
  const std::string module = folder.write("module.so", "");
  const ModuleTurn kept(module);
  const auto begun = std::chrono::steady_clock::now();
  const ModuleTurn another(module);
  const ModuleTurn absent(folder / "absent.so");
  const auto waited = std::chrono::steady_clock::now() - begun;
  CHECK(waited > 1s);
  CHECK(waited < 30s);
}

}  // namespace touchstone::hsm
