#include "cli/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::cli {
namespace {

using Tries = KeyDescription::Tries;

Error unusable(std::string_view why) {
  return Error{Code::device_pin_unusable, "the PIN's source: " + std::string(why), ""};
}

// Reads to the end; one line break at the end is no part of the PIN.
Result<Secret> read_pin(int fd) {
  Secret pin;
  bool ended = false;  // by the one line break
  bool carriage_return = false;
  while (true) {
    char c = 0;
    const ssize_t count = read(fd, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(system_message(errno));
    if (count == 0) break;
    if (ended) return unusable("it holds more than one line");
    if (c == '\n') {
      ended = true;
      continue;
    }
    if (carriage_return || c == '\0') return unusable("it holds control characters");
    if (c == '\r') {
      carriage_return = true;
      continue;
    }
    if (pin.size() == limits::max_pin_bytes || !pin.append(c)) return unusable("it is too long");
  }
  if (carriage_return && !ended) return unusable("it holds control characters");
  if (pin.empty()) return unusable("it is empty");
  return pin;
}

Result<Secret> pin_from_file(const std::string& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!fd) return unusable("\"" + printable(path) + "\": " + system_message(errno));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return unusable("\"" + printable(path) + "\" is not a regular file");
  }
  if ((info.st_mode & 077) != 0) {
    return unusable("\"" + printable(path) + "\" can be read by others");
  }
  return read_pin(fd.get());
}

Result<Secret> pin_from(const std::string& source) {
  if (!source.starts_with("fd:")) return pin_from_file(source);
  const std::string number = source.substr(3);
  if (number.empty() || number.size() > 4 ||
      number.find_first_not_of("0123456789") != std::string::npos) {
    return unusable("\"" + printable(source) + "\" names no descriptor");
  }
  return read_pin(atoi(number.c_str()));
}

std::string_view tries_text(Tries tries) {
  switch (tries) {
    case Tries::low:
      return " (not all tries left)";
    case Tries::last:
      return " (the LAST try)";
    default:
      return "";
  }
}

// The terminal with echo off; as it was again at the end, and when a signal ends the program.
class Terminal {
 public:
  static std::optional<Terminal> open() {
    const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return std::nullopt;
    return Terminal(Descriptor(fd));
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(fd_.get(), text.data(), text.size());
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  // A line without its end; absent when the input ended.
  std::optional<Secret> line(bool echo) {
    if (!echo && !silence()) return std::nullopt;
    Secret text;
    bool ended = false;
    char c = 0;
    while (!ended) {
      const ssize_t count = ::read(fd_.get(), &c, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      ended = c == '\n';
      if (!ended && !text.append(c)) break;
    }
    if (!echo) {
      restore();
      write("\n");
    }
    if (!ended) return std::nullopt;
    return text;
  }

 private:
  explicit Terminal(Descriptor fd) : fd_(std::move(fd)) {}

  bool silence() {
    if (tcgetattr(fd_.get(), &saved_) != 0) return false;
    saved_fd_ = fd_.get();
    struct sigaction action {};
    action.sa_handler = on_signal;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaction(number, &action, nullptr);
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    return tcsetattr(fd_.get(), TCSAFLUSH, &quiet) == 0;
  }

  void restore() {
    tcsetattr(fd_.get(), TCSAFLUSH, &saved_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
  }

  static void on_signal(int) {
    tcsetattr(saved_fd_, TCSAFLUSH, &saved_);
    _exit(130);
  }

  Descriptor fd_;
  static inline termios saved_{};
  static inline int saved_fd_ = -1;
};

Result<Secret> pin_from_terminal(const KeyDescription& key, std::size_t signatures) {
  auto terminal = Terminal::open();
  if (!terminal) {
    return Error{Code::device_pin_needed, printable(key.device) + " needs a PIN", ""};
  }
  if (key.tries == Tries::last) {
    terminal->write("touchstone: one try is left before the PIN is blocked. Use it? [y/N] ");
    const auto answer = terminal->line(true);
    if (!answer || (answer->reveal() != "y" && answer->reveal() != "Y")) {
      return Error{Code::device_pin_last_try, "the last try was not used", ""};
    }
  }
  const std::string count = signatures == 1 ? "" : ", for " + std::to_string(signatures) + " signatures";
  terminal->write("PIN for " + printable(key.device) + std::string(tries_text(key.tries)) + count +
                  ": ");
  auto pin = terminal->line(false);
  if (!pin || pin->empty()) return Error{Code::device_pin_needed, "no PIN was typed", ""};
  return *std::move(pin);
}

}  // namespace

Result<Secret> obtain_pin(const KeyDescription& key, const PinSources& sources,
                          std::size_t signatures) {
  if (key.tries == Tries::locked) {
    return Error{Code::device_pin_locked, "the PIN of " + printable(key.device) + " is blocked", ""};
  }
  forbid_core_dumps();
  const bool given = !sources.file.empty() || sources.variable || !key.pin_source.empty();
  if (!given) return pin_from_terminal(key, signatures);
  if (key.tries == Tries::last) {
    return Error{Code::device_pin_last_try,
                 "one try is left for the PIN of " + printable(key.device), ""};
  }
  if (!sources.file.empty()) return pin_from(sources.file);
  if (sources.variable) return Secret(*sources.variable);
  constexpr std::string_view scheme = "file:";
  std::string path = key.pin_source;
  if (path.starts_with(scheme)) path = path.substr(scheme.size());
  if (path.starts_with("//")) path = path.substr(2);  // file:///path
  return pin_from_file(path);
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace touchstone::cli
