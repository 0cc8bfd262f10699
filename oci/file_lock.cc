#include "oci/file_lock.h"

#include <errno.h>
#include <sys/file.h>

#include <chrono>
#include <thread>

#include "base/limits.h"

namespace touchstone::oci {

bool lock_in_time(int fd) {
  const auto give_up = std::chrono::steady_clock::now() + limits::lock_timeout;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace touchstone::oci
