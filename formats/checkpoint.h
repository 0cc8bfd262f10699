// Checkpoints of transparency logs: signed notes that say how large a log's tree is and what its
// root hash is.
//
// Spec: C2SP signed-note.md and tlog-checkpoint.md. Refused: text that is not UTF-8 or holds
// control characters, no empty line before the signatures, lines after it that are no signatures,
// none, more than limits::max_note_signatures, an origin that is missing, a size with leading zeros
// or over 63 bits, a root hash that is not 32 bytes in base64, an extension line that is empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::formats {

struct NoteSignature {
  std::string name;
  Bytes key_id;  // 4 bytes: with the name it says whose signature this is
  Bytes signature;
};

struct Checkpoint {
  std::string text;  // what the signatures are over, its last line break included
  std::string origin;
  std::uint64_t tree_size = 0;
  Bytes root_hash;
  std::vector<NoteSignature> signatures;

  // Errors: signature.checkpoint.
  static Result<Checkpoint> parse(std::string_view note);
};

}  // namespace touchstone::formats
