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

Result<std::vector<PemBlock>> parse_pem_blocks(ByteView contents, std::size_t most) {
  std::vector<PemBlock> blocks;
  std::string base64;
  bool inside = false;
  bool comment_after = false;
  for (const std::string_view raw : split(as_text(contents), '\n')) {
    const std::string_view line = strip(raw);
    if (!inside) {
      if (line.empty()) continue;
      if (line.starts_with('#')) {
        comment_after = !blocks.empty();
        continue;
      }
      if (!line.starts_with(begin_mark) || !line.ends_with(dashes) ||
          line.size() <= begin_mark.size() + dashes.size()) {
        return malformed(blocks.empty() ? "no PEM block, or text before it"
                                        : "text after the PEM block");
      }
      if (blocks.size() == most) {
        return Error{Code::limit_count,
                     "more than " + std::to_string(most) + " PEM blocks in one file", ""};
      }
      blocks.emplace_back().type =
          line.substr(begin_mark.size(), line.size() - begin_mark.size() - dashes.size());
      base64.clear();
      inside = true;
      comment_after = false;
    } else if (line == std::string(end_mark) + blocks.back().type + std::string(dashes)) {
      auto der = from_base64(base64);
      if (!der || der->empty()) return malformed("the PEM block is not base64");
      blocks.back().der = std::move(*der);
      inside = false;
    } else if (line.find(':') != std::string_view::npos) {
      return malformed("the PEM block has headers");
    } else {
      base64 += line;
    }
  }
  if (inside || blocks.empty()) return malformed("no PEM block, or it has no end");
  if (comment_after) return malformed("text after the PEM block");
  return blocks;
}

Result<PemBlock> parse_pem(ByteView contents) {
  auto blocks = parse_pem_blocks(contents, 1);
  if (blocks) return std::move(*std::move(blocks)).front();
  if (blocks.error().code == Code::limit_count) return malformed("more than one PEM block");
  return std::move(blocks).error();
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
