// What doctor prints of its findings, and the exit status they make.
#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/time.h"
#include "cli/doctor/findings.h"
#include "formats/json_fields.h"

namespace touchstone::cli {

TEST_CASE("findings are lines, with a hint below what is not well", "[doctor]") {
  const Findings findings = {
      good("clock", "2026-01-31T00:00:00Z"),
      warning("card", "the PIN is the factory's", "change it"),
      problem("registry", {Code::network_timeout, "registry.example: too slow", ""}),
      problem("module", {Code::device_failed, "fails", ""}),
  };
  CHECK(describe(findings) ==
        "ok       clock: 2026-01-31T00:00:00Z\n"
        "warning  card: the PIN is the factory's\n"
        "         hint: change it\n"
        "problem  registry: registry.example: too slow\n"
        "         hint: try again (touchstone explain network.timeout)\n"
        "problem  module: fails\n"
        "         hint: touchstone explain device.failed\n");
}

TEST_CASE("findings move no cursor", "[doctor]") {
  const Findings findings = {warning("token", "\x1b[31mred\nline", "\x1b]0;title\a")};

  const std::string text = describe(findings);
  const std::string json = to_json(findings, std::chrono::sys_seconds());

  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(json.find('\x1b') == std::string::npos);
}

TEST_CASE("the exit status is that of the gravest problem", "[doctor]") {
  struct Row {
    const char* why;
    Findings findings;
    int status;
  };
  const Finding fine = good("a", "b");
  const Finding note = warning("a", {Code::device_pin_locked, "b", ""});
  const Finding file = problem("a", {Code::policy_unsafe_file, "b", ""});
  const Finding net = problem("a", {Code::network_unreachable, "b", ""});
  const Finding clock = problem("a", {Code::time_clock, "b", ""});
  const Finding root = problem("a", {Code::trust_expired, "b", ""});
  const Finding device = problem("a", {Code::device_no_service, "b", ""});
  const Finding bug = problem("a", {Code::internal_error, "b", ""});
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing was looked at", {}, 0},
      {"all is well", {fine}, 0},
      {"a warning is no problem, whatever its code", {fine, note}, 0},
      {"a file", {note, file}, 2},
      {"the network", {net, fine}, 3},
      {"the clock", {clock}, 3},
      {"a root", {root}, 3},
      {"a device", {device}, 4},
      {"a device after the network", {net, device, file}, 4},
      {"a device before the network", {device, net}, 4},
      {"a fault of our own", {device, bug, net}, 5},
  }));
  CAPTURE(row.why);
  CHECK(exit_status(row.findings) == row.status);
}

TEST_CASE("the JSON document has a version and each check", "[doctor]") {
  const auto now = *parse_rfc3339("2026-01-31T12:00:00Z");
  const Findings findings = {good("clock", "fine"),
                             problem("card", {Code::device_busy, "busy", "end it"})};

  const auto document = formats::parse_json(as_bytes(to_json(findings, now)), 4096);

  REQUIRE(document);
  const auto expected = formats::parse_json(as_bytes(R"({
    "version":1,"time":"2026-01-31T12:00:00Z","exitStatus":4,"checks":[
    {"check":"clock","result":"ok","finding":"fine","hint":null,"code":null},
    {"check":"card","result":"problem","finding":"busy","hint":"end it","code":"device.busy"}]})"),
                                            4096);
  REQUIRE(expected);
  CHECK(*document == *expected);
}

TEST_CASE("findings travel between processes", "[doctor]") {
  const Findings findings = {good("a", "b"), warning("c", "d", "e"),
                             problem("f", {Code::device_module, "g", "h"})};
  const auto read = read_message(to_message(findings));
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK(describe(*read) == describe(findings));
  CHECK(exit_status(*read) == 4);
}

TEST_CASE("what a disturbed process says is not believed", "[doctor]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const std::string fine = R"("check":"a","finding":"b")";
  std::string many;
  for (std::size_t i = 0; i < limits::max_slots + 3; ++i) {
    many += (i == 0 ? "{" : ",{") + fine + R"(,"result":"ok"})";
  }
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing", ""},
      {"no JSON", "checks"},
      {"something after it", R"({"checks":[]} )"
                             "x"},
      {"another member", R"({"checks":[],"more":1})"},
      {"no list", R"({"checks":{}})"},
      {"no result", R"({"checks":[{)" + fine + "}]}"},
      {"an unknown result", R"({"checks":[{)" + fine + R"(,"result":"fine"}]})"},
      {"an unknown code", R"({"checks":[{)" + fine + R"(,"result":"ok","code":"x.y"}]})"},
      {"a problem without a code", R"({"checks":[{)" + fine + R"(,"result":"problem"}]})"},
      {"another member of a check", R"({"checks":[{)" + fine + R"(,"result":"ok","x":1}]})"},
      {"no check", R"({"checks":[{"finding":"b","result":"ok"}]})"},
      {"too many", R"({"checks":[)" + many + "]}"},
      {"too long", R"({"checks":[{)" + fine + R"(,"result":"ok","hint":")" +
                       std::string(limits::max_probe_answer_bytes, 'x') + R"("}]})"},
  }));
  CAPTURE(row.why);
  CHECK_FALSE(read_message(row.text));
}

}  // namespace touchstone::cli
