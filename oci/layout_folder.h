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

  // Makes an empty layout where nothing is: no such folder (the one above it is there), an empty
  // one, or what an interrupted create() left. A layout that is there stays as it is.
  // Errors: usage.file.
  static Status create(const std::string& path);

  // Errors: format.layout, limit.size.
  Result<Bytes> index() const;

  // The bytes that hash to `digest`; it is what was read that is hashed.
  // Errors: image.not-found, format.layout, digest.mismatch, limit.size.
  Result<Bytes> blob(const Digest& digest, std::uint64_t max_bytes) const;

  // The file of a blob, whatever is in it.
  // Errors: image.not-found, format.layout.
  Result<Descriptor> blob_file(const Digest& digest) const;

  // Errors: format.layout.
  Status write_blob(const Digest& digest, ByteView bytes) const;

  // A file that becomes the blob of `digest` when it is put into place, which is for the caller to
  // have checked, and goes when it is not. It is locked while it is written: remove_abandoned()
  // removes those of processes that were killed.
  // Errors: format.layout.
  class NewBlob {
   public:
    ~NewBlob();
    NewBlob(NewBlob&&) noexcept = default;
    NewBlob& operator=(NewBlob&&) = delete;
    int fd() const { return file_.get(); }
    Status put_into_place();

   private:
    friend class LayoutFolder;
    NewBlob(Descriptor folder, Descriptor file, std::string temporary, std::string name)
        : folder_(std::move(folder)),
          file_(std::move(file)),
          temporary_(std::move(temporary)),
          name_(std::move(name)) {}

    Descriptor folder_;
    Descriptor file_;
    std::string temporary_;  // empty when it is in place
    std::string name_;
  };
  Result<NewBlob> new_blob(const Digest& digest) const;
  Status remove_abandoned() const;

  // Errors: format.layout.
  Status replace_index(ByteView bytes) const;

  // Locks out other writers until the descriptor closes.
  // Errors: format.layout.
  Result<Descriptor> lock() const;

 private:
  explicit LayoutFolder(Descriptor fd) : fd_(std::move(fd)) {}
  Result<Descriptor> blob_folder(const Digest& digest) const;
  Result<Descriptor> made_blob_folder(const Digest& digest) const;

  Descriptor fd_;
};

}  // namespace touchstone::oci
