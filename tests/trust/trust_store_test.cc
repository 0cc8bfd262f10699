// The trust store over a real folder, and over one that fails at each of its steps.
#include "trust/trust_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "base/encoding.h"
#include "crypto/private_key.h"
#include "tests/support/authority.h"
#include "tests/support/faulty_store.h"
#include "tests/support/temporary_folder.h"
#include "trust/folder_store.h"

namespace fs = std::filesystem;
using namespace touchstone;
using test::Fault;
using test::FaultyStore;
using test::TemporaryFolder;
using trust::FolderStore;
using trust::TrustedCertificate;
using trust::TrustedKey;
using trust::TrustStore;

namespace {

using Names = std::vector<std::string>;

class TestClock : public Clock {
 public:
  std::chrono::sys_seconds now() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(5);
  }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::now();
  }
};

const TestClock clock_of_tests;

// Four keys, the same in every test; their files' names come before "changes.jsonl".
const TrustedKey& key(std::size_t index) {
  static const std::vector<TrustedKey> keys = [] {
    std::vector<TrustedKey> made;
    while (made.size() < 4) {
      const auto fresh = crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key();
      if (fresh.fingerprint() < "sha256:c") made.push_back({fresh, "", {}, {}, ""});
    }
    return made;
  }();
  return keys.at(index);
}

std::string print_of(std::size_t index) { return trust::fingerprint(key(index)); }

// Four authorities, in the same way.
const TrustedCertificate& authority(std::size_t index) {
  static const std::vector<TrustedCertificate> authorities = [] {
    std::vector<TrustedCertificate> made;
    while (made.size() < 4) {
      const auto fresh =
          test::issue(test::CertificateText::authority("Authority"), nullptr).certificate();
      if (fresh.fingerprint() < "sha256:c") made.push_back({fresh, "", {}, {}, ""});
    }
    return made;
  }();
  return authorities.at(index);
}

// Entries of one kind, by their numbers: what the tables of faults run over.
struct Kind {
  const char* name;
  std::function<Status(TrustStore&, const std::string& root, std::size_t index)> add;
  std::function<std::string(std::size_t index)> print;
};

const std::vector<Kind> kinds = {
    {"keys",
     [](TrustStore& s, const std::string& root, std::size_t i) {
       return s.add(root, std::vector{key(i)});
     },
     print_of},
    {"certificates",
     [](TrustStore& s, const std::string& root, std::size_t i) {
       return s.add(root, std::vector{authority(i)});
     },
     [](std::size_t i) { return trust::fingerprint(authority(i)); }},
};

// A store in a folder of its own.
struct World {
  TemporaryFolder folder;
  std::string path = folder / "trust";
  FolderStore files{path, clock_of_tests, std::chrono::milliseconds(50)};
  TrustStore store{files, clock_of_tests};

  std::string pem(std::size_t index) const {
    return path + "/shop/" + print_of(index).substr(7) + ".pem";
  }
};

void write(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// The keys that the record leads to; none when the root was removed or never was.
Names keys_by_record(const std::vector<trust::Change>& changes) {
  Names present;
  for (const trust::Change& change : changes) {
    for (const std::string& print : change.fingerprints) {
      if (change.action == "add" || change.action == "import") {
        present.push_back(print);
      } else {
        std::erase(present, print);
      }
    }
  }
  return present;
}

// The keys that are there; none when there is no such root. Anything else fails the test.
Names keys_there(TrustStore& store) {
  const auto root = store.load("shop");
  if (root) return root->fingerprints();
  INFO(root.error().message);
  REQUIRE(root.error().code == Code::policy_unknown_root);
  return {};
}

}  // namespace

TEST_CASE("what is added is loaded, listed, recorded and removed", "[trust]") {
  World w;
  TrustedKey with_times = key(0);
  with_times.owner = "release@shop";
  with_times.not_before = clock_of_tests.now();
  with_times.not_after = clock_of_tests.now() + std::chrono::hours(1);
  REQUIRE(w.store.list());
  CHECK(w.store.list()->empty());
  CHECK(w.store.load("shop").error().code == Code::policy_unknown_root);
  CHECK_FALSE(fs::exists(w.path));  // readers make nothing
  CHECK(w.store.remove("shop").error().code == Code::policy_unknown_root);
  CHECK_FALSE(fs::exists(w.path));

  REQUIRE(w.store.add("shop", std::vector{with_times}));
  REQUIRE(w.store.add("shop", std::vector{key(1)}));

  const auto root = w.store.load("shop");
  REQUIRE(root);
  CHECK(root->fingerprints() == Names{print_of(0), print_of(1)});
  CHECK(root->keys[0].owner == "release@shop");
  CHECK(root->keys[0].not_before == with_times.not_before);
  CHECK(root->keys[0].not_after == with_times.not_after);
  CHECK(*w.store.list() == Names{"shop"});

  REQUIRE(w.store.remove_entry("shop", print_of(0)));
  CHECK(keys_there(w.store) == Names{print_of(1)});
  CHECK(w.store.remove_entry("shop", print_of(0)).error().code == Code::policy_unknown_root);
  REQUIRE(w.store.remove_entry("shop", print_of(1)));  // the last one
  CHECK(keys_there(w.store).empty());
  REQUIRE(w.store.add("shop", std::vector{key(2)}));

  const auto changes = w.store.changes("shop");
  REQUIRE(changes);
  Names actions;
  for (const auto& change : *changes) actions.push_back(change.action);
  CHECK(actions == Names{"add", "add", "remove-key", "remove", "add"});
  CHECK((*changes)[3].fingerprints == Names{print_of(1)});
  CHECK((*changes)[3].user == geteuid());
  CHECK((*changes)[3].time == clock_of_tests.now());
  CHECK(keys_by_record(*changes) == Names{print_of(2)});
  CHECK(fs::exists(w.path + "/.history/000003-remove-shop-20260131T050000Z-uid" +
                   std::to_string(geteuid())));
}

TEST_CASE("names that no root can have", "[trust]") {
  const auto name = GENERATE(values<std::string>({"", ".", "..", ".history", "-a", "_a", "A", "a/b",
                                                  "a b", "a\n", "\xc3\xa9", "sigstore", "yubico",
                                                  std::string(65, 'a'), std::string("a\0b", 3)}));
  CAPTURE(name);
  World w;
  CHECK(w.store.load(name).error().code == Code::policy_root_name);
  CHECK(w.store.add(name, std::vector{key(0)}).error().code == Code::policy_root_name);
  CHECK(w.store.remove(name).error().code == Code::policy_root_name);
  CHECK(w.store.remove_entry(name, print_of(0)).error().code == Code::policy_root_name);
  CHECK(w.store.changes(name).error().code == Code::policy_root_name);
  CHECK_FALSE(fs::exists(w.path));
}

TEST_CASE("a key stands in a root once", "[trust]") {
  World w;
  CHECK(w.store.add("shop", std::vector<TrustedKey>()).error().code == Code::usage_arguments);
  CHECK(w.store.add("shop", std::vector{key(0), key(0)}).error().code == Code::policy_root_exists);
  CHECK(keys_there(w.store).empty());
  REQUIRE(w.store.add("shop", std::vector{key(0)}));
  CHECK(w.store.add("shop", std::vector{key(1), key(0)}).error().code == Code::policy_root_exists);
  CHECK(keys_there(w.store) == Names{print_of(0)});
}

TEST_CASE("damage is an error, and a damaged root can be removed", "[trust][CRS-06]") {
  struct Row {
    const char* why;
    std::function<void(World&)> damage;
  };
  const auto json = [](const char* from, const char* to) {
    return [from, to](World& w) {
      const std::string file = w.path + "/shop/root.json";
      write(file, replaced(contents(file), from, to));
    };
  };
  const std::vector<Row> rows = {
      {"no root.json", [](World& w) { fs::remove(w.path + "/shop/root.json"); }},
      {"empty root.json", [](World& w) { write(w.path + "/shop/root.json", ""); }},
      {"no key file", [](World& w) { fs::remove(w.pem(0)); }},
      {"another key", [](World& w) { write(w.pem(0), key(1).key.pem()); }},
      {"a key cut off", [](World& w) { write(w.pem(0), key(0).key.pem().substr(0, 80)); }},
      {"a version that never was", json("\"version\":1", "\"version\":0")},
      {"unknown kind", json("\"kind\":\"keys\"", "\"kind\":\"tuf\"")},
      {"unknown member", json("\"kind\"", "\"x\":1,\"kind\"")},
      {"unknown member of a key", json("\"owner\"", "\"not_afer\":\"\",\"owner\"")},
      {"a time that is none", json("\"owner\"", "\"not_after\":\"soon\",\"owner\"")},
      {"a path for a file", json("\"file\":\"", "\"file\":\"../shop/")},
      {"no keys",
       [](World& w) {
         write(w.path + "/shop/root.json", R"({"version":1,"kind":"keys","keys":[]})");
       }},
      {"a key twice",
       [](World& w) {
         const std::string file = w.path + "/shop/root.json";
         const std::string text = contents(file);
         const std::size_t begin = text.find("[{") + 1;
         const std::string entry = text.substr(begin, text.find("}]") + 1 - begin);
         write(file, replaced(text, "[", "[" + entry + ","));
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    World w;
    REQUIRE(w.store.add("shop", std::vector{key(0)}));
    row.damage(w);
    const auto root = w.store.load("shop");
    REQUIRE_FALSE(root);
    CHECK(root.error().code == Code::trust_corrupt);
    const std::string left =
        fs::exists(w.path + "/shop/root.json") ? contents(w.path + "/shop/root.json") : "absent";
    CHECK(w.store.add("shop", std::vector{key(1)}).error().code == Code::trust_corrupt);
    CHECK(w.store.remove_entry("shop", print_of(0)).error().code == Code::trust_corrupt);
    if (left != "absent") CHECK(contents(w.path + "/shop/root.json") == left);  // not rewritten
    CHECK(w.store.remove("shop"));
    CHECK(w.store.add("shop", std::vector{key(1)}));
    CHECK(keys_there(w.store) == Names{print_of(1)});
  }
}

TEST_CASE("a store of a newer version is no damage, and is left as it is", "[trust][CRS-12]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{key(0)}));
  const std::string file = w.path + "/shop/root.json";
  write(file, replaced(contents(file), "\"version\":1", "\"version\":2"));
  const std::string newer = contents(file);

  CHECK(w.store.load("shop").error().code == Code::policy_newer_store);
  CHECK(w.store.add("shop", std::vector{key(1)}).error().code == Code::policy_newer_store);
  CHECK(w.store.remove_entry("shop", print_of(0)).error().code == Code::policy_newer_store);
  CHECK(w.store.changes("shop").error().code == Code::policy_newer_store);
  CHECK(contents(file) == newer);
}

TEST_CASE("what others can change is refused", "[trust][LOC-01][LOC-02][LOC-03]") {
  struct Row {
    const char* why;
    std::function<void(World&)> change;
  };
  const auto mode = [](const char* inner, mode_t bits) {
    return [inner, bits](World& w) { REQUIRE(chmod((w.path + inner).c_str(), bits) == 0); };
  };
  std::vector<Row> rows = {
      {"store writable by its group", mode("", 0775)},
      {"store writable by all", mode("", 0757)},
      {"root writable by its group", mode("/shop", 0775)},
      {"root.json writable by all", mode("/shop/root.json", 0646)},
      {"key writable by its group", [](World& w) { chmod(w.pem(0).c_str(), 0664); }},
      {"record writable by its group", mode("/shop/changes.jsonl", 0664)},
      {"store is a link",
       [](World& w) {
         fs::rename(w.path, w.path + "2");
         fs::create_symlink(w.path + "2", w.path);
       }},
      {"root is a link",
       [](World& w) {
         fs::rename(w.path + "/shop", w.path + "2");
         fs::create_symlink(w.path + "2", w.path + "/shop");
       }},
      {"root is a file",
       [](World& w) {
         fs::remove_all(w.path + "/shop");
         write(w.path + "/shop", "");
       }},
      {"key is a link",
       [](World& w) {
         fs::rename(w.pem(0), w.path + "/k");
         fs::create_symlink(w.path + "/k", w.pem(0));
       }},
      {"key is a FIFO",
       [](World& w) {
         fs::remove(w.pem(0));
         REQUIRE(mkfifo(w.pem(0).c_str(), 0644) == 0);
       }},
      {"a folder among the keys", [](World& w) { fs::create_directory(w.path + "/shop/x"); }},
  };
  if (geteuid() == 0) {
    rows.push_back({"key belongs to another user",
                    [](World& w) { REQUIRE(chown(w.pem(0).c_str(), 12345, 0) == 0); }});
    rows.push_back({"store belongs to another user",
                    [](World& w) { REQUIRE(chown(w.path.c_str(), 12345, 0) == 0); }});
  }
  for (const Row& row : rows) {
    CAPTURE(row.why);
    World w;
    REQUIRE(w.store.add("shop", std::vector{key(0)}));
    row.change(w);
    const auto root = w.store.load("shop");
    REQUIRE_FALSE(root);
    CHECK(root.error().code == Code::policy_unsafe_file);
    CHECK(w.store.add("shop", std::vector{key(1)}).error().code == Code::policy_unsafe_file);
  }
}

TEST_CASE("a file over its limit is refused", "[trust]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{key(0)}));
  fs::resize_file(w.path + "/shop/root.json", limits::max_trust_file_bytes + 1);
  CHECK(w.store.load("shop").error().code == Code::limit_size);
}

TEST_CASE("modes do not depend on the umask", "[trust]") {
  const mode_t before = umask(0);
  World w;
  const auto added = w.store.add("shop", std::vector{key(0)});
  umask(before);
  REQUIRE(added);
  CHECK(keys_there(w.store) == Names{print_of(0)});
}

TEST_CASE("one writer at a time", "[trust][CRS-04]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{key(0)}));
  FolderStore other(w.path, clock_of_tests);
  {
    const auto held = other.lock();
    REQUIRE(held);
    CHECK(w.store.add("shop", std::vector{key(1)}).error().code == Code::trust_locked);
    CHECK(w.store.remove("shop").error().code == Code::trust_locked);
    CHECK(keys_there(w.store) == Names{print_of(0)});  // readers do not wait
  }
  CHECK(w.store.add("shop", std::vector{key(1)}));
}

TEST_CASE("a change is whole or absent, whatever step goes wrong", "[trust][CRS-01][CRS-03]") {
  const Kind kind = kinds[GENERATE(0U, 1U)];
  CAPTURE(kind.name);
  const auto root_of = [&](std::size_t count, std::size_t from) {
    trust::Root root{"shop", {}};
    for (std::size_t i = from; i < from + count; ++i) {
      if (kind.name == std::string("keys")) root.keys.push_back(key(i));
      if (kind.name != std::string("keys")) root.certificates.push_back(authority(i));
    }
    return root;
  };
  struct Row {
    const char* what;
    Names before, after;
    std::function<Status(TrustStore&)> act;
  };
  using Existing = TrustStore::Existing;
  const Names none, first{kind.print(0)}, second{kind.print(1)}, both{kind.print(0), kind.print(1)};
  const std::vector<Row> rows = {
      {"add, new", none, first, [&](TrustStore& s) { return kind.add(s, "shop", 0); }},
      {"add, existing", first, both, [&](TrustStore& s) { return kind.add(s, "shop", 1); }},
      {"import, new", none, both,
       [&](TrustStore& s) { return s.import(root_of(2, 0), Existing::refuse); }},
      {"import, existing", first, second,
       [&](TrustStore& s) { return s.import(root_of(1, 1), Existing::replace); }},
      {"remove", both, none, [](TrustStore& s) { return s.remove("shop"); }},
      {"remove entry", both, first,
       [&](TrustStore& s) { return s.remove_entry("shop", kind.print(1)); }},
      {"remove last entry", first, none,
       [&](TrustStore& s) { return s.remove_entry("shop", kind.print(0)); }},
  };
  for (const Row& row : rows) {
    for (const Fault fault : {Fault::fails, Fault::stops, Fault::stops_after}) {
      bool finished = false;
      for (int at = 1; !finished; ++at) {
        CAPTURE(row.what, static_cast<int>(fault), at);
        REQUIRE(at < 100);
        World w;
        REQUIRE(w.store.add("other", std::vector{key(3)}));
        for (std::size_t i = 0; i < row.before.size(); ++i) REQUIRE(kind.add(w.store, "shop", i));
        FaultyStore faulty(w.files, fault, at);
        TrustStore broken(faulty, clock_of_tests);

        const auto done = row.act(broken);
        finished = !faulty.struck();

        const Names there = keys_there(w.store);
        CHECK((there == row.before || there == row.after));
        if (done) CHECK(there == row.after);
        if (!done && fault == Fault::fails) CHECK(there == row.before);
        const auto changes = w.store.changes("shop");
        REQUIRE(changes);
        CHECK(keys_by_record(*changes) == there);
        CHECK(w.store.load("other"));
        // The next writer works, and leaves nothing half done.
        REQUIRE(kind.add(w.store, "shop", 2));
        CHECK_FALSE(fs::exists(w.path + "/.new-shop"));
        CHECK(keys_there(w.store).size() == there.size() + 1);
      }
    }
  }
}

TEST_CASE("what becomes visible was synchronised before", "[trust]") {
  World w;
  FaultyStore watched(w.files, Fault::none, 0);
  TrustStore store(watched, clock_of_tests);
  REQUIRE(store.add("shop", std::vector{key(0)}));
  const std::string pem = ".new-shop/" + print_of(0).substr(7) + ".pem";
  CHECK(watched.steps() == Names{"lock", "create .new-shop", "write " + pem,
                                 "write .new-shop/changes.jsonl", "write .new-shop/root.json",
                                 "sync .new-shop", "rename .new-shop", "sync ."});
}

TEST_CASE("a writer that is killed leaves a whole store", "[trust][CRS-01][CRS-05]") {
  World w;
  for (int round = 0; round < 200; ++round) {
    key(3);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (;;) {
        if (!w.store.add("shop", std::vector{key(0)})) {  // what a child before this one left
          if (!w.store.remove("shop")) _exit(1);
          continue;
        }
        static_cast<void>(w.store.add("shop", std::vector{key(1)}));
        static_cast<void>(w.store.remove_entry("shop", print_of(1)));
        static_cast<void>(w.store.remove("shop"));
      }
    }
    usleep(static_cast<useconds_t>(200 + 37 * round % 5000));
    REQUIRE(kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    const Names there = keys_there(w.store);
    CHECK(
        (there.empty() || there == Names{print_of(0)} || there == Names{print_of(0), print_of(1)}));
  }
  const auto changes = w.store.changes("shop");
  REQUIRE(changes);
  CHECK(keys_by_record(*changes) == keys_there(w.store));
}

TEST_CASE("two writers and a reader at once", "[trust][CRS-04]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{key(0)}));
  std::atomic<int> failures = 0;
  std::atomic<bool> writing = true;
  const auto toggle = [&](std::size_t index) {
    FolderStore files(w.path, clock_of_tests);
    TrustStore store(files, clock_of_tests);
    for (int i = 0; i < 25; ++i) {
      if (!store.add("shop", std::vector{key(index)})) ++failures;
      if (!store.remove_entry("shop", print_of(index))) ++failures;
    }
  };
  std::thread reader([&] {
    FolderStore files(w.path, clock_of_tests);
    TrustStore store(files, clock_of_tests);
    while (writing) {
      const auto root = store.load("shop");
      if (!root || root->keys.front().key.fingerprint() != print_of(0)) ++failures;
    }
  });
  std::thread one(toggle, 1);
  std::thread two(toggle, 2);
  one.join();
  two.join();
  writing = false;
  reader.join();
  CHECK(failures == 0);
  CHECK(keys_there(w.store) == Names{print_of(0)});
  CHECK(w.store.changes("shop")->size() == 101);
}
