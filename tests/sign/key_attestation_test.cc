// What a device attests of the signing key, attached to an image: once, however often it is signed.
#include <catch2/catch.hpp>

#include "sign/referrer.h"
#include "tests/support/memory_repository.h"
#include "tests/support/pretend_maker.h"
#include "verify/find_attestation.h"

namespace touchstone::sign {
namespace {

using namespace std::chrono_literals;
using test::AttestationText;
using test::Entity;
using test::MemoryRepository;
using test::PretendMaker;

// An image, and a key whose device attests it anew each time.
struct World {
  MemoryRepository repository;
  PretendMaker maker;
  Entity first = maker.attest();
  std::vector<trust::HardwareVendor> makers = {maker.vendor()};
  formats::Descriptor image = repository.put_image("app");

  std::vector<crypto::Certificate> attested_anew(const AttestationText& text = {}) const {
    return maker.chain(issue(text.certificate(), &maker.device, &first));
  }
  Result<Attached> try_to_attach(const std::vector<crypto::Certificate>& chain) {
    return attach_key_attestation({&repository, image, "app"}, chain, makers,
                                  test::certificate_begin + 24h);
  }
  Attached attach(const std::vector<crypto::Certificate>& chain) {
    const auto done = try_to_attach(chain);
    REQUIRE(done);
    return *done;
  }
  std::size_t attached() {
    return verify::fetch_attestations(repository, image.digest,
                                      repository.lists[image.digest.to_string()])
        .chains.size();
  }
};

TEST_CASE("an attestation that says the same is attached once", "[key-attestation]") {
  World w;
  CHECK(w.attach(w.attested_anew()) == Attached::now);
  CHECK(w.attach(w.attested_anew()) == Attached::before);
  CHECK(w.attached() == 1);
  // One of the other key is another, and so is one that says something else of this.
  CHECK(w.attach(w.maker.chain(w.maker.attest())) == Attached::now);
  CHECK(w.attach(w.attested_anew(AttestationText().with("8", "0302"))) == Attached::now);
  CHECK(w.attached() == 3);
}

TEST_CASE("the device's own certificate will do where its maker is unknown", "[key-attestation]") {
  World w;
  w.makers.clear();
  CHECK(w.attach(w.attested_anew()) == Attached::now);
  CHECK(w.attach(w.attested_anew()) == Attached::before);
  CHECK(w.attached() == 1);
}

TEST_CASE("what others attached keeps no attestation away", "[key-attestation]") {
  World w;
  // The same key and words, by a maker of the attacker's own.
  const PretendMaker other;
  const auto forged = other.chain(issue(AttestationText().certificate(), &other.device, &w.first));
  CHECK(w.attach(forged) == Attached::now);
  CHECK(w.attach(w.attested_anew()) == Attached::now);
  CHECK(w.attach(w.attested_anew()) == Attached::before);
  CHECK(w.attached() == 2);
}

TEST_CASE("a list that cannot be had is no empty one", "[key-attestation]") {
  World w;
  w.repository.list_failure = Error{Code::network_timeout, "too slow", ""};
  const auto attached = w.try_to_attach(w.attested_anew());
  REQUIRE_FALSE(attached);
  CHECK(attached.error().code == Code::network_timeout);
  CHECK(w.repository.log.empty());
}

}  // namespace
}  // namespace touchstone::sign
