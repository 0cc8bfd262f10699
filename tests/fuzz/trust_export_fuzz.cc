#include "tests/fuzz/fuzz.h"
#include "trust/root_export.h"

using namespace touchstone;

// What is read is written and read back the same.
FUZZ_TARGET(input) {
  const auto roots = trust::read_export(input);
  if (!roots) return;
  const std::string text = trust::write_export(*roots);
  const auto again = trust::read_export(as_bytes(text));
  fuzz::require(again && trust::write_export(*again) == text);
}
