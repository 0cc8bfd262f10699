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
#include "base/time.h"
#include "formats/json_fields.h"

namespace touchstone::formats {

class Message {
 public:
  // `names` are all members the message has, in lowerCamelCase. A member that is not among them is
  // refused (or, where newer versions may add some, passed over), and so is one that stands there
  // in both spellings.
  // Errors: format.json.
  enum class Others : std::uint8_t { refused, passed_over };
  static Result<Message> of(const Json& value, std::string path,
                            std::initializer_list<std::string_view> names,
                            Others others = Others::refused);

  bool has(std::string_view name) const;
  Result<std::string> string(std::string_view name) const;  // absent: empty
  Result<Bytes> bytes(std::string_view name) const;         // absent: empty
  // int64 and uint64, and int32: a number or its decimal digits; absent: 0. Refused: negative
  // numbers, fractions, leading zeros, more than int64 holds.
  Result<std::uint64_t> unsigned_integer(std::string_view name) const;
  Result<std::optional<Instant>> timestamp(std::string_view name) const;
  // The name of an enumeration's value, which may be given by its number. Absent: that of 0.
  // Values that are not among `values` are refused.
  struct Named {
    std::uint64_t number;
    std::string_view name;
  };
  Result<std::string> enumeration(std::string_view name, std::initializer_list<Named> values) const;
  // A member that is a message itself; absent when it is.
  Result<std::optional<Message>> message(std::string_view name,
                                         std::initializer_list<std::string_view> names,
                                         Others others = Others::refused) const;
  // The members of an array, each a message. Errors: format.json, limit.count.
  Result<std::vector<Message>> messages(std::string_view name, std::size_t most,
                                        std::initializer_list<std::string_view> names,
                                        Others others = Others::refused) const;
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
