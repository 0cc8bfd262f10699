#include "base/files.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>

#include "tests/support/temporary_folder.h"

namespace touchstone {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using test::TemporaryFolder;

TEST_CASE("read_file reads a regular file whole", "[files]") {
  const TemporaryFolder folder;
  const std::string contents(100'000, 'x');
  const std::string path = folder.write("a", contents);

  const auto bytes = read_file(path, 100'000);

  REQUIRE(bytes);
  CHECK(as_text(*bytes) == contents);
  CHECK(read_file(folder.write("empty", ""), 0));
}

TEST_CASE("read_file refuses what is no regular file, without waiting", "[files][LOC-03]") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  fs::create_directory(folder / "folder");
  folder.write("real", "x");
  const auto name = GENERATE("absent"s, "fifo"s, "folder"s, ""s, "real/x"s, "real\0x"s);
  CAPTURE(name);

  const auto bytes = read_file(folder / name, 100);

  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code == Code::usage_file);
  CHECK(read_file("/dev/zero", 100).error().code == Code::usage_file);
}

TEST_CASE("what decisions rest on may be written by its owner alone", "[files][LOC-02]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("key", "x");
  for (const mode_t mode : {0600U, 0644U, 0444U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(read_trusted_file(path, 10));
  }
  for (const mode_t mode : {0620U, 0664U, 0602U, 0646U, 0666U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(read_trusted_file(path, 10).error().code == Code::policy_unsafe_file);
    CHECK(read_file(path, 10));
  }
  CHECK(read_trusted_file(folder / "absent", 10).error().code == Code::usage_file);
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  CHECK(read_trusted_file(path, 0).error().code == Code::limit_size);
}

TEST_CASE("what decisions rest on belongs to this user or to root", "[files][LOC-02]") {
  if (geteuid() != 0) {
    WARN("not root: nobody else's file can be made");
    return;
  }
  const TemporaryFolder folder;
  const std::string path = folder.write("key", "x");
  constexpr uid_t somebody = 12345;
  REQUIRE(chown(path.c_str(), somebody, 0) == 0);
  CHECK(read_trusted_file(path, 10).error().code == Code::policy_unsafe_file);
}

TEST_CASE("read_file stops at its limit", "[files][LOC-03]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "12345");
  CHECK(read_file(path, 5));
  const auto bytes = read_file(path, 4);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code == Code::limit_size);

  const std::string huge = folder.write("huge", "");
  fs::resize_file(huge, std::uintmax_t{10} << 30);
  CHECK(read_file(huge, 1 << 20).error().code == Code::limit_size);
}

TEST_CASE("read_descriptor stops at its limit where no size is known", "[files][LOC-03]") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Descriptor reading(ends[0]);
  {
    const Descriptor writing(ends[1]);
    REQUIRE(write(writing.get(), "12345", 5) == 5);
  }
  const auto bytes = read_descriptor(reading.get(), 4, "pipe");
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code == Code::limit_size);
  CHECK(read_descriptor(-1, 4, "closed").error().code == Code::usage_file);
}

TEST_CASE("read_file follows links only where told", "[files][LOC-01]") {
  const TemporaryFolder folder;
  folder.write("real", "x");
  fs::create_symlink("real", folder / "link");

  CHECK(read_file(folder / "link", 10));
  const auto refused = read_file(folder / "link", 10, Links::refuse);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::usage_file);
  CHECK(read_file(folder / "real", 10, Links::refuse));
}

TEST_CASE("read_file_at starts at its folder", "[files]") {
  const TemporaryFolder folder;
  folder.write("a", "x");
  const Descriptor fd(open(folder.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  CHECK(read_file_at(fd.get(), "a", 10, Links::refuse));
  CHECK_FALSE(read_file_at(fd.get(), "b", 10, Links::refuse));
}

TEST_CASE("replace_file leaves the new file, its mode, and nothing else", "[files][LOC-09]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old");
  const mode_t mask = umask(0);
  const auto mode = GENERATE(0600U, 0644U, 0400U);

  const auto replaced = replace_file(path, as_bytes("new"), mode);
  umask(mask);

  REQUIRE(replaced);
  CHECK(as_text(*read_file(path, 10)) == "new");
  struct stat info{};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == mode);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("replace_file writes beside the file, under a name nobody can foresee",
          "[files][LOC-10]") {
  const TemporaryFolder folder;
  const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  REQUIRE(watch >= 0);
  const Descriptor owner(watch);
  REQUIRE(inotify_add_watch(watch, std::string(folder / "").c_str(), IN_CREATE) >= 0);

  REQUIRE(replace_file(folder / "key", as_bytes("1"), 0600));
  REQUIRE(replace_file(folder / "key", as_bytes("2"), 0600));

  alignas(inotify_event) char events[4096];
  const ssize_t size = read(watch, events, sizeof events);
  std::set<std::string> created;
  for (ssize_t at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(events + at);
    created.insert(event->name);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
  CHECK(created.size() == 2);
  for (const std::string& name : created) {
    CAPTURE(name);
    CHECK(name.starts_with("key."));
    CHECK(name.size() == std::string("key.").size() + 6);
  }
}

TEST_CASE("replace_file replaces a link, not what it points to", "[files][LOC-01]") {
  const TemporaryFolder folder;
  folder.write("real", "old");
  fs::create_symlink("real", folder / "link");
  REQUIRE(replace_file(folder / "link", as_bytes("new"), 0600));
  CHECK(as_text(*read_file(folder / "real", 10)) == "old");
  CHECK_FALSE(fs::is_symlink(folder / "link"));
}

TEST_CASE("replace_file that fails leaves the old file and nothing beside it", "[files][CRS-03]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old");
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{4096, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);

  const auto replaced = replace_file(path, Bytes(100'000), 0600);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);

  REQUIRE_FALSE(replaced);
  CHECK(replaced.error().code == Code::usage_file);
  CHECK(as_text(*read_file(path, 10)) == "old");
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("replace_file says where it cannot write", "[files]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "taken");
  const auto name = GENERATE("no/such/folder"s, "taken"s, "a\0b"s);
  const auto replaced = replace_file(folder / name, as_bytes("x"), 0600);
  REQUIRE_FALSE(replaced);
  CHECK(replaced.error().code == Code::usage_file);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("A Descriptor closes its file once", "[files]") {
  const int raw = open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(raw >= 0);
  {
    Descriptor first(raw);
    const Descriptor second(std::move(first));
    CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): what is left is specified
    CHECK(second.get() == raw);
    CHECK(fcntl(raw, F_GETFD) >= 0);
  }
  CHECK(fcntl(raw, F_GETFD) == -1);
}

}  // namespace
}  // namespace touchstone
