#include "hsm/module_turn.h"

#include <fcntl.h>
#include <sys/file.h>

#include <chrono>
#include <thread>

namespace touchstone::hsm {

ModuleTurn::ModuleTurn(const std::string& module_path)
    : file_(open(module_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  using namespace std::chrono_literals;
  constexpr auto patience = 3s;
  constexpr auto nap = 2ms;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (file_ && flock(file_.get(), LOCK_EX | LOCK_NB) != 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(nap);
  }
}

}  // namespace touchstone::hsm
