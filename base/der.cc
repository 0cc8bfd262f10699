#include "base/der.h"

namespace touchstone::der {

std::optional<Element> next(Reader& reader) {
  Reader ahead = reader;
  const ByteView from_here = *Reader(reader).take(reader.left());
  const auto tag = ahead.byte();
  if (!tag || (*tag & 0x1F) == 0x1F) return std::nullopt;
  const auto first = ahead.byte();
  if (!first) return std::nullopt;
  std::size_t length = *first;
  if (*first >= 0x80) {
    const std::size_t width = *first & 0x7F;
    if (width == 0 || width > 4) return std::nullopt;
    const auto value = ahead.big_endian(width);
    // X.690 10.1: "the definite form of length encoding shall be used, encoded in the minimum
    // number of octets".
    if (!value || *value < 0x80 || *value >> (8 * (width - 1)) == 0) return std::nullopt;
    length = static_cast<std::size_t>(*value);
  }
  const auto content = ahead.take(length);
  if (!content) return std::nullopt;
  const std::size_t size = ahead.offset() - reader.offset();
  reader = ahead;
  return Element{*tag, *content, from_here.first(size)};
}

std::optional<ByteView> expect(Reader& reader, std::uint8_t tag) {
  Reader ahead = reader;
  const auto element = next(ahead);
  if (!element || element->tag != tag) return std::nullopt;
  reader = ahead;
  return element->content;
}

std::optional<ByteView> unsigned_integer(Reader& reader) {
  const auto content = expect(reader, integer);
  if (!content || content->empty()) return std::nullopt;
  if (((*content)[0] & 0x80) != 0) return std::nullopt;
  if ((*content)[0] != 0) return *content;
  // X.690 8.3.2: the first nine bits "shall not all be zero".
  if (content->size() > 1 && ((*content)[1] & 0x80) == 0) return std::nullopt;
  return content->subspan(1);
}

}  // namespace touchstone::der
