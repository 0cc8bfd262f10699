// Where a PIN comes from, and what happens on the terminal meanwhile.
#include "cli/pin_entry.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::cli {
namespace {

using test::TemporaryFolder;
using Tries = KeyDescription::Tries;

constexpr std::string_view pin = "648219";

class ScriptedTerminal : public Terminal {
 public:
  bool there = false;
  std::string typed;
  bool yes = false;
  std::vector<std::string> shown;

  bool present() override { return there; }
  Result<Secret> ask_secret(std::string_view prompt) override {
    shown.emplace_back(prompt);
    return Secret(typed);
  }
  Result<bool> confirm(std::string_view question) override {
    shown.emplace_back(question);
    return yes;
  }
  Result<std::string> ask_line(std::string_view prompt) override {
    shown.emplace_back(prompt);
    return typed;
  }
};

KeyDescription token_key(Tries tries = Tries::normal) {
  KeyDescription key;
  key.device = "SoftHSM token \"rel\"";
  key.hardware = true;
  key.needs_pin = true;
  key.tries = tries;
  return key;
}

std::string pin_file(const TemporaryFolder& folder, std::string_view contents, mode_t mode = 0600) {
  const std::string path = folder.write("pin", contents);
  chmod(path.c_str(), mode);
  return path;
}

// A terminal of the test's own: what the program sees is `name`, what a person sees is `master`.
struct PseudoTerminal {
  Descriptor master{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  Descriptor slave;
  std::string name;

  PseudoTerminal() {
    REQUIRE(grantpt(master.get()) == 0);
    REQUIRE(unlockpt(master.get()) == 0);
    name = ptsname(master.get());
    slave = Descriptor(open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(slave);
  }

  bool echoes() const {
    termios settings{};
    return tcgetattr(slave.get(), &settings) == 0 && (settings.c_lflag & ECHO) != 0;
  }

  // Waits until the program shows `text`; gives all it showed so far.
  std::string wait_for(std::string_view text) {
    while (!seen.contains(text)) {
      char buffer[256];
      const ssize_t count = read(master.get(), buffer, sizeof buffer);
      if (count <= 0) break;
      seen.append(buffer, static_cast<std::size_t>(count));
    }
    return seen;
  }
  void type(std::string_view text) { (void)!write(master.get(), text.data(), text.size()); }

  std::string seen;
};

volatile sig_atomic_t terminations = 0;
void count_termination(int) { terminations = terminations + 1; }

}  // namespace

TEST_CASE("the first source that is given decides", "[pin]") {
  const TemporaryFolder folder;
  ScriptedTerminal terminal;
  terminal.there = true;
  terminal.typed = "typed-pin";
  KeyDescription key = token_key();
  key.pin_source = folder.write("source", "source-pin\n");
  chmod(key.pin_source.c_str(), 0600);
  PinSources sources;
  sources.pin_file = pin_file(folder, "file-pin\n");
  sources.variable = "variable-pin";

  const auto obtained = [&] {
    const auto secret = obtain_pin(key, sources, terminal);
    return secret ? std::string(secret->reveal()) : secret.error().message;
  };
  CHECK(obtained() == "file-pin");
  sources.pin_file = "";
  CHECK(obtained() == "variable-pin");
  sources.variable = std::nullopt;
  CHECK(obtained() == "source-pin");
  key.pin_source = "file:" + key.pin_source;
  CHECK(obtained() == "source-pin");
  key.pin_source.replace(0, 5, "file://");
  CHECK(obtained() == "source-pin");
  CHECK(terminal.shown.empty());
  key.pin_source = "";
  CHECK(obtained() == "typed-pin");
  CHECK(terminal.shown == std::vector<std::string>{"PIN for SoftHSM token \"rel\": "});
}

TEST_CASE("COSIGN_PASSWORD is for cosign's key files alone", "[pin]") {
  const TemporaryFolder folder;
  ScriptedTerminal terminal;
  KeyDescription file;
  file.device = "file \"cosign.key\"";
  file.needs_pin = true;
  file.cosign_file = true;
  PinSources sources;
  sources.cosign_variable = "cosign-password";
  const auto obtained = [&](const KeyDescription& key) {
    const auto secret = obtain_pin(key, sources, terminal);
    return secret ? std::string(secret->reveal()) : std::string(slug(secret.error().code));
  };
  CHECK(obtained(file) == "cosign-password");
  CHECK(obtained(token_key()) == "device.pin-needed");  // a token loses no try to it
  sources.variable = "variable-pin";
  CHECK(obtained(file) == "variable-pin");
  sources.pin_file = pin_file(folder, "file-pin");
  CHECK(obtained(file) == "file-pin");
}

TEST_CASE("the passphrase of cosign's key files may be empty, and of nothing else", "[pin]") {
  const TemporaryFolder folder;
  ScriptedTerminal terminal;
  terminal.there = true;
  KeyDescription file;
  file.needs_pin = true;
  file.cosign_file = true;
  const auto obtained = [&](const KeyDescription& key, const PinSources& sources) {
    const auto secret = obtain_pin(key, sources, terminal);
    return secret ? "\"" + std::string(secret->reveal()) + "\""
                  : std::string(slug(secret.error().code));
  };
  PinSources by_file;
  by_file.pin_file = pin_file(folder, "\n");
  PinSources by_variable;
  by_variable.cosign_variable = "";
  const PinSources typed;
  for (const PinSources& sources : {by_file, by_variable, typed}) {
    CHECK(obtained(file, sources) == "\"\"");
    CHECK_FALSE(obtained(token_key(), sources).starts_with('"'));
  }
}

TEST_CASE("a PIN file holds the PIN and at most one line break", "[pin]") {
  struct Row {
    const char* why;
    std::string contents;
    std::optional<std::string> wanted;
  };
  const auto row = GENERATE(values<Row>({
      {"no line break", "648219", "648219"},
      {"one", "648219\n", "648219"},
      {"one of two bytes", "648219\r\n", "648219"},
      {"blanks are kept", " 648219 \n", " 648219 "},
      {"as long as may be", std::string(256, '1') + "\r\n", std::string(256, '1')},
      {"two line breaks", "648219\n\n", {}},
      {"two lines", "648219\n135790\n", {}},
      {"a bare return", "648219\r", {}},
      {"a NUL", std::string("648219\0\n", 8), {}},
      {"nothing", "", {}},
      {"a line break alone", "\n", {}},
      {"too long", std::string(257, '1'), {}},
      {"far too long", std::string(100'000, '1'), {}},
  }));
  CAPTURE(row.why);
  const TemporaryFolder folder;
  ScriptedTerminal terminal;
  PinSources sources;
  sources.pin_file = pin_file(folder, row.contents);

  const auto secret = obtain_pin(token_key(), sources, terminal);

  CHECK(static_cast<bool>(secret) == row.wanted.has_value());
  if (secret) {
    CHECK(secret->reveal() == *row.wanted);
  } else {
    CHECK(secret.error().code == Code::device_pin_unusable);
    CHECK_FALSE(secret.error().message.contains(pin));
  }
}

TEST_CASE("a PIN file that others can read, or that is no file, is refused", "[pin]") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(pin_file(folder, pin), folder / "link");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  for (const mode_t mode : {0640U, 0604U, 0610U, 0601U, 0620U}) {
    const std::string name = "mode" + std::to_string(mode);
    chmod(folder.write(name, pin).c_str(), mode);
  }
  std::vector<std::string> names = {"link", "fifo", "absent", ""};
  for (const mode_t mode : {0640U, 0604U, 0610U, 0601U, 0620U}) {
    names.push_back("mode" + std::to_string(mode));
  }
  if (geteuid() == 0) {
    names.push_back("theirs");
    const std::string path = folder.write("theirs", pin);
    chmod(path.c_str(), 0600);
    REQUIRE(chown(path.c_str(), 65534, 65534) == 0);
  }
  for (const std::string& name : names) {
    CAPTURE(name);
    ScriptedTerminal terminal;
    terminal.there = true;  // and still it is not asked instead
    PinSources sources;
    sources.pin_file = folder / name;
    const auto secret = obtain_pin(token_key(), sources, terminal);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == Code::device_pin_unusable);
    CHECK_FALSE(secret.error().message.contains(pin));
    CHECK(terminal.shown.empty());
  }
}

TEST_CASE("other sources that cannot be used are refused as well", "[pin]") {
  const TemporaryFolder folder;
  const PseudoTerminal pty;
  struct Row {
    const char* why;
    std::string file;
    std::optional<std::string> variable;
    std::string source;
  };
  const std::vector<Row> rows = {
      {"a descriptor that is not open", "fd:987", {}, ""},
      {"a descriptor without number", "fd:", {}, ""},
      {"a negative descriptor", "fd:-1", {}, ""},
      {"more than a number", "fd:0x", {}, ""},
      {"a descriptor that is a terminal", "fd:" + std::to_string(pty.slave.get()), {}, ""},
      {"an empty variable", "", "", ""},
      {"a variable of two lines", "", "648219\nx", ""},
      {"a variable far too long", "", std::string(5000, '1'), ""},
      {"a file on another machine", "", {}, "file://host/pin"},
      {"a relative file URI", "", {}, "file:pin"},
      {"a descriptor in a URI", "", {}, "fd:0"},
      {"no such file", "", {}, folder / "absent"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    ScriptedTerminal terminal;
    terminal.there = true;
    KeyDescription key = token_key();
    key.pin_source = row.source;
    PinSources sources{row.file, row.variable, 1};
    const auto secret = obtain_pin(key, sources, terminal);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == Code::device_pin_unusable);
    CHECK_FALSE(secret.error().message.contains(pin));
    CHECK(terminal.shown.empty());
  }
}

TEST_CASE("a PIN is read from a descriptor", "[pin]") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Descriptor read_end(ends[0]);
  REQUIRE(write(ends[1], "648219\n", 7) == 7);
  close(ends[1]);
  ScriptedTerminal terminal;
  PinSources sources;
  sources.pin_file = "fd:" + std::to_string(read_end.get());

  const auto secret = obtain_pin(token_key(), sources, terminal);

  REQUIRE(secret);
  CHECK(secret->reveal() == pin);
}

TEST_CASE("with no source and nobody to ask, the key stays locked", "[pin]") {
  ScriptedTerminal terminal;
  const auto secret = obtain_pin(token_key(), {}, terminal);
  REQUIRE_FALSE(secret);
  CHECK(secret.error().code == Code::device_pin_needed);

  terminal.there = true;  // somebody types nothing
  const auto empty = obtain_pin(token_key(), {}, terminal);
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == Code::device_pin_needed);
}

TEST_CASE("a blocked PIN is not asked for, the last try wants a yes", "[pin]") {
  const TemporaryFolder folder;
  struct Row {
    const char* why;
    Tries tries;
    bool there;
    bool yes;
    std::optional<Code> code;
  };
  const auto row = GENERATE(values<Row>({
      {"tries left", Tries::normal, false, false, {}},
      {"few left", Tries::low, false, false, {}},
      {"not known", Tries::unknown, false, false, {}},
      {"last, nobody there", Tries::last, false, true, Code::device_pin_last_try},
      {"last, somebody says no", Tries::last, true, false, Code::usage_not_confirmed},
      {"last, somebody says yes", Tries::last, true, true, {}},
      {"blocked", Tries::locked, true, true, Code::device_pin_locked},
  }));
  CAPTURE(row.why);
  ScriptedTerminal terminal;
  terminal.there = row.there;
  terminal.yes = row.yes;
  PinSources sources;
  sources.pin_file = pin_file(folder, pin);

  const auto secret = obtain_pin(token_key(row.tries), sources, terminal);

  CHECK(static_cast<bool>(secret) == !row.code);
  if (!secret && row.code) CHECK(secret.error().code == *row.code);
}

TEST_CASE("the prompt names the device and the tries", "[pin]") {
  ScriptedTerminal terminal;
  terminal.there = true;
  terminal.yes = true;
  terminal.typed = pin;
  REQUIRE(obtain_pin(token_key(Tries::last), {}, terminal));
  CHECK(terminal.shown.back() == "PIN for SoftHSM token \"rel\" (last try): ");
  REQUIRE(obtain_pin(token_key(Tries::low), {}, terminal));
  CHECK(terminal.shown.back() == "PIN for SoftHSM token \"rel\" (few tries left): ");

  KeyDescription each = token_key();
  each.pin_for_each_signature = true;
  PinSources sources;
  sources.signatures = 3;
  REQUIRE(obtain_pin(each, sources, terminal));
  CHECK(terminal.shown.back() == "PIN for SoftHSM token \"rel\", for 3 signatures: ");

  KeyDescription file;
  file.device = "file \"k.pem\"";
  REQUIRE(obtain_pin(file, {}, terminal));
  CHECK(terminal.shown.back() == "Passphrase for file \"k.pem\": ");
}

TEST_CASE("no core is dumped once a PIN was asked for", "[pin]") {
  ScriptedTerminal terminal;
  REQUIRE_FALSE(obtain_pin(token_key(), {}, terminal));
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_CORE, &limit) == 0);
  CHECK(limit.rlim_cur == 0);
  CHECK(prctl(PR_GET_DUMPABLE) == 0);
}

TEST_CASE("a secret is not shown while it is typed", "[terminal]") {
  PseudoTerminal pty;
  ControllingTerminal terminal(pty.name);
  REQUIRE(terminal.present());
  bool echoed = true;
  std::thread person([&] {
    pty.wait_for("PIN: ");
    echoed = pty.echoes();
    pty.type(
        "64821\x7F"
        "19\n");
  });
  const auto secret = terminal.ask_secret("PIN: ");
  person.join();

  REQUIRE(secret);
  CHECK(secret->reveal() == "648219");
  CHECK_FALSE(echoed);
  CHECK(pty.echoes());
  CHECK_FALSE(pty.wait_for("\n").contains("64821"));
}

TEST_CASE("only a full yes is a yes", "[terminal]") {
  struct Row {
    const char* typed;
    bool yes;
  };
  const auto row = GENERATE(values<Row>(
      {{"yes\n", true}, {"y\n", false}, {"\n", false}, {"yes \n", false}, {"no\n", false}}));
  CAPTURE(row.typed);
  PseudoTerminal pty;
  ControllingTerminal terminal(pty.name);
  pty.type(row.typed);
  const auto yes = terminal.confirm("sure? ");
  REQUIRE(yes);
  CHECK(*yes == row.yes);
}

TEST_CASE("what is too long is refused, not cut", "[terminal]") {
  PseudoTerminal pty;
  ControllingTerminal terminal(pty.name);
  std::thread person([&] {
    pty.wait_for("PIN: ");
    pty.type(std::string(257, '1') + "\n");
  });
  const auto secret = terminal.ask_secret("PIN: ");
  person.join();
  REQUIRE_FALSE(secret);
  CHECK(secret.error().code == Code::device_pin_unusable);
}

TEST_CASE("the end of input is no PIN", "[terminal]") {
  PseudoTerminal pty;
  ControllingTerminal terminal(pty.name);
  std::thread person([&] {
    pty.wait_for("PIN: ");
    pty.type("\x04");
  });
  const auto secret = terminal.ask_secret("PIN: ");
  person.join();
  REQUIRE_FALSE(secret);
  CHECK(secret.error().code == Code::device_pin_needed);
}

TEST_CASE("a signal finds the terminal as it was", "[terminal]") {
  PseudoTerminal pty;
  ControllingTerminal terminal(pty.name);
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = count_termination;
  REQUIRE(sigaction(SIGTERM, &action, &before) == 0);
  terminations = 0;
  std::thread person([&] {
    pty.wait_for("PIN: ");
    kill(getpid(), SIGTERM);
  });
  const auto secret = terminal.ask_secret("PIN: ");
  person.join();
  sigaction(SIGTERM, &before, nullptr);

  REQUIRE_FALSE(secret);
  CHECK(secret.error().code == Code::interrupted);
  CHECK(terminations == 1);  // the program's own handler ran, afterwards
  CHECK(pty.echoes());
}

TEST_CASE("what is no terminal is not asked", "[terminal]") {
  const TemporaryFolder folder;
  ControllingTerminal file(folder.write("file", "648219\n"));
  CHECK_FALSE(file.present());
  CHECK(file.ask_secret("PIN: ").error().code == Code::device_pin_needed);
  ControllingTerminal absent(folder / "absent");
  CHECK_FALSE(absent.present());
}

}  // namespace touchstone::cli
