#include "cli/shared/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>  // explicit_bzero
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/child_process.h"
#include "base/files.h"
#include "base/secret.h"

namespace touchstone::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t max_complaint_bytes = 4096;

Error failed(std::string_view why) { return Error{Code::auth_helper, std::string(why), ""}; }

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  static Result<Pipe> make() {
    std::array<int, 2> ends = {-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return failed(system_message(errno));
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
  }
};

// A pipe that holds all of `text` already: nobody needs to feed it.
Result<Descriptor> filled_pipe(std::string_view text) {
  TS_TRY(Pipe pipe, Pipe::make());
  constexpr int capacity = 256 << 10;
  (void)fcntl(pipe.write_end.get(), F_SETPIPE_SZ, capacity);
  (void)fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK);
  const ssize_t count = write(pipe.write_end.get(), text.data(), text.size());
  if (count != static_cast<ssize_t>(text.size())) return failed("it cannot be told that much");
  return std::move(pipe.read_end);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_for_helpers() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::ranges::find(secret_variables, name) != secret_variables.end()) continue;
    variables.emplace_back(text);
  }
  return variables;
}

// In the child: only what is safe between fork and exec.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* variables,
                         const std::array<int, 3>& standard, pid_t parent) {
  begin_child(parent);
  (void)signal(SIGPIPE, SIG_DFL);
  if (keep_only(standard, nullptr)) execve(program, arguments, variables);
  _exit(127);
}

// Reads once. False at the end; what is over `most` is read and not kept.
bool take_some(int fd, Bytes& into, std::size_t most, bool& too_much) {
  std::array<std::uint8_t, 4096> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  const std::size_t kept = std::min(static_cast<std::size_t>(count), most - into.size());
  into.insert(into.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(kept));
  too_much = too_much || kept < static_cast<std::size_t>(count);
  explicit_bzero(buffer.data(), buffer.size());
  return count > 0;
}

Status collect(int output, int complaints, const HelperLimits& bounds,
               steady_clock::time_point deadline, Bytes& said, Bytes& complained) {
  std::array<pollfd, 2> waits = {{{output, POLLIN, 0}, {complaints, POLLIN, 0}}};
  while (waits[0].fd >= 0 || waits[1].fd >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return failed("it does not answer in time");
    if (poll(waits.data(), waits.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
      return failed(system_message(errno));
    }
    bool too_much = false;
    bool ignored = false;
    if (waits[0].revents != 0 && !take_some(output, said, bounds.max_output_bytes, too_much)) {
      waits[0].fd = -1;
    }
    if (waits[1].revents != 0 && !take_some(complaints, complained, max_complaint_bytes, ignored)) {
      waits[1].fd = -1;
    }
    if (too_much) return failed("it says too much");
  }
  return ok();
}

}  // namespace

Result<HelperOutcome> run_helper(const std::string& program,
                                 const std::vector<std::string>& arguments, std::string_view input,
                                 const HelperLimits& bounds) {
  const auto deadline = steady_clock::now() + bounds.timeout;
  TS_TRY(Descriptor told, filled_pipe(input));
  TS_TRY(Pipe output, Pipe::make());
  TS_TRY(Pipe complaints, Pipe::make());
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_for_helpers();
  const std::vector<char*> argument_pointers = pointers(words);
  const std::vector<char*> variable_pointers = pointers(variables);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return failed(system_message(errno));
  if (pid == 0) {
    become(program.c_str(), argument_pointers.data(), variable_pointers.data(),
           {told.get(), output.write_end.get(), complaints.write_end.get()}, parent);
  }
  ChildProcess child(pid);
  told = Descriptor();
  output.write_end = Descriptor();
  complaints.write_end = Descriptor();

  HelperOutcome outcome;
  Bytes complained;
  TS_CHECK(collect(output.read_end.get(), complaints.read_end.get(), bounds, deadline,
                   outcome.output, complained));
  const auto status = child.wait_until(deadline);
  if (!status) return failed("it does not end");
  outcome.exit_status = WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
  const std::string_view text = as_text(complained);
  outcome.complaint = text.substr(0, text.find_first_of("\r\n"));
  return outcome;
}

}  // namespace touchstone::cli
