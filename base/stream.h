// Bytes that are too many to hold in memory, passed on as they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone {

class ByteSink {
 public:
  virtual ~ByteSink() = default;

  // The first byte comes next. What was written before is void: it is sent once more.
  virtual Status begin() = 0;
  virtual Status write(ByteView bytes) = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;

  // The next read() gives the first byte again.
  virtual Status rewind() = 0;

  // Fills `room` from its beginning, as far as it can; 0 at the end.
  virtual Result<std::size_t> read(std::span<std::uint8_t> room) = 0;
};

}  // namespace touchstone
