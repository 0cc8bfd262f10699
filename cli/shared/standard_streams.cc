#include "cli/shared/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"

namespace touchstone::cli {

Status occupy_closed_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free descriptor is taken, and those below are filled by now.
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
      return Error{Code::internal_output, "/dev/null: " + system_message(errno), ""};
    }
  }
  return ok();
}

}  // namespace touchstone::cli
