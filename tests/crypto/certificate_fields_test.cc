#include "crypto/certificate_fields.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "crypto/pem.h"
#include "tests/support/authority.h"

namespace touchstone::crypto {

TEST_CASE("a certificate's fields come from one certificate with times", "[certificate-fields]") {
  const test::Entity entity = test::issue(test::CertificateText::leaf(), nullptr);
  const auto fields = CertificateFields::from_file(as_bytes(entity.pem()));
  REQUIRE(fields);
  CHECK(fields->public_key == entity.certificate().key());
  CHECK(fields->not_before == test::certificate_begin);
  CHECK(CertificateFields::from_file(entity.der));
  CHECK_FALSE(CertificateFields::from_file(as_bytes(to_pem("X509 CRL", entity.der))));

  for (const char* time : {"231114221320Z", "300317174640Z"}) {  // its beginning, its end
    Bytes der = entity.der;
    const Bytes there = to_bytes(time);
    const auto found = std::ranges::search(der, there);
    REQUIRE_FALSE(found.empty());
    std::ranges::copy(to_bytes("2311142213xxZ"), found.begin());
    CHECK_FALSE(CertificateFields::parse(der));
  }
}

}  // namespace touchstone::crypto
