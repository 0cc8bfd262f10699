#include "base/reader.h"
#include "base/text.h"
#include "crypto/key_attestation.h"
#include "tests/fuzz/certificate_around.h"

using namespace touchstone;

// Three extensions of an attestation: their arc and numbers, each with its length before it.
FUZZ_TARGET(input) {
  if (input.size() > 4096) return;
  Reader reader(input);
  const std::uint8_t arc = (reader.byte().value_or(0) & 1) == 0 ? 3 : 4;
  Bytes all;
  for (std::uint8_t last = 0; last < 12 && !reader.at_end();) {
    last = static_cast<std::uint8_t>(last + 1 + reader.byte().value_or(0) % 4);
    const auto value = reader.take(reader.byte().value_or(0));
    if (!value) return;
    Bytes identifier = *from_hex("2b0601040182c40a");
    identifier.push_back(arc);
    identifier.push_back(last);
    const Bytes one = fuzz::extension(identifier, *value);
    all.insert(all.end(), one.begin(), one.end());
  }
  const Bytes subject =
      fuzz::name(arc == 3 ? "YubiKey PIV Attestation 9c" : "YubiHSM Attestation id 0x0001");
  const crypto::Certificate certificate = fuzz::certificate_around(all, subject);
  const auto facts = crypto::read_key_attestation(certificate, certificate);
  if (!facts) return;
  fuzz::require(is_printable(facts->place));
}
