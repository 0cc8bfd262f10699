#include "crypto/certificate_parts.h"

#include <algorithm>

#include "base/der.h"

namespace touchstone::crypto {
namespace {

constexpr std::uint8_t version_tag = 0xA0;     // [0], explicit
constexpr std::uint8_t extensions_tag = 0xA3;  // [3], explicit
constexpr std::uint8_t boolean = 0x01;

std::optional<CertificateExtension> read_extension(ByteView content, ByteView whole) {
  Reader reader(content);
  const auto identifier = der::expect(reader, der::object_identifier);
  if (!identifier) return std::nullopt;
  const auto critical = der::expect(reader, boolean);
  const auto value = der::expect(reader, der::octet_string);
  if (!value || !reader.at_end()) return std::nullopt;
  const bool is_critical = critical && critical->size() == 1 && critical->front() != 0;
  return CertificateExtension{*identifier, is_critical, *value, whole};
}

std::optional<std::vector<CertificateExtension>> read_extensions(ByteView explicit_content) {
  Reader outer(explicit_content);
  const auto list = der::expect(outer, der::sequence);
  if (!list || !outer.at_end()) return std::nullopt;
  std::vector<CertificateExtension> extensions;
  Reader reader(*list);
  while (!reader.at_end()) {
    const auto element = der::next(reader);
    if (!element || element->tag != der::sequence) return std::nullopt;
    const auto extension = read_extension(element->content, element->whole);
    if (!extension) return std::nullopt;
    extensions.push_back(*extension);
  }
  return extensions;
}

}  // namespace

std::optional<CertificateParts> CertificateParts::split(ByteView certificate) {
  Reader outer(certificate);
  const auto body = der::expect(outer, der::sequence);
  if (!body || !outer.at_end()) return std::nullopt;
  Reader signed_part(*body);
  const auto content = der::expect(signed_part, der::sequence);
  if (!content) return std::nullopt;

  Reader reader(*content);
  CertificateParts parts;
  const auto version = der::expect(reader, version_tag);
  const auto serial = der::next(reader);
  const auto algorithm = der::expect(reader, der::sequence);
  const auto issuer = der::next(reader);
  if (!version || !serial || !algorithm || !issuer) return std::nullopt;
  if (serial->tag != der::integer || issuer->tag != der::sequence) return std::nullopt;
  parts.serial = serial->whole;
  parts.issuer = issuer->whole;
  parts.before_extensions = *content;
  while (!reader.at_end()) {
    const std::size_t start = reader.offset();
    const auto element = der::next(reader);
    if (!element) return std::nullopt;
    if (element->tag != extensions_tag) continue;
    auto extensions = read_extensions(element->content);
    if (!extensions || !reader.at_end()) return std::nullopt;
    parts.extensions = *std::move(extensions);
    parts.before_extensions = content->first(start);
  }
  return parts;
}

const CertificateExtension* CertificateParts::find(ByteView identifier) const {
  const auto found = std::ranges::find_if(extensions, [&](const CertificateExtension& extension) {
    return std::ranges::equal(extension.identifier, identifier);
  });
  return found == extensions.end() ? nullptr : &*found;
}

}  // namespace touchstone::crypto
