#include "crypto/certificate_parts.h"

#include <catch2/catch.hpp>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "tests/support/authority.h"

namespace touchstone::crypto {
namespace {

constexpr std::uint8_t extensions_tag = 0xA3;

Bytes hex(const std::string& text) { return *from_hex(text); }

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// A certificate in its outermost pieces, each replaceable. What is inside them does not matter
// here.
struct Pieces {
  Bytes version = hex("a003020102");
  Bytes serial = hex("020107");
  Bytes algorithm = hex("300406022a03");
  Bytes issuer = hex("30023100");
  Bytes validity_to_key =
      hex("3000"
          "3000"
          "3000");
  Bytes extensions;  // whole ones
  Bytes after_extensions;
  std::uint8_t list_tag = der::sequence;
  Bytes after_list;
  Bytes after_explicit;
  Bytes signature =
      hex("300406022a03"
          "03020000");
  Bytes after;

  Bytes whole() const {
    const Bytes list = der::element(list_tag, {extensions});
    const Bytes explicit_list = der::element(extensions_tag, {list, after_list});
    const Bytes body = der::element(
        der::sequence,
        {version, serial, algorithm, issuer, validity_to_key, explicit_list, after_explicit});
    return joined({der::element(der::sequence, {body, signature}), after});
  }
};

const char* const critical =
    "300a"
    "06022a03"
    "0101ff"
    "040105";
const char* const ordinary =
    "3007"
    "06022a04"
    "040106";
const char* const said_ordinary =
    "300a"
    "06022a05"
    "010100"
    "040107";

}  // namespace

TEST_CASE("a certificate comes apart into what stands in it", "[parts]") {
  Pieces pieces;
  pieces.extensions = joined({hex(critical), hex(ordinary), hex(said_ordinary)});
  const Bytes whole = pieces.whole();
  const auto parts = CertificateParts::split(whole);
  REQUIRE(parts);
  CHECK(to_hex(parts->serial) == to_hex(pieces.serial));
  CHECK(to_hex(parts->issuer) == to_hex(pieces.issuer));
  CHECK(to_hex(parts->before_extensions) ==
        to_hex(joined({pieces.version, pieces.serial, pieces.algorithm, pieces.issuer,
                       pieces.validity_to_key})));
  REQUIRE(parts->extensions.size() == 3);
  CHECK(parts->extensions[0].critical);
  CHECK_FALSE(parts->extensions[1].critical);
  CHECK_FALSE(parts->extensions[2].critical);
  CHECK(to_hex(parts->extensions[0].identifier) == "2a03");
  CHECK(to_hex(parts->extensions[1].value) == "06");
  CHECK(to_hex(parts->extensions[2].whole) == said_ordinary);
  CHECK(parts->find(hex("2a04")) == &parts->extensions[1]);
  CHECK(parts->find(hex("2a06")) == nullptr);
  CHECK(parts->find(hex("2a")) == nullptr);
}

TEST_CASE("every certificate that is accepted comes apart", "[parts]") {
  const test::Entity entity = test::issue(test::CertificateText::leaf(), nullptr);
  const Certificate certificate = entity.certificate();
  const auto parts = CertificateParts::split(certificate.der());
  REQUIRE(parts);
  CHECK(to_hex(parts->serial) == "020107");
  CHECK(parts->extensions.size() == test::CertificateText::leaf().extensions.size());
}

TEST_CASE("what is no certificate does not come apart", "[parts]") {
  struct Row {
    const char* why;
    void (*change)(Pieces&);
  };
  const std::vector<Row> rows = {
      {"no version", [](Pieces& p) { p.version.clear(); }},
      {"no serial number", [](Pieces& p) { p.serial.clear(); }},
      {"a serial number of another type", [](Pieces& p) { p.serial = hex("040107"); }},
      {"no algorithm", [](Pieces& p) { p.algorithm = hex("0500"); }},
      {"an issuer of another type", [](Pieces& p) { p.issuer = hex("31023100"); }},
      {"nothing after the algorithm",
       [](Pieces& p) {
         p.issuer.clear();
         p.validity_to_key.clear();
         p.after_explicit.clear();
       }},
      {"half an element",
       [](Pieces& p) {
         p.validity_to_key =
             hex("3000"
                 "3005");
       }},
      {"something after the extensions", [](Pieces& p) { p.after_explicit = hex("0500"); }},
      {"extensions twice", [](Pieces& p) { p.after_explicit = hex("a3023000"); }},
      {"a SET of extensions", [](Pieces& p) { p.list_tag = 0x31; }},
      {"two lists of extensions", [](Pieces& p) { p.after_list = hex("3000"); }},
      {"an extension that is none", [](Pieces& p) { p.extensions = hex("0500"); }},
      {"an extension in a SET",
       [](Pieces& p) {
         p.extensions =
             hex("3107"
                 "06022a04"
                 "040106");
       }},
      {"an extension that is cut off", [](Pieces& p) { p.extensions = hex("3005"); }},
      {"an extension without identifier",
       [](Pieces& p) {
         p.extensions =
             hex("3003"
                 "040106");
       }},
      {"an extension without value",
       [](Pieces& p) {
         p.extensions =
             hex("3004"
                 "06022a04");
       }},
      {"an extension of another type of value",
       [](Pieces& p) {
         p.extensions =
             hex("3007"
                 "06022a04"
                 "020106");
       }},
      {"an extension with something after its value",
       [](Pieces& p) {
         p.extensions =
             hex("3009"
                 "06022a04"
                 "040106"
                 "0500");
       }},
      {"something after the certificate", [](Pieces& p) { p.after = hex("00"); }},
  };
  REQUIRE(CertificateParts::split(Pieces().whole()));
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Pieces pieces;
    row.change(pieces);
    CHECK_FALSE(CertificateParts::split(pieces.whole()));
  }
  for (const char* other : {"", "30", "3000", "30020500", "020105", "3002a000", "30023000"}) {
    CAPTURE(other);
    CHECK_FALSE(CertificateParts::split(hex(other)));
  }
  const Bytes good = Pieces().whole();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(CertificateParts::split(ByteView(good).first(size)));
  }
  // No list at all is a certificate without extensions.
  const Bytes body = der::element(
      der::sequence, {hex("a003020102"), hex("020107"), hex("300406022a03"), hex("30023100")});
  const Bytes whole = der::element(der::sequence, {body});
  const auto bare = CertificateParts::split(whole);
  REQUIRE(bare);
  CHECK(bare->extensions.empty());
  CHECK(to_hex(bare->before_extensions) ==
        "a003020102"
        "020107"
        "300406022a03"
        "30023100");
}

}  // namespace touchstone::crypto
