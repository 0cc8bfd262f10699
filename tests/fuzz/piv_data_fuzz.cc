#include "base/text.h"
#include "hsm/piv_data.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// Each answer of a card, read by each of its parsers: what comes out is less than went in, and text
// is safe to print.
FUZZ_TARGET(input) {
  (void)hsm::SlotMetadata::parse(input);
  (void)hsm::PinMetadata::parse(input);
  (void)hsm::ManagementMetadata::parse(input);
  (void)hsm::is_management_key_behind_pin(input);
  const auto key = hsm::management_key_behind_pin(input);
  fuzz::require(!key || key->size() < input.size());
  const auto next = hsm::next_management_key_behind_pin(input);
  fuzz::require(!next || next->size() < input.size());
  (void)hsm::spki_of_made_key(0x11, input);
  (void)hsm::spki_of_made_key(0x07, input);
  const auto signature = hsm::signature_of_answer(input);
  fuzz::require(!signature || signature->size() < input.size());
  const auto stored = hsm::StoredCertificate::parse(input);
  fuzz::require(!stored || stored->der.size() < input.size());
  const auto facts = hsm::CertificateFacts::parse(input);
  fuzz::require(!facts || is_printable(facts->subject));
}
