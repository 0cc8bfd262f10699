#include "hsm/pcsc_error.h"

#include <winscard.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/encoding.h"

namespace touchstone::hsm {
namespace {

struct Row {
  LONG value;
  Code code;
  const char* text;
};
const std::array<Row, 17> table = {{
    {SCARD_E_NO_SERVICE, Code::device_no_service, "the smart-card service (pcscd) is not running"},
    {SCARD_E_SERVICE_STOPPED, Code::device_no_service, "the smart-card service (pcscd) stopped"},
    {SCARD_F_COMM_ERROR, Code::device_no_service, "the smart-card service (pcscd) went away"},
    {SCARD_E_INVALID_HANDLE, Code::device_no_service, "the smart-card service (pcscd) restarted"},
    {SCARD_W_SECURITY_VIOLATION, Code::device_not_allowed,
     "the smart-card service refuses this user"},
    {SCARD_E_SHARING_VIOLATION, Code::device_busy, "another program holds the card for itself"},
    {SCARD_E_NO_READERS_AVAILABLE, Code::device_not_found, "there is no smart-card reader"},
    {SCARD_E_UNKNOWN_READER, Code::device_not_found, "there is no reader of that name"},
    {SCARD_E_NO_SMARTCARD, Code::device_not_found, "there is no card in the reader"},
    {SCARD_E_READER_UNAVAILABLE, Code::device_removed, "the reader was removed"},
    {SCARD_W_REMOVED_CARD, Code::device_removed, "the card was removed"},
    {SCARD_W_RESET_CARD, Code::device_removed, "the card was reset by another program"},
    {SCARD_E_NOT_TRANSACTED, Code::device_removed, "the card no longer answers"},
    {SCARD_W_UNPOWERED_CARD, Code::device_failed, "the card has no power"},
    {SCARD_W_UNRESPONSIVE_CARD, Code::device_failed, "the card does not respond to a reset"},
    {SCARD_W_UNSUPPORTED_CARD, Code::device_failed, "the card is of an unknown kind"},
    {SCARD_E_PROTO_MISMATCH, Code::device_failed, "the card speaks another protocol"},
}};

std::string hex(long value) {
  const auto bits = static_cast<std::uint32_t>(value);
  const std::array<std::uint8_t, 4> bytes = {
      static_cast<std::uint8_t>(bits >> 24), static_cast<std::uint8_t>(bits >> 16),
      static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
  return to_hex(bytes);
}

}  // namespace

Error pcsc_error(long value, std::string_view what) {
  // The service's numbers have 32 bits; `long` may carry their sign or not.
  const auto row = std::ranges::find_if(table, [&](const Row& candidate) {
    return static_cast<std::uint32_t>(candidate.value) == static_cast<std::uint32_t>(value);
  });
  const std::string prefix = std::string(what) + ": ";
  if (row != table.end()) return Error{row->code, prefix + row->text, ""};
  return Error{Code::device_failed, prefix + "the smart-card service reports " + hex(value), ""};
}

}  // namespace touchstone::hsm
