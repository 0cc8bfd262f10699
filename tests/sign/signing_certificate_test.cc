// Certificates that go with signatures.
#include "sign/signing_certificate.h"

#include <catch2/catch.hpp>

#include "sign/sign_image.h"
#include "tests/support/authority.h"
#include "tests/support/signing.h"
#include "verify/examine.h"

namespace touchstone::sign {
namespace {

using namespace std::chrono_literals;
using crypto::Certificate;
using test::CertificateText;
using test::Entity;
using test::issue;

constexpr std::chrono::sys_seconds now{1'800'000'000s};

class EntityDevice : public KeyDevice {
 public:
  explicit EntityDevice(const Entity& entity) : key_(entity.private_key()) {}
  const KeyDescription& describe() const override { return description_; }
  Status unlock(Secret) override { return ok(); }
  Result<Bytes> public_key() override { return key_.public_key().der(); }
  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    return key_.sign(scheme, message);
  }
  const crypto::PublicKey& key() const { return key_.public_key(); }

 private:
  crypto::PrivateKey key_;
  KeyDescription description_;
};

struct World {
  Entity root = issue(CertificateText::authority("Root"), nullptr);
  Entity middle = issue(CertificateText::authority("Middle"), &root);
  Entity leaf = issue(CertificateText::leaf(), &middle);

  Result<SigningCertificate> create(const std::vector<Entity>& chain,
                                    std::chrono::sys_seconds at = now) const {
    std::vector<Certificate> certificates;
    for (const Entity& entity : chain) certificates.push_back(entity.certificate());
    return SigningCertificate::create(leaf.certificate(), certificates,
                                      leaf.private_key().public_key(), at);
  }
};

}  // namespace

TEST_CASE("a signature carries the authorities below the root, and no root", "[sign]") {
  const World w;
  struct Row {
    const char* why;
    std::vector<Entity> chain;
    std::size_t carried;
    bool has_authority;
  };
  const std::vector<Row> rows = {
      {"no chain", {}, 1, false},
      {"up to the root", {w.middle, w.root}, 2, true},
      {"in another order", {w.root, w.middle}, 2, true},
      {"without the root", {w.middle}, 2, true},
      {"with one that is not on the way",
       {issue(CertificateText::authority("Other"), &w.root), w.middle, w.root},
       2,
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto made = w.create(row.chain);
    if (!made) INFO(made.error().message);
    REQUIRE(made);
    CHECK(made->carried().certificates.size() == row.carried);
    CHECK(made->carried().certificates.front() == w.leaf.der);
    CHECK(made->authority().has_value() == row.has_authority);
  }
}

TEST_CASE("a certificate that cannot go with the signature is refused", "[sign][XP-09]") {
  const World w;
  REQUIRE(w.create({w.middle, w.root}));
  const auto refused = [](const Result<SigningCertificate>& made) {
    return !made && made.error().code == Code::usage_certificate;
  };
  CHECK(refused(SigningCertificate::create(
      w.leaf.certificate(), {}, crypto::PrivateKey::generate(crypto::KeyKind::p256).public_key(),
      now)));
  CHECK(refused(w.create({}, test::certificate_end + 1s)));
  CHECK(refused(w.create({}, test::certificate_begin - 1s)));
  CHECK(refused(w.create({w.root})));
  CHECK(refused(w.create({issue(CertificateText::authority("Middle"), &w.root), w.root})));
  World server;
  server.leaf = issue(CertificateText::leaf().with("extendedKeyUsage", "serverAuth"), &w.middle);
  CHECK(refused(server.create({})));
}

TEST_CASE("what is signed with a certificate verifies under its authority", "[sign]") {
  const World w;
  EntityDevice device(w.leaf);
  const Bytes manifest = to_bytes("a manifest");
  const formats::Descriptor image{.media_type = "x",
                                  .digest = crypto::digest_of(manifest),
                                  .size = manifest.size(),
                                  .artifact_type = "",
                                  .annotations = {},
                                  .platform = std::nullopt,
                                  .data = std::nullopt};
  const CertificateToUse use{*w.create({w.middle, w.root}), now};
  const auto made = sign_image({device, device.key(), use}, image, {{"env", "prod"}});
  REQUIRE(made);
  const verify::TrustedAuthority authority{
      trust::TrustedCertificate{w.root.certificate(), "", {}, {}, ""}, "root"};
  const auto evidence =
      verify::examine({"", made->bundle}, verify::Artifact::of(manifest),
                      {.signers = {}, .annotations = {}, .authorities = {authority}}, now);
  REQUIRE(evidence);
  CHECK(evidence->certified->path.certificates.front() == w.leaf.certificate());
  // Without a chain nothing says under whom, and that is the verifier's matter.
  const CertificateToUse bare{*w.create({}), now};
  CHECK(sign_image({device, device.key(), bare}, image, {}));
  // What is carried must hold at the time of signing as well.
  const CertificateToUse late{use.certificate, test::certificate_end + 1s};
  CHECK(sign_image({device, device.key(), late}, image, {}).error().code == Code::device_signature);
}

}  // namespace touchstone::sign
