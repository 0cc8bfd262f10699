// What a power cut leaves of a change, that the real folder is synchronised, and what a writer that
// died leaves to the next one.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "crypto/private_key.h"
#include "tests/support/faulty_store.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/forgetful_store.h"
#include "tests/support/temporary_folder.h"
#include "trust/folder_store.h"
#include "trust/trust_store.h"

namespace fs = std::filesystem;
using namespace touchstone;
using test::Fault;
using test::FaultyStore;
using test::ForgetfulStore;
using test::TemporaryFolder;
using trust::FolderStore;
using trust::TrustedKey;
using trust::TrustStore;

namespace {

std::vector<std::string>* synchronised = nullptr;  // paths, while a test watches

}  // namespace

// Stands in front of the C library's, for this program.
extern "C" int fsync(int fd) {
  if (synchronised != nullptr) {
    char path[4096] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    if (readlink(link.c_str(), path, sizeof path - 1) > 0) synchronised->emplace_back(path);
  }
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace {

using Names = std::vector<std::string>;

const test::FixedClock fixed_clock{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31)};

// The same keys in every test; their files' names come before "changes.jsonl".
const TrustedKey& key(std::size_t index) {
  static const std::vector<TrustedKey> keys = [] {
    std::vector<TrustedKey> made;
    while (made.size() < 3) {
      const auto fresh = crypto::PrivateKey::generate(crypto::KeyKind::ed25519).public_key();
      if (fresh.fingerprint() < "sha256:c") made.push_back({fresh, "", {}, {}, ""});
    }
    return made;
  }();
  return keys.at(index);
}

std::string print_of(std::size_t index) { return key(index).key.fingerprint(); }

// The keys that are there, which the record must lead to; none when there is no such root.
Names whole_state(TrustStore& store) {
  const auto root = store.load("shop");
  if (!root) {
    INFO(root.error().message);
    REQUIRE(root.error().code == Code::policy_unknown_root);
    return {};
  }
  Names prints = root->fingerprints();
  REQUIRE(store.changes("shop"));
  return prints;
}

struct Row {
  const char* what;
  std::size_t keys_before;
  std::size_t keys_after;
  std::function<Status(TrustStore&)> act;
};

const std::vector<Row> rows = {
    {"add, new", 0, 1, [](TrustStore& s) { return s.add("shop", std::vector{key(0)}); }},
    {"add, existing", 1, 2, [](TrustStore& s) { return s.add("shop", std::vector{key(1)}); }},
    {"import, new", 0, 2,
     [](TrustStore& s) {
       return s.import({"shop", {key(0), key(1)}}, TrustStore::Existing::refuse);
     }},
    {"import, existing", 1, 2,
     [](TrustStore& s) {
       return s.import({"shop", {key(0), key(1)}}, TrustStore::Existing::replace);
     }},
    {"remove", 2, 0, [](TrustStore& s) { return s.remove("shop"); }},
    {"remove key", 2, 1, [](TrustStore& s) { return s.remove_entry("shop", print_of(1)); }},
};

// Which of `count` unsafe steps reach the disk: each beginning of them, and each one alone.
std::vector<std::vector<std::size_t>> survivors(std::size_t count) {
  std::vector<std::vector<std::size_t>> all;
  for (std::size_t i = 0; i <= count; ++i) {
    all.emplace_back(i);
    std::iota(all.back().begin(), all.back().end(), std::size_t{0});
  }
  for (std::size_t i = 1; i < count; ++i) all.push_back({i});
  return all;
}

Names prints(std::size_t count) {
  Names list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(print_of(i));
  return list;
}

// Runs the change until its step `at`, cuts the power, and looks. False when it came to its end.
bool survives_cut(const Row& row, int at, const std::vector<std::size_t>* kept,
                  std::size_t& unsafe_steps) {
  ForgetfulStore disk;
  TrustStore healthy(disk, fixed_clock);
  for (std::size_t i = 0; i < row.keys_before; ++i)
    REQUIRE(healthy.add("shop", std::vector{key(i)}));
  FaultyStore dying(disk, Fault::stops, at);
  TrustStore store(dying, fixed_clock);
  const auto done = row.act(store);
  unsafe_steps = disk.unsafe_steps();
  if (kept == nullptr) return dying.struck();

  disk.cut_power(*kept);

  const Names there = whole_state(healthy);
  CHECK((there == prints(row.keys_before) || there == prints(row.keys_after)));
  if (done) CHECK(there == prints(row.keys_after));
  REQUIRE(healthy.add("shop", std::vector{key(2)}));
  CHECK(whole_state(healthy).size() == there.size() + 1);
  const auto names = disk.list(".");
  CHECK(std::ranges::none_of(**names, [](auto& name) { return name.starts_with(".new-"); }));
  return dying.struck();
}

}  // namespace

TEST_CASE("a power cut leaves the old root or the new one, and what was reported lasts",
          "[trust][CRS-02]") {
  for (const Row& row : rows) {
    bool struck = true;
    for (int at = 1; struck; ++at) {
      REQUIRE(at < 100);
      std::size_t unsafe_steps = 0;
      struck = survives_cut(row, at, nullptr, unsafe_steps);
      for (const auto& kept : survivors(unsafe_steps)) {
        CAPTURE(row.what, at, kept);
        std::size_t same = 0;
        survives_cut(row, at, &kept, same);
        REQUIRE(same == unsafe_steps);
      }
    }
  }
}

TEST_CASE("every new file and every changed folder is synchronised on the disk",
          "[trust][CRS-02]") {
  const TemporaryFolder folder;
  const std::string base = fs::canonical(folder.path()).string();
  FolderStore files(base + "/a/b/trust", fixed_clock);
  TrustStore store(files, fixed_clock);
  Names paths;
  synchronised = &paths;
  const auto added = store.add("shop", std::vector{key(0)});
  synchronised = nullptr;
  REQUIRE(added);

  const std::string next = base + "/a/b/trust/.new-shop";
  CHECK(paths == Names{base, base + "/a", base + "/a/b",
                       next + "/" + print_of(0).substr(7) + ".pem", next + "/changes.jsonl",
                       next + "/root.json", next, base + "/a/b/trust"});
}

TEST_CASE("what a writer left that died after its change goes into the history",
          "[trust][CRS-01]") {
  const TemporaryFolder folder;
  const std::string path = folder / "trust";
  FolderStore files(path, fixed_clock);
  TrustStore store(files, fixed_clock);
  REQUIRE(store.add("shop", std::vector{key(0)}));
  FaultyStore watched(files, Fault::none, 0);
  {
    const auto prepared = [&](Fault fault, int at) {
      FaultyStore faulty(files, fault, at);
      return TrustStore(faulty, fixed_clock).add("shop", std::vector{key(1)});
    };
    // lock, create, two keys, two files, sync, exchange, sync: the ninth step ends the change.
    REQUIRE(prepared(Fault::stops, 10));
  }
  REQUIRE(fs::exists(path + "/.new-shop"));

  REQUIRE(store.add("other", std::vector{key(0)}));

  CHECK_FALSE(fs::exists(path + "/.new-shop"));
  std::size_t replaced = 0;
  for (const auto& entry : fs::directory_iterator(path + "/.history")) {
    if (entry.path().filename().string().contains("-replace-shop-")) ++replaced;
  }
  CHECK(replaced == 1);
}

TEST_CASE("what a writer left that died before its change is thrown away", "[trust][CRS-01]") {
  for (int at = 3; at <= 8; ++at) {
    CAPTURE(at);
    const TemporaryFolder folder;
    const std::string path = folder / "trust";
    FolderStore files(path, fixed_clock);
    TrustStore store(files, fixed_clock);
    REQUIRE(store.add("shop", std::vector{key(0)}));
    FaultyStore faulty(files, Fault::stops, at);
    REQUIRE_FALSE(TrustStore(faulty, fixed_clock).add("shop", std::vector{key(1)}));
    REQUIRE(fs::exists(path + "/.new-shop"));

    REQUIRE(store.add("other", std::vector{key(0)}));

    CHECK_FALSE(fs::exists(path + "/.new-shop"));
    CHECK_FALSE(fs::exists(path + "/.history"));
  }
}

TEST_CASE("a torn record of a version that was not finished is no older version",
          "[trust][CRS-01]") {
  const TemporaryFolder folder;
  const std::string path = folder / "trust";
  FolderStore files(path, fixed_clock);
  TrustStore store(files, fixed_clock);
  REQUIRE(store.add("shop", std::vector{key(0)}));
  fs::create_directory(path + "/.new-shop");
  std::ifstream record(path + "/shop/changes.jsonl");
  std::string line;
  std::getline(record, line);
  std::ofstream(path + "/.new-shop/changes.jsonl") << line.substr(0, 20);

  REQUIRE(store.add("other", std::vector{key(0)}));

  CHECK_FALSE(fs::exists(path + "/.history"));
}

TEST_CASE("keys with an owner or times that cannot be are not added", "[trust]") {
  const TemporaryFolder folder;
  FolderStore files(folder / "trust", fixed_clock);
  TrustStore store(files, fixed_clock);
  TrustedKey shown = key(0);
  shown.owner = "a\x1b[2J";
  TrustedKey long_owner = key(0);
  long_owner.owner = std::string(limits::max_owner_bytes + 1, 'a');
  TrustedKey backwards = key(0);
  backwards.not_before = fixed_clock.now();
  backwards.not_after = fixed_clock.now() - std::chrono::seconds(1);
  for (const TrustedKey& trusted : {shown, long_owner, backwards}) {
    CHECK(store.add("shop", std::vector{trusted}).error().code == Code::usage_arguments);
  }
  CHECK_FALSE(fs::exists(folder / "trust"));
}

TEST_CASE("files of a root that disagree are damage", "[trust][CRS-06]") {
  struct Damage {
    const char* why;
    std::function<void(const std::string&)> act;
    bool loads;  // the keys do not rest on the record
  };
  const auto append = [](const char* file, const std::string& text) {
    return [file, text](const std::string& root) {
      std::ofstream(root + file, std::ios::app) << text;
    };
  };
  const std::string more =
      R"({"time":"2026-01-31T00:00:00Z","action":"add","uid":0,"fingerprints":[")" + print_of(2) +
      "\"]}\n";
  const std::vector<Damage> damages = {
      {"a key file that root.json does not name",
       [](const std::string& root) { std::ofstream(root + "/evil.pem") << key(2).key.pem(); },
       false},
      {"a record without an end", append("/changes.jsonl", "{"), true},
      {"a record of a key that is not there", append("/changes.jsonl", more), true},
      {"no record", [](const std::string& root) { fs::remove(root + "/changes.jsonl"); }, true},
      {"an empty record",
       [](const std::string& root) { std::ofstream(root + "/changes.jsonl", std::ios::trunc); },
       true},
  };
  for (const Damage& damage : damages) {
    CAPTURE(damage.why);
    const TemporaryFolder folder;
    FolderStore files(folder / "trust", fixed_clock);
    TrustStore store(files, fixed_clock);
    REQUIRE(store.add("shop", std::vector{key(0)}));
    damage.act(folder / "trust/shop");

    const auto root = store.load("shop");

    CHECK(static_cast<bool>(root) == damage.loads);
    if (!root) CHECK(root.error().code == Code::trust_corrupt);
    CHECK(store.changes("shop").error().code == Code::trust_corrupt);
    CHECK(store.add("shop", std::vector{key(1)}).error().code == Code::trust_corrupt);
    CHECK(store.remove("shop"));
  }
}
