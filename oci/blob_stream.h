// Blobs on their way: hashed as they pass, to and from files.
#pragma once

#include <cstdint>
#include <memory>

#include "base/files.h"
#include "base/stream.h"
#include "crypto/hash.h"
#include "formats/descriptor.h"

namespace touchstone::oci {

// Passes on what comes, and knows whether it was the blob. Never more than the blob's size is
// passed on.
class CheckedSink : public ByteSink {
 public:
  CheckedSink(const formats::Descriptor& blob, ByteSink& to);

  Status begin() override;
  Status write(ByteView bytes) override;  // Errors: digest.mismatch (too long), those of `to`.

  // Errors: digest.mismatch.
  Status check() const;

 private:
  const formats::Descriptor& blob_;
  ByteSink& to_;
  crypto::Hasher hasher_;
  std::uint64_t passed_ = 0;
};

// An open file that takes or gives all bytes from its beginning; the descriptor is the caller's.
// Errors: usage.file.
class FileSink : public ByteSink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}

  Status begin() override;
  Status write(ByteView bytes) override;

 private:
  int fd_;
};

// A blob from an open file, hashed while it is read. What does not hash to its digest is never
// given whole: the last bytes come when they were found to be right.
// Errors of read(): digest.mismatch, usage.file.
class FileSource : public ByteSource {
 public:
  // Errors: digest.mismatch (of another size).
  static Result<std::unique_ptr<ByteSource>> open(const formats::Descriptor& blob, Descriptor file);

  std::uint64_t size() const override { return size_; }
  Status rewind() override;
  Result<std::size_t> read(std::span<std::uint8_t> room) override;

 private:
  FileSource(const formats::Descriptor& blob, Descriptor file);

  Digest digest_;
  std::uint64_t size_;
  Descriptor file_;
  crypto::Hasher hasher_;
  std::uint64_t given_ = 0;
};

// Passes all of a source on. Errors: those of both.
Status pour(ByteSource& source, ByteSink& sink);

// A file without a name, in `folder`. Errors: usage.file.
Result<Descriptor> scratch_file(const std::string& folder);

}  // namespace touchstone::oci
