#include "cli/doctor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>

namespace touchstone::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using End = ChildOutcome::End;

constexpr int no_streams = 126;
constexpr milliseconds nap(10);

// Everything that the child does.
[[noreturn]] void answer_and_end(const std::function<std::string()>& work, int answer,
                                 pid_t parent) {
  begin_child(parent);
  prepare_for_foreign_code();
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (!keep_only({nowhere, nowhere, nowhere}, &answer)) end_child(no_streams);
  const std::string text = work();
  end_child(write_descriptor(answer, as_bytes(text), "") ? 0 : no_streams);
}

// Reads what there is. False when it was too much.
bool take(int fd, std::string& text) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > limits::max_probe_answer_bytes) return false;
  }
}

ChildOutcome outcome_of(int status, std::string answer) {
  if (status != 0 || answer.empty()) return {End::ended, status, ""};
  return {End::answered, 0, std::move(answer)};
}

}  // namespace

std::string ChildOutcome::fault() const {
  switch (end) {
    case End::answered:
      return "";
    case End::too_slow:
      return "does not come to an end";
    case End::too_long:
      return "says too much";
    case End::ended:
      return how_it_ended(number);
    case End::not_begun:
      return "cannot be looked at: " + system_message(number);
  }
  return "";
}

AskedChild::AskedChild(const std::function<std::string()>& work, milliseconds timeout)
    : deadline_(steady_clock::now() + timeout) {
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    failure_ = errno;
    return;
  }
  answer_ = Descriptor(ends[0]);
  const Descriptor question(ends[1]);
  (void)fcntl(answer_.get(), F_SETFL, O_NONBLOCK);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) answer_and_end(work, question.get(), parent);
  if (pid < 0) {
    failure_ = errno;
  } else {
    child_.emplace(pid);
  }
}

ChildOutcome AskedChild::outcome() {
  if (!child_) return {End::not_begun, failure_, ""};
  std::string text;
  while (true) {
    // First: what an ended child said is all there then. Its own children may keep the pipe open.
    const auto status = child_->status();
    if (!take(answer_.get(), text)) return {End::too_long, 0, ""};
    if (status) return outcome_of(*status, std::move(text));
    if (steady_clock::now() >= deadline_) return {End::too_slow, 0, ""};
    pollfd wait{answer_.get(), POLLIN, 0};
    (void)poll(&wait, 1, static_cast<int>(nap.count()));
    if ((wait.revents & POLLHUP) != 0) (void)poll(nullptr, 0, static_cast<int>(nap.count()));
  }
}

ChildOutcome ask_child(const std::function<std::string()>& work, milliseconds timeout) {
  return AskedChild(work, timeout).outcome();
}

}  // namespace touchstone::cli
