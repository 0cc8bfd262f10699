#include "crypto/timestamp_contents.h"

#include <algorithm>
#include <array>

#include "base/der.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/asn1_time.h"

namespace touchstone::crypto {
namespace {

constexpr std::uint8_t boolean = 0x01;
constexpr std::uint8_t null = 0x05;
constexpr std::uint8_t utf8_string = 0x0C;
constexpr std::uint8_t utc_time = 0x17;
constexpr std::uint8_t generalized_time = 0x18;
constexpr std::uint8_t set_of = 0x31;
constexpr std::uint8_t context_0 = 0xA0;
constexpr std::uint8_t context_1 = 0xA1;
constexpr std::uint8_t directory_name = 0xA4;  // GeneralName [4]

template <std::size_t n>
constexpr std::array<std::uint8_t, n> oid(const std::uint8_t (&list)[n]) {
  return std::to_array(list);
}
constexpr auto signed_data = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02});
constexpr auto content_type = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03});
constexpr auto message_digest = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04});
constexpr auto signing_time = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05});
constexpr auto timestamp_info =
    oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04});
constexpr auto signing_certificate =
    oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0C});
constexpr auto signing_certificate_v2 =
    oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F});
constexpr auto sha256 = oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01});
constexpr auto sha384 = oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02});
constexpr auto sha512 = oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03});
constexpr auto ecdsa_with_sha256 = oid({0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02});
constexpr auto ecdsa_with_sha384 = oid({0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03});
constexpr auto ecdsa_with_sha512 = oid({0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04});
constexpr auto rsa_encryption = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01});
constexpr auto sha256_with_rsa = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B});
constexpr auto sha384_with_rsa = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C});
constexpr auto sha512_with_rsa = oid({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D});
constexpr auto ed25519 = oid({0x2B, 0x65, 0x70});

struct KnownSignature {
  ByteView identifier;
  Hash digest;
  Scheme scheme;
};
// RFC 8419 section 3.1: Ed25519 goes with SHA-512 over the content.
constexpr std::array known_signatures = {
    KnownSignature{ecdsa_with_sha256, Hash::sha256, Scheme::ecdsa_sha256},
    KnownSignature{ecdsa_with_sha384, Hash::sha384, Scheme::ecdsa_sha384},
    KnownSignature{ecdsa_with_sha512, Hash::sha512, Scheme::ecdsa_sha512},
    KnownSignature{rsa_encryption, Hash::sha256, Scheme::rsa_pkcs1_sha256},
    KnownSignature{rsa_encryption, Hash::sha384, Scheme::rsa_pkcs1_sha384},
    KnownSignature{rsa_encryption, Hash::sha512, Scheme::rsa_pkcs1_sha512},
    KnownSignature{sha256_with_rsa, Hash::sha256, Scheme::rsa_pkcs1_sha256},
    KnownSignature{sha384_with_rsa, Hash::sha384, Scheme::rsa_pkcs1_sha384},
    KnownSignature{sha512_with_rsa, Hash::sha512, Scheme::rsa_pkcs1_sha512},
    KnownSignature{ed25519, Hash::sha512, Scheme::ed25519}};

Error malformed(std::string_view why) {
  return Error{Code::signature_timestamp, "a timestamp is malformed: " + std::string(why), ""};
}

bool same(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

bool is_number(std::optional<ByteView> magnitude, std::uint8_t value) {
  return magnitude && magnitude->size() == 1 && magnitude->front() == value;
}

// What the one element that `bytes` consist of holds.
std::optional<ByteView> only(ByteView bytes, std::uint8_t tag) {
  Reader reader(bytes);
  const auto content = der::expect(reader, tag);
  return reader.at_end() ? content : std::nullopt;
}

std::optional<ByteView> whole(Reader& reader, std::uint8_t tag) {
  const auto element = der::next(reader);
  return element && element->tag == tag ? std::optional(element->whole) : std::nullopt;
}

// The identifier of an AlgorithmIdentifier whose parameters are absent or NULL.
std::optional<ByteView> read_algorithm(Reader& reader) {
  const auto body = der::expect(reader, der::sequence);
  if (!body) return std::nullopt;
  Reader inner(*body);
  const auto identifier = der::expect(inner, der::object_identifier);
  const auto parameters = der::expect(inner, null);
  if (!inner.at_end() || (parameters && !parameters->empty())) return std::nullopt;
  return identifier;
}

std::optional<Hash> hash_of(ByteView identifier) {
  if (same(identifier, sha256)) return Hash::sha256;
  if (same(identifier, sha384)) return Hash::sha384;
  if (same(identifier, sha512)) return Hash::sha512;
  return std::nullopt;
}

std::size_t size_of(Hash hash) {
  return hash == Hash::sha256 ? 32 : hash == Hash::sha384 ? 48 : 64;
}

// RFC 3161 section 2.4.2: "YYYYMMDDhhmmss[.s...]Z"; fractions "MUST omit all trailing 0's".
std::optional<TimestampContents::Time> read_time(std::string_view text) {
  constexpr std::size_t before_fraction = 14;
  if (text.size() <= before_fraction || text.back() != 'Z') return std::nullopt;
  std::string_view fraction = text.substr(before_fraction);
  fraction.remove_suffix(1);
  const auto seconds = parse_generalized_time(std::string(text.substr(0, before_fraction)) + 'Z');
  if (!seconds) return std::nullopt;
  if (fraction.empty()) return *seconds;
  if (fraction.front() != '.' || fraction.size() < 2 || fraction.size() > 10) return std::nullopt;
  fraction.remove_prefix(1);
  if (fraction.back() == '0' || fraction.find_first_not_of("0123456789") != fraction.npos) {
    return std::nullopt;
  }
  std::int64_t microseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    microseconds = 10 * microseconds + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  return *seconds + std::chrono::microseconds(microseconds);
}

// RFC 3161 section 2.4.2: the token is there when the status is granted or grantedWithMods.
Status read_status(Reader& response) {
  const auto info = der::expect(response, der::sequence);
  if (!info) return malformed("no status");
  Reader reader(*info);
  const auto status = der::unsigned_integer(reader);
  if (!status || status->size() > 1) return malformed("no status");
  if (status->empty() || status->front() == 1) return ok();
  std::string why = "the authority granted no timestamp (status " +
                    std::to_string(unsigned{status->front()}) + ")";
  if (const auto texts = der::expect(reader, der::sequence)) {
    Reader list(*texts);
    if (const auto text = der::expect(list, utf8_string)) {
      why += ": " + printable(as_text(*text));
    }
  }
  return Error{Code::signature_timestamp, why, ""};
}

// Extensions of TSTInfo: none is known, so none may be critical.
bool has_critical_extension(ByteView extensions) {
  Reader reader(extensions);
  while (!reader.at_end()) {
    const auto extension = der::expect(reader, der::sequence);
    if (!extension) return true;
    Reader inner(*extension);
    if (!der::expect(inner, der::object_identifier)) return true;
    const auto critical = der::expect(inner, boolean);
    if (critical && !same(*critical, std::array<std::uint8_t, 1>{0})) return true;
  }
  return false;
}

Status read_info(ByteView bytes, TimestampContents& out) {
  const auto body = only(bytes, der::sequence);
  if (!body) return malformed("no TSTInfo");
  Reader reader(*body);
  if (!is_number(der::unsigned_integer(reader), 1)) return malformed("its version is not 1");
  const auto policy = der::expect(reader, der::object_identifier);
  const auto imprint = der::expect(reader, der::sequence);
  const auto serial = der::expect(reader, der::integer);
  const auto time_text = der::expect(reader, generalized_time);
  if (!policy || !imprint || !serial || !time_text) return malformed("TSTInfo");

  Reader imprint_reader(*imprint);
  const auto algorithm = read_algorithm(imprint_reader);
  const auto digest = der::expect(imprint_reader, der::octet_string);
  if (!algorithm || !digest || !imprint_reader.at_end()) return malformed("its imprint");
  const auto imprint_hash = hash_of(*algorithm);
  if (!imprint_hash || digest->size() != size_of(*imprint_hash)) {
    return Error{Code::binding_timestamp,
                 "a timestamp's imprint is by a hash other than SHA-256, SHA-384 and SHA-512", ""};
  }
  const auto time = read_time(as_text(*time_text));
  if (!time) return malformed("its time");
  out.info = bytes;
  out.imprint_hash = *imprint_hash;
  out.imprint = *digest;
  out.time = *time;

  static_cast<void>(der::expect(reader, der::sequence));  // accuracy: widens nothing
  static_cast<void>(der::expect(reader, boolean));        // ordering
  out.nonce = der::expect(reader, der::integer);
  static_cast<void>(der::expect(reader, context_0));  // tsa: a hint; the certificate is compared
  const auto extensions = der::expect(reader, context_1);
  if (extensions && has_critical_extension(*extensions)) return malformed("a critical extension");
  if (!reader.at_end()) return malformed("something follows TSTInfo");
  return ok();
}

// RFC 2634 section 5.4 and RFC 5035 section 3: the list's first entry is the signer's.
std::optional<SigningCertificate> read_signing_certificate(ByteView value, bool version_2) {
  const auto body = only(value, der::sequence);
  if (!body) return std::nullopt;
  Reader outer(*body);
  const auto list = der::expect(outer, der::sequence);
  if (!list) return std::nullopt;
  Reader entries(*list);
  const auto first = der::expect(entries, der::sequence);
  if (!first) return std::nullopt;

  SigningCertificate out;
  Reader reader(*first);
  if (version_2) {
    out.algorithm = Hash::sha256;  // by default
    if (Reader(reader).byte() == der::sequence) {
      const auto identifier = read_algorithm(reader);
      out.algorithm = identifier ? hash_of(*identifier) : std::nullopt;
      if (!out.algorithm) return std::nullopt;
    }
  }
  const auto certificate_hash = der::expect(reader, der::octet_string);
  if (!certificate_hash) return std::nullopt;
  out.hash = *certificate_hash;
  if (reader.at_end()) return out;

  const auto issuer_serial = der::expect(reader, der::sequence);
  if (!issuer_serial || !reader.at_end()) return std::nullopt;
  Reader inner(*issuer_serial);
  const auto names = der::expect(inner, der::sequence);
  out.serial = whole(inner, der::integer);
  out.issuer = names ? only(*names, directory_name) : std::nullopt;
  if (!out.issuer || !out.serial || !inner.at_end()) return std::nullopt;
  return out;
}

// The signed attributes that matter, each as its value.
struct Attributes {
  std::optional<ByteView> content_type;
  std::optional<ByteView> message_digest;
  std::optional<ByteView> signing_time;
  std::optional<ByteView> signing_certificate;
  std::optional<ByteView> signing_certificate_v2;
};

std::optional<ByteView>* place_of(ByteView identifier, Attributes& attributes) {
  if (same(identifier, content_type)) return &attributes.content_type;
  if (same(identifier, message_digest)) return &attributes.message_digest;
  if (same(identifier, signing_time)) return &attributes.signing_time;
  if (same(identifier, signing_certificate)) return &attributes.signing_certificate;
  if (same(identifier, signing_certificate_v2)) return &attributes.signing_certificate_v2;
  return nullptr;
}

// RFC 5652 section 11: each of these "MUST NOT include multiple instances".
Result<Attributes> split_attributes(ByteView set) {
  Attributes attributes;
  Reader reader(set);
  while (!reader.at_end()) {
    const auto attribute = der::expect(reader, der::sequence);
    if (!attribute) return malformed("its signed attributes");
    Reader inner(*attribute);
    const auto identifier = der::expect(inner, der::object_identifier);
    const auto values = der::expect(inner, set_of);
    if (!identifier || !values || !inner.at_end()) return malformed("a signed attribute");
    std::optional<ByteView>* place = place_of(*identifier, attributes);
    if (place == nullptr) continue;
    if (*place) return malformed("a signed attribute twice");
    *place = *values;
  }
  return attributes;
}

Status read_attributes(ByteView set, TimestampContents& out) {
  TS_TRY(const Attributes attributes, split_attributes(set));
  const auto type = attributes.content_type ? only(*attributes.content_type, der::object_identifier)
                                            : std::nullopt;
  if (!type || !same(*type, timestamp_info)) return malformed("its signed content type");
  const auto digest = attributes.message_digest
                          ? only(*attributes.message_digest, der::octet_string)
                          : std::nullopt;
  if (!digest) return malformed("its signed message digest");
  if (attributes.signing_time) {
    const auto utc = only(*attributes.signing_time, utc_time);
    const auto generalized = only(*attributes.signing_time, generalized_time);
    if (utc) out.signing_time = parse_utc_time(as_text(*utc));
    if (generalized) out.signing_time = parse_generalized_time(as_text(*generalized));
    if (!out.signing_time) return malformed("its signing time");
  }
  const auto by_version_2 = attributes.signing_certificate_v2;
  const auto certificate = by_version_2 ? read_signing_certificate(*by_version_2, true)
                           : attributes.signing_certificate
                               ? read_signing_certificate(*attributes.signing_certificate, false)
                               : std::nullopt;
  if (!certificate) return malformed("the signed name of its signer's certificate");
  out.signed_attributes = set;
  out.message_digest = *digest;
  out.signing_certificate = *certificate;
  return ok();
}

Status read_signer(ByteView bytes, TimestampContents& out) {
  const auto body = only(bytes, der::sequence);
  if (!body) return malformed("it has not exactly one signer");
  Reader reader(*body);
  // RFC 5652 section 5.3: version 1 names the signer by issuer and serial number.
  if (!is_number(der::unsigned_integer(reader), 1)) {
    return malformed("its signer is not named by issuer and serial number");
  }
  const auto signer = der::expect(reader, der::sequence);
  if (!signer) return malformed("its signer");
  Reader names(*signer);
  const auto issuer = whole(names, der::sequence);
  const auto serial = whole(names, der::integer);
  if (!issuer || !serial || !names.at_end()) return malformed("its signer");
  out.issuer = *issuer;
  out.serial = *serial;

  const auto digest_identifier = read_algorithm(reader);
  const auto digest = digest_identifier ? hash_of(*digest_identifier) : std::nullopt;
  if (!digest) return malformed("its signer's hash is not SHA-256, SHA-384 or SHA-512");
  out.digest = *digest;
  const auto attributes = der::expect(reader, context_0);
  if (!attributes) return malformed("it has no signed attributes");
  TS_CHECK(read_attributes(*attributes, out));

  const auto identifier = read_algorithm(reader);
  const auto known = std::ranges::find_if(known_signatures, [&](const KnownSignature& one) {
    return identifier && same(one.identifier, *identifier) && one.digest == *digest;
  });
  if (known == known_signatures.end()) {
    return malformed("the signature's algorithm is not known, or does not go with the hash");
  }
  out.scheme = known->scheme;
  const auto signature = der::expect(reader, der::octet_string);
  if (!signature) return malformed("it has no signature");
  out.signature = *signature;
  static_cast<void>(der::expect(reader, context_1));  // attributes that are not signed
  if (!reader.at_end()) return malformed("something follows the signature");
  return ok();
}

Status read_certificates(ByteView set, TimestampContents& out) {
  Reader reader(set);
  while (!reader.at_end()) {
    const auto certificate = whole(reader, der::sequence);
    if (!certificate) return malformed("its certificates");
    if (out.certificates.size() == limits::max_chain_certificates) {
      return malformed("too many certificates");
    }
    out.certificates.push_back(*certificate);
  }
  return ok();
}

// RFC 5652 section 5.1.
Status read_signed_data(ByteView body, TimestampContents& out) {
  Reader reader(body);
  // "If [...] eContentType is other than id-data then version MUST be 3".
  if (!is_number(der::unsigned_integer(reader), 3)) return malformed("SignedData's version");
  const auto algorithms = der::expect(reader, set_of);
  const auto encapsulated = der::expect(reader, der::sequence);
  if (!algorithms || !encapsulated) return malformed("SignedData");
  Reader content(*encapsulated);
  const auto type = der::expect(content, der::object_identifier);
  const auto value = der::expect(content, context_0);
  if (!type || !same(*type, timestamp_info) || !value || !content.at_end()) {
    return malformed("it holds no TSTInfo");
  }
  const auto info = only(*value, der::octet_string);
  if (!info) return malformed("it holds no TSTInfo");
  TS_CHECK(read_info(*info, out));
  if (const auto certificates = der::expect(reader, context_0)) {
    TS_CHECK(read_certificates(*certificates, out));
  }
  static_cast<void>(der::expect(reader, context_1));  // revocation lists
  const auto signers = der::expect(reader, set_of);
  if (!signers || !reader.at_end()) return malformed("SignedData");
  return read_signer(*signers, out);
}

}  // namespace

Result<TimestampContents> TimestampContents::read(ByteView response) {
  if (response.size() > limits::max_timestamp_bytes) return malformed("it is too large");
  const auto body = only(response, der::sequence);
  if (!body) return malformed("no TimeStampResp");
  Reader reader(*body);
  TS_CHECK(read_status(reader));
  const auto token = der::expect(reader, der::sequence);
  if (!token || !reader.at_end()) return malformed("no token");
  Reader inner(*token);
  const auto type = der::expect(inner, der::object_identifier);
  const auto content = der::expect(inner, context_0);
  const auto data = content ? only(*content, der::sequence) : std::nullopt;
  if (!type || !same(*type, signed_data) || !data || !inner.at_end()) {
    return malformed("no SignedData");
  }
  TimestampContents out;
  TS_CHECK(read_signed_data(*data, out));
  return out;
}

}  // namespace touchstone::crypto
