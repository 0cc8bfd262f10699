#include "base/text.h"

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/limits.h"

namespace touchstone {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t length;  // bytes taken; 0 when they are no UTF-8
};

// RFC 3629: shortest forms only, no surrogates, nothing past U+10FFFF.
CodePoint next_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {0, 0};
  char32_t value = lead & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[length] || value > 0x10FFFF) return {0, 0};
  if (value >= 0xD800 && value <= 0xDFFF) return {0, 0};
  return {value, length};
}

bool is_unsafe(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return true;  // C0, DEL, C1
  if (c == 0xAD || c == 0x61C || c == 0x180E || c == 0xFEFF) return true;
  if (c >= 0x200B && c <= 0x200F) return true;  // zero width, LRM, RLM
  if (c >= 0x2028 && c <= 0x202E) return true;  // separators, embeddings, overrides
  if (c >= 0x2060 && c <= 0x206F) return true;  // invisible operators, isolates
  if (c == 0xFFFE || c == 0xFFFF) return true;  // no characters, and not allowed in XML
  return (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void append_escaped(std::string& out, char32_t c) {
  const std::array<std::uint8_t, 3> bytes = {static_cast<std::uint8_t>(c >> 16),
                                             static_cast<std::uint8_t>(c >> 8),
                                             static_cast<std::uint8_t>(c)};
  if (c <= 0xFF) {
    out += "\\x" + to_hex(ByteView(bytes).last(1));
  } else {
    out += "\\u{" + to_hex(ByteView(bytes).last(c > 0xFFFF ? 3 : 2)) + "}";
  }
}

}  // namespace

bool begins_job_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  text.remove_prefix(2);
  while (!text.empty() && is_letter(text.front())) text.remove_prefix(1);
  return text.starts_with('[');
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limits::max_printed_bytes) {
      out += "...";
      break;
    }
    const CodePoint c = next_code_point(text);
    if (c.length == 0) {
      append_escaped(out, static_cast<std::uint8_t>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (is_unsafe(c.value) || begins_job_command(text)) {
      append_escaped(out, c.value);
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
  return out;
}

std::size_t printable_prefix(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const CodePoint c = next_code_point(text.substr(length));
    if (c.length == 0 || is_unsafe(c.value)) break;
    length += c.length;
  }
  return length;
}

bool is_printable(std::string_view text) { return printable_prefix(text) == text.size(); }

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = next_code_point(text);
    if (c.length == 0) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace touchstone
