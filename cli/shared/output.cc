#include "cli/shared/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <mutex>

#include "base/files.h"
#include "base/text.h"
#include "cli/shared/system.h"

namespace touchstone::cli {
namespace {

constexpr std::size_t default_columns = 80;
constexpr std::string_view erase_line = "\r\x1b[K";
constexpr std::string_view plain = "\x1b[0m";

struct Colour {
  std::string_view word;
  std::string_view begin;
};
constexpr std::array<Colour, 7> colours = {{{"accepted:", "\x1b[1;32m"},
                                            {"refused:", "\x1b[1;31m"},
                                            {"undecided:", "\x1b[1;33m"},
                                            {"error:", "\x1b[1;31m"},
                                            {"warning:", "\x1b[1;33m"},
                                            {"note:", "\x1b[1;36m"},
                                            {"hint:", "\x1b[1;36m"}}};

// What is on the terminal now. A thread beside shows the progress.
struct Shown {
  std::mutex mutex;
  bool status = false;
  bool colours_allowed = true;
};

Shown& shown() {
  static Shown only;
  return only;
}

// With the lock held.
void take_status_away() {
  if (shown().status) (void)write_descriptor(STDERR_FILENO, as_bytes(erase_line), "");
  shown().status = false;
}

std::string with_colours(std::string_view text) {
  if (!shown().colours_allowed || !is_terminal() || environment("NO_COLOR")) {
    return std::string(text);
  }
  for (const Colour& colour : colours) {
    if (!text.starts_with(colour.word)) continue;
    return std::string(colour.begin) + std::string(colour.word) + std::string(plain) +
           std::string(text.substr(colour.word.size()));
  }
  return std::string(text);
}

std::size_t columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return default_columns;
  return size.ws_col;
}

// At most `most` bytes, without half a character at the end.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  text = text.substr(0, most);
  while (!text.empty() && !is_valid_utf8(text)) text.remove_suffix(1);
  return text;
}

}  // namespace

Status print(std::string_view text) {
  const std::lock_guard lock(shown().mutex);
  take_status_away();
  const auto written = write_descriptor(STDOUT_FILENO, as_bytes(text), "standard output");
  return written ? ok() : Error{Code::internal_output, written.error().message, ""};
}

void say(std::string_view text) {
  const std::lock_guard lock(shown().mutex);
  take_status_away();
  const std::string line = "touchstone: " + with_colours(text) + "\n";
  (void)write_descriptor(STDERR_FILENO, as_bytes(line), "");  // nowhere is left to complain
}

void forbid_colours() { shown().colours_allowed = false; }

bool is_terminal() {
  return isatty(STDERR_FILENO) == 1 && environment("TERM").value_or("dumb") != "dumb";
}

void show_status(std::string_view text) {
  if (!is_terminal()) return;
  const std::lock_guard lock(shown().mutex);
  if (text.empty()) return take_status_away();
  const std::string line =
      std::string(erase_line) + std::string(cut("touchstone: " + std::string(text), columns() - 1));
  (void)write_descriptor(STDERR_FILENO, as_bytes(line), "");
  shown().status = true;
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
