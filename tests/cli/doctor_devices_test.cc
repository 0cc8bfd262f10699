// What doctor makes of cards, tokens and modules. The same through pcscd: tests/cli/doctor.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "cli/doctor/device_checks.h"
#include "tests/support/emulated_readers.h"
#include "tests/support/faulty_token.h"

namespace touchstone::cli {

using namespace std::chrono_literals;
using test::EmulatedReaders;
using test::FaultyToken;
using test::TemporaryFolder;

namespace {

constexpr const char* reader = "Yubico YubiKey 00 00";

// Of one card that obeyed these lines; no command that it got may have presented a PIN.
Finding finding_of_card(const std::vector<std::string>& control) {
  EmulatedReaders readers;
  test::EmulatedCard& card = readers.add(reader, control);
  const Findings findings = look_at_readers(readers, {});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].grade == Grade::ok);
  CHECK(card.commands().find("VERIFY") == std::string::npos);
  return findings[1];
}

hsm::Token token(KeyDescription::Tries tries, KeyDescription::Tries officer_tries) {
  hsm::Token token;
  token.label = "rel";
  token.model = "Model";
  token.serial = "8a1c";
  token.login_required = true;
  token.tries = tries;
  token.officer_tries = officer_tries;
  return token;
}

Findings findings_of(const std::string& module, bool named_by_user = true,
                     std::chrono::milliseconds timeout = limits::probe_timeout) {
  return look_at_modules({{module, module}}, named_by_user, timeout);
}

}  // namespace

TEST_CASE("a card tells its firmware, serial and tries", "[doctor]") {
  const Finding fine = finding_of_card({"firmware 5.4.3"});
  CHECK(fine.grade == Grade::warning);  // a new card has the factory's PIN
  CHECK(fine.text.find("YubiKey (serial 12345678), firmware 5.4.3, in reader \"" +
                       std::string(reader) + "\"") == 0);
  CHECK(fine.text.find("3 of 3") != std::string::npos);
  CHECK(fine.text.find("factory") != std::string::npos);
}

TEST_CASE("a card whose PIN is blocked is a problem, and the last try a warning", "[doctor]") {
  const Finding locked = finding_of_card({"tries 0"});
  CHECK(locked.grade == Grade::problem);
  CHECK(locked.code == Code::device_pin_locked);
  const Finding last = finding_of_card({"tries 1"});
  CHECK(last.grade == Grade::warning);
  CHECK(last.text.find("tries left for the PIN: 1") != std::string::npos);
}

TEST_CASE("a card that another program holds is a problem", "[doctor]") {
  EmulatedReaders readers;
  readers.add(reader).exclusive = true;
  const Findings findings = look_at_readers(readers, {});
  REQUIRE(findings.size() == 2);
  CHECK(findings[1].grade == Grade::problem);
  CHECK(findings[1].code == Code::device_busy);
}

TEST_CASE("no readers are fine, but for a YubiKey that is plugged in", "[doctor]") {
  EmulatedReaders readers;
  CHECK(look_at_readers(readers, {}).front().grade == Grade::ok);
  const Findings unseen = look_at_readers(readers, {.yubikey_on_usb = true});
  REQUIRE(unseen.size() == 1);
  CHECK(unseen.front().code == Code::device_not_found);
  CHECK(unseen.front().hint.find("libccid") != std::string::npos);
}

TEST_CASE("a service that nobody needs may be missing", "[doctor]") {
  struct Row {
    const char* why;
    Code code;
    CardSigns signs;
    Grade grade;
  };
  const auto row = GENERATE(values<Row>({
      {"no library", Code::device_library, {}, Grade::warning},
      {"no service", Code::device_no_service, {}, Grade::warning},
      {"a YubiKey and no library", Code::device_library, {true, false}, Grade::problem},
      {"a YubiKey and no service", Code::device_no_service, {true, false}, Grade::problem},
      {"a service that does not answer", Code::device_no_service, {false, true}, Grade::problem},
      {"a service that refuses us", Code::device_not_allowed, {false, true}, Grade::problem},
  }));
  CAPTURE(row.why);
  const Finding finding = without_service({row.code, "message", ""}, row.signs);
  CHECK(finding.grade == row.grade);
  CHECK(finding.code == row.code);
  CHECK_FALSE(finding.hint.empty());
  CHECK((finding.text.find("YubiKey is plugged in") != std::string::npos) ==
        row.signs.yubikey_on_usb);
}

TEST_CASE("Yubico's vendor number is found among USB devices", "[doctor]") {
  const TemporaryFolder folder;
  CHECK_FALSE(has_yubikey(folder / "absent"));
  std::filesystem::create_directory(folder / "1-1");
  folder.write("1-1/idVendor", "1d6b\n");
  std::filesystem::create_directory(folder / "1-1:1.0");
  CHECK_FALSE(has_yubikey(folder.path()));
  std::filesystem::create_directory(folder / "1-2");
  folder.write("1-2/idVendor", "1050\n");
  CHECK(has_yubikey(folder.path()));
}

TEST_CASE("a token's tries are judged", "[doctor]") {
  using Tries = KeyDescription::Tries;
  struct Row {
    Tries tries;
    Tries officer_tries;
    Grade grade;
  };
  const auto row = GENERATE(values<Row>({
      {Tries::normal, Tries::normal, Grade::ok},
      {Tries::unknown, Tries::unknown, Grade::ok},
      {Tries::low, Tries::normal, Grade::warning},
      {Tries::last, Tries::normal, Grade::warning},
      {Tries::locked, Tries::normal, Grade::problem},
      {Tries::normal, Tries::locked, Grade::warning},
      {Tries::normal, Tries::low, Grade::ok},
  }));
  const Finding finding = judge_token(token(row.tries, row.officer_tries));
  CAPTURE(finding.text);
  CHECK(finding.grade == row.grade);
  CHECK(finding.text.find("token \"rel\" (serial 8a1c)") != std::string::npos);
  if (row.grade == Grade::problem) CHECK(finding.code == Code::device_pin_locked);
  if (row.grade != Grade::ok) CHECK_FALSE(finding.hint.empty());
}

TEST_CASE("a machine without modules is told what to install", "[doctor]") {
  const Findings findings = look_at_modules({}, false);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().grade == Grade::warning);
  CHECK(findings.front().hint.find("softhsm2") != std::string::npos);
}

TEST_CASE("a module that is named and not there is a warning of its own", "[doctor]") {
  const Findings findings = look_at_modules(
      {{"/etc/x.module", Error{Code::device_module, "\"/absent.so\" is not there", ""}}}, false);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().grade == Grade::warning);
  CHECK(findings.front().text.find("/etc/x.module") != std::string::npos);
}

TEST_CASE("a module that is not safe to load is a problem, and not loaded", "[doctor]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("module.so", "x");
  chmod(path.c_str(), 0666);
  for (const bool named_by_user : {true, false}) {
    const Findings findings = findings_of(path, named_by_user);
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().grade == Grade::problem);
    CHECK(findings.front().code == Code::policy_unsafe_module);
  }
}

TEST_CASE("a file that is no module is a problem when it was named", "[doctor]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("module.so", "x");
  for (const bool named_by_user : {true, false}) {
    const Findings findings = findings_of(path, named_by_user);
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().grade == (named_by_user ? Grade::problem : Grade::warning));
    CHECK(findings.front().code == Code::device_module);
  }
}

TEST_CASE("a module's tokens are listed from a process beside", "[doctor]") {
  if (!test::SoftToken::available()) return;
  FaultyToken token;
  const std::string module = token.module();

  SECTION("all is well") {
    const Findings findings = findings_of(module);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].grade == Grade::ok);
    CHECK(findings[0].text.find(module) != std::string::npos);
    CHECK(findings[1].text.find("token \"rel\"") != std::string::npos);
    CHECK(token.logins() == 0);
  }
  SECTION("it prints") {
    token.fault("noise");
    CHECK(findings_of(module).size() == 2);
  }
  SECTION("one try is left") {
    token.count_tries("1");
    CHECK(findings_of(module).at(1).grade == Grade::warning);
  }
  SECTION("the PIN is blocked") {
    token.count_tries("0");
    CHECK(findings_of(module).at(1).code == Code::device_pin_locked);
  }
  SECTION("it leaves a process behind") {
    token.fault("leaves-a-process");
    CHECK(findings_of(module).size() == 2);
  }
  struct Row {
    const char* fault;
    const char* text;
  };
  for (const Row& row :
       {Row{"hang:initialize", "does not come to an end"}, Row{"abort:initialize", "crashed"},
        Row{"exit:initialize", "ended the process"}}) {
    SECTION(row.fault) {
      token.fault(row.fault);
      for (const bool named_by_user : {true, false}) {
        const Findings findings = findings_of(module, named_by_user, 2s);
        REQUIRE(findings.size() == 1);
        CHECK(findings[0].grade == Grade::problem);
        CHECK(findings[0].code == Code::device_module);
        CHECK(findings[0].text.find(row.text) != std::string::npos);
      }
    }
  }
  SECTION("it says properly that it cannot start") {
    token.fault("initialize");
    CHECK(findings_of(module, true).at(0).grade == Grade::problem);
    CHECK(findings_of(module, false).at(0).grade == Grade::warning);
  }
  SECTION("it claims to have a billion slots") {
    token.fault("slot-count");
    const Findings findings = findings_of(module);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == Code::device_module);
  }
}

}  // namespace touchstone::cli
