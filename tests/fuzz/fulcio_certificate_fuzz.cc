#include "base/reader.h"
#include "base/text.h"
#include "crypto/fulcio_certificate.h"
#include "tests/fuzz/certificate_around.h"

using namespace touchstone;

// Two extensions, their numbers and the first one's length before them. What they say is text.
FUZZ_TARGET(input) {
  Reader reader(input);
  const std::uint8_t first = reader.byte().value_or(0) & 0x7F;
  const std::uint8_t second = reader.byte().value_or(0) & 0x7F;
  const auto value = reader.take(reader.byte().value_or(0));
  if (!value || first == second || input.size() > 4096) return;
  Bytes identifier = *from_hex("2b0601040183bf300100");
  identifier.back() = first;
  Bytes both = fuzz::extension(identifier, *value);
  identifier.back() = second;
  const Bytes other = fuzz::extension(identifier, *reader.take(reader.left()));
  both.insert(both.end(), other.begin(), other.end());
  const auto fields = crypto::fulcio_fields(fuzz::certificate_around(both));
  if (!fields) return;
  fuzz::require(is_valid_utf8(fields->issuer));
  for (const auto& [name, text] : fields->values) fuzz::require(is_valid_utf8(text));
}
