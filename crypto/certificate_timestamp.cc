#include "crypto/certificate_timestamp.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <vector>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/reader.h"
#include "crypto/certificate_parts.h"
#include "crypto/hash.h"

namespace touchstone::crypto {
namespace {

// 1.3.6.1.4.1.11129.2.4.2 and .3
constexpr std::array<std::uint8_t, 10> timestamp_list = {0x2B, 0x06, 0x01, 0x04, 0x01,
                                                         0xD6, 0x79, 0x02, 0x04, 0x02};
constexpr std::array<std::uint8_t, 10> poison = {0x2B, 0x06, 0x01, 0x04, 0x01,
                                                 0xD6, 0x79, 0x02, 0x04, 0x03};
constexpr std::uint8_t extensions_tag = 0xA3;  // [3], explicit
constexpr std::uint8_t version_1 = 0;
constexpr std::size_t log_id_bytes = 32;
constexpr std::uint8_t sha256 = 4;  // RFC 5246 section 7.4.1.4.1
constexpr std::uint8_t rsa = 1;
constexpr std::uint8_t ecdsa = 3;

struct Timestamp {
  ByteView log_id;
  std::uint64_t milliseconds = 0;  // since 1970
  ByteView extensions;
  std::uint8_t hash_algorithm = 0;
  std::uint8_t signature_algorithm = 0;
  ByteView signature;
};

Error malformed(std::string_view why) {
  return Error{Code::certificate_malformed,
               "a certificate is malformed: its log timestamps: " + std::string(why), ""};
}

Error uncounted(const std::string& why) { return Error{Code::certificate_transparency, why, ""}; }

// An opaque string of TLS: its length in `width` octets, and itself.
std::optional<ByteView> take_opaque(Reader& reader, std::size_t width) {
  const auto size = reader.big_endian(width);
  if (!size) return std::nullopt;
  return reader.take(static_cast<std::size_t>(*size));
}

std::optional<Timestamp> read_timestamp(Reader reader) {
  const auto log_id = reader.take(log_id_bytes);
  const auto milliseconds = reader.big_endian(8);
  const auto extensions = take_opaque(reader, 2);
  const auto hash_algorithm = reader.byte();
  const auto signature_algorithm = reader.byte();
  const auto signature = take_opaque(reader, 2);
  if (!log_id || !milliseconds || !extensions || !hash_algorithm || !signature_algorithm ||
      !signature || !reader.at_end()) {
    return std::nullopt;
  }
  return Timestamp{*log_id,         *milliseconds,        *extensions,
                   *hash_algorithm, *signature_algorithm, *signature};
}

// RFC 6962 section 3.3: "SerializedSCT sct_list <1..2^16-1>", in an OCTET STRING of its own.
Result<std::vector<Timestamp>> read_list(ByteView extension) {
  Reader outer(extension);
  const auto octets = der::expect(outer, der::octet_string);
  if (!octets || !outer.at_end()) return malformed("no OCTET STRING");
  Reader whole(*octets);
  const auto list = take_opaque(whole, 2);
  if (!list || !whole.at_end() || list->empty()) return malformed("no list");
  std::vector<Timestamp> timestamps;
  Reader reader(*list);
  for (std::size_t count = 1; !reader.at_end(); ++count) {
    if (count > limits::max_certificate_timestamps) return malformed("too many");
    const auto serialized = take_opaque(reader, 2);
    if (!serialized) return malformed("the list ends within one");
    Reader one(*serialized);
    const auto version = one.byte();
    if (!version) return malformed("an empty one");
    // "out-of-date clients can still parse old SCTs while skipping over new SCTs whose versions
    // they don't understand"
    if (*version != version_1) continue;
    const auto timestamp = read_timestamp(one);
    if (!timestamp) return malformed("one that is cut off, or followed by something");
    timestamps.push_back(*timestamp);
  }
  return timestamps;
}

// RFC 6962 section 3.2: the TBSCertificate "without the SCT extension".
Bytes without_timestamps(const CertificateParts& parts) {
  Bytes kept;
  for (const CertificateExtension& extension : parts.extensions) {
    if (std::ranges::equal(extension.identifier, timestamp_list)) continue;
    kept.insert(kept.end(), extension.whole.begin(), extension.whole.end());
  }
  if (kept.empty()) return der::element(der::sequence, {parts.before_extensions});
  const Bytes list = der::element(der::sequence, {kept});
  return der::element(der::sequence,
                      {parts.before_extensions, der::element(extensions_tag, {list})});
}

void append_number(Bytes& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// RFC 6962 section 3.2, "digitally-signed struct", for an entry of type precert_entry.
Bytes signed_bytes(const Timestamp& timestamp, ByteView issuer_key_hash, ByteView certificate) {
  constexpr std::uint8_t certificate_timestamp = 0;
  constexpr std::uint64_t precertificate = 1;
  Bytes out = {version_1, certificate_timestamp};
  append_number(out, timestamp.milliseconds, 8);
  append_number(out, precertificate, 2);
  append(out, issuer_key_hash);
  append_number(out, certificate.size(), 3);
  append(out, certificate);
  append_number(out, timestamp.extensions.size(), 2);
  append(out, timestamp.extensions);
  return out;
}

bool in_window(const CertificateLog& log, std::uint64_t milliseconds) {
  using Time = CertificateLog::Time;
  constexpr std::int64_t latest = std::numeric_limits<Time::rep>::max() / 1000;
  if (milliseconds > static_cast<std::uint64_t>(latest)) return false;
  const Time time(std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds)));
  return log.not_before <= time && (!log.not_after || time <= *log.not_after);
}

bool is_signed(const CertificateLog& log, const Timestamp& timestamp, ByteView message) {
  const bool is_rsa = log.key.kind() == KeyKind::rsa;
  if (timestamp.hash_algorithm != sha256) return false;
  if (timestamp.signature_algorithm != (is_rsa ? rsa : ecdsa)) return false;
  return log.key.verify(is_rsa ? Scheme::rsa_pkcs1_sha256 : Scheme::ecdsa_sha256, message,
                        timestamp.signature);
}

}  // namespace

Result<std::size_t> count_certificate_logs(const Certificate& leaf, const Certificate& issuer,
                                           std::span<const CertificateLog> logs) {
  const auto parts = CertificateParts::split(leaf.der());
  if (!parts) return malformed("no certificate");
  if (parts->find(poison) != nullptr) return malformed("it is a precertificate");
  const CertificateExtension* extension = parts->find(timestamp_list);
  if (extension == nullptr) return uncounted("the certificate carries no timestamp of any log");
  TS_TRY(const auto timestamps, read_list(extension->value));

  const Bytes certificate = without_timestamps(*parts);
  const Bytes issuer_key_hash = hash(Hash::sha256, issuer.key().der());
  std::set<Bytes> counted;
  Error why = uncounted("the certificate's timestamps are all of logs that are not trusted");
  for (const Timestamp& timestamp : timestamps) {
    const Bytes message = signed_bytes(timestamp, issuer_key_hash, certificate);
    const std::string name = "the certificate log " + to_hex(timestamp.log_id);
    for (const CertificateLog& log : logs) {
      if (!std::ranges::equal(log.log_id, timestamp.log_id)) continue;
      if (!in_window(log, timestamp.milliseconds)) {
        why = uncounted(name + " did not count at the time of its timestamp");
      } else if (!is_signed(log, timestamp, message)) {
        why = uncounted(name + " did not sign the timestamp that the certificate carries");
      } else {
        counted.insert(log.log_id);
      }
    }
  }
  if (counted.empty()) return why;
  return counted.size();
}

}  // namespace touchstone::crypto
