#include "tests/support/certificate_log.h"

#include <catch2/catch.hpp>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "crypto/hash.h"

namespace touchstone::test {
namespace {

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_number(Bytes& out, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void append_opaque(Bytes& out, ByteView bytes, int width) {
  append_number(out, bytes.size(), width);
  append(out, bytes);
}

}  // namespace

Bytes CertificateLog::id() const { return crypto::hash(crypto::Hash::sha256, key().der()); }

crypto::CertificateLog CertificateLog::trusted() const {
  return {id(), key(), certificate_begin, std::nullopt};
}

Bytes CertificateLog::stamp(ByteView certificate, const crypto::PublicKey& issuer,
                            const Text& text) const {
  Bytes message = {0, 0};  // v1, certificate_timestamp
  append_number(message, text.milliseconds, 8);
  append_number(message, 1, 2);  // precert_entry
  append(message, crypto::hash(crypto::Hash::sha256, issuer.der()));
  append_opaque(message, certificate, 3);
  append_opaque(message, text.extensions, 2);
  const auto signature = key_.sign(key().signing_scheme(), message);
  REQUIRE(signature);

  Bytes out = {text.version};
  append(out, text.log_id.empty() ? id() : text.log_id);
  append_number(out, text.milliseconds, 8);
  append_opaque(out, text.extensions, 2);
  out.push_back(text.hash_algorithm);
  out.push_back(text.signature_algorithm);
  append_opaque(out, *signature, 2);
  append(out, text.after);
  return out;
}

Bytes to_be_signed(ByteView certificate) {
  Reader outer(certificate);
  Reader inner(*der::expect(outer, der::sequence));
  const ByteView whole = der::next(inner)->whole;
  return {whole.begin(), whole.end()};
}

Bytes timestamp_list(const std::vector<Bytes>& timestamps) {
  Bytes list;
  for (const Bytes& timestamp : timestamps) append_opaque(list, timestamp, 2);
  Bytes out;
  append_opaque(out, list, 2);
  return out;
}

CertificateText with_timestamps(const CertificateText& text, ByteView list) {
  CertificateText out = text;
  out.more_extensions.insert(
      out.more_extensions.begin(),
      {"1.3.6.1.4.1.11129.2.4.2", "DER:" + to_hex(der::element(der::octet_string, {list}))});
  return out;
}

}  // namespace touchstone::test
