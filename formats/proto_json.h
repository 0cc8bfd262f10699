// Reading protobuf's JSON mapping, as sigstore's documents use it: each member may be spelled in
// lowerCamelCase or in snake_case (both at once is a duplicate), bytes are base64 in either
// alphabet, 64-bit integers are strings or numbers, and null is the same as absent.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "formats/json_fields.h"

namespace touchstone::formats {

class Message {
 public:
  // `names` are all members the message has, in lowerCamelCase. A member that is not among them,
  // or stands there in both spellings, is refused.
  // Errors: format.json.
  static Result<Message> of(const Json& value, std::string path,
                            std::initializer_list<std::string_view> names);

  bool has(std::string_view name) const;
  Result<std::string> string(std::string_view name) const;  // absent: empty
  Result<Bytes> bytes(std::string_view name) const;         // absent: empty
  // The member itself and its path, to make a Message of; null when absent.
  const Json* member(std::string_view name) const;
  Result<const Json::Array*> array(std::string_view name, std::size_t most) const;
  std::string path_of(std::string_view name) const;
  Error error(std::string_view name, std::string_view why) const;

 private:
  explicit Message(Fields fields) : fields_(std::move(fields)) {}
  std::string spelling(std::string_view name) const;  // the one that is there, else camel case
  Fields fields_;
};

}  // namespace touchstone::formats
