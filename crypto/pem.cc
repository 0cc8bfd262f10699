#include "crypto/pem.h"

#include "base/encoding.h"
#include "base/text.h"

namespace touchstone::crypto {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

Error malformed(std::string_view why) { return Error{Code::format_key, std::string(why), ""}; }

std::string_view strip(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool looks_like_pem(ByteView contents) {
  return as_text(contents).find(begin_mark) != std::string_view::npos;
}

Result<PemBlock> parse_pem(ByteView contents) {
  enum class Where { before, inside, after } where = Where::before;
  PemBlock block;
  std::string base64;
  for (const std::string_view raw : split(as_text(contents), '\n')) {
    const std::string_view line = strip(raw);
    if (where == Where::before) {
      if (line.empty() || line.starts_with('#')) continue;
      if (!line.starts_with(begin_mark) || !line.ends_with(dashes) ||
          line.size() <= begin_mark.size() + dashes.size()) {
        return malformed("no PEM block, or text before it");
      }
      block.type = line.substr(begin_mark.size(), line.size() - begin_mark.size() - dashes.size());
      where = Where::inside;
    } else if (where == Where::inside) {
      if (line == std::string(end_mark) + block.type + std::string(dashes)) {
        where = Where::after;
      } else if (line.find(':') != std::string_view::npos) {
        return malformed("the PEM block has headers");
      } else {
        base64 += line;
      }
    } else if (!line.empty()) {
      return malformed(line.starts_with(begin_mark) ? "more than one PEM block"
                                                    : "text after the PEM block");
    }
  }
  if (where != Where::after) return malformed("no PEM block, or it has no end");
  auto der = from_base64(base64);
  if (!der || der->empty()) return malformed("the PEM block is not base64");
  block.der = std::move(*der);
  return block;
}

std::string to_pem(std::string_view type, ByteView der) {
  constexpr std::size_t line_length = 64;
  const std::string base64 = to_base64(der);
  std::string out = std::string(begin_mark) + std::string(type) + std::string(dashes) + "\n";
  for (std::size_t i = 0; i < base64.size(); i += line_length) {
    out += base64.substr(i, line_length) + "\n";
  }
  return out + std::string(end_mark) + std::string(type) + std::string(dashes) + "\n";
}

}  // namespace touchstone::crypto
