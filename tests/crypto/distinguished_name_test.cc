// Subjects as users write them.
#include "crypto/distinguished_name.h"

#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include "crypto/openssl.h"

namespace touchstone::crypto {
namespace {

// As OpenSSL reads it, in RFC 4514's order and escapes.
std::string read_back(const Bytes& der) {
  const std::uint8_t* cursor = der.data();
  const Handle<X509_NAME, X509_NAME_free> name(
      d2i_X509_NAME(nullptr, &cursor, static_cast<long>(der.size())));
  REQUIRE(name);
  REQUIRE(cursor == der.data() + der.size());
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name.get(), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("a subject is read as RFC 4514 writes it", "[distinguished-name]") {
  struct Row {
    const char* text;
    const char* read;
  };
  for (const Row& row : std::vector<Row>{
           {"CN=release", "CN=release"},
           {"CN=release,O=Example Ltd,OU=Builds,L=Berlin,ST=Berlin,C=DE",
            "CN=release,O=Example Ltd,OU=Builds,L=Berlin,ST=Berlin,C=DE"},
           {"cn=release, o = Example ", "CN=release,O=Example"},
           {"CN=a\\,b", "CN=a\\,b"},
           {"CN=a\\2Cb", "CN=a\\,b"},
           {"CN=a\\\\b=c", "CN=a\\\\b=c"},
           {"CN=J\xC3\xB6rg", "CN=J\xC3\xB6rg"},
           {"CN=J\\C3\\B6rg", "CN=J\xC3\xB6rg"},
           {"CN=\\ a", "CN=\\ a"},
       }) {
    CAPTURE(row.text);
    const auto der = parse_distinguished_name(row.text);
    REQUIRE(der);
    CHECK(read_back(*der) == row.read);
  }
}

TEST_CASE("subjects that could be read in two ways are refused", "[distinguished-name]") {
  const std::string long_name(65, 'a');
  struct Row {
    const char* why;
    std::string text;
  };
  for (const Row& row : std::vector<Row>{
           {"empty", ""},
           {"no type", "release"},
           {"a type alone", "CN"},
           {"unknown type", "XX=release"},
           {"e-mail belongs elsewhere", "emailAddress=a@b"},
           {"an empty value", "CN="},
           {"blanks only", "CN=  "},
           {"an empty part", "CN=a,"},
           {"a part in the middle empty", "CN=a,,O=b"},
           {"twice", "CN=a,CN=b"},
           {"twice, in other letters", "CN=a,cn=b"},
           {"joined parts", "CN=a+O=b"},
           {"hex value", "CN=#0C0161"},
           {"quotes", "CN=\"a\""},
           {"a broken escape", "CN=a\\"},
           {"half an escape", "CN=a\\4"},
           {"an escaped control", "CN=a\\0Ab"},
           {"an escaped NUL", "CN=a\\00b"},
           {"not UTF-8", "CN=\xFF"},
           {"text that turns around", "CN=a\xE2\x80\xAE"},
           {"too long", "CN=" + long_name},
           {"a country in full", "C=Germany"},
           {"a country in small letters", "C=de"},
           {"a country with a digit", "C=D1"},
           {"openssl's spelling", "/CN=release/O=Example"},
           {"huge", "CN=" + std::string(5000, 'a')},
           {"huge, of blanks", "CN=" + std::string(5000, ' ') + "a"},
       }) {
    CAPTURE(row.why);
    const auto der = parse_distinguished_name(row.text);
    REQUIRE_FALSE(der);
    CHECK(der.error().code == Code::usage_arguments);
  }
  CHECK(parse_distinguished_name("CN=" + long_name.substr(1)));
}

}  // namespace touchstone::crypto
