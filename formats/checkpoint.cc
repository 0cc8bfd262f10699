#include "formats/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view dash = "\u2014 ";  // begins a signature's line
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t root_bytes = 32;

Error malformed(std::string_view why) {
  return Error{Code::signature_checkpoint, "the checkpoint " + std::string(why), ""};
}

bool is_name(std::string_view name) {
  return !name.empty() && is_printable(name) && name.find_first_of("+ \u00a0") == name.npos;
}

std::optional<NoteSignature> signature_line(std::string_view line) {
  if (!line.starts_with(dash)) return std::nullopt;
  line.remove_prefix(dash.size());
  const std::size_t blank = line.find(' ');
  if (blank == line.npos) return std::nullopt;
  const std::string_view name = line.substr(0, blank);
  const auto bytes = from_base64(line.substr(blank + 1));
  if (!is_name(name) || !bytes || bytes->size() <= key_id_bytes) return std::nullopt;
  const auto key_end = bytes->begin() + key_id_bytes;
  return NoteSignature{std::string(name), Bytes(bytes->begin(), key_end),
                       Bytes(key_end, bytes->end())};
}

std::optional<std::uint64_t> parse_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), size);
  if (failed != std::errc() || end != line.data() + line.size()) return std::nullopt;
  if (line.size() > 1 && line.starts_with('0')) return std::nullopt;
  if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return size;
}

}  // namespace

Result<Checkpoint> Checkpoint::parse(std::string_view note) {
  if (note.size() > limits::max_note_bytes) return malformed("is longer than any log's");
  if (!is_valid_utf8(note) || std::ranges::any_of(note, [](char c) {
        return c != '\n' && c >= 0 && (c < ' ' || c == 127);
      })) {
    return malformed("holds bytes that are no text");
  }
  const std::size_t gap = note.rfind("\n\n");
  if (gap == note.npos) return malformed("is not signed");
  Checkpoint checkpoint;
  checkpoint.text = note.substr(0, gap + 1);
  std::string_view signatures = note.substr(gap + 2);
  if (!signatures.ends_with('\n')) return malformed("does not end with its last signature");
  signatures.remove_suffix(1);
  const auto signature_lines = split(signatures, '\n');
  if (signature_lines.size() > limits::max_note_signatures) {
    return malformed("has more signatures than are looked at");
  }
  for (const std::string_view line : signature_lines) {
    auto signature = signature_line(line);
    if (!signature) return malformed("has a line that is no signature");
    checkpoint.signatures.push_back(*std::move(signature));
  }

  const auto lines =
      split(std::string_view(checkpoint.text).substr(0, checkpoint.text.size() - 1), '\n');
  if (lines.front().empty()) return malformed("names no origin");
  checkpoint.origin = lines.front();
  const auto size = lines.size() > 1 ? parse_size(lines[1]) : std::nullopt;
  if (!size) return malformed("gives no size of its tree");
  checkpoint.tree_size = *size;
  const auto root = lines.size() > 2 ? from_base64(lines[2]) : std::nullopt;
  if (!root || root->size() != root_bytes) return malformed("gives no root hash");
  checkpoint.root_hash = *root;
  for (std::size_t i = 3; i < lines.size(); ++i) {
    if (lines[i].empty()) return malformed("has an empty line among its extensions");
  }
  return checkpoint;
}

}  // namespace touchstone::formats
