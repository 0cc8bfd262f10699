#include "hsm/module_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/limits.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/warm_up.h"

namespace touchstone::hsm {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Ed25519 signs all of a file.
constexpr std::size_t max_question_bytes = limits::max_blob_in_memory_bytes + (64 << 10);
constexpr std::size_t max_secrets = 2;                     // a PIN and the one after it
constexpr std::size_t max_answer_bytes = 64 << 20;         // 4096 keys with their certificates
constexpr std::size_t header_bytes = 4 + 4 * max_secrets;  // of a question: how long each part is
constexpr std::size_t answer_header_bytes = 4;
constexpr milliseconds nap(50);           // between looks at a process that says nothing
constexpr milliseconds last_words(2000);  // for logging out and ending; SoftHSM takes 2 ms

void put_size(Bytes& out, std::size_t size) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(size >> shift));
}

// ---- the process beside ----------------------------------------------------------------------

// False at the end of the conversation.
bool receive(int fd, void* into, std::size_t size) {
  auto* next = static_cast<std::uint8_t*>(into);
  while (size > 0) {
    const ssize_t count = recv(fd, next, size, MSG_WAITALL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    next += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool send_whole(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

Secret with_room_for(std::size_t size) {
  Secret secret = Secret::holding(std::string(size, '\0'));
  while (!secret.empty()) secret.remove_last();
  return secret;
}

// Byte by byte into its own memory, so that no other holds any of it.
std::optional<Secret> receive_secret(int fd, std::size_t size) {
  Secret secret = with_room_for(size);
  for (std::size_t i = 0; i < size; ++i) {
    char c = '\0';
    if (!receive(fd, &c, 1) || !secret.append(c)) return std::nullopt;
  }
  return secret;
}

bool answer_one(int fd, const Answering& answering) {
  std::array<std::uint8_t, header_bytes> header{};
  if (!receive(fd, header.data(), header.size())) return false;
  Reader sizes{ByteView(header)};
  const std::size_t size = sizes.big_endian(4).value_or(0);
  if (size > max_question_bytes) return false;
  Bytes question(size);
  if (!receive(fd, question.data(), size)) return false;
  std::vector<Secret> secrets;
  for (std::size_t i = 0; i < max_secrets; ++i) {
    const std::size_t announced = sizes.big_endian(4).value_or(0);
    if (announced == 0) continue;
    if (announced - 1 > limits::max_key_file_bytes) return false;
    auto secret = receive_secret(fd, announced - 1);
    if (!secret) return false;
    secrets.push_back(*std::move(secret));
  }
  const Bytes answer = answering(question, std::move(secrets));
  Bytes message;
  put_size(message, answer.size());
  message.insert(message.end(), answer.begin(), answer.end());
  return send_whole(fd, message);
}

// Everything that the process does.
[[noreturn]] void answer_and_end(int fd, pid_t parent, const std::function<Answering()>& make) {
  begin_child(parent);
  // A module that prints or asks on the terminal is not stopped for it.
  (void)signal(SIGTTOU, SIG_IGN);
  (void)signal(SIGTTIN, SIG_IGN);
  prepare_for_foreign_code();
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  const int errors = fcntl(STDERR_FILENO, F_GETFD) < 0 ? nowhere : STDERR_FILENO;
  if (!keep_only({nowhere, errors, errors}, &fd)) end_child(EXIT_FAILURE);
  {
    const Answering answering = make();
    while (answer_one(fd, answering)) {
    }
  }
  end_child(EXIT_SUCCESS);
}

// ---- this process ----------------------------------------------------------------------------

enum class Outcome : std::uint8_t { done, late, ended, nonsense };

// The time that one question has.
class Wait {
 public:
  explicit Wait(Patience patience) : patience_(std::move(patience)) {}

  milliseconds left() {
    const auto passed = steady_clock::now() - begun_;
    if (patience_.on_wait && passed >= patience_.notice) {
      patience_.on_wait();
      patience_.on_wait = nullptr;
    }
    return std::chrono::ceil<milliseconds>(patience_.end - passed);
  }

 private:
  Patience patience_;
  steady_clock::time_point begun_ = steady_clock::now();
};

// Until `fd` is ready for `events`, or the other side is gone.
Outcome wait_for(int fd, short events, Wait& time, ChildProcess& child) {
  while (true) {
    const milliseconds left = time.left();
    if (left.count() <= 0) return Outcome::late;
    pollfd wait{fd, events, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min(left, nap).count()));
    if (ready > 0) return Outcome::done;
    // A process that it started may keep the socket open.
    if (ready == 0 && child.status()) return Outcome::ended;
  }
}

void forget_sent(msghdr& message, std::size_t sent) {
  while (message.msg_iovlen > 0 && sent >= message.msg_iov->iov_len) {
    sent -= message.msg_iov->iov_len;
    ++message.msg_iov;
    --message.msg_iovlen;
  }
  if (message.msg_iovlen == 0) return;
  message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + sent;
  message.msg_iov->iov_len -= sent;
}

// All the pieces at once, so that the other side wakes once.
Outcome tell(int fd, std::vector<iovec> pieces, Wait& time, ChildProcess& child) {
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  while (message.msg_iovlen > 0) {
    const ssize_t count = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      forget_sent(message, static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      const Outcome ready = wait_for(fd, POLLOUT, time, child);
      if (ready != Outcome::done) return ready;
    } else if (errno != EINTR) {
      return Outcome::ended;
    }
  }
  return Outcome::done;
}

Outcome hear(int fd, std::span<std::uint8_t> into, Wait& time, ChildProcess& child) {
  while (!into.empty()) {
    const Outcome ready = wait_for(fd, POLLIN, time, child);
    if (ready != Outcome::done) return ready;
    const ssize_t count = recv(fd, into.data(), into.size(), MSG_DONTWAIT);
    if (count > 0) {
      into = into.subspan(static_cast<std::size_t>(count));
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      return Outcome::ended;
    }
  }
  return Outcome::done;
}

iovec piece(ByteView bytes) { return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()}; }

Outcome tell_question(int fd, const Question& question, Wait& time, ChildProcess& child) {
  Bytes header;
  put_size(header, question.bytes.size());
  for (std::size_t i = 0; i < max_secrets; ++i) {
    // One more than it has, so that an empty one is told from none.
    put_size(header, i < question.secrets.size() ? question.secrets[i]->size() + 1 : 0);
  }
  // The secrets go from their own memory into the socket, and are copied nowhere on the way.
  std::vector<iovec> pieces = {piece(header), piece(question.bytes)};
  for (const Secret* secret : question.secrets) pieces.push_back(piece(as_bytes(secret->reveal())));
  return tell(fd, std::move(pieces), time, child);
}

Outcome hear_answer(int fd, Bytes& answer, Wait& time, ChildProcess& child) {
  std::array<std::uint8_t, answer_header_bytes> header{};
  const Outcome outcome = hear(fd, header, time, child);
  if (outcome != Outcome::done) return outcome;
  const std::size_t size = Reader(header).big_endian(header.size()).value_or(0);
  if (size > max_answer_bytes) return Outcome::nonsense;
  answer.resize(size);
  return hear(fd, answer, time, child);
}

// The processes that are there now, by module.
struct Running {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<ModuleProcess>> by_path;
};

Running& running() {
  static Running only;
  return only;
}

std::string in_words(milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return std::to_string(seconds.count()) + " s";
}

}  // namespace

Result<std::shared_ptr<ModuleProcess>> ModuleProcess::of(const std::string& module_path,
                                                         const std::function<Answering()>& make) {
  const std::lock_guard lock(running().mutex);
  std::weak_ptr<ModuleProcess>& known = running().by_path[module_path];
  if (auto there = known.lock(); there && there->usable()) return there;
  const auto none = [&](int number) {
    return Error{Code::device_failed,
                 "no process for \"" + printable(module_path) + "\": " + system_message(number),
                 ""};
  };
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return none(errno);
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  crypto::warm_up();
  // Else the other process could print it once more.
  (void)fflush(stdout);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return none(errno);
  if (pid == 0) answer_and_end(theirs.get(), parent, make);
  std::shared_ptr<ModuleProcess> started(new ModuleProcess(module_path, std::move(ours), pid));
  known = started;
  return started;
}

ModuleProcess::ModuleProcess(std::string module_path, Descriptor socket, pid_t child)
    : module_path_(std::move(module_path)),
      socket_(std::move(socket)),
      child_(child),
      owner_(getpid()) {}

ModuleProcess::~ModuleProcess() {
  if (!usable()) return;
  (void)shutdown(socket_.get(), SHUT_WR);
  Wait time({last_words, last_words});
  (void)wait_for(socket_.get(), POLLIN, time, child_);
  (void)child_.wait_until(steady_clock::now() + time.left());
}

bool ModuleProcess::usable() const { return owner_ == getpid() && !failure_; }

Result<Bytes> ModuleProcess::ask(const Question& question) {
  const std::lock_guard lock(mutex_);
  if (owner_ != getpid()) {
    return Error{Code::device_failed, "the token was opened by another process", ""};
  }
  if (failure_) return *failure_;
  Wait time(question.patience);
  Bytes answer;
  Outcome outcome = tell_question(socket_.get(), question, time, child_);
  if (outcome == Outcome::done) outcome = hear_answer(socket_.get(), answer, time, child_);
  switch (outcome) {
    case Outcome::done:
      return answer;
    case Outcome::late:
      return fail(Code::device_timeout, "did not answer within " + in_words(question.patience.end) +
                                            " while " + std::string(question.doing));
    case Outcome::ended:
      return end_of_it(question.doing);
    case Outcome::nonsense:
      break;
  }
  return distrust(question.doing);
}

Error ModuleProcess::distrust(std::string_view doing) {
  // It may be in the middle of writing something, and comes to an end by itself when it is done.
  (void)shutdown(socket_.get(), SHUT_RDWR);
  (void)child_.wait_until(steady_clock::now() + last_words);
  return fail(Code::device_module, "disturbs the process it is in while " + std::string(doing));
}

Error ModuleProcess::end_of_it(std::string_view doing) {
  const auto status = child_.wait_until(steady_clock::now() + last_words);
  return fail(Code::device_module_died,
              (status ? how_it_ended(*status) : "does not answer any more") + " while " +
                  std::string(doing));
}

Error ModuleProcess::fail(Code code, std::string message) {
  failure_ = Error{code, "\"" + printable(module_path_) + "\" " + std::move(message), ""};
  child_.kill_all();
  return *failure_;
}

}  // namespace touchstone::hsm
