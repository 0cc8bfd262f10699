#include "tests/support/piv_card/apdu.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/reader.h"

namespace touchstone::piv_card {
namespace {

constexpr std::size_t max_answer_bytes = 256;
constexpr std::uint8_t chaining = 0x10;  // of CLA

struct Name {
  std::uint8_t instruction;
  const char* name;
};
constexpr std::array<Name, 19> names = {{
    {ins::verify, "VERIFY"},
    {ins::change_reference, "CHANGE-REFERENCE"},
    {ins::reset_retry_counter, "RESET-RETRY-COUNTER"},
    {ins::generate, "GENERATE"},
    {ins::general_authenticate, "GENERAL-AUTHENTICATE"},
    {ins::select, "SELECT"},
    {ins::get_response, "GET-RESPONSE"},
    {ins::get_data, "GET-DATA"},
    {ins::put_data, "PUT-DATA"},
    {ins::move_key, "MOVE-KEY"},
    {ins::get_metadata, "GET-METADATA"},
    {ins::get_serial, "GET-SERIAL"},
    {ins::attest, "ATTEST"},
    {ins::set_retries, "SET-RETRIES"},
    {ins::reset, "RESET"},
    {ins::get_version, "GET-VERSION"},
    {ins::import_key, "IMPORT-KEY"},
    {ins::set_management_key, "SET-MANAGEMENT-KEY"},
    {0x01, "OTP-SERIAL"},
}};

std::optional<std::size_t> read_length(Reader& reader) {
  const auto first = reader.byte();
  if (!first) return std::nullopt;
  if (*first < 0x80) return *first;
  if (*first != 0x81 && *first != 0x82) return std::nullopt;
  const auto length = reader.big_endian(*first & 0x7FU);
  if (!length) return std::nullopt;
  return static_cast<std::size_t>(*length);
}

}  // namespace

std::optional<Command> Command::parse(ByteView apdu) {
  Reader reader(apdu);
  const auto header = reader.take(4);
  if (!header) return std::nullopt;
  Command command{(*header)[0], (*header)[1], (*header)[2], (*header)[3], {}};
  if (reader.left() <= 1) return command;  // nothing, or Le alone
  const auto length = reader.byte();
  const auto data = reader.take(*length);
  if (!data || reader.left() > 1) return std::nullopt;
  command.data.assign(data->begin(), data->end());
  return command;
}

std::string instruction_name(std::uint8_t instruction) {
  const auto known = std::ranges::find_if(
      names, [&](const Name& name) { return name.instruction == instruction; });
  return known == names.end() ? to_hex({&instruction, 1}) : known->name;
}

std::optional<Command> Framing::collect(Command piece) {
  chained_.insert(chained_.end(), piece.data.begin(), piece.data.end());
  if ((piece.cla & chaining) != 0) return std::nullopt;
  piece.data = std::exchange(chained_, {});
  return piece;
}

Bytes Framing::deal(const Answer& answer) {
  waiting_ = answer.data;
  status_ = answer.status;
  return deal_rest();
}

Bytes Framing::deal_rest() {
  const std::size_t size = std::min(waiting_.size(), max_answer_bytes);
  Bytes out(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  // 61xx: how many bytes are still there, 00 for 256 and more.
  const std::size_t left = waiting_.size() >= max_answer_bytes ? 0 : waiting_.size();
  const std::uint16_t status =
      waiting_.empty() ? status_ : static_cast<std::uint16_t>(0x6100 | left);
  out.push_back(static_cast<std::uint8_t>(status >> 8));
  out.push_back(static_cast<std::uint8_t>(status));
  return out;
}

void Framing::reset() {
  chained_.clear();
  waiting_.clear();
}

Bytes tlv(std::initializer_list<std::uint8_t> tag, ByteView value) {
  Bytes out(tag);
  const std::size_t size = value.size();
  if (size > 0xFF) {
    out.insert(out.end(), {0x82, static_cast<std::uint8_t>(size >> 8)});
  } else if (size > 0x7F) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<std::uint8_t>(size));
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

Bytes tlv(std::uint8_t tag, ByteView value) { return tlv({tag}, value); }

Bytes concatenated(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

std::optional<std::map<std::uint8_t, Bytes>> parse_tlv(ByteView bytes) {
  std::map<std::uint8_t, Bytes> found;
  Reader reader(bytes);
  while (!reader.at_end()) {
    const auto tag = reader.byte();
    const auto length = read_length(reader);
    const auto value = length ? reader.take(*length) : std::nullopt;
    if (!value) return std::nullopt;
    found[*tag] = Bytes(value->begin(), value->end());
  }
  return found;
}

}  // namespace touchstone::piv_card
