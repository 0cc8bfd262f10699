// The files of an image-layout folder.
//
// Spec: OCI Image Layout 1.0.0. Refused: a missing or unknown version, symbolic links anywhere
// below the folder, anything but regular files, content that is not what its name says. Writing is
// atomic and durable: a temporary file, fsync, rename, fsync of its folder.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/result.h"

namespace touchstone::oci {

class LayoutFolder {
 public:
  // Errors: image.not-found (no such folder), format.layout.
  static Result<LayoutFolder> open(const std::string& path);

  // Errors: format.layout, limit.size.
  Result<Bytes> index() const;

  // The bytes that hash to `digest`; it is what was read that is hashed.
  // Errors: image.not-found, format.layout, digest.mismatch, limit.size.
  Result<Bytes> blob(const Digest& digest, std::uint64_t max_bytes) const;

  // Errors: format.layout.
  Status write_blob(const Digest& digest, ByteView bytes) const;
  Status replace_index(ByteView bytes) const;

  // Locks out other writers until the descriptor closes.
  // Errors: format.layout.
  Result<Descriptor> lock() const;

 private:
  explicit LayoutFolder(Descriptor fd) : fd_(std::move(fd)) {}
  Result<Descriptor> blob_folder(const Digest& digest) const;

  Descriptor fd_;
};

}  // namespace touchstone::oci
