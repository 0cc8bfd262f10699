#include "sign/look_alike.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/json.h"

namespace touchstone::sign {
namespace {

using formats::Json;

constexpr std::string_view payload_name = "a simple-signing payload";
constexpr std::string_view manifest_name = "an image's manifest or index";

// Go's readers take names of members in any case.
const Json* find_any_case(const Json& object, std::string_view name) {
  if (object.object() == nullptr) return nullptr;
  for (const auto& [key, value] : *object.object()) {
    if (ascii_lower(key) == name) return &value;
  }
  return nullptr;
}

bool is_manifest(const Json& document) {
  const Json* type = find_any_case(document, "mediatype");
  if (type != nullptr && type->string() != nullptr) {
    const std::string text = ascii_lower(*type->string());
    if (text.starts_with("application/vnd.oci.image.") ||
        text.starts_with("application/vnd.oci.artifact.") ||
        text.starts_with("application/vnd.docker.distribution.")) {
      return true;
    }
  }
  return find_any_case(document, "schemaversion") != nullptr &&
         std::ranges::any_of(
             std::array{"manifests", "layers", "fslayers", "config"},
             [&](const char* name) { return find_any_case(document, name) != nullptr; });
}

bool is_payload(const Json& document) {
  const Json* critical = find_any_case(document, "critical");
  return critical != nullptr && find_any_case(*critical, "image") != nullptr;
}

// JSON that we refuse to read, and others may not: names twice, a byte order mark, text behind it.
// Its letters decide, with escapes undone.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(std::min(i + 2, text.size()), 4);
    const auto unit = text.substr(i, 2) == "\\u" ? from_hex(ascii_lower(digits)) : std::nullopt;
    if (unit && unit->size() == 2 && unit->front() == 0) {
      out += static_cast<char>(unit->back());
      i += 5;
    } else {
      out += text[i];
    }
  }
  return ascii_lower(out);
}

std::optional<std::string_view> by_letters(std::string_view text) {
  const std::string letters = unescaped(text.substr(0, limits::max_manifest_bytes));
  const auto has = [&](std::string_view name) {
    return letters.contains("\"" + std::string(name) + "\"");
  };
  if (has("critical") && has("image")) return payload_name;
  if (has("schemaversion") &&
      (has("manifests") || has("layers") || has("fslayers") || has("config"))) {
    return manifest_name;
  }
  return std::nullopt;
}

std::optional<std::string_view> json_for(ByteView bytes) {
  std::string_view text = as_text(bytes);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == text.npos || text[start] != '{') return std::nullopt;
  const auto document = formats::parse_json(bytes, limits::max_manifest_bytes);
  if (!document) return by_letters(text);
  if (is_payload(*document)) return payload_name;
  if (is_manifest(*document)) return manifest_name;
  return std::nullopt;
}

// RFC 7515 section 5.1: BASE64URL(header) "." BASE64URL(payload), where the header names an
// algorithm.
bool is_jws_input(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot > limits::max_header_bytes) return false;  // or there is none
  const auto header = from_base64(text.substr(0, dot), Base64::either);
  if (!header) return false;
  const auto document = formats::parse_json(*header, limits::max_header_bytes);
  return document && document->find("alg") != nullptr;
}

}  // namespace

std::optional<std::string_view> passes_for(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("DSSEv1 ")) return "what a DSSE envelope signs";
  // RFC 9052 section 4.4: an array of four, whose first is "Signature1".
  if (text.starts_with("\x84\x6ASignature1")) return "what a COSE signature is over";
  if (is_jws_input(text)) return "what a JWS signature is over";
  return json_for(bytes);
}

}  // namespace touchstone::sign
