// Where logins are found, in which order, and what is refused.
#include "cli/shared/saved_logins.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::cli {
namespace {

using oci::AuthFile;
using test::TemporaryFolder;
using Style = AuthFile::Style;

constexpr std::array variables = {"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG",
                                  "REGISTRY_AUTH_FILE"};

// The variables that matter, set as a test says and put back afterwards.
class Environment {
 public:
  Environment() {
    for (const char* name : variables) {
      const char* value = getenv(name);
      before_.push_back(value == nullptr ? std::nullopt : std::optional<std::string>(value));
      unsetenv(name);
    }
  }
  ~Environment() {
    for (std::size_t i = 0; i < variables.size(); ++i) {
      if (before_[i]) {
        setenv(variables[i], before_[i]->c_str(), 1);
      } else {
        unsetenv(variables[i]);
      }
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::optional<std::string>> before_;
};

std::string file_with(const TemporaryFolder& folder, const std::string& name,
                      const std::string& password, mode_t mode = 0600) {
  const std::string path = folder.write(
      name, R"({"auths":{"r.example":{"username":"u","password":")" + password + "\"}}}");
  REQUIRE(chmod(path.c_str(), mode) == 0);
  return path;
}

std::string slug_or_password(const Result<const oci::Credential*>& found) {
  if (!found) return std::string(slug(found.error().code));
  return *found == nullptr ? "none" : std::string((*found)->secret.reveal());
}

struct Logins {
  explicit Logins(std::vector<LoginPlaces::File> files, std::string path = "")
      : saved({std::move(files), 0, std::move(path)},
              [this](const std::string& text) { warnings.push_back(text); }) {}
  std::string find(std::string_view registry = "r.example", std::string_view repository = "a") {
    return slug_or_password(saved.find(registry, repository));
  }
  std::vector<std::string> warnings;
  SavedLogins saved;
};

TEST_CASE("files are asked in podman's and then docker's order", "[cli][logins]") {
  const Environment clean;
  setenv("HOME", "/home/u", 1);
  const auto paths = [](const LoginPlaces& places) {
    std::vector<std::string> out;
    for (const auto& file : places.files) out.push_back(file.path);
    return out;
  };
  using Paths = std::vector<std::string>;
  CHECK(paths(login_places("")) ==
        Paths{"/home/u/.config/containers/auth.json", "/home/u/.docker/config.json"});
  CHECK(login_places("").preferred == 0);
  setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
  setenv("XDG_CONFIG_HOME", "/home/u/conf", 1);
  setenv("DOCKER_CONFIG", "/home/u/dock", 1);
  CHECK(paths(login_places("")) == Paths{"/run/user/1/containers/auth.json",
                                         "/home/u/conf/containers/auth.json",
                                         "/home/u/dock/config.json"});
  CHECK(login_places("").preferred == 2);
  CHECK(login_places("").files[2].style == Style::docker);
  CHECK(login_places("").files[0].style == Style::containers);
  setenv("REGISTRY_AUTH_FILE", "/home/u/auth.json", 1);
  CHECK(paths(login_places("")).front() == "/home/u/auth.json");
  CHECK(login_places("").preferred == 0);
  CHECK(paths(login_places("/given.json")) == Paths{"/given.json"});
  CHECK(login_places("/given.json").files.front().must_exist);
  for (const char* name : variables) unsetenv(name);
  CHECK(login_places("").files.empty());
}

TEST_CASE("docker's file is preferred when it exists", "[cli][logins]") {
  const Environment clean;
  const TemporaryFolder home;
  setenv("HOME", home.path().c_str(), 1);
  CHECK(login_places("").preferred == 0);
  mkdir((home / ".docker").c_str(), 0700);
  home.write(".docker/config.json", "{}");
  CHECK(login_places("").preferred == 1);
}

TEST_CASE("the first file that has something decides", "[cli][logins]") {
  const TemporaryFolder folder;
  const std::string first = file_with(folder, "first", "one");
  const std::string second = file_with(folder, "second", "two");
  const std::string empty = folder.write("empty", "");
  REQUIRE(chmod(empty.c_str(), 0600) == 0);
  CHECK(Logins({{first}, {second}}).find() == "one");
  CHECK(Logins({{second}, {first}}).find() == "two");
  CHECK(Logins({{folder / "absent"}, {empty}, {second}}).find() == "two");
  CHECK(Logins({{first / std::filesystem::path("below")}, {second}}).find() == "two");
  CHECK(Logins({{first}, {second}}).find("x.example") == "none");
  CHECK(Logins({}).find() == "none");
  CHECK(Logins({{folder / "absent", Style::docker, true}, {second}}).find() == "auth.file");
}

TEST_CASE("files that cannot be trusted or read are refused", "[cli][logins][LOC-02]") {
  struct Row {
    const char* why;
    mode_t mode;
    const char* outcome;
    std::size_t warnings;
  };
  const auto row = GENERATE(values<Row>({
      {"the user's alone", 0600, "p", 0},
      {"read-only", 0400, "p", 0},
      {"readable by the group", 0640, "p", 1},
      {"readable by all", 0644, "p", 1},
      {"writable by the group", 0620, "auth.unsafe-file", 0},
      {"writable by all", 0602, "auth.unsafe-file", 0},
  }));
  CAPTURE(row.why);
  const TemporaryFolder folder;
  Logins logins({{file_with(folder, "auth.json", "p", row.mode)}});
  CHECK(logins.find() == row.outcome);
  CHECK(logins.find("r.example", "b") == row.outcome);
  CHECK(logins.warnings.size() == row.warnings);
}

TEST_CASE("what is no file of the user's is refused without waiting", "[cli][logins][LOC-03]") {
  const TemporaryFolder folder;
  const std::string after = file_with(folder, "after", "p");
  mkdir((folder / "folder").c_str(), 0700);
  CHECK(Logins({{folder / "folder"}, {after}}).find() == "auth.file");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(Logins({{folder / "fifo"}, {after}}).find() == "auth.file");
  const std::string broken = folder.write("broken", "{");
  REQUIRE(chmod(broken.c_str(), 0600) == 0);
  CHECK(Logins({{broken}, {after}}).find() == "auth.file");
  const std::string large =
      folder.write("large", std::string(limits::max_auth_file_bytes + 1, ' '));
  REQUIRE(chmod(large.c_str(), 0600) == 0);
  CHECK(Logins({{large}, {after}}).find() == "auth.file");
  if (geteuid() != 0) return;
  REQUIRE(chown(after.c_str(), 12345, 12345) == 0);
  CHECK(Logins({{after}}).find() == "auth.unsafe-file");
}

TEST_CASE("a helper is asked once for each server, before the file's own entry", "[cli][logins]") {
  const TemporaryFolder folder;
  const auto helper = [&](const std::string& script) {
    const std::string path = folder.write(
        "docker-credential-h", "#!/bin/sh\ncat >> '" + (folder / "asked") + "'\n" + script + "\n");
    REQUIRE(chmod(path.c_str(), 0755) == 0);
  };
  const std::string path = folder.write(
      "config.json",
      R"({"auths":{"r.example":{"auth":"dTpmaWxl"},"https://index.docker.io/v1/":{}},"credsStore":"h"})");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  const auto asked = [&] {
    const auto bytes = read_file(folder / "asked", 1 << 20);
    return bytes ? std::string(as_text(*bytes)) : "";
  };

  helper(R"(echo '{"Username":"u","Secret":"helped"}')");
  Logins logins({{path}}, folder.path().string());
  CHECK(asked().empty());
  CHECK(logins.find() == "helped");
  CHECK(logins.find("r.example", "b") == "helped");
  CHECK(asked() == "r.example");
  CHECK(logins.find("docker.io") == "helped");
  CHECK(asked() == "r.examplehttps://index.docker.io/v1/");

  helper("echo 'credentials not found in native keychain'; exit 1");
  Logins without({{path}}, folder.path().string());
  CHECK(without.find() == "file");
  CHECK(without.find("x.example") == "none");
  helper("exit 1");
  CHECK(Logins({{path}}, folder.path().string()).find() == "auth.helper");
  CHECK(Logins({{path}}, "").find() == "auth.helper");
}

TEST_CASE("a login that was given is for one registry", "[cli][logins]") {
  int reads = 0;
  GivenLogin login("u", [&]() -> Result<Secret> {
    ++reads;
    return Secret("p");
  });
  CHECK(reads == 0);
  CHECK(slug_or_password(login.find("r.example", "a")) == "p");
  CHECK(slug_or_password(login.find("r.example", "b")) == "p");
  CHECK(slug_or_password(login.find("x.example", "a")) == "usage.arguments");
  CHECK(slug_or_password(login.find("r.example", "a")) == "p");
  CHECK(reads == 1);
}

TEST_CASE("user names that cannot be sent are refused", "[cli][logins]") {
  const auto name = GENERATE(values<std::string>(
      {"", "a:b", "a\r\nb", "a\x7F", std::string(1, '\0'), std::string(20'000, 'u')}));
  CHECK_FALSE(check_user_name(name));
  GivenLogin login(name, []() -> Result<Secret> { return Secret("p"); });
  CHECK(slug_or_password(login.find("r.example", "a")) == "usage.password");
}

TEST_CASE("a password is one line on a descriptor", "[cli][logins]") {
  struct Row {
    const char* why;
    std::string text;
    std::optional<std::string> password;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "p w", "p w"},
      {"a line break", "p\n", "p"},
      {"that of other systems", "p\r\n", "p"},
      {"long", std::string(10'000, 'x'), std::string(10'000, 'x')},
      {"empty", "", std::nullopt},
      {"only a line break", "\n", std::nullopt},
      {"two lines", "p\nq\n", std::nullopt},
      {"NUL", std::string("p\0q", 3), std::nullopt},
      {"too long", std::string(20'000, 'x'), std::nullopt},
  }));
  CAPTURE(row.why);
  const TemporaryFolder folder;
  const Descriptor fd(open(folder.write("in", row.text).c_str(), O_RDONLY | O_CLOEXEC));
  const auto password = read_password(fd.get());
  CHECK(bool(password) == row.password.has_value());
  if (password) CHECK(password->reveal() == *row.password);
  if (!password) CHECK(password.error().code == Code::usage_password);
}

}  // namespace
}  // namespace touchstone::cli
