// Modules in a process beside: what they do to it, and what it tells.
#include "hsm/module_process.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "hsm/keys.h"
#include "tests/support/faulty_token.h"
#include "tests/support/soft_token.h"

namespace touchstone::hsm {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::FaultyToken;
using test::SoftToken;

const Bytes message = to_bytes("what is signed");
constexpr auto short_patience = 300ms;
constexpr auto module_patience = 1000ms;

// Of one that hangs at that call; all else has its time, on a busy machine too.
KeyOptions impatient(std::string_view call) {
  KeyOptions options;
  const bool opening = call == "initialize" || call == "get_slot_list" || call == "find_objects";
  options.patience.start = opening ? module_patience : 20s;
  options.patience.answer = module_patience;
  return options;
}

// A process beside that answers by `answering`. Each has a name of its own.
std::shared_ptr<ModuleProcess> process_of(const Answering& answering) {
  static int count = 0;
  auto process = ModuleProcess::of("test " + std::to_string(++count), [&] { return answering; });
  REQUIRE(process);
  return *std::move(process);
}

Result<Bytes> ask(ModuleProcess& process, std::string_view question,
                  std::chrono::milliseconds patience = 10s,
                  const std::vector<const Secret*>& secrets = {}) {
  return process.ask({as_bytes(question), secrets, {patience, patience}, "being tested"});
}

// What comes of a question to a process that does `work`.
Result<Bytes> outcome_of(const std::function<Bytes()>& work,
                         std::chrono::milliseconds patience = 10s) {
  const auto process = process_of([work](ByteView, const std::vector<Secret>&) { return work(); });
  return ask(*process, "question", patience);
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error();
}

bool no_child_is_left() { return waitpid(-1, nullptr, WNOHANG) == -1; }

// Opened, unlocked and used to sign: the error of the first that fails.
Status sign_once(const std::string& uri, const KeyOptions& options = {}) {
  TS_TRY(const auto key, open_key(uri, options));
  TS_CHECK((*key).unlock(Secret(SoftToken::pin)));
  TS_TRY(const Bytes signature, (*key).sign(Scheme::ecdsa_sha256, message));
  return ok();
}

}  // namespace

TEST_CASE("questions are answered by a process beside, in turn", "[module-process]") {
  const auto process = process_of([](ByteView question, const std::vector<Secret>& secrets) {
    std::string answer = std::to_string(getpid()) + " " + std::string(as_text(question));
    for (const Secret& secret : secrets) answer += " " + std::string(secret.reveal());
    return to_bytes(answer);
  });
  const auto answer = ask(*process, "a");
  REQUIRE(answer);
  const std::string text(as_text(*answer));
  const std::string pid = text.substr(0, text.find(' '));
  CHECK(pid != std::to_string(getpid()));
  CHECK(text == pid + " a");
  const Secret secret("s");
  const Secret empty;
  const Secret most = Secret::holding(std::string(60'000, 'x'));
  CHECK(as_text(*ask(*process, "", 10s, {&secret})) == pid + "  s");
  CHECK(as_text(*ask(*process, "b", 10s, {&empty, &secret})) == pid + " b  s");
  CHECK(as_text(*ask(*process, "c", 10s, {&most})) == pid + " c " + std::string(most.reveal()));
  // As much as fits in neither buffer.
  const std::string long_question(1 << 20, 'q');
  CHECK(as_text(*ask(*process, long_question)) == pid + " " + long_question);
}

TEST_CASE("HW-10: what ends the process beside is told, and this one goes on",
          "[module-process][HW-10]") {
  struct Row {
    const char* why;
    std::function<Bytes()> work;
    const char* words;
  };
  const std::vector<Row> rows = {
      {"segmentation fault",
       [] {
         (void)raise(SIGSEGV);
         return Bytes();
       },
       "crashed (signal 11)"},
      {"abort", []() -> Bytes { abort(); }, "crashed (signal 6)"},
      {"exit", []() -> Bytes { exit(7); }, "ended the process (exit status 7)"},
      {"exit in good order", []() -> Bytes { exit(0); }, "ended the process (exit status 0)"},
      {"_exit", []() -> Bytes { _exit(9); }, "ended the process (exit status 9)"},
      {"somebody stays who holds the socket",
       []() -> Bytes {
         if (fork() == 0) {
           (void)sleep(600);
           _exit(0);
         }
         _exit(9);
       },
       "ended the process (exit status 9)"},
      {"every descriptor is closed",
       []() -> Bytes {
         close_range(0, ~0U, 0);
         while (true) (void)pause();
       },
       "does not answer any more"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto begun = steady_clock::now();
    const auto process =
        process_of([&](ByteView, const std::vector<Secret>&) { return row.work(); });
    const Error error = error_of(ask(*process, "question"));
    CHECK(error.code == Code::device_module_died);
    CHECK(error.message.contains(row.words));
    CHECK(error.message.contains("while being tested"));
    // The next question fails alike, without a process to be asked.
    const Error again = error_of(ask(*process, "question"));
    CHECK(again.message == error.message);
    CHECK(steady_clock::now() - begun < 5s);
    CHECK(no_child_is_left());
  }
}

TEST_CASE("HW-10: what this process left to be done at its end is not done by exit() beside",
          "[module-process][HW-10]") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "done";
  const pid_t child = fork();
  if (child == 0) {
    static std::string where;
    where = path;
    (void)atexit([] {
      if (FILE* file = fopen(where.c_str(), "a")) {
        (void)fputs("x", file);
        (void)fclose(file);
      }
    });
    const auto process =
        ModuleProcess::of("exits", [] { return [](ByteView, const auto&) -> Bytes { exit(0); }; });
    (void)static_cast<bool>(ask(**process, "question"));
    _exit(0);
  }
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("HW-11: a process beside that does not answer is ended in time",
          "[module-process][HW-11]") {
  struct Row {
    const char* why;
    std::function<Bytes()> work;
  };
  const std::vector<Row> rows = {
      {"waits",
       []() -> Bytes {
         while (true) (void)pause();
       }},
      {"is busy",
       []() -> Bytes {
         while (getpid() > 0) {
         }
         return Bytes();
       }},
      {"ignores signals",
       []() -> Bytes {
         for (int number = 1; number < NSIG; ++number) (void)signal(number, SIG_IGN);
         while (true) (void)pause();
       }},
      {"is stopped",
       []() -> Bytes {
         (void)raise(SIGSTOP);
         return Bytes();
       }},
      {"begins to answer",
       []() -> Bytes {
         (void)!write(3, "\0\0\0\x05 ab", 6);
         while (true) (void)pause();
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto begun = steady_clock::now();
    const Error error = error_of(outcome_of(row.work, short_patience));
    CHECK(error.code == Code::device_timeout);
    CHECK(steady_clock::now() - begun >= short_patience);
    CHECK(steady_clock::now() - begun < short_patience + 10s);
    CHECK(no_child_is_left());
  }
}

TEST_CASE("HW-11: a question that nobody takes in does not wait for ever",
          "[module-process][HW-11]") {
  const auto process = process_of([](ByteView, const std::vector<Secret>&) -> Bytes {
    (void)raise(SIGSTOP);
    return Bytes();
  });
  CHECK(error_of(ask(*process, std::string(1 << 20, 'q'), short_patience)).code ==
        Code::device_timeout);
}

TEST_CASE("an answer over the limit is not taken in", "[module-process][HW-13]") {
  const Error error = error_of(outcome_of([]() -> Bytes {
    (void)!write(3, "\x04\0\0\x01", 4);
    while (true) (void)pause();
  }));
  CHECK(error.code == Code::device_module);
  CHECK(no_child_is_left());
}

TEST_CASE("what the process beside is and has", "[module-process][HW-10]") {
  setenv("TOUCHSTONE_PIN", "648219", 1);
  setenv("COSIGN_PASSWORD", "648219", 1);
  const char* pin = getenv("TOUCHSTONE_PIN");
  const char* password = getenv("COSIGN_PASSWORD");
  const auto wiped = [](const char* value) { return *value == '\0'; };
  const Secret kept("648219");
  const int inherited = dup(STDERR_FILENO);  // not close-on-exec
  const auto answer = outcome_of([&]() -> Bytes {
    std::string text;
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    text += prctl(PR_GET_DUMPABLE) == 0 ? "undumpable " : "dumpable ";
    text += core.rlim_max == 0 ? "coreless " : "core ";
    text += death == SIGKILL ? "leashed " : "free ";
    text += getpgid(0) == getpid() ? "alone " : "in-a-group ";
    text += getenv("TOUCHSTONE_PIN") == nullptr && getenv("COSIGN_PASSWORD") == nullptr
                ? "no-variable "
                : "variable ";
    text += wiped(pin) && wiped(password) ? "wiped " : "readable ";
    text += kept.reveal().data()[0] == '\0' ? "no-pin " : "pin ";
    char c = 0;
    text += read(STDIN_FILENO, &c, 1) == 0 ? "no-input " : "input ";
    int descriptors = 0;
    for (int fd = 0; fd < 1024; ++fd) descriptors += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    text += std::to_string(descriptors);
    return to_bytes(text);
  });
  close(inherited);
  unsetenv("TOUCHSTONE_PIN");
  unsetenv("COSIGN_PASSWORD");
  REQUIRE(answer);
  CHECK(as_text(*answer) ==
        "undumpable coreless leashed alone no-variable wiped no-pin no-input 4");
}

TEST_CASE("the process beside ends with this one", "[module-process][HW-10]") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const auto process = ModuleProcess::of("leashed", [] {
      return
          [](ByteView, const std::vector<Secret>&) { return to_bytes(std::to_string(getpid())); };
    });
    const auto pid = ask(**process, "who");
    (void)!write(ends[1], pid->data(), pid->size());
    (void)raise(SIGKILL);
  }
  REQUIRE(waitpid(parent, nullptr, 0) == parent);
  std::array<char, 32> text{};
  REQUIRE(read(ends[0], text.data(), text.size() - 1) > 0);
  close(ends[0]);
  close(ends[1]);
  const pid_t orphan = atoi(text.data());
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    std::ifstream stat("/proc/" + std::to_string(orphan) + "/stat");
    const std::string state{std::istreambuf_iterator<char>(stat), {}};
    gone = state.empty() || state.contains(") Z ");
    std::this_thread::sleep_for(10ms);
  }
  CHECK(gone);
}

TEST_CASE("a process split off later leaves the one beside alone", "[module-process][HW-14]") {
  const auto process =
      process_of([](ByteView, const std::vector<Secret>&) { return to_bytes("there"); });
  REQUIRE(ask(*process, "question"));
  const pid_t child = fork();
  if (child == 0) {
    const bool refused = error_of(ask(*process, "question")).code == Code::device_failed;
    process->~ModuleProcess();
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(ask(*process, "question"));
}

TEST_CASE("HW-10: a module that dies takes no more than its process along",
          "[module-process][faults][HW-10]") {
  if (!SoftToken::available()) return;
  struct Row {
    const char* fault;
    const char* words;
  };
  const std::vector<Row> rows = {
      {"segfault:initialize", "crashed (signal 11) while being opened"},
      {"abort:get_slot_list", "crashed (signal 6) while being opened"},
      {"exit:find_objects", "ended the process (exit status 3) while being opened"},
      {"segfault:login", "crashed (signal 11) while logging in"},
      {"exit:login", "ended the process (exit status 3) while logging in"},
      {"segfault:sign", "crashed (signal 11) while signing"},
      {"abort:sign", "crashed (signal 6) while signing"},
      {"exit:sign_init", "ended the process (exit status 3) while signing"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fault);
    FaultyToken token;
    token.fault(row.fault);
    const Error error = error_of(sign_once(token.uri()));
    CHECK(error.code == Code::device_module_died);
    CHECK(error.message == "\"" + token.module() + "\" " + row.words);
    CHECK_FALSE(error.message.contains(SoftToken::pin));
    CHECK(token.processes() <= 1);
    CHECK(token.logins() <= 1);
    CHECK(no_child_is_left());
    // The token is as it was, for whoever comes next.
    token.fault("none");
    CHECK(sign_once(token.uri()));
  }
}

TEST_CASE("HW-11: a module that hangs is ended, and the token serves the next",
          "[module-process][faults][HW-11]") {
  if (!SoftToken::available()) return;
  struct Row {
    const char* how;
    const char* call;
  };
  for (const Row& row :
       {Row{"hang:", "initialize"}, Row{"hang:", "get_slot_list"}, Row{"hang:", "login"},
        Row{"hang:", "sign"}, Row{"ignores-signals:", "sign_init"}}) {
    CAPTURE(row.how, row.call);
    FaultyToken token;
    token.fault((std::string(row.how) + row.call).c_str());
    const auto begun = steady_clock::now();
    const Error error = error_of(sign_once(token.uri(), impatient(row.call)));
    CHECK(error.code == Code::device_timeout);
    CHECK(steady_clock::now() - begun < module_patience + 10s);
    CHECK(no_child_is_left());
    token.fault("none");
    CHECK(sign_once(token.uri()));
  }
}

TEST_CASE("HW-11: a module that hangs at its end keeps nobody", "[module-process][faults][HW-11]") {
  if (!SoftToken::available()) return;
  for (const char* fault : {"hang:finalize", "segfault:finalize", "exit:finalize"}) {
    CAPTURE(fault);
    FaultyToken token;
    token.fault(fault);
    const auto begun = steady_clock::now();
    CHECK(sign_once(token.uri()));
    CHECK(steady_clock::now() - begun < 8s);
    CHECK(no_child_is_left());
  }
}

TEST_CASE("all commands of a module run beside", "[module-process][faults][HW-10][HW-11]") {
  if (!SoftToken::available()) return;
  using Command = std::function<Status(const std::string&, const KeyOptions&)>;
  const auto dropped = [](auto result) -> Status {
    if (result) return ok();
    return std::move(result).error();
  };
  const auto managed = [](const std::string& uri, const KeyOptions& options,
                          auto action) -> Status {
    TS_TRY(const auto manager, open_key_manager(uri, options));
    TS_CHECK((*manager).authorize(Secret(SoftToken::pin)));
    return action(*manager);
  };
  struct Row {
    const char* call;
    Command command;
  };
  const std::vector<Row> rows = {
      {"find_objects",
       [&](const auto& uri, const auto& options) { return dropped(list_keys(uri, options)); }},
      {"find_objects", [&](const auto& uri,
                           const auto& options) { return dropped(read_public_key(uri, options)); }},
      {"login",
       [&](const auto& uri, const auto& options) {
         return managed(uri, options, [](KeyManager&) { return ok(); });
       }},
      {"find_objects",
       [&](const auto& uri, const auto& options) {
         return managed(uri, options,
                        [&](KeyManager& manager) { return dropped(manager.holding()); });
       }},
      {"generate_key_pair",
       [&](const auto& uri, const auto& options) {
         return managed(uri, options, [&](KeyManager& manager) {
           return dropped(manager.generate(*parse_algorithm("p256"), Existing::replace));
         });
       }},
      {"create_object",
       [&](const auto& uri, const auto& options) {
         return managed(uri, options, [&](KeyManager& manager) {
           return dropped(manager.import_key(crypto::PrivateKey::generate(crypto::KeyKind::p256),
                                             {}, Existing::replace));
         });
       }},
      {"destroy_object",
       [&](const auto& uri, const auto& options) {
         return managed(uri, options, [](KeyManager& manager) { return manager.remove(); });
       }},
      {"set_pin",
       [&](const auto& uri, const auto& options) -> Status {
         TS_TRY(const auto pins, open_pin_manager(uri, options));
         return (*pins).change_pin(Secret(SoftToken::pin), Secret("864209"));
       }},
      {"init_pin",
       [&](const auto& uri, const auto& options) -> Status {
         TS_TRY(const auto pins, open_pin_manager(uri, options));
         return (*pins).unblock_pin(Secret(SoftToken::so_pin), Secret("864209"));
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.call);
    for (const bool hangs : {false, true}) {
      CAPTURE(hangs);
      // That one has ten times as long.
      if (hangs && std::string_view(row.call) == "generate_key_pair") continue;
      FaultyToken token;
      token.fault(((hangs ? "hang:" : "segfault:") + std::string(row.call)).c_str());
      const Error error = error_of(row.command(token.uri(), impatient(row.call)));
      CHECK(error.code == (hangs ? Code::device_timeout : Code::device_module_died));
      CHECK(no_child_is_left());
      token.fault("none");
      CHECK(sign_once(token.uri()));
    }
  }
}

TEST_CASE("a module that answers in our place is not believed", "[module-process][faults][HW-13]") {
  if (!SoftToken::available()) return;
  for (const char* fault : {"talks:initialize", "talks:login", "talks:sign"}) {
    CAPTURE(fault);
    FaultyToken token;
    token.fault(fault);
    const Error error = error_of(sign_once(token.uri()));
    CHECK(error.code == Code::device_module);
    CHECK(error.message.contains("disturbs the process it is in while"));
    CHECK(no_child_is_left());
    token.fault("none");
    const Status next = sign_once(token.uri());
    CAPTURE(next ? "" : next.error().message);
    CHECK(next);
  }
}

TEST_CASE("who waits is told what for, once", "[module-process][faults]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  std::vector<std::string> told;
  KeyOptions options = impatient("sign");
  options.patience.notice = 100ms;
  options.patience.on_wait = [&](const std::string& device) { told.push_back(device); };
  const auto key = open_key(token.uri(), options);
  REQUIRE(key);
  REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
  REQUIRE((*key)->sign(Scheme::ecdsa_sha256, message));
  CHECK(told.empty());
  token.fault("hang:sign");
  CHECK(error_of((*key)->sign(Scheme::ecdsa_sha256, message)).code == Code::device_timeout);
  CHECK(told == std::vector{(*key)->describe().device});
}

TEST_CASE("one login and one process serve many signatures", "[module-process]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  {
    const auto key = open_key(token.uri());
    REQUIRE(key);
    REQUIRE((*key)->unlock(Secret(SoftToken::pin)));
    // The same process serves the token's manager.
    const auto manager = open_key_manager(token.uri());
    REQUIRE(manager);
    for (int i = 0; i < 20; ++i) {
      REQUIRE((*key)->sign(Scheme::ecdsa_sha256, to_bytes(std::to_string(i))));
    }
  }
  CHECK(token.processes() == 1);
  CHECK(token.logins() == 1);
  CHECK(token.signatures() == 20);
  CHECK(no_child_is_left());
}

TEST_CASE("what is opened after a module died gets a process of its own", "[module-process]") {
  if (!SoftToken::available()) return;
  FaultyToken token;
  const auto dead = open_key(token.uri());
  REQUIRE(dead);
  REQUIRE((*dead)->unlock(Secret(SoftToken::pin)));
  token.fault("segfault:sign");
  CHECK(error_of((*dead)->sign(Scheme::ecdsa_sha256, message)).code == Code::device_module_died);
  token.fault("none");
  CHECK(sign_once(token.uri()));
  CHECK(error_of((*dead)->sign(Scheme::ecdsa_sha256, message)).code == Code::device_module_died);
  CHECK(error_of((*dead)->unlock(Secret(SoftToken::pin))).code == Code::device_module_died);
}

}  // namespace touchstone::hsm
