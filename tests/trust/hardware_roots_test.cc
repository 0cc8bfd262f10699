// Roots of authorities above attestations, and attestations that are kept with keys.
#include <catch2/catch.hpp>
#include <fstream>

#include "crypto/private_key.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/pretend_maker.h"
#include "tests/support/temporary_folder.h"
#include "trust/folder_store.h"
#include "trust/hardware_vendor.h"
#include "trust/root_export.h"
#include "trust/trust_store.h"

namespace touchstone::trust {
namespace {

using namespace std::chrono_literals;
using test::PretendMaker;

constexpr std::chrono::sys_seconds now{1'800'000'000s};

struct World {
  test::TemporaryFolder folder;
  test::FixedClock clock{now};
  std::string path = folder / "trust";
  FolderStore files{path, clock};
  TrustStore store{files, clock};
  PretendMaker maker;
  test::Entity attested = maker.attest();

  TrustedHardware authority() const { return {{maker.root.certificate(), "own", {}, {}, ""}}; }
  TrustedKey key() const {
    TrustedKey entry{attested.certificate().key(), "release", {}, {}, ""};
    entry.attestation = maker.chain(attested);
    return entry;
  }
  void change(const std::string& from, const std::string& to) const {
    const std::string file = path + "/shop/root.json";
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    std::ofstream(file, std::ios::binary) << text.replace(at, from.size(), to);
  }
};

TEST_CASE("authorities above attestations come back as they were added", "[trust][hardware]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{w.authority()}));
  const auto root = w.store.load("shop");
  REQUIRE(root);
  REQUIRE(root->hardware.size() == 1);
  CHECK(root->hardware.front().certificate == w.maker.root.certificate());
  CHECK(root->hardware.front().owner == "own");
  const auto vendor = HardwareVendor::of(*root, now);
  REQUIRE(vendor);
  CHECK(vendor->name == "shop");
  CHECK(vendor->anchors == std::vector{w.maker.root.certificate()});
  CHECK_FALSE(vendor->issues_devices_alone);

  const std::string print = root->fingerprints().front();
  REQUIRE(w.store.add(
      "shop", std::vector{TrustedHardware{{PretendMaker().root.certificate(), "", {}, {}, ""}}}));
  REQUIRE(w.store.remove_entry("shop", print));
  CHECK(w.store.changes("shop")->back().action == "remove-hardware-ca");
  CHECK(w.store.load("shop")->hardware.size() == 1);
}

TEST_CASE("authorities count within the times that are said of them", "[trust][hardware]") {
  World w;
  TrustedHardware entry = w.authority();
  entry.not_before = now;
  entry.not_after = now + 1h;
  REQUIRE(w.store.add("shop", std::vector{entry}));
  const auto root = w.store.load("shop");
  const auto anchors = [&](std::chrono::sys_seconds at) {
    return HardwareVendor::of(*root, at)->anchors.size();
  };
  CHECK(anchors(now - 1s) == 0);
  CHECK(anchors(now) == 1);
  CHECK(anchors(now + 1h) == 1);
  CHECK(anchors(now + 1h + 1s) == 0);
}

TEST_CASE("what is no authority above attestations is not added", "[trust][hardware]") {
  World w;
  const TrustedHardware leaf{{w.attested.certificate(), "", {}, {}, ""}};
  CHECK(w.store.add("shop", std::vector{leaf}).error().code == Code::policy_hardware_authority);
  REQUIRE(w.store.add("keys", std::vector{w.key()}));
  CHECK(w.store.add("keys", std::vector{w.authority()}).error().code == Code::policy_root_kind);
  CHECK(HardwareVendor::of(*w.store.load("keys"), now).error().code == Code::policy_root_kind);
}

TEST_CASE("an attestation is kept with its key", "[trust][hardware]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{w.key()}));
  CHECK(w.store.load("shop")->keys.front().attestation == w.key().attestation);
}

TEST_CASE("an attestation of another key is not kept", "[trust][hardware]") {
  World w;
  TrustedKey entry = w.key();
  entry.attestation = w.maker.chain(w.maker.attest());
  CHECK(w.store.add("shop", std::vector{entry}).error().code == Code::hardware_other_key);
}

TEST_CASE("an attestation that was changed in the store is damage", "[trust][hardware]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{w.key()}));
  w.change("BEGIN CERTIFICATE", "BEGIN CERTIFIKATE");
  CHECK(w.store.load("shop").error().code == Code::trust_corrupt);
}

TEST_CASE("only keys have attestations", "[trust][hardware]") {
  World w;
  REQUIRE(w.store.add("shop", std::vector{w.authority()}));
  w.change("\"owner\"", "\"attestation\":\"\",\"owner\"");
  CHECK(w.store.load("shop").error().code == Code::trust_corrupt);
}

TEST_CASE("roots with attestations travel", "[trust][hardware]") {
  World w;
  const std::vector<Root> roots = {Root{"keys", {w.key()}},
                                   Root{"makers", {}, {}, {}, {w.authority()}}};
  const std::string text = write_export(roots);
  const auto read = read_export(as_bytes(text));
  REQUIRE(read);
  CHECK((*read)[0].keys.front().attestation == w.key().attestation);
  CHECK((*read)[1].hardware.front().certificate == w.maker.root.certificate());
  CHECK(write_export(*read) == text);
}

}  // namespace
}  // namespace touchstone::trust
