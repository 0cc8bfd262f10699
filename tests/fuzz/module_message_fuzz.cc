#include <algorithm>

#include "hsm/message.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

namespace {

template <class T>
void read_and_write(ByteView input) {
  T value{};
  if (!hsm::MessageReader(input)(value).finished()) return;
  const hsm::MessageWriter again = hsm::MessageWriter()(value);
  fuzz::require(std::ranges::equal(again.bytes(), input));
}

}  // namespace

// What is read is written again in the same way: there is one way to say a thing.
FUZZ_TARGET(input) {
  read_and_write<std::vector<KeyDescription>>(input);
  read_and_write<hsm::ManagerState>(input);
  read_and_write<hsm::Holding>(input);
  read_and_write<hsm::PinState>(input);
  read_and_write<hsm::Pkcs11Uri>(input);
  read_and_write<Error>(input);
}
