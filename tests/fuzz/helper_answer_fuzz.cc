#include "oci/helper_answer.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is accepted, asked to be saved, reads back.
FUZZ_TARGET(input) {
  const auto answer = oci::read_helper_answer(input, "registry.example");
  if (!answer || !*answer) return;
  const auto request = oci::helper_store_request("registry.example", **answer);
  const auto again = oci::read_helper_answer(as_bytes(request), "registry.example");
  fuzz::require(again && *again && (*again)->secret.reveal() == (*answer)->secret.reveal());
}
