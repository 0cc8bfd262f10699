#include "crypto/certificate_timestamp.h"
#include "tests/fuzz/certificate_around.h"

using namespace touchstone;

// Nobody forges a log's signature: whatever list a certificate carries, no log is counted.
FUZZ_TARGET(input) {
  if (input.size() > 4096) return;
  static const Bytes list_identifier = *from_hex("2b06010401d679020402");
  const auto leaf = fuzz::certificate_around(fuzz::extension(list_identifier, input));
  const crypto::CertificateLog log{Bytes(32, 0), leaf.key(), {}, std::nullopt};
  fuzz::require(!crypto::count_certificate_logs(leaf, leaf, {&log, 1}));
}
