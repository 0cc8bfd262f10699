// Timestamps: pretend ones with each fault, OpenSSL's, and those of Sigstore's authorities.
#include "crypto/timestamp_token.h"

#include <openssl/ts.h>

#include <catch2/catch.hpp>
#include <functional>
#include <iostream>
#include <map>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/time.h"
#include "crypto/openssl.h"
#include "tests/support/conformance.h"
#include "tests/support/timestamp_authority.h"

namespace touchstone::crypto {
namespace {

using namespace std::chrono_literals;
using test::CertificateText;
using test::Entity;
using test::issue;
using test::TimestampParts;
using Pretend = test::TimestampAuthority;
using Time = TimestampToken::Time;

const Bytes message = to_bytes("a signature");
const std::string at = "20270115080000Z";
constexpr Time at_time{1'800'000'000s};

// Made once: keys take time.
const Pretend& pretend() {
  static const Pretend made;
  return made;
}

Result<VerifiedTimestamp> verify(ByteView response, const crypto::TimestampAuthority& authority,
                                 ByteView stamped = message) {
  const auto token = TimestampToken::parse(response);
  if (!token) return token.error();
  return verify_timestamp(*token, stamped, authority);
}

Code code_of(const Result<VerifiedTimestamp>& verified) {
  REQUIRE_FALSE(verified);
  return verified.error().code;
}

Time time_of(const Result<VerifiedTimestamp>& verified) {
  if (!verified) INFO(verified.error().message);
  REQUIRE(verified);
  return verified->time;
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes hex(const std::string& text) { return *from_hex(text); }

// The element with a NULL at the end of the part that `path` leads to, by places.
Bytes with_more(ByteView whole, std::span<const std::size_t> path) {
  Reader outer(whole);
  const auto element = der::next(outer);
  REQUIRE(element);
  const Bytes null = hex("0500");
  if (path.empty()) return der::element(element->tag, {element->content, null});
  Bytes content;
  Reader inner(element->content);
  for (std::size_t place = 0; !inner.at_end(); ++place) {
    const auto part = der::next(inner);
    REQUIRE(part);
    const Bytes changed = place == path.front() ? with_more(part->whole, path.subspan(1))
                                                : Bytes(part->whole.begin(), part->whole.end());
    content.insert(content.end(), changed.begin(), changed.end());
  }
  return der::element(element->tag, {content});
}

}  // namespace

TEST_CASE("a timestamp tells when its authority saw the bytes", "[timestamp]") {
  const Bytes response = pretend().stamp(message, at);
  CHECK(time_of(verify(response, pretend().trusted())) == at_time);
  CHECK(time_of(verify(response, pretend().trusted_root())) == at_time);
  const auto token = TimestampToken::parse(response);
  REQUIRE(token);
  CHECK(token->time() == at_time);
  CHECK(token->hash_algorithm() == Hash::sha256);
  CHECK(to_hex(token->imprint()) == to_hex(hash(Hash::sha256, message)));
  CHECK_FALSE(token->nonce());
}

TEST_CASE("every kind of key can stamp, in each spelling of its algorithm", "[timestamp]") {
  struct Row {
    const char* kind;
    Scheme scheme;
    Hash digest;
    const char* digest_algorithm;
    const char* algorithm;
  };
  const char* const sha256 = "300b0609608648016503040201";
  const char* const sha256_null = "300d06096086480165030402010500";
  const char* const sha384 = "300b0609608648016503040202";
  const char* const sha512 = "300b0609608648016503040203";
  const auto row = GENERATE_COPY(values<Row>({
      {"P-256", Scheme::ecdsa_sha256, Hash::sha256, sha256, "300a06082a8648ce3d040302"},
      {"P-256", Scheme::ecdsa_sha256, Hash::sha256, sha256_null, "300a06082a8648ce3d040302"},
      {"P-384", Scheme::ecdsa_sha384, Hash::sha384, sha384, "300a06082a8648ce3d040303"},
      {"P-384", Scheme::ecdsa_sha256, Hash::sha256, sha256, "300a06082a8648ce3d040302"},
      {"P-521", Scheme::ecdsa_sha512, Hash::sha512, sha512, "300a06082a8648ce3d040304"},
      {"RSA-2048", Scheme::rsa_pkcs1_sha256, Hash::sha256, sha256,
       "300d06092a864886f70d01010b0500"},
      {"RSA-2048", Scheme::rsa_pkcs1_sha384, Hash::sha384, sha384,
       "300d06092a864886f70d01010c0500"},
      {"RSA-2048", Scheme::rsa_pkcs1_sha512, Hash::sha512, sha512,
       "300d06092a864886f70d01010d0500"},
      {"RSA-2048", Scheme::rsa_pkcs1_sha256, Hash::sha256, sha256_null,
       "300d06092a864886f70d0101010500"},
      {"RSA-2048", Scheme::rsa_pkcs1_sha512, Hash::sha512, sha512, "300b06092a864886f70d010101"},
      {"Ed25519", Scheme::ed25519, Hash::sha512, sha512, "300506032b6570"},
  }));
  CAPTURE(row.kind, row.algorithm, row.digest_algorithm);
  const Pretend authority(row.kind);
  const Bytes response = authority.stamp(message, at, [&](TimestampParts& p) {
    p.scheme = row.scheme;
    p.digest = row.digest;
    p.digest_algorithm = hex(row.digest_algorithm);
    p.signature_algorithm = hex(row.algorithm);
  });
  CHECK(time_of(verify(response, authority.trusted())) == at_time);
}

TEST_CASE("what a token may hold without harm", "[timestamp]") {
  struct Row {
    const char* why;
    Pretend::Change change;
  };
  const Bytes& leaf = pretend().leaf().der;
  const Bytes& root = pretend().root().der;
  const std::vector<Row> rows = {
      {"granted with modifications", [](auto& p) { p.status = hex("020101"); }},
      {"a text beside the status", [](auto& p) { p.status = hex("02010030040c026f6b"); }},
      {"no certificate", [](auto& p) { p.certificates.clear(); }},
      {"an empty list of certificates", [](auto& p) { p.certificates = test::embedded({}); }},
      {"the root, and the leaf twice",
       [&](auto& p) { p.certificates = test::embedded({root, leaf, leaf}); }},
      {"a certificate that cannot be read",
       [&](auto& p) { p.certificates = test::embedded({hex("3003020101"), leaf}); }},
      {"revocation lists", [](auto& p) { p.lists = hex("a1023000"); }},
      {"attributes that are not signed", [](auto& p) { p.after_signature = hex("a1023000"); }},
      {"SHA-384 over the message",
       [](auto& p) { p.imprint = test::message_imprint(Hash::sha384, message); }},
      {"SHA-512 over the message",
       [](auto& p) { p.imprint = test::message_imprint(Hash::sha512, message); }},
      {"accuracy, ordering, nonce and a name",
       [](auto& p) {
         p.after_time =
             hex("3003020101"
                 "0101ff"
                 "020105"
                 "a003810161");
       }},
      {"an extension that says it is not critical",
       [](auto& p) {
         p.after_time =
             hex("a10c300a"
                 "06022a03"
                 "010100"
                 "040100");
       }},
      {"an extension that is not critical",
       [](auto& p) {
         p.after_time =
             hex("a1093007"
                 "06022a03"
                 "040100");
       }},
      {"the signer's certificate by SHA-512",
       [&](auto& p) { p.certificate_attribute = test::signing_certificate(leaf, Hash::sha512); }},
      {"SHA-256, said in so many words",
       [&](auto& p) {
         const Bytes digest = der::element(der::octet_string, {hash(Hash::sha256, leaf)});
         const Bytes entry =
             der::element(der::sequence, {hex("300b0609608648016503040201"), digest});
         p.certificate_attribute =
             test::attribute("2a864886f70d010910022f",
                             der::element(der::sequence, {der::element(der::sequence, {entry})}));
       }},
      {"the signer's certificate by SHA-1, as it once was",
       [&](auto& p) { p.certificate_attribute = test::signing_certificate_sha1(leaf); }},
      {"by both", [&](auto& p) { p.more_attributes = test::signing_certificate_sha1(leaf); }},
      {"by both, in the other order",
       [&](auto& p) {
         p.more_attributes = p.certificate_attribute;
         p.certificate_attribute = test::signing_certificate_sha1(leaf);
       }},
      {"the signer's issuer and number beside the hash",
       [&](auto& p) {
         p.certificate_attribute = test::signing_certificate(leaf, Hash::sha256, true);
       }},
      {"a signing time",
       [](auto& p) {
         p.signing_time_attribute =
             test::attribute("2a864886f70d010905", der::text(0x17, "270115080000Z"));
       }},
      {"a signing time in the other form",
       [](auto& p) {
         p.signing_time_attribute =
             test::attribute("2a864886f70d010905", der::text(0x18, "20270115080000Z"));
       }},
      {"an attribute that is not known",
       [](auto& p) { p.more_attributes = test::attribute("2a0304", hex("0500")); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Bytes response = pretend().stamp(message, at, row.change);
    CHECK(time_of(verify(response, pretend().trusted())) == at_time);
    if (!TimestampToken::parse(response)->contents().certificates.empty()) {
      CHECK(time_of(verify(response, pretend().trusted_root())) == at_time);
    }
  }
}

TEST_CASE("a malformed timestamp is refused, whatever is wrong", "[timestamp][X509-35]") {
  struct Row {
    const char* why;
    Pretend::Change change;
    Code code = Code::signature_timestamp;
  };
  const Bytes& leaf = pretend().leaf().der;
  const auto entry = [&](const Bytes& content) {
    return test::attribute(
        "2a864886f70d010910022f",
        der::element(der::sequence,
                     {der::element(der::sequence, {der::element(der::sequence, {content})})}));
  };
  const Bytes digest = der::element(der::octet_string, {hash(Hash::sha256, leaf)});
  const std::vector<Row> rows = {
      // The response.
      {"rejected", [](auto& p) { p.status = hex("020102"); }},
      {"a negative status", [](auto& p) { p.status = hex("0201ff"); }},
      {"a huge status", [](auto& p) { p.status = hex("02020100"); }},
      {"no status", [](auto& p) { p.status.clear(); }},
      {"something after the token", [](auto& p) { p.after_token = hex("0500"); }},
      {"something after the response", [](auto& p) { p.after_response = hex("00"); }},
      {"another type of token", [](auto& p) { p.token_type = hex("06092a864886f70d010701"); }},
      // SignedData.
      {"version 1 of SignedData", [](auto& p) { p.data_version = hex("020101"); }},
      {"no list of hashes", [](auto& p) { p.digest_algorithms.clear(); }},
      {"another type of content", [](auto& p) { p.content_type = hex("06092a864886f70d010701"); }},
      {"two signers", [](auto& p) { p.more_signers = hex("3000"); }},
      {"something after the signers", [](auto& p) { p.after_signers = hex("0500"); }},
      {"an attribute certificate in the bag", [](auto& p) { p.certificates = hex("a002a100"); }},
      {"more certificates than a signature may carry",
       [&](auto& p) {
         p.certificates =
             test::embedded(std::vector<Bytes>(limits::max_chain_certificates + 1, hex("3000")));
       }},
      {"no content, as of a detached signature",
       [](auto& p) { p.content = der::element(der::sequence, {p.content_type}); }},
      {"a content in pieces, which is BER",
       [](auto& p) {
         p.content = der::element(der::sequence, {p.content_type, hex("a00424020400")});
       }},
      {"a content with something after it",
       [](auto& p) {
         p.content = der::element(der::sequence, {p.content_type, hex("a0020400"), hex("0500")});
       }},
      {"an integer for the content", [](auto& p) { p.content = hex("020105"); }},
      // TSTInfo.
      {"an integer for TSTInfo", [](auto& p) { p.info = hex("020105"); }},
      {"no time", [](auto& p) { p.time.clear(); }},
      {"a time of the other type", [](auto& p) { p.time = der::text(0x17, "270115080000Z"); }},
      {"an imprint of a hash alone",
       [](auto& p) { p.imprint = hex("300d300b0609608648016503040201"); }},
      {"a null that holds something",
       [](auto& p) {
         p.imprint = der::element(der::sequence,
                                  {hex("300e0609608648016503040201050100"),
                                   der::element(der::octet_string, {hash(Hash::sha256, message)})});
       }},
      {"an extension without identifier", [](auto& p) { p.after_time = hex("a10430020500"); }},
      {"version 2", [](auto& p) { p.info_version = hex("020102"); }},
      {"no policy", [](auto& p) { p.policy.clear(); }},
      {"no imprint", [](auto& p) { p.imprint.clear(); }},
      {"an imprint without hash", [](auto& p) { p.imprint = hex("3002040100"); }},
      {"an imprint with something after it",
       [](auto& p) {
         p.imprint = der::element(
             der::sequence,
             {hex("300b0609608648016503040201"),
              der::element(der::octet_string, {hash(Hash::sha256, message)}), hex("0500")});
       }},
      {"parameters that are not null",
       [](auto& p) {
         p.imprint = der::element(der::sequence,
                                  {hex("300e0609608648016503040201020105"),
                                   der::element(der::octet_string, {hash(Hash::sha256, message)})});
       }},
      {"no serial number", [](auto& p) { p.info_serial.clear(); }},
      {"a critical extension",
       [](auto& p) {
         p.after_time =
             hex("a10c300a"
                 "06022a03"
                 "0101ff"
                 "040100");
       }},
      {"an extension that is none", [](auto& p) { p.after_time = hex("a1020500"); }},
      {"something after TSTInfo", [](auto& p) { p.after_time = hex("0500"); }},
      // SignerInfo.
      {"a signer by its key's identifier",
       [](auto& p) {
         p.signer_version = hex("020103");
         p.signer = hex("800101");
       }},
      {"version 3 with a name", [](auto& p) { p.signer_version = hex("020103"); }},
      {"a signer without number", [](auto& p) { p.signer = hex("30023000"); }},
      {"a signer with something after it",
       [](auto& p) {
         p.signer =
             hex("30073000"
                 "020101"
                 "0500");
       }},
      {"a null for the signer", [](auto& p) { p.signer = hex("0500"); }},
      {"a signer without name", [](auto& p) { p.signer = hex("3003020101"); }},
      {"no hash", [](auto& p) { p.digest_algorithm.clear(); }},
      {"no algorithm", [](auto& p) { p.signature_algorithm.clear(); }},
      {"a null among the attributes", [](auto& p) { p.more_attributes = hex("0500"); }},
      {"an attribute without type", [](auto& p) { p.more_attributes = hex("30023100"); }},
      {"an attribute without values", [](auto& p) { p.more_attributes = hex("300406022a03"); }},
      {"SHA-1 over the content",
       [](auto& p) { p.digest_algorithm = hex("300906052b0e03021a0500"); }},
      {"no signed attributes", [](auto& p) { p.attributes_tag = 0xA2; }},
      {"an unknown algorithm",
       [](auto& p) { p.signature_algorithm = hex("300a06082a8648ce3d040301"); }},
      {"an algorithm that does not go with the hash",
       [](auto& p) { p.signature_algorithm = hex("300a06082a8648ce3d040303"); }},
      {"no signature", [](auto& p) { p.signature = Bytes(); }},
      {"something after the signature", [](auto& p) { p.after_signature = hex("0500"); }},
      // Signed attributes.
      {"no content type", [](auto& p) { p.content_type_attribute.clear(); }},
      {"another content type",
       [](auto& p) {
         p.content_type_attribute =
             test::attribute("2a864886f70d010903", hex("06092a864886f70d010701"));
       }},
      {"no message digest", [](auto& p) { p.message_digest_attribute = Bytes(); }},
      {"a message digest of another type",
       [](auto& p) {
         p.message_digest_attribute = test::attribute("2a864886f70d010904", hex("020105"));
       }},
      {"an attribute twice", [](auto& p) { p.more_attributes = p.content_type_attribute; }},
      {"the signer's certificate twice",
       [](auto& p) { p.more_attributes = p.certificate_attribute; }},
      {"an attribute with two values",
       [](auto& p) {
         p.message_digest_attribute = test::attribute(
             "2a864886f70d010904", joined({der::element(der::octet_string, {Bytes(32)}),
                                           der::element(der::octet_string, {Bytes(32)})}));
       }},
      {"an attribute with something after it",
       [](auto& p) {
         p.more_attributes =
             hex("300a"
                 "06022a03"
                 "31020500"
                 "0500");
       }},
      {"a signing time that is none",
       [](auto& p) {
         p.signing_time_attribute =
             test::attribute("2a864886f70d010905", der::text(0x17, "271315080000Z"));
       }},
      {"a signing time of another type",
       [](auto& p) {
         p.signing_time_attribute =
             test::attribute("2a864886f70d010905", der::text(0x16, "270115080000Z"));
       }},
      // The attribute of CVE-2025-69420.
      {"no signing certificate", [](auto& p) { p.certificate_attribute.clear(); }},
      {"the older attribute, and not of its shape",
       [](auto& p) {
         p.certificate_attribute = test::attribute("2a864886f70d010910020c", hex("30023000"));
       }},
      {"a newer attribute that is malformed beside the older one",
       [&](auto& p) {
         p.certificate_attribute = test::signing_certificate_sha1(leaf);
         p.more_attributes = test::attribute("2a864886f70d010910022f", hex("30023000"));
       }},
      {"an integer for the signing certificate",
       [](auto& p) {
         p.certificate_attribute = test::attribute("2a864886f70d010910022f", hex("020105"));
       }},
      {"no value for the signing certificate",
       [](auto& p) { p.certificate_attribute = test::attribute("2a864886f70d010910022f", {}); }},
      {"a boolean for its list",
       [](auto& p) {
         p.certificate_attribute = test::attribute("2a864886f70d010910022f", hex("30030101ff"));
       }},
      {"no entry in its list",
       [](auto& p) {
         p.certificate_attribute = test::attribute("2a864886f70d010910022f", hex("30023000"));
       }},
      {"an entry without hash", [&](auto& p) { p.certificate_attribute = entry({}); }},
      {"an integer for the hash", [&](auto& p) { p.certificate_attribute = entry(hex("020105")); }},
      {"SHA-1 for the hash",
       [&](auto& p) {
         p.certificate_attribute = entry(joined({hex("300906052b0e03021a0500"), digest}));
       }},
      {"a null for the issuer",
       [&](auto& p) { p.certificate_attribute = entry(joined({digest, hex("0500")})); }},
      {"an issuer that is no name",
       [&](auto& p) {
         p.certificate_attribute = entry(joined({digest, hex("3007"
                                                             "30028200"
                                                             "020101")}));
       }},
      {"an issuer without number",
       [&](auto& p) {
         p.certificate_attribute = entry(joined({digest, hex("3006"
                                                             "3004a4023000")}));
       }},
      {"a number without issuer",
       [&](auto& p) { p.certificate_attribute = entry(joined({digest, hex("3003020101")})); }},
      {"something after the number",
       [&](auto& p) {
         p.certificate_attribute = entry(joined({digest, hex("300b"
                                                             "3004a4023000"
                                                             "020101"
                                                             "0500")}));
       }},
      {"something after the issuer",
       [&](auto& p) {
         p.certificate_attribute = entry(joined({digest,
                                                 hex("3009"
                                                     "3004a4023000"
                                                     "020101"),
                                                 hex("0500")}));
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto token = TimestampToken::parse(pretend().stamp(message, at, row.change));
    REQUIRE_FALSE(token);
    CHECK(token.error().code == row.code);
  }
  for (const char* response : {
           "30053003020100",  // granted, and no token
           "30023000",        // no status
           "3002020100",      // a status that is none
           "3014"
           "3003020100"
           "300d"
           "06092a864886f70d010702"
           "a000",  // a token without data
           "3012"
           "3003020100"
           "300b"
           "06092a864886f70d010702",  // a token of a type alone
       }) {
    CAPTURE(response);
    CHECK(TimestampToken::parse(hex(response)).error().code == Code::signature_timestamp);
  }
  const Bytes good = pretend().stamp(message, at);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(TimestampToken::parse(ByteView(good).first(size)));
  }
  for (const std::vector<std::size_t>& path : std::vector<std::vector<std::size_t>>{
           {}, {1}, {1, 1}, {1, 1, 0}, {1, 1, 0, 2}, {1, 1, 0, 2, 1}}) {
    CAPTURE(path);
    CHECK(TimestampToken::parse(with_more(good, path)).error().code == Code::signature_timestamp);
  }
  Bytes huge(limits::max_timestamp_bytes + 1, 0);
  CHECK(TimestampToken::parse(huge).error().message.find("too large") != std::string::npos);
}

TEST_CASE("why the authority refused is told, safely", "[timestamp]") {
  const auto token =
      TimestampToken::parse(hex("300b3009"
                                "020102"
                                "3004"
                                "0c02"
                                "1b58"));
  REQUIRE_FALSE(token);
  CHECK(token.error().code == Code::signature_timestamp);
  CHECK(token.error().message == "the authority granted no timestamp (status 2): \\x1bX");
}

TEST_CASE("a timestamp's time has one spelling", "[timestamp][X509-24]") {
  struct Row {
    const char* text;
    std::optional<std::chrono::microseconds> after;
  };
  const auto row = GENERATE(values<Row>({
      {"20270115080000Z", 0us},
      {"20270115080000.5Z", 500'000us},
      {"20270115080000.000001Z", 1us},
      {"20270115080000.999999999Z", 999'999us},
      {"20270115080000.0Z", std::nullopt},
      {"20270115080000.50Z", std::nullopt},
      {"20270115080000.Z", std::nullopt},
      {"20270115080000,5Z", std::nullopt},
      {"20270115080000.5.5Z", std::nullopt},
      {"20270115080000.1234567891Z", std::nullopt},
      {"20270115080000.-5Z", std::nullopt},
      {"20270115080000.5X", std::nullopt},
      {"20270115080000X", std::nullopt},
      {"20270115080000", std::nullopt},
      {"20270115080000+0000", std::nullopt},
      {"202701150800Z", std::nullopt},
      {"20270115080060Z", std::nullopt},
      {"20270115240000Z", std::nullopt},
      {"20270115086000Z", std::nullopt},
      {"20270230080000Z", std::nullopt},
      {"20271315080000Z", std::nullopt},
      {" 0270115080000Z", std::nullopt},
      {"", std::nullopt},
  }));
  CAPTURE(row.text);
  const auto token = TimestampToken::parse(pretend().stamp(message, row.text));
  REQUIRE(static_cast<bool>(token) == row.after.has_value());
  if (row.after) {
    CHECK(token->time() == at_time + *row.after);
  } else {
    CHECK(token.error().code == Code::signature_timestamp);
  }
}

TEST_CASE("a timestamp is of the bytes whose hash it holds", "[timestamp][X509-37]") {
  CHECK(code_of(verify(pretend().stamp(message, at), pretend().trusted(), to_bytes("another"))) ==
        Code::binding_timestamp);
  const auto weak = [](const Bytes& algorithm, std::size_t size) {
    return TimestampToken::parse(pretend().stamp(message, at, [&](TimestampParts& p) {
      p.imprint =
          der::element(der::sequence, {algorithm, der::element(der::octet_string, {Bytes(size)})});
    }));
  };
  CHECK(weak(hex("300906052b0e03021a0500"), 20).error().code == Code::binding_timestamp);
  CHECK(weak(hex("300b0609608648016503040204"), 28).error().code == Code::binding_timestamp);
  CHECK(weak(hex("300b0609608648016503040201"), 20).error().code == Code::binding_timestamp);
}

TEST_CASE("a token and its request know each other by the nonce", "[timestamp][X509-37]") {
  for (const std::uint64_t nonce : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x80},
                                    std::uint64_t{0x0123456789ABCDEF}, ~std::uint64_t{0}}) {
    CAPTURE(nonce);
    const Bytes response = pretend().answer(write_timestamp_request(message, nonce), at);
    CHECK(time_of(verify(response, pretend().trusted())) == at_time);
    CHECK(TimestampToken::parse(response)->nonce() == nonce);
  }
  for (const char* other : {"0201ff", "0209010000000000000000", "0209ff0000000000000000"}) {
    const auto token = TimestampToken::parse(
        pretend().stamp(message, at, [&](TimestampParts& p) { p.after_time = hex(other); }));
    REQUIRE(token);
    CHECK_FALSE(token->nonce());
  }
}

TEST_CASE("a request asks for SHA-256, a nonce and certificates", "[timestamp]") {
  const Bytes request = write_timestamp_request(message, 0x8000000000000001);
  const std::uint8_t* cursor = request.data();
  const Handle<TS_REQ, TS_REQ_free> read(
      d2i_TS_REQ(nullptr, &cursor, static_cast<long>(request.size())));
  REQUIRE(read);
  CHECK(cursor == request.data() + request.size());
  CHECK(TS_REQ_get_version(read.get()) == 1);
  CHECK(TS_REQ_get_cert_req(read.get()) == 1);
  TS_MSG_IMPRINT* imprint = TS_REQ_get_msg_imprint(read.get());
  CHECK(OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(imprint)->algorithm) == NID_sha256);
  const ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(digest));
  CHECK(to_hex(ByteView(ASN1_STRING_get0_data(digest), size)) ==
        to_hex(hash(Hash::sha256, message)));
  std::uint64_t nonce = 0;
  CHECK(ASN1_INTEGER_get_uint64(&nonce, TS_REQ_get_nonce(read.get())) == 1);
  CHECK(nonce == 0x8000000000000001);
}

TEST_CASE("a signature is over what it says, by whom it names", "[timestamp]") {
  const Pretend stranger;
  struct Row {
    const char* why;
    Pretend::Change change;
    Code code;
  };
  const Bytes& leaf = pretend().leaf().der;
  const Bytes other = issue(Pretend::leaf_text(), &pretend().root()).der;
  const std::vector<Row> rows = {
      {"another message digest",
       [](auto& p) {
         p.message_digest_attribute =
             test::attribute("2a864886f70d010904", der::element(der::octet_string, {Bytes(32)}));
       },
       Code::signature_timestamp},
      {"a message digest that is the beginning of the right one",
       [](auto& p) {
         p.message_digest_attribute =
             test::attribute("2a864886f70d010904", der::element(der::octet_string, {Bytes()}));
       },
       Code::signature_timestamp},
      {"a signature of zeros",
       [](auto& p) { p.signature = der::element(der::octet_string, {Bytes(70)}); },
       Code::signature_timestamp},
      {"an empty signature",
       [](auto& p) { p.signature = der::element(der::octet_string, {Bytes()}); },
       Code::signature_timestamp},
      {"by P-256 with SHA-384",
       [](auto& p) {
         p.scheme = Scheme::ecdsa_sha384;
         p.digest = Hash::sha384;
         p.digest_algorithm = hex("300b0609608648016503040202");
         p.signature_algorithm = hex("300a06082a8648ce3d040303");
       },
       Code::signature_timestamp},
      {"a signing time before the signer's certificate",
       [](auto& p) {
         p.signing_time_attribute =
             test::attribute("2a864886f70d010905", der::text(0x17, "200115080000Z"));
       },
       Code::time_timestamp},
      {"a signing time after the signer's certificate",
       [](auto& p) {
         p.signing_time_attribute =
             test::attribute("2a864886f70d010905", der::text(0x18, "20500115080000Z"));
       },
       Code::time_timestamp},
      {"another serial number",
       [&](auto& p) {
         Bytes name = test::signer_name(leaf);
         name.back() ^= 1;
         p.signer = name;
       },
       Code::certificate_untrusted},
      {"another issuer",
       [](auto& p) { p.signer = der::element(der::sequence, {hex("3000020107")}); },
       Code::certificate_untrusted},
      {"the hash of another certificate of the same issuer and number",
       [&](auto& p) { p.certificate_attribute = test::signing_certificate(other); },
       Code::certificate_untrusted},
      {"the same by SHA-1",
       [&](auto& p) { p.certificate_attribute = test::signing_certificate_sha1(other); },
       Code::certificate_untrusted},
      {"an empty hash by SHA-1",
       [&](auto& p) {
         const Bytes entry =
             der::element(der::sequence, {der::element(der::octet_string, {Bytes()})});
         p.certificate_attribute =
             test::attribute("2a864886f70d010910020c",
                             der::element(der::sequence, {der::element(der::sequence, {entry})}));
       },
       Code::certificate_untrusted},
      {"the right hash beside another issuer",
       [&](auto& p) {
         const Bytes digest = der::element(der::octet_string, {hash(Hash::sha256, leaf)});
         const Bytes entry = der::element(der::sequence, {digest, hex("3009"
                                                                      "3004a4023000"
                                                                      "020107")});
         p.certificate_attribute =
             test::attribute("2a864886f70d010910022f",
                             der::element(der::sequence, {der::element(der::sequence, {entry})}));
       },
       Code::certificate_untrusted},
      {"the right hash beside another number",
       [&](auto& p) {
         p.certificate_attribute = test::signing_certificate(leaf, Hash::sha256, true);
         p.certificate_attribute.back() ^= 1;
       },
       Code::certificate_untrusted},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Bytes response = pretend().stamp(message, at, row.change);
    CHECK(code_of(verify(response, pretend().trusted())) == row.code);
    CHECK(code_of(verify(response, pretend().trusted_root())) == row.code);
  }
}

TEST_CASE("no bit of a token can be changed", "[timestamp][X509-38]") {
  const Bytes good = pretend().stamp(message, at, [](auto& p) { p.certificates.clear(); });
  REQUIRE(verify(good, pretend().trusted()));
  std::size_t harmless = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      Bytes flipped = good;
      flipped[i] = static_cast<std::uint8_t>(flipped[i] ^ bit);
      if (verify(flipped, pretend().trusted())) ++harmless;
    }
  }
  // Granted or granted with modifications; the list of hashes that is nobody's concern.
  CHECK(harmless <= 1 + 2 * 15);
}

TEST_CASE("only the authority that is asked for counts", "[timestamp][X509-40]") {
  const Pretend stranger;  // the same names and numbers
  const auto foreign = [&](bool with_certificate) {
    return stranger.stamp(message, at, [&](TimestampParts& p) {
      if (!with_certificate) p.certificates.clear();
    });
  };
  for (const bool with_certificate : {true, false}) {
    CHECK(code_of(verify(foreign(with_certificate), pretend().trusted())) ==
          Code::certificate_untrusted);
    CHECK(code_of(verify(foreign(with_certificate), pretend().trusted_root())) ==
          Code::certificate_untrusted);
  }
  // With its root as well.
  const Bytes whole = stranger.stamp(message, at, [&](TimestampParts& p) {
    p.certificates = test::embedded({stranger.leaf().der, stranger.root().der});
  });
  CHECK(code_of(verify(whole, pretend().trusted_root())) == Code::certificate_untrusted);
  CHECK(verify(whole, stranger.trusted_root()));
  // Another leaf of the same authority than the one that is listed.
  const Entity second = issue(Pretend::leaf_text(), &pretend().root());
  const Bytes by_second = pretend().stamp_by(second, message, at);
  CHECK(code_of(verify(by_second, pretend().trusted())) == Code::certificate_untrusted);
  CHECK(verify(by_second, pretend().trusted_root()));
  // A token without certificate, of an authority that lists none; an authority without anything.
  CHECK(code_of(verify(pretend().stamp(message, at, [](auto& p) { p.certificates.clear(); }),
                       pretend().trusted_root())) == Code::certificate_untrusted);
  CHECK(code_of(verify(pretend().stamp(message, at), {})) == Code::certificate_untrusted);
  // A leaf is no anchor.
  CHECK(code_of(verify(pretend().stamp(message, at),
                       {{pretend().leaf().certificate()}, std::nullopt, std::nullopt})) ==
        Code::certificate_untrusted);
}

TEST_CASE("intermediates come from the authority or with the token", "[timestamp]") {
  const Entity root = issue(CertificateText::authority("Root"), nullptr);
  const Entity middle = issue(CertificateText::authority("Middle"), &root);
  const Pretend authority(middle, issue(Pretend::leaf_text(), &middle));
  const auto stamped = [&](const std::vector<Bytes>& certificates) {
    return authority.stamp(
        message, at, [&](TimestampParts& p) { p.certificates = test::embedded(certificates); });
  };
  const Bytes& leaf = authority.leaf().der;
  const auto trusted = [](const std::vector<Entity>& chain) {
    crypto::TimestampAuthority out;
    for (const Entity& entity : chain) out.chain.push_back(entity.certificate());
    return out;
  };
  CHECK(verify(stamped({}), trusted({authority.leaf(), middle, root})));
  CHECK(verify(stamped({leaf}), trusted({middle, root})));
  CHECK(verify(stamped({leaf, middle.der}), trusted({root})));
  CHECK(verify(stamped({leaf, middle.der, root.der}), trusted({root})));
  CHECK(verify(stamped({leaf}), trusted({middle})));
  CHECK(code_of(verify(stamped({leaf}), trusted({root}))) == Code::certificate_untrusted);
  // A listed leaf takes nothing from the token.
  CHECK(code_of(verify(stamped({leaf, middle.der}), trusted({authority.leaf(), root}))) ==
        Code::certificate_untrusted);
}

TEST_CASE("a forged certificate before the signer's changes nothing", "[timestamp][X509-36]") {
  const Bytes& leaf = pretend().leaf().der;
  // Of the same issuer and number, by the authority or by somebody else, and for other things.
  const Entity twin = issue(Pretend::leaf_text(), &pretend().root());
  const Entity self = issue(Pretend::leaf_text(), nullptr);
  const Pretend stranger;
  for (const Bytes& first : {twin.der, self.der, stranger.leaf().der}) {
    const auto with = [&](TimestampParts& p) { p.certificates = test::embedded({first, leaf}); };
    CHECK(verify(pretend().stamp(message, at, with), pretend().trusted_root()));
    // Signed by the forger, naming the good certificate.
    const auto naming = [&](TimestampParts& p) {
      with(p);
      p.signer = test::signer_name(leaf);
      p.certificate_attribute = test::signing_certificate(leaf);
    };
    CHECK(code_of(verify(pretend().stamp_by(twin, message, at, naming),
                         pretend().trusted_root())) == Code::signature_timestamp);
  }
}

TEST_CASE("a signer is for time stamping, and for nothing else", "[timestamp][X509-17]") {
  struct Row {
    const char* why;
    CertificateText text;
    Code code;
  };
  const CertificateText leaf = Pretend::leaf_text();
  const std::vector<Row> rows = {
      {"not critical", leaf.with("extendedKeyUsage", "timeStamping"), Code::certificate_usage},
      {"code signing beside it", leaf.with("extendedKeyUsage", "critical,timeStamping,codeSigning"),
       Code::certificate_usage},
      {"any purpose beside it",
       leaf.with("extendedKeyUsage", "critical,timeStamping,anyExtendedKeyUsage"),
       Code::certificate_usage},
      {"code signing", leaf.with("extendedKeyUsage", "critical,codeSigning"),
       Code::certificate_usage},
      {"any purpose", leaf.with("extendedKeyUsage", "critical,anyExtendedKeyUsage"),
       Code::certificate_usage},
      {"no purpose", leaf.without("extendedKeyUsage"), Code::certificate_usage},
      {"key usage without signatures", leaf.with("keyUsage", "critical,keyAgreement"),
       Code::certificate_usage},
      {"an unknown critical extension", leaf.with("1.2.3.4", "critical,DER:0500"),
       Code::certificate_path},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Pretend authority(pretend().root(), issue(row.text, &pretend().root()));
    const Bytes response = authority.stamp(message, at);
    CHECK(code_of(verify(response, authority.trusted())) == row.code);
    CHECK(code_of(verify(response, authority.trusted_root())) == row.code);
  }
  for (const CertificateText& text :
       {leaf.without("keyUsage"), leaf.with("keyUsage", "critical,nonRepudiation")}) {
    const Pretend authority(pretend().root(), issue(text, &pretend().root()));
    CHECK(verify(authority.stamp(message, at), authority.trusted()));
  }
  // An authority that stamps itself.
  const Entity stamper =
      issue(CertificateText::authority("Both").with("extendedKeyUsage", "critical,timeStamping"),
            &pretend().root());
  CHECK(code_of(verify(pretend().stamp_by(stamper, message, at), pretend().trusted_root())) ==
        Code::certificate_untrusted);
}

TEST_CASE("authorities above a signer are for time stamping, or for nothing in particular",
          "[timestamp]") {
  const auto with = [&](const char* purposes) {
    CertificateText text = CertificateText::authority("Root");
    if (purposes != nullptr) text = text.with("extendedKeyUsage", purposes);
    const Entity root = issue(text, nullptr);
    const Pretend authority(root, issue(Pretend::leaf_text(), &root));
    return verify(authority.stamp(message, at), authority.trusted());
  };
  CHECK(with(nullptr));
  CHECK(with("timeStamping"));
  CHECK(with("anyExtendedKeyUsage"));
  CHECK(code_of(with("codeSigning")) == Code::certificate_usage);
}

TEST_CASE("an authority counts in its closed window, to the microsecond", "[timestamp][X509-41]") {
  crypto::TimestampAuthority authority = pretend().trusted();
  authority.not_before = at_time + 500'000us;
  authority.not_after = at_time + 59s + 999'000us;
  const auto tell = [&](const char* time) {
    return verify(pretend().stamp(message, time), authority);
  };
  CHECK(code_of(tell("20270115080000Z")) == Code::time_timestamp);
  CHECK(code_of(tell("20270115080000.499999Z")) == Code::time_timestamp);
  CHECK(tell("20270115080000.5Z"));
  CHECK(tell("20270115080001Z"));
  CHECK(tell("20270115080059.999Z"));
  CHECK(code_of(tell("20270115080059.999001Z")) == Code::time_timestamp);
  CHECK(code_of(tell("20270115080100Z")) == Code::time_timestamp);
}

TEST_CASE("the path is judged at the token's time, to the microsecond", "[timestamp][X509-39]") {
  const auto floor = [](Time time) { return std::chrono::floor<std::chrono::seconds>(time); };
  for (const bool root_ends : {true, false}) {
    CAPTURE(root_ends);
    CertificateText root_text = CertificateText::authority("Root");
    CertificateText leaf_text = Pretend::leaf_text();
    CertificateText& changed = root_ends ? root_text : leaf_text;
    changed.not_before = floor(at_time);
    changed.not_after = floor(at_time) + 10s;
    const Entity root = issue(root_text, nullptr);
    const Pretend authority(root, issue(leaf_text, &root));
    const auto tell = [&](const char* time) {
      return verify(authority.stamp(message, time), authority.trusted());
    };
    CHECK(code_of(tell("20270115075959.999Z")) == Code::time_timestamp);
    CHECK(tell("20270115080000Z"));
    CHECK(tell("20270115080010Z"));
    CHECK(code_of(tell("20270115080010.000001Z")) == Code::time_timestamp);
    CHECK(code_of(tell("20270115080011Z")) == Code::time_timestamp);
  }
}

TEST_CASE("OpenSSL takes the pretend tokens, and its own are taken here", "[timestamp]") {
  const auto x509 = [](const Entity& entity) {
    const std::uint8_t* cursor = entity.der.data();
    return X509Handle(d2i_X509(nullptr, &cursor, static_cast<long>(entity.der.size())));
  };
  const X509Handle leaf = x509(pretend().leaf());
  const X509Handle root = x509(pretend().root());

  const Bytes ours = pretend().stamp(message, at);
  const std::uint8_t* cursor = ours.data();
  const Handle<TS_RESP, TS_RESP_free> read(
      d2i_TS_RESP(nullptr, &cursor, static_cast<long>(ours.size())));
  REQUIRE(read);
  const Handle<TS_VERIFY_CTX, TS_VERIFY_CTX_free> check(TS_VERIFY_CTX_new());
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root.get());
  TS_VERIFY_CTX_set_flags(check.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
  TS_VERIFY_CTX_set_store(check.get(), store);
  TS_VERIFY_CTX_set_data(check.get(),
                         BIO_new_mem_buf(message.data(), static_cast<int>(message.size())));
  CHECK(TS_RESP_verify_response(check.get(), read.get()) == 1);
  INFO(drain_errors());

  const Handle<TS_RESP_CTX, TS_RESP_CTX_free> maker(TS_RESP_CTX_new());
  TS_RESP_CTX_set_serial_cb(
      maker.get(),
      [](TS_RESP_CTX*, void*) {
        ASN1_INTEGER* serial = ASN1_INTEGER_new();
        ASN1_INTEGER_set(serial, 5);
        return serial;
      },
      nullptr);
  TS_RESP_CTX_set_time_cb(
      maker.get(),
      [](TS_RESP_CTX*, void*, long* whole, long* microseconds) {
        *whole = 1'800'000'000;
        *microseconds = 250'000;
        return 1;
      },
      nullptr);
  TS_RESP_CTX_set_clock_precision_digits(maker.get(), 6);
  REQUIRE(TS_RESP_CTX_set_signer_cert(maker.get(), leaf.get()) == 1);
  REQUIRE(TS_RESP_CTX_set_signer_key(maker.get(), pretend().leaf().key.get()) == 1);
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj("1.2.3", 1));
  REQUIRE(TS_RESP_CTX_set_def_policy(maker.get(), policy.get()) == 1);
  REQUIRE(TS_RESP_CTX_add_md(maker.get(), EVP_sha256()) == 1);
  REQUIRE(TS_RESP_CTX_set_signer_digest(maker.get(), EVP_sha256()) == 1);
  REQUIRE(TS_RESP_CTX_set_ess_cert_id_digest(maker.get(), EVP_sha256()) == 1);
  const Bytes request = write_timestamp_request(message, 77);
  const Bio input(BIO_new_mem_buf(request.data(), static_cast<int>(request.size())));
  const Handle<TS_RESP, TS_RESP_free> made(TS_RESP_create_response(maker.get(), input.get()));
  REQUIRE(made);
  std::uint8_t* encoded = nullptr;
  const int size = i2d_TS_RESP(made.get(), &encoded);
  REQUIRE(size > 0);
  const Bytes theirs(encoded, encoded + size);
  OPENSSL_free(encoded);
  CHECK(time_of(verify(theirs, pretend().trusted())) == at_time + 250'000us);
  CHECK(time_of(verify(theirs, pretend().trusted_root())) == at_time + 250'000us);
  CHECK(TimestampToken::parse(theirs)->nonce() == 77);
}

TEST_CASE("Sigstore's timestamps hold where peers say so, and fail for the reason named",
          "[timestamp][vectors]") {
  const std::map<std::string, Code> wrong = {
      {"rekor2-timestamp-outside-trust-root-tsa-validity_fail", Code::time_timestamp},
      {"rekor2-timestamp-outside-tsa-cert-validity_fail", Code::time_timestamp},
      {"rekor2-timestamp-payload-mismatch_fail", Code::binding_timestamp},
      {"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail", Code::certificate_untrusted},
      {"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", Code::certificate_untrusted},
      // Its base64 has line breaks, and is no bytes at all.
      {"rekor2-timestamp-with-incorrect-time_fail", Code::signature_timestamp},
  };
  const std::vector<std::string> names = test::conformance_names();
  if (names.empty()) std::cout << "skipped: no conformance vectors beside the project\n";
  std::size_t good = 0;
  std::size_t bad = 0;
  for (const std::string& name : names) {
    const auto one = test::conformance_case(name);
    if (!one) continue;
    for (const Bytes& response : one->timestamps) {
      REQUIRE(one->timestamp_authorities.size() == 1);
      const auto verified = verify(response, one->timestamp_authorities[0], one->signature);
      CAPTURE(name, verified ? "" : verified.error().message);
      const auto expected = wrong.find(name);
      if (expected == wrong.end()) {
        CHECK(verified);
        ++good;
      } else {
        CHECK(code_of(verified) == expected->second);
        ++bad;
      }
    }
  }
  CHECK((names.empty() || (good > 20 && bad == wrong.size())));
}

}  // namespace touchstone::crypto
