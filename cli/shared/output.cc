#include "cli/shared/output.h"

#include <errno.h>
#include <unistd.h>

#include "base/files.h"

namespace touchstone::cli {
namespace {

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Status print(std::string_view text) {
  if (!write_whole(STDOUT_FILENO, text)) {
    return Error{Code::internal_output, "standard output: " + system_message(errno), ""};
  }
  return ok();
}

void say(std::string_view text) {
  const std::string line = "touchstone: " + std::string(text) + "\n";
  (void)write_whole(STDERR_FILENO, line);  // nowhere is left to complain
}

int complain(const Error& error) {
  const CodeInfo& info = code_info(error.code);
  say("error: " + error.message);
  const std::string hint = error.hint.empty() ? std::string(info.hint) : error.hint;
  if (!hint.empty()) say("hint: " + hint);
  say("code: " + std::string(info.slug));
  return info.exit_status;
}

}  // namespace touchstone::cli
