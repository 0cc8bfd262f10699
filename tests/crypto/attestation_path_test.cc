#include "crypto/attestation_path.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/pretend_maker.h"

namespace touchstone::crypto {
namespace {

using test::AttestationText;
using test::certificate_begin;
using test::certificate_end;
using test::CertificateText;
using test::Entity;
using test::PretendMaker;
using namespace std::chrono_literals;

using Chain = std::vector<Certificate>;

struct World {
  PretendMaker maker;
  Entity attested = maker.attest();
  Chain anchors = {maker.root.certificate()};

  Result<CertificatePath> find(const Chain& chain, bool devices_alone = false) const {
    return find_attestation_path(chain, {anchors, devices_alone}, certificate_begin + 24h);
  }
  Result<CertificatePath> find(const CertificateText& device, bool devices_alone = false) const {
    const Entity made = issue(device, &maker.root);
    return find({issue(AttestationText().certificate(), &made).certificate(), made.certificate()},
                devices_alone);
  }
};

const CertificateText device_text = PretendMaker::authority("Pretend PIV Attestation", 0);

TEST_CASE("an attestation leads over its device to the maker", "[attestation-path]") {
  const World w;
  const auto path = w.find(w.maker.chain(w.attested));
  REQUIRE(path);
  CHECK(path->certificates ==
        Chain{w.attested.certificate(), w.maker.device.certificate(), w.maker.root.certificate()});
  CHECK(path->not_before == certificate_begin);
  CHECK(path->not_after == certificate_end);
}

TEST_CASE("an attestation leads over certificates that came with it", "[attestation-path]") {
  World w;
  const Entity root = issue(PretendMaker::authority("Pretend Root", 3), nullptr);
  const Entity upper = issue(PretendMaker::authority("Pretend Intermediate", 2), &root);
  const Entity lower = issue(PretendMaker::authority("Pretend PIV Authority", 1), &upper);
  const Entity device = issue(device_text, &lower);
  const Entity attested = issue(AttestationText().certificate(), &device);
  w.anchors = {root.certificate()};
  const Chain chain = {attested.certificate(), device.certificate(), upper.certificate(),
                       lower.certificate()};
  CHECK(w.find(chain)->certificates.size() == 5);

  const Chain gap = {attested.certificate(), device.certificate(), upper.certificate()};
  CHECK(w.find(gap).error().code == Code::hardware_untrusted);
}

TEST_CASE("a crowd of certificates is no attestation", "[attestation-path]") {
  const World w;
  Chain chain = w.maker.chain(w.attested);
  chain.resize(limits::max_attestation_certificates, w.maker.device.certificate());
  CHECK(w.find(chain));
  chain.push_back(w.maker.device.certificate());
  CHECK(w.find(chain).error().code == Code::hardware_malformed);
  CHECK(w.find(Chain()).error().code == Code::hardware_malformed);
}

TEST_CASE("a device that is an anchor itself need not come along", "[attestation-path]") {
  World w;
  w.anchors = {w.maker.device.certificate()};
  CHECK(w.find({w.attested.certificate()})->certificates.size() == 2);
  CHECK(w.find(w.maker.chain(w.attested))->certificates.size() == 2);
}

TEST_CASE("without anchors no attestation leads anywhere", "[attestation-path]") {
  World w;
  w.anchors.clear();
  CHECK(w.find(w.maker.chain(w.attested)).error().code == Code::hardware_untrusted);
  CHECK(w.find({w.attested.certificate()}).error().code == Code::hardware_untrusted);
  CHECK(w.find(Chain{}).error().code == Code::hardware_malformed);
  CHECK(w.find(Chain(9, w.attested.certificate())).error().code == Code::hardware_malformed);
}

TEST_CASE("an attestation by another's device is refused", "[attestation-path]") {
  const World w;
  const PretendMaker other;
  // The same names: only signatures tell them apart.
  const Chain mixed = {w.attested.certificate(), other.device.certificate()};
  CHECK(w.find(mixed).error().code == Code::hardware_signature);
  CHECK(w.find(other.chain(other.attest())).error().code == Code::hardware_signature);
}

TEST_CASE("a root that somebody made is refused", "[attestation-path]") {
  const World w;
  const Entity root = issue(PretendMaker::authority("Somebody's Root", 1), nullptr);
  const Entity device = issue(device_text, &root);
  const Entity attested = issue(AttestationText().certificate(), &device);
  const Chain chain = {attested.certificate(), device.certificate(), root.certificate()};
  CHECK(w.find(chain).error().code == Code::hardware_untrusted);
}

TEST_CASE("what issued the attestation is the second certificate and no other",
          "[attestation-path]") {
  const World w;
  const Chain swapped = {w.attested.certificate(), w.maker.root.certificate(),
                         w.maker.device.certificate()};
  CHECK(w.find(swapped).error().code == Code::hardware_untrusted);
}

TEST_CASE("a key that is attested attests no other key", "[attestation-path]") {
  World w;
  // Whoever holds the key in a slot signs certificates with it.
  const Entity forged = issue(AttestationText().certificate(), &w.attested);
  const Chain chain = {forged.certificate(), w.attested.certificate(),
                       w.maker.device.certificate()};
  CHECK(w.find(chain).error().code == Code::hardware_path);
  CHECK(w.find(chain, true).error().code == Code::hardware_path);
  w.anchors = {w.maker.device.certificate()};
  CHECK(w.find(chain, true).error().code == Code::hardware_path);
  CHECK(w.find(chain).error().code == Code::hardware_path);

  // Not even when it says that it is an authority.
  w.anchors = {w.maker.root.certificate()};
  const auto as_authority = AttestationText().certificate().with("basicConstraints", "CA:TRUE");
  CHECK(w.find(as_authority).error().code == Code::hardware_path);
}

TEST_CASE("a device that is no authority counts below makers who issue nothing else",
          "[attestation-path]") {
  World w;
  CertificateText old = device_text.without("basicConstraints");
  CHECK(w.find(old).error().code == Code::hardware_path);
  CHECK(w.find(old, true));

  // Right below, that is.
  const Entity between = issue(PretendMaker::authority("Between", 0), &w.maker.root);
  const Entity device = issue(old, &between);
  const Chain chain = {issue(AttestationText().certificate(), &device).certificate(),
                       device.certificate(), between.certificate()};
  w.anchors = {w.maker.root.certificate()};
  CHECK(w.find(chain, true).error().code == Code::hardware_path);
}

TEST_CASE("a path to a maker that breaks a rule is refused", "[attestation-path]") {
  struct Row {
    const char* why;
    CertificateText device;
    Code code;
  };
  CertificateText sha1 = device_text;
  sha1.hash = "SHA1";
  CertificateText later = device_text;
  later.not_before = certificate_begin + 48h;
  CertificateText over = device_text;
  over.not_after = certificate_begin + 1h;
  const auto row = GENERATE_COPY(values<Row>({
      {"SHA-1", sha1, Code::hardware_signature},
      {"not valid yet", later, Code::hardware_time},
      {"no longer valid", over, Code::hardware_time},
      {"a critical extension nobody knows", device_text.with("1.2.3.4", "critical,DER:0500"),
       Code::hardware_path},
      {"not for certificates", device_text.with("keyUsage", "digitalSignature"),
       Code::hardware_path},
  }));
  CAPTURE(row.why);
  CHECK(World().find(row.device).error().code == row.code);
}

TEST_CASE("a device may say that it signs certificates", "[attestation-path]") {
  CHECK(World().find(device_text.with("keyUsage", "keyCertSign")));
}

TEST_CASE("rules hold for the attestation itself", "[attestation-path]") {
  const World w;
  const auto find = [&](const CertificateText& text) {
    return w.find(w.maker.chain(issue(text, &w.maker.device)));
  };
  CertificateText later = AttestationText().certificate();
  later.not_before = certificate_begin + 48h;
  CHECK(find(later).error().code == Code::hardware_time);
  CHECK(find(AttestationText().certificate().with("1.2.3.4", "critical,DER:0500")).error().code ==
        Code::hardware_path);
}

TEST_CASE("authorities have no more below them than they allow", "[attestation-path]") {
  World w;
  const Entity root = issue(PretendMaker::authority("Narrow Root", 0), nullptr);
  w.anchors = {root.certificate()};
  const Entity device = issue(device_text, &root);
  const Entity attested = issue(AttestationText().certificate(), &device);
  CHECK(w.find({attested.certificate(), device.certificate()}).error().code == Code::hardware_path);
}

}  // namespace
}  // namespace touchstone::crypto
