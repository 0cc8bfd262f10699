// Reading and writing local files safely.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone {

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

enum class Links : std::uint8_t {
  follow,  // a file that the user named
  refuse,  // inside a folder that others may have filled: the last element must not be a link
};

// Reads a whole regular file of at most `max_bytes`. `folder_fd` is where a relative path starts
// (AT_FDCWD: the working folder). FIFOs, devices and folders are refused without waiting.
// Errors: usage.file (its message tells absent from unreadable), limit.size.
Result<Bytes> read_file(std::string_view path, std::uint64_t max_bytes,
                        Links links = Links::follow);
Result<Bytes> read_file_at(int folder_fd, std::string_view path, std::uint64_t max_bytes,
                           Links links);

// Opens such a file, to be read piece by piece.
// Errors: usage.file.
Result<Descriptor> open_file_at(int folder_fd, std::string_view path, Links links);

// As read_file(), for what decisions rest on, such as a key to verify with: it must belong to this
// user or to root, and be writable by nobody else.
// Errors: policy.unsafe-file, and as above.
Result<Bytes> read_trusted_file(std::string_view path, std::uint64_t max_bytes);

// Reads an open descriptor to its end.
// Errors: usage.file, limit.size.
Result<Bytes> read_descriptor(int fd, std::uint64_t max_bytes, std::string_view name);

// Writes all of it.
// Errors: usage.file.
Status write_descriptor(int fd, ByteView bytes, std::string_view name);

// Replaces a file whole: a temporary file beside it, fsync, rename, fsync of the folder. `mode` is
// the permission bits from the moment of creation.
// Errors: usage.file.
Status replace_file(std::string_view path, ByteView bytes, unsigned mode);

// Creates a file that was not there before, following no link, and syncs it. What fails leaves
// none. Errors: usage.file.
Status create_file(const std::string& path, ByteView bytes, unsigned mode);

// "Permission denied" and the like, for errno `number`.
std::string system_message(int number);

}  // namespace touchstone
