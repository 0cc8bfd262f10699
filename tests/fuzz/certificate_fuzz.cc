#include "crypto/certificate_chain.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// A certificate that is accepted has one spelling, and never vouches for itself.
FUZZ_TARGET(input) {
  const auto certificates = crypto::Certificate::from_file(input);
  if (!certificates) return;
  const crypto::Certificate& first = certificates->front();
  const auto again = crypto::Certificate::from_der(first.der());
  fuzz::require(again && *again == first);
  fuzz::require(!crypto::find_path(first, {}, {&first, 1}, crypto::Purpose::code_signing,
                                   first.not_before()));
}
