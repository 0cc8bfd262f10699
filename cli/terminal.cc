#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/files.h"
#include "base/limits.h"

namespace touchstone::cli {
namespace {

// Where the handler leaves the number of the signal; a pipe, because the signal may be delivered to
// any thread while this one waits.
int signal_pipe = -1;

void note_signal(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  (void)!write(signal_pipe, &byte, 1);
  errno = saved;
}

// While alive, the signals that end or stop the program are noted instead.
class NotedSignals {
 public:
  NotedSignals() {
    std::array<int, 2> ends = {-1, -1};
    (void)!pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK);
    read_end_ = Descriptor(ends[0]);
    write_end_ = Descriptor(ends[1]);
    signal_pipe = ends[1];
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      struct sigaction action{};
      action.sa_handler = note_signal;
      sigaction(numbers[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaction(numbers[i], &action, nullptr);
    }
  }
  ~NotedSignals() {
    for (std::size_t i = 0; i < numbers.size(); ++i) sigaction(numbers[i], &before_[i], nullptr);
    signal_pipe = -1;
  }
  NotedSignals(const NotedSignals&) = delete;
  NotedSignals& operator=(const NotedSignals&) = delete;

  int descriptor() const { return read_end_.get(); }

  // The first signal since the beginning; 0 when there was none.
  int first() const {
    unsigned char byte = 0;
    return read(read_end_.get(), &byte, 1) == 1 ? byte : 0;
  }

 private:
  static constexpr std::array<int, 5> numbers = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  Descriptor read_end_;
  Descriptor write_end_;
  std::array<struct sigaction, numbers.size()> before_{};
};

// Echo off until the end of the scope.
class NoEcho {
 public:
  NoEcho(int fd, bool wanted) : fd_(fd), changed_(wanted && tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    changed_ = tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (changed_) (void)tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool active() const { return changed_; }

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

void show(int fd, std::string_view text) { (void)!write(fd, text.data(), text.size()); }

enum class End : std::uint8_t { line, too_long, closed, signal };

// One line without its end. The bytes go from the terminal into the Secret and nowhere else.
End read_line(int fd, const NotedSignals& signals, Secret& line) {
  bool fits = true;
  while (true) {
    std::array<pollfd, 2> wait = {{{fd, POLLIN, 0}, {signals.descriptor(), POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return End::closed;
    if ((wait[1].revents & POLLIN) != 0) return End::signal;
    if (wait[0].revents == 0) continue;
    char c = '\0';
    const ssize_t count = read(fd, &c, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return End::closed;
    if (c == '\n') return fits ? End::line : End::too_long;
    if (line.size() >= limits::max_pin_bytes || !line.append(c)) fits = false;
  }
}

Error no_terminal() {
  return Error{Code::device_pin_needed, "the terminal is gone or cannot be used", ""};
}

struct Answer {
  End end = End::closed;
  int signal = 0;
  Secret line;
};

Answer ask_once(int fd, std::string_view prompt, bool secret) {
  const NotedSignals signals;
  Answer answer;
  {
    const NoEcho quiet(fd, secret);
    if (secret && !quiet.active()) return answer;
    show(fd, prompt);
    answer.end = read_line(fd, signals, answer.line);
  }
  if (secret) show(fd, "\n");
  if (answer.end == End::signal) answer.signal = signals.first();
  return answer;
}

Result<Secret> ask(const std::string& path, std::string_view prompt, bool secret) {
  const Descriptor tty(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!tty || isatty(tty.get()) != 1) return no_terminal();
  while (true) {
    Answer answer = ask_once(tty.get(), prompt, secret);
    switch (answer.end) {
      case End::line:
        return std::move(answer.line);
      case End::too_long:
        return Error{Code::device_pin_unusable, "what was typed is too long for a PIN", ""};
      case End::closed:
        return no_terminal();
      case End::signal:
        // The terminal is as it was: now let the signal do what it would have done.
        (void)raise(answer.signal);
        if (answer.signal != SIGTSTP) {
          return Error{Code::interrupted, "interrupted while asking for the PIN", ""};
        }
    }
  }
}

}  // namespace

bool ControllingTerminal::present() {
  const Descriptor tty(open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
  return tty && isatty(tty.get()) == 1;
}

Result<Secret> ControllingTerminal::ask_secret(std::string_view prompt) {
  return ask(path_, prompt, true);
}

Result<bool> ControllingTerminal::confirm(std::string_view question) {
  TS_TRY(const Secret answer, ask(path_, question, false));
  return answer.reveal() == "yes";
}

Result<std::string> ControllingTerminal::ask_line(std::string_view prompt) {
  TS_TRY(const Secret answer, ask(path_, prompt, false));
  return std::string(answer.reveal());
}

}  // namespace touchstone::cli
