#include "trust/hardware_vendor.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/support/pretend_maker.h"
#include "trust/built_in.h"

namespace touchstone::trust {
namespace {

using namespace std::chrono_literals;

// The sums of Yubico's certificates, as trust/data/README.md has them.
const std::vector<std::string> piv = {
    "63ece914e54dd87915f34033c85af4c0696ba1512f8add66ced738331207b546",
    "6de693f05376f5d8ca29069261e1c8626c75d503bd2edbfd75354cad1f722870",
    "2d55b7998f4e42569d6d8fa382b6dc77d1dacf07358b19701163892922b17052"};
const std::vector<std::string> hsm = {
    "094a3ac493c2bdcd65a54bdf40190f52bb03f7156397a3fc69d8aa9a392fb724",
    "d7c6d8f45208e2a53996fb5a8f4d631b33ebabb64956b37b2ac151fbdbaf4ae9"};
const std::vector<std::string> others = {
    "62760c6a6ef91679f454c8902b80fd009825b3f25da90f1fbace2ec6586cd5a8",
    "4698a1d3389c3ec60016c216250f1d0439922832d65142327436376dc2942b55",
    "d4cc3f456fdaf4e7812a21aab1dfe9d8e27d24e2fd2d6f21c9940109f0daa754",
    "4ebabc9cbc964f722c985f3784d057e9ef5dcf454dcb4f767fccca58cf16a4e8",
    "4eadda86ff62cff987e111a07910d8554de42f71d5d6da7744610e09012dd319",
    "a53831d9649ab86bb1132e0a8a65eda9f7506d2b1495f76b3321960cc454c054",
    "5decb182e9357d4a835acf988e1ea29713737ee08bce0f0ba79da8f295dd0e9f",
    "d408b28425decdea936644f74ba460a4e953b92a86b3e3356eb36d9cc16c368d",
    "8f30bdf4ac57ed7975ef7c74ae8d6c0512e678d695001b7cc781b534a0db5dfe",
    "0fa1386f80eb8713263ae5c1d84deb455bdf08aea50ab05503cefee82b092d42",
    "6937cfa21c2189a7b219c71db39ef7112ee24b8801b1521d8296d087f2eee615",
    "35f1a54b353bfb711e6d42adbeb76c0e9dead095018e6a94783ba2192fd6faad"};

std::vector<std::string> sums(const std::vector<crypto::Certificate>& certificates) {
  std::vector<std::string> list;
  for (const auto& certificate : certificates) list.push_back(certificate.fingerprint().substr(7));
  return list;
}

TEST_CASE("Yubico's certificates are those that it published", "[hardware-vendor]") {
  const auto yubico = HardwareVendor::yubico();
  REQUIRE(yubico);
  CHECK(yubico->name == "yubico");
  std::vector<std::string> anchors = piv;
  anchors.insert(anchors.end(), hsm.begin(), hsm.end());
  CHECK(sums(yubico->anchors) == anchors);
  CHECK(sums(yubico->elsewhere) == others);
}

TEST_CASE("Yubico's PIV certificates of 2024 lead to its root", "[hardware-vendor]") {
  const auto yubico = HardwareVendor::yubico();
  REQUIRE(yubico);
  const auto& other = yubico->elsewhere;
  const std::vector<crypto::Certificate> root = {other.front()};
  const std::chrono::sys_seconds now{1'800'000'000s};
  for (const std::size_t branch : {std::size_t{1}, std::size_t{2}}) {
    // Read as a chain: the path's own rules are those of any attestation.
    const auto path = crypto::find_attestation_path(
        std::vector{yubico->anchors[branch], other[branch]}, {root}, now);
    if (!path) INFO(path.error().message);
    REQUIRE(path);
    CHECK(path->certificates.back() == other.front());
  }
}

TEST_CASE("Yubico's authority above YubiHSMs leads to its root", "[hardware-vendor]") {
  const auto yubico = HardwareVendor::yubico();
  REQUIRE(yubico);
  const auto& anchors = yubico->anchors;
  const auto root = std::span(anchors).subspan(anchors.size() - 2, 1);
  const auto path = crypto::find_attestation_path(std::span(anchors).last(1), {root},
                                                  std::chrono::sys_seconds{1'800'000'000s});
  REQUIRE(path);
  CHECK(path->certificates.back() == root.front());
}

TEST_CASE("an authority above attestations is an authority", "[hardware-vendor]") {
  const auto authority = test::PretendMaker::authority("Own", 1);
  CHECK(check_hardware_authority(issue(authority, nullptr).certificate()));
  const auto refused = [](const test::CertificateText& text) {
    const auto status = check_hardware_authority(issue(text, nullptr).certificate());
    return !status && status.error().code == Code::policy_hardware_authority;
  };
  CHECK(refused(authority.without("basicConstraints")));
  CHECK(refused(authority.with("keyUsage", "digitalSignature")));
}

}  // namespace
}  // namespace touchstone::trust
