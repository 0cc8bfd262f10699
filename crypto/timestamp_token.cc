#include "crypto/timestamp_token.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/reader.h"
#include "base/time.h"
#include "crypto/certificate_chain.h"
#include "crypto/certificate_parts.h"
#include "crypto/openssl.h"
#include "crypto/verifying_context.h"

namespace touchstone::crypto {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using Time = TimestampToken::Time;

constexpr std::uint8_t set_of = 0x31;
constexpr std::array<std::uint8_t, 3> version_1 = {0x02, 0x01, 0x01};
constexpr std::array<std::uint8_t, 3> certificates_wanted = {0x01, 0x01, 0xFF};
constexpr std::array<std::uint8_t, 15> sha256_algorithm = {
    0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};

Error not_signed(std::string_view why) {
  return Error{Code::signature_timestamp, "a timestamp " + std::string(why), ""};
}

Error out_of_time(std::string_view why) {
  return Error{Code::time_timestamp, "a timestamp: " + std::string(why), ""};
}

bool same(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

// RFC 3161 names the signer's certificate by SHA-1, and some authorities still do. Nothing rests on
// it: the certificate's issuer, number, signature and path are asked for as well.
Bytes sha1_name(ByteView certificate) {
  Bytes out(20);
  // As for any hash: one that cannot be computed has no safe substitute.
  if (EVP_Q_digest(verifying_library(), "SHA1", nullptr, certificate.data(), certificate.size(),
                   out.data(), nullptr) != 1) {
    std::abort();
  }
  return out;
}

// Who an authority lets sign, and what may lie above.
struct Signers {
  std::vector<Certificate> leaves;
  std::vector<Certificate> between;
  std::span<const Certificate> anchors;
};

Signers signers_of(const TimestampContents& contents, const TimestampAuthority& authority) {
  Signers signers;
  std::span<const Certificate> chain(authority.chain);
  const bool names_leaf = !chain.empty() && !chain.front().is_authority();
  if (names_leaf) {
    signers.leaves.push_back(chain.front());
    chain = chain.subspan(1);
  }
  if (!chain.empty()) {
    signers.anchors = chain.last(1);
    const auto above = chain.first(chain.size() - 1);
    signers.between.assign(above.begin(), above.end());
  }
  if (names_leaf) return signers;
  for (const ByteView der : contents.certificates) {
    const auto certificate = Certificate::from_der(der);
    // A root that comes along ends no path, and one that cannot be read lies on none.
    if (!certificate || certificate->is_self_signed()) continue;
    (certificate->is_authority() ? signers.between : signers.leaves).push_back(*certificate);
  }
  return signers;
}

// By all that the token says of its signer.
bool is_named(const Certificate& certificate, const TimestampContents& contents) {
  const auto parts = CertificateParts::split(certificate.der());
  if (!parts || !same(parts->issuer, contents.issuer) || !same(parts->serial, contents.serial)) {
    return false;
  }
  const SigningCertificate& named = contents.signing_certificate;
  const Bytes hashed =
      named.algorithm ? hash(*named.algorithm, certificate.der()) : sha1_name(certificate.der());
  if (!same(hashed, named.hash)) return false;
  return !named.issuer ||
         (same(*named.issuer, parts->issuer) && same(*named.serial, parts->serial));
}

// RFC 5652 section 5.4: what is signed is the SET OF, not the [0] that stands in its place.
Status check_signature(const TimestampContents& contents, const Certificate& signer) {
  if (!same(hash(contents.digest, contents.info), contents.message_digest)) {
    return not_signed("is not what was signed");
  }
  const Bytes message = der::element(set_of, {contents.signed_attributes});
  if (!signer.key().verify(contents.scheme, message, contents.signature)) {
    return not_signed("is not signed by the certificate that it names");
  }
  return ok();
}

Status check_times(const TimestampContents& contents, const TimestampAuthority& authority,
                   const Certificate& signer) {
  if (authority.not_before && contents.time < *authority.not_before) {
    return out_of_time("its authority did not count yet at " +
                       to_rfc3339(floor<seconds>(contents.time)));
  }
  if (authority.not_after && contents.time > *authority.not_after) {
    return out_of_time("its authority did not count any more at " +
                       to_rfc3339(floor<seconds>(contents.time)));
  }
  if (contents.signing_time && !signer.valid_at(*contents.signing_time)) {
    return out_of_time("its signer was not valid at the signing time that it tells");
  }
  return ok();
}

}  // namespace

Result<TimestampToken> TimestampToken::parse(ByteView response) {
  auto parsed = std::make_shared<Parsed>();
  parsed->bytes.assign(response.begin(), response.end());
  TS_TRY(parsed->contents, TimestampContents::read(parsed->bytes));
  return TimestampToken(std::move(parsed));
}

std::optional<std::uint64_t> TimestampToken::nonce() const {
  if (!contents().nonce) return std::nullopt;
  const Bytes whole = der::element(der::integer, {*contents().nonce});
  Reader reader(whole);
  const auto magnitude = der::unsigned_integer(reader);
  if (!magnitude) return std::nullopt;
  return magnitude->empty() ? 0 : Reader(*magnitude).big_endian(magnitude->size());
}

Result<VerifiedTimestamp> verify_timestamp(const TimestampToken& token, ByteView stamped,
                                           const TimestampAuthority& authority) {
  const TimestampContents& contents = token.contents();
  if (!same(hash(contents.imprint_hash, stamped), contents.imprint)) {
    return Error{Code::binding_timestamp, "a timestamp is of other bytes than the signature", ""};
  }
  const Signers signers = signers_of(contents, authority);
  const auto signer = std::ranges::find_if(signers.leaves, [&](const Certificate& certificate) {
    return is_named(certificate, contents);
  });
  if (signer == signers.leaves.end()) {
    return Error{Code::certificate_untrusted,
                 "a timestamp is by a signer that the authority does not name, or whose "
                 "certificate is not there",
                 ""};
  }
  TS_CHECK(check_signature(contents, *signer));
  TS_CHECK(check_times(contents, authority, *signer));
  const auto path = find_path(*signer, signers.between, signers.anchors, Purpose::time_stamping,
                              floor<seconds>(contents.time));
  if (!path) {
    if (path.error().code == Code::time_certificate) return out_of_time(path.error().message);
    return path.error();
  }
  // The path was judged at the whole second before.
  if (contents.time > path->not_after) {
    return out_of_time("a certificate above it ended at " + to_rfc3339(path->not_after));
  }
  return VerifiedTimestamp{contents.time};
}

Bytes write_timestamp_request(ByteView message, std::uint64_t nonce) {
  const Bytes digest = der::element(der::octet_string, {hash(Hash::sha256, message)});
  const Bytes imprint = der::element(der::sequence, {sha256_algorithm, digest});
  std::array<std::uint8_t, 8> magnitude{};
  for (std::size_t i = 0; i < magnitude.size(); ++i) {
    magnitude[i] = static_cast<std::uint8_t>(nonce >> (56 - 8 * i));
  }
  return der::element(der::sequence,
                      {version_1, imprint, der::unsigned_number(magnitude), certificates_wanted});
}

}  // namespace touchstone::crypto
