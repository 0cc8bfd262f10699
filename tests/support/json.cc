#include "tests/support/json.h"

#include <stdexcept>
#include <string>

namespace touchstone::support {

formats::Json json(std::string_view text) {
  auto parsed = formats::parse_json(as_bytes(text), text.size());
  if (!parsed) throw std::logic_error(parsed.error().message + " in " + std::string(text));
  return *std::move(parsed);
}

}  // namespace touchstone::support
