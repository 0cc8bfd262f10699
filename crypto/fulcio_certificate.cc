#include "crypto/fulcio_certificate.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/der.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/certificate_parts.h"

namespace touchstone::crypto {
namespace {

// 1.3.6.1.4.1.57264.1
constexpr std::array<std::uint8_t, 9> arc = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xBF, 0x30, 0x01};
constexpr std::string_view raw_issuer = "1";
constexpr std::string_view der_issuer = "8";

constexpr std::uint8_t utf8_string = 0x0C;
constexpr std::uint8_t printable_string = 0x13;
constexpr std::uint8_t ia5_string = 0x16;
constexpr std::uint8_t visible_string = 0x1A;

struct Field {
  std::string_view number;
  std::string_view name;
  bool is_der;  // a string in DER; otherwise the extension's value is the text itself
};
constexpr std::array fields = {
    Field{"2", "github-workflow-trigger", false},
    Field{"3", "github-workflow-sha", false},
    Field{"4", "github-workflow-name", false},
    Field{"5", "github-workflow-repository", false},
    Field{"6", "github-workflow-ref", false},
    Field{"9", "build-signer-uri", true},
    Field{"10", "build-signer-digest", true},
    Field{"11", "runner-environment", true},
    Field{"12", "source-repository-uri", true},
    Field{"13", "source-repository-digest", true},
    Field{"14", "source-repository-ref", true},
    Field{"15", "source-repository-identifier", true},
    Field{"16", "source-repository-owner-uri", true},
    Field{"17", "source-repository-owner-identifier", true},
    Field{"18", "build-config-uri", true},
    Field{"19", "build-config-digest", true},
    Field{"20", "build-trigger", true},
    Field{"21", "run-invocation-uri", true},
    Field{"22", "source-repository-visibility-at-signing", true},
};

Error malformed(std::string_view number, std::string_view why) {
  return Error{Code::certificate_malformed,
               "a certificate is malformed: its extension 1.3.6.1.4.1.57264.1." +
                   std::string(number) + " " + std::string(why),
               ""};
}

// The numbers after the arc, dotted: X.690 section 8.19, seven bits an octet, the last of a number
// without the high one. Empty when they do not fit into 64 bits, do not end or are in a second
// spelling.
std::string numbers_after(ByteView octets) {
  constexpr std::uint64_t most = ~std::uint64_t{0} >> 7;
  std::string text;
  std::uint64_t number = 0;
  bool within = false;
  for (const std::uint8_t octet : octets) {
    if ((!within && octet == 0x80) || number > most) return "";
    number = number << 7 | (octet & 0x7F);
    within = (octet & 0x80) != 0;
    if (within) continue;
    text += (text.empty() ? "" : ".") + std::to_string(number);
    number = 0;
  }
  return within ? "" : text;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// UTF-8 without C0, DEL and C1. What joins emoji is let through: names of workflows hold such.
bool is_text(std::string_view text) {
  if (!is_valid_utf8(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet < 0x20 || octet == 0x7F) return false;
    if (octet == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
  }
  return true;
}

// The text of one string in DER, and nothing after it.
std::optional<std::string_view> der_text(ByteView value) {
  Reader reader(value);
  const auto element = der::next(reader);
  if (!element || !reader.at_end()) return std::nullopt;
  const std::string_view text = as_text(element->content);
  switch (element->tag) {
    case utf8_string:
      return text;
    case printable_string:
    case ia5_string:
    case visible_string:
      return is_ascii(text) ? std::optional(text) : std::nullopt;
    default:
      return std::nullopt;
  }
}

Result<std::string> read_text(std::string_view number, ByteView value, bool is_der) {
  const auto text = is_der ? der_text(value) : std::optional(as_text(value));
  if (!text) return malformed(number, "is not one string");
  if (!is_text(*text)) return malformed(number, "holds what is no text");
  return std::string(*text);
}

}  // namespace

const std::string* FulcioFields::find(std::string_view name) const {
  const auto found = values.find(std::string(name));
  return found == values.end() ? nullptr : &found->second;
}

Result<FulcioFields> fulcio_fields(const Certificate& certificate) {
  const auto parts = CertificateParts::split(certificate.der());
  if (!parts) return Error{Code::certificate_malformed, "a certificate is malformed", ""};
  FulcioFields out;
  std::optional<std::string> old_issuer;
  std::optional<std::string> issuer;
  for (const CertificateExtension& extension : parts->extensions) {
    const ByteView identifier = extension.identifier;
    if (identifier.size() <= arc.size()) continue;
    if (!std::ranges::equal(identifier.first(arc.size()), arc)) continue;
    const std::string number = numbers_after(identifier.subspan(arc.size()));
    const auto known = std::ranges::find(fields, number, &Field::number);
    if (number == raw_issuer) {
      TS_TRY(old_issuer, read_text(number, extension.value, false));
    } else if (number == der_issuer) {
      TS_TRY(issuer, read_text(number, extension.value, true));
    } else if (known != fields.end()) {
      TS_TRY(out.values[std::string(known->name)],
             read_text(number, extension.value, known->is_der));
    } else {
      out.unknown.emplace(number, Bytes(extension.value.begin(), extension.value.end()));
    }
  }
  if (issuer && old_issuer && *issuer != *old_issuer) {
    return Error{Code::certificate_issuer,
                 "a certificate names two issuers: \"" + printable(*issuer) + "\" and \"" +
                     printable(*old_issuer) + "\"",
                 ""};
  }
  if (old_issuer) out.issuer = *std::move(old_issuer);
  if (issuer) out.issuer = *std::move(issuer);
  return out;
}

std::vector<std::string_view> fulcio_field_names() {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

}  // namespace touchstone::crypto
