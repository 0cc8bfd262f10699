// Which needs are looked at together.
#include "judge/gather.h"

#include <catch2/catch.hpp>

#include "tests/judge/certified.h"
#include "tests/support/memory_repository.h"

namespace touchstone::judge {
namespace {

using namespace test;

verify::TrustedInstance instance(const std::string& name) {
  return {std::make_shared<formats::TrustedRoot>(), "root \"" + name + "\""};
}

}  // namespace

TEST_CASE("a failure belongs to the needs that it may be for", "[gather]") {
  const PrivateKey key = make_key();
  const PrivateKey stranger = make_key();
  const policy::Rule rule = rule_with({policy::AllOf{
      {{policy::Sbom{signer_of({&key})}}, {policy::Summary{signer_of({&key}), "x", {}}}}}});
  const NeedGroups needs(rule);
  const verify::Artifact image = verify::Artifact::of(as_bytes("image"));
  const std::string spdx = formats::write_statement(crypto::digest_of(as_bytes("image")), "",
                                                    "https://spdx.dev/Document", "{}");
  const auto found = [&](const std::string& envelope) {
    std::vector<std::vector<verify::Finding>> findings(needs.needs());
    const auto descriptor = touchstone::test::MemoryRepository::describe("", as_bytes(envelope));
    const verify::Candidate candidate{"x", verify::EnvelopeLayer{descriptor, to_bytes(envelope)}};
    needs.look_at(candidate, image, {}, now, findings);
    return std::pair(findings[0].size(), findings[1].size());
  };
  const auto envelope = [&](const std::string& payload) {
    return R"({"payloadType":"application/vnd.in-toto+json","payload":")" +
           to_base64(as_bytes(payload)) + R"(","signatures":[{"sig":")" +
           to_base64(touchstone::test::signed_encoding(stranger, "application/vnd.in-toto+json",
                                                       payload)) +
           "\"}]}";
  };
  CHECK(found(envelope(spdx)) == std::pair<std::size_t, std::size_t>(1, 0));
  CHECK(found(envelope("no statement")) == std::pair<std::size_t, std::size_t>(1, 1));
  CHECK(found("rubbish") == std::pair<std::size_t, std::size_t>(1, 1));
}

TEST_CASE("demands under certificates are told apart by each part", "[gather]") {
  const Holder holder("email:a@shop.example");
  const Holder other("email:a@shop.example");
  const verify::TextMatch a = verify::TextMatch::exact("a");
  const verify::TextMatch b = verify::TextMatch::exact("b");
  verify::Demand demand;
  demand.authorities = {holder.trusted()};
  demand.instances = {instance("ci")};
  demand.identities = {{a, a}};
  demand.hardware = verify::HardwareDemand{.touch = true};
  demand.vendors = {*trust::HardwareVendor::yubico()};
  const auto changed = [&](auto change) {
    verify::Demand copy = demand;
    change(copy);
    return same_signers(demand, copy);
  };
  CHECK(changed([](auto&) {}));
  CHECK_FALSE(changed([&](auto& d) { d.authorities = {other.trusted()}; }));
  CHECK_FALSE(changed([](auto& d) { d.authorities[0].source = "root \"x\""; }));
  CHECK_FALSE(changed([](auto& d) { d.instances[0].root = instance("x").root; }));
  CHECK_FALSE(changed([](auto& d) { d.instances[0].source = "root \"x\""; }));
  CHECK_FALSE(changed([&](auto& d) { d.identities = {{b, a}}; }));
  CHECK_FALSE(changed([&](auto& d) { d.identities = {{a, b}}; }));
  CHECK_FALSE(changed([&](auto& d) { d.identities = {{a, std::nullopt}}; }));
  CHECK_FALSE(changed([](auto& d) { d.hardware.reset(); }));
  CHECK_FALSE(changed([](auto& d) { d.hardware->pin = true; }));
  CHECK_FALSE(changed([](auto& d) { d.vendors[0].name = "x"; }));
  CHECK_FALSE(changed([](auto& d) { d.vendors[0].source = "x"; }));
  demand.identities = {{a, std::nullopt}};
  CHECK(changed([](auto&) {}));
  CHECK_FALSE(changed([&](auto& d) { d.identities = {{a, a}}; }));
}

}  // namespace touchstone::judge
