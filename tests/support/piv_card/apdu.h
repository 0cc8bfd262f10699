// What goes over the wire to a card: commands and answers, command chaining and GET RESPONSE.
//
// Spec: ISO/IEC 7816-4 section 5.3, as NIST SP 800-73-4 part 2 uses it. Short lengths only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace touchstone::piv_card {

struct Command {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  Bytes data;

  // Absent when the bytes are no short command APDU.
  static std::optional<Command> parse(ByteView apdu);
};

struct Answer {
  Answer(std::uint16_t status_word) : status(status_word) {}
  Answer(Bytes bytes) : data(std::move(bytes)) {}

  Bytes data;
  std::uint16_t status = 0x9000;
};

namespace ins {
constexpr std::uint8_t verify = 0x20;
constexpr std::uint8_t change_reference = 0x24;
constexpr std::uint8_t reset_retry_counter = 0x2C;
constexpr std::uint8_t generate = 0x47;
constexpr std::uint8_t general_authenticate = 0x87;
constexpr std::uint8_t select = 0xA4;
constexpr std::uint8_t get_response = 0xC0;
constexpr std::uint8_t get_data = 0xCB;
constexpr std::uint8_t put_data = 0xDB;
constexpr std::uint8_t move_key = 0xF6;  // from here on: Yubico's own
constexpr std::uint8_t get_metadata = 0xF7;
constexpr std::uint8_t get_serial = 0xF8;
constexpr std::uint8_t attest = 0xF9;
constexpr std::uint8_t set_retries = 0xFA;
constexpr std::uint8_t reset = 0xFB;
constexpr std::uint8_t get_version = 0xFD;
constexpr std::uint8_t import_key = 0xFE;
constexpr std::uint8_t set_management_key = 0xFF;
}  // namespace ins

// "VERIFY", "GENERAL-AUTHENTICATE"; in hex when it has no name.
std::string instruction_name(std::uint8_t instruction);

// Collects chained commands and deals out long answers.
class Framing {
 public:
  // The whole command once its last piece is there; before that, nothing.
  std::optional<Command> collect(Command piece);

  // The first 256 bytes and the status; the rest waits for GET RESPONSE.
  Bytes deal(const Answer& answer);
  Bytes deal_rest();

  void reset();

 private:
  Bytes chained_;
  Bytes waiting_;
  std::uint16_t status_ = 0x9000;
};

// BER-TLV with tags of one to three bytes.
Bytes tlv(std::initializer_list<std::uint8_t> tag, ByteView value);
Bytes tlv(std::uint8_t tag, ByteView value);
Bytes concatenated(std::initializer_list<Bytes> parts);

// The elements of one level by their tag of one byte; absent when malformed.
std::optional<std::map<std::uint8_t, Bytes>> parse_tlv(ByteView bytes);

}  // namespace touchstone::piv_card
