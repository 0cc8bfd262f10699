// Helpers that behave and helpers that do not: small scripts, made by each test.
#include "cli/shared/credential_helper.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "base/files.h"
#include "base/secret.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::cli {
namespace {

using test::TemporaryFolder;
using namespace std::chrono_literals;

constexpr const char* good = R"(echo '{"Username":"u","Secret":"s"}')";

void make_helper(const TemporaryFolder& folder, const std::string& name, const std::string& script,
                 mode_t mode = 0755) {
  const std::string path = folder.write("docker-credential-" + name, "#!/bin/sh\n" + script + "\n");
  REQUIRE(chmod(path.c_str(), mode) == 0);
}

CredentialHelper helper_of(const TemporaryFolder& folder, const std::string& script,
                           HelperLimits bounds = {}) {
  make_helper(folder, "test", script);
  auto helper = CredentialHelper::find("test", folder.path().string(), bounds);
  REQUIRE(helper);
  return *std::move(helper);
}

std::string contents_of(const std::string& path) {
  const auto bytes = read_file(path, 1 << 20);
  return bytes ? std::string(as_text(*bytes)) : "";
}

template <class T>
std::string slug_of(const Result<T>& result) {
  return result ? "ok" : std::string(slug(result.error().code));
}

TEST_CASE("a helper is told the server and answers", "[cli][logins]") {
  const TemporaryFolder folder;
  const auto helper = helper_of(folder, "cat > '" + (folder / "told") + "'; echo \"$1\" > '" +
                                            (folder / "verb") + "'; " + good);
  const auto answer = helper.get("r.example:5000");
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->username == "u");
  CHECK((*answer)->secret.reveal() == "s");
  CHECK((*answer)->origin == "credential helper test");
  CHECK(contents_of(folder / "told") == "r.example:5000");
  CHECK(contents_of(folder / "verb") == "get\n");
}

TEST_CASE("helpers that do not answer as they should", "[cli][logins][REG-50]") {
  struct Row {
    const char* why;
    std::string script;
    std::string code;
  };
  const auto row = GENERATE(values<Row>({
      {"not found", "echo 'credentials not found in native keychain'; exit 1", "none"},
      {"garbage", "echo marker-secret", "auth.helper"},
      {"nothing", "true", "auth.helper"},
      {"fails", "exit 1", "auth.helper"},
      {"fails after an answer", std::string(good) + "; exit 3", "auth.helper"},
      {"fails with its secret", "echo marker-secret; exit 1", "auth.helper"},
      {"not found, but successful", "echo 'credentials not found in native keychain'",
       "auth.helper"},
      {"another host", R"(echo '{"ServerURL":"x.example","Username":"u","Secret":"marker"}')",
       "auth.helper"},
      {"another port", R"(echo '{"ServerURL":"r.example:1","Username":"u","Secret":"marker"}')",
       "auth.helper"},
      {"killed", "kill -9 $$", "auth.helper"},
      {"too much", "yes marker-secret", "auth.helper"},
      {"closes its output and waits", "exec >&- 2>&-; sleep 30", "auth.helper"},
      {"hangs", "sleep 30", "auth.helper"},
      {"leaves somebody behind who holds its output", std::string(good) + "; sleep 30 &",
       "auth.helper"},
  }));
  CAPTURE(row.why);
  const TemporaryFolder folder;
  const auto helper = helper_of(folder, row.script, {.timeout = 700ms});
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = helper.get("r.example");
  CHECK((answer && !*answer ? "none" : slug_of(answer)) == row.code);
  if (!answer) CHECK_FALSE(answer.error().message.contains("marker"));
  CHECK(std::chrono::steady_clock::now() - begun < 20s);
}

TEST_CASE("a helper that says too much is ended at once", "[cli][logins][REG-50]") {
  const TemporaryFolder folder;
  const auto helper = helper_of(folder, "yes marker-secret", {.timeout = 60s});
  const auto begun = std::chrono::steady_clock::now();
  CHECK(slug_of(helper.get("r.example")) == "auth.helper");
  CHECK(std::chrono::steady_clock::now() - begun < 30s);
}

TEST_CASE("what a helper started is ended with it", "[cli][logins][REG-50]") {
  const TemporaryFolder folder;
  const auto helper = helper_of(folder, "sleep 60 & echo $! > '" + (folder / "child") + "'; wait",
                                {.timeout = 700ms});
  CHECK(slug_of(helper.get("r.example")) == "auth.helper");
  const std::string child = contents_of(folder / "child");
  REQUIRE_FALSE(child.empty());
  // Dead: gone, or waiting for its new parent to notice.
  std::string state = "S";
  for (int i = 0; i < 200 && state != "gone" && state != "Z"; ++i) {
    const std::string stat = contents_of("/proc/" + std::to_string(std::stoi(child)) + "/stat");
    state = stat.empty() ? "gone" : stat.substr(stat.find(") ") + 2, 1);
    std::this_thread::sleep_for(10ms);
  }
  CHECK((state == "gone" || state == "Z"));
}

TEST_CASE("a helper's complaint is shown, made safe and on one line", "[cli][logins]") {
  const TemporaryFolder folder;
  const auto helper =
      helper_of(folder, R"(printf 'locked \033[31m store\nsecond line\n' >&2; exit 1)");
  const auto answer = helper.get("r.example");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.contains("locked \\x1b[31m store"));
  CHECK_FALSE(answer.error().message.contains("second"));
  CHECK_FALSE(answer.error().message.contains('\x1b'));
}

TEST_CASE("a helper that works may complain", "[cli][logins]") {
  const TemporaryFolder folder;
  const auto helper = helper_of(
      folder, std::string("i=0; while [ $i -lt 3000 ]; do echo 'a long complaint, again' >&2; "
                          "i=$((i+1)); done; ") +
                  good);
  CHECK(helper.get("r.example"));
}

TEST_CASE("a helper inherits three descriptors and no secret", "[cli][logins]") {
  const TemporaryFolder folder;
  const Descriptor leaked(dup(STDERR_FILENO));  // without FD_CLOEXEC
  REQUIRE(leaked.get() > 2);
  for (const char* name : secret_variables) setenv(name, "648219", 1);
  setenv("TOUCHSTONE_OTHER", "kept", 1);
  const auto helper = helper_of(folder, "ls /proc/self/fd > '" + (folder / "open") + "'; env > '" +
                                            (folder / "variables") + "'; " + good);
  CHECK(helper.get("r.example"));
  for (const char* name : secret_variables) unsetenv(name);
  unsetenv("TOUCHSTONE_OTHER");
  CHECK(contents_of(folder / "open") == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
  CHECK_FALSE(contents_of(folder / "variables").contains("648219"));
  CHECK(contents_of(folder / "variables").contains("TOUCHSTONE_OTHER=kept"));
}

TEST_CASE("a login is saved and forgotten by a helper", "[cli][logins]") {
  const TemporaryFolder folder;
  const auto helper = helper_of(folder, "cat > '" + (folder / "") + "'$1");
  const oci::Credential credential{oci::Credential::Kind::password, "u", Secret("p"), ""};
  CHECK(helper.store("r.example", credential));
  CHECK(contents_of(folder / "store") ==
        R"({"ServerURL":"r.example","Username":"u","Secret":"p"})");
  CHECK(helper.erase("r.example"));
  CHECK(contents_of(folder / "erase") == "r.example");
}

TEST_CASE("a helper that does not save says nothing of what it was told", "[cli][logins]") {
  const TemporaryFolder folder;
  const auto helper = helper_of(folder, "cat; echo marker >&2; exit 1");
  const oci::Credential credential{oci::Credential::Kind::password, "u", Secret("marker"), ""};
  const auto stored = helper.store("r.example", credential);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == Code::auth_helper);
  CHECK_FALSE(stored.error().message.contains("marker"));
  CHECK(slug_of(helper.erase("r.example")) == "auth.helper");
}

TEST_CASE("helpers are found in absolute folders of the path, by plain names",
          "[cli][logins][XP-03]") {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  make_helper(folder, "test", good);
  make_helper(folder, "locked", good, 0644);
  make_helper(folder, "shared", good, 0757);
  mkdir((other / "docker-credential-test").c_str(), 0755);
  const std::string both = other.path().string() + ":" + folder.path().string();
  CHECK(CredentialHelper::find("test", both));
  CHECK(slug_of(CredentialHelper::find("shared", both)) == "auth.unsafe-file");
  struct Row {
    const char* why;
    std::string name;
    std::string path;
  };
  const auto row = GENERATE_REF(values<Row>({
      {"not there", "absent", both},
      {"cannot be run", "locked", both},
      {"a folder", "test", other.path().string()},
      {"no path", "test", ""},
      {"relative", "test", "."},
      {"an empty part", "test", "::"},
      {"empty name", "", both},
      {"a path as name", "../" + folder.path().filename().string() + "/test", both},
      {"a slash", "a/b", both},
      {"shell characters", "test;id", both},
      {"upper case", "TEST", both},
  }));
  CAPTURE(row.why);
  CHECK(slug_of(CredentialHelper::find(row.name, row.path)) == "auth.helper");
}

}  // namespace
}  // namespace touchstone::cli
