#include "hsm/piv_name.h"

#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::hsm {
namespace {

constexpr std::string_view yubikey = "yubikey:";
constexpr std::string_view piv = "piv:";

Error malformed(const std::string& why) {
  return Error{Code::usage_key_uri, "the key's name " + why,
               "yubikey:9c, yubikey:serial=12345678;slot=9c or piv:reader=NAME;slot=9c"};
}

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != ';' && c != '%'; }

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) {
      out += text[i];
      continue;
    }
    const auto byte =
        text[i] == '%' ? from_hex(ascii_lower(text.substr(i + 1, 2))) : std::optional<Bytes>();
    if (!byte || byte->size() != 1 || byte->front() == 0) {
      return malformed("has a character in \"reader\" that must be written %HH");
    }
    out += static_cast<char>(byte->front());
    i += 2;
  }
  if (out.empty()) return malformed("has an empty \"reader\"");
  return out;
}

std::string encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += "%" + to_hex({&byte, 1});
    }
  }
  return out;
}

Result<std::uint8_t> parse_slot(std::string_view text) {
  const auto byte = from_hex(text);
  if (!byte || byte->size() != 1 || !is_piv_slot(byte->front())) {
    return malformed("has a slot that is not 9a, 9c, 9d, 9e or 82 to 95");
  }
  return byte->front();
}

Result<std::uint32_t> parse_serial(std::string_view text) {
  std::uint32_t serial = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), serial);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '0') {
    return malformed("has a \"serial\" that is not a decimal number");
  }
  return serial;
}

Status set_attribute(PivName& name, std::string_view attribute, bool& has_slot) {
  const std::size_t equals = attribute.find('=');
  const std::string_view key = attribute.substr(0, equals);
  if (key == "pin" || key == "pin-value") {
    return Error{Code::usage_pin_in_arguments, "the key's name has a PIN in it", ""};
  }
  if (equals == std::string_view::npos) return malformed("has an attribute that is not NAME=VALUE");
  const std::string_view value = attribute.substr(equals + 1);
  if (key == "slot" && !has_slot) {
    has_slot = true;
    TS_TRY(name.slot, parse_slot(value));
    return ok();
  }
  if (key == "serial" && !name.serial) {
    TS_TRY(name.serial, parse_serial(value));
    return ok();
  }
  if (key == "reader" && !name.reader) {
    TS_TRY(name.reader, decode(value));
    return ok();
  }
  return malformed("has an attribute twice, or one other than \"serial\", \"reader\" and \"slot\"");
}

}  // namespace

bool is_piv_name(std::string_view text) {
  return text.starts_with(yubikey) || text.starts_with(piv);
}

bool is_piv_slot(std::uint8_t slot) {
  return slot == 0x9A || (slot >= 0x9C && slot <= 0x9E) || (slot >= 0x82 && slot <= 0x95);
}

std::string slot_text(std::uint8_t slot) { return to_hex({&slot, 1}); }

Result<PivName> PivName::parse(std::string_view text) {
  if (!is_piv_name(text)) return malformed("begins with neither \"yubikey:\" nor \"piv:\"");
  if (text.size() > limits::max_key_uri_bytes) return malformed("is too long");
  PivName name;
  name.any_maker = text.starts_with(piv);
  text.remove_prefix(name.any_maker ? piv.size() : yubikey.size());
  if (text.empty()) return name;
  if (text.size() == 2) {
    TS_TRY(name.slot, parse_slot(text));
    return name;
  }
  bool has_slot = false;
  for (const std::string_view attribute : split(text, ';')) {
    TS_CHECK(set_attribute(name, attribute, has_slot));
  }
  return name;
}

std::string PivName::to_string() const {
  std::string text(any_maker ? piv : yubikey);
  if (serial) text += "serial=" + std::to_string(*serial) + ";";
  if (reader) text += "reader=" + encode(*reader) + ";";
  return text + (serial || reader ? "slot=" : "") + slot_text(slot);
}

}  // namespace touchstone::hsm
