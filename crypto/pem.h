// PEM, strictly: RFC 7468 blocks, without the headers of RFC 1421.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::crypto {

struct PemBlock {
  std::string type;  // "PUBLIC KEY", "CERTIFICATE", ...
  Bytes der;
};

// Whether the text holds a PEM block at all.
bool looks_like_pem(ByteView contents);

// The one block of `contents`. Text before it is allowed when its lines begin with '#' or are
// blank; text after it must be blank. Lines end in LF or CRLF.
// Errors: format.key; the message never repeats the contents.
Result<PemBlock> parse_pem(ByteView contents);

// All blocks of `contents`, at least one, by the same rules; such text may also stand between two.
// Errors: format.key; limit.count when there are more than `most`.
Result<std::vector<PemBlock>> parse_pem_blocks(ByteView contents, std::size_t most);

std::string to_pem(std::string_view type, ByteView der);

}  // namespace touchstone::crypto
