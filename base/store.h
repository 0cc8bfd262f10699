// The folder that the trust store lives in, as a port: few primitives, so that a test can make
// each of them fail. trust/folder_store.h implements it over a real folder.
//
// Paths are relative to the store, "a" or "a/b"; "." is the store itself. What can be changed by
// others is refused by every call (policy.unsafe-file).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone {

class Store {
 public:
  // The files of one folder, by name, all read through one descriptor: a rename meanwhile changes
  // nothing.
  using Files = std::map<std::string, Bytes>;

  // Held until it is destroyed.
  class Lock {
   public:
    virtual ~Lock() = default;
  };

  virtual ~Store() = default;

  // Reading. Absent when the folder is not there. Sub-folders are listed by name alone; anything
  // but a regular file within the limits fails read_folder().
  // Errors: policy.unsafe-file, trust.read, limit.size, limit.count.
  virtual Result<std::optional<std::vector<std::string>>> list(const std::string& path) = 0;
  virtual Result<std::optional<Files>> read_folder(const std::string& path) = 0;

  // Writing. Each is done or not done, but for write_new() and remove_tree(), which may stop half
  // way. Errors: policy.unsafe-file, trust.write.
  virtual Status create_folder(const std::string& path) = 0;              // there already: an error
  virtual Status write_new(const std::string& path, ByteView bytes) = 0;  // and synchronises it
  virtual Status sync_folder(const std::string& path) = 0;
  virtual Status rename_new(const std::string& from,
                            const std::string& to) = 0;  // replaces nothing
  virtual Status exchange(const std::string& a, const std::string& b) = 0;
  virtual Status remove_tree(const std::string& path) = 0;

  // Makes the store's folder when it is missing, and keeps other writers out.
  // Errors: policy.unsafe-file, trust.write, trust.locked.
  virtual Result<std::unique_ptr<Lock>> lock() = 0;

  virtual std::uint64_t user() const = 0;  // who writes
};

}  // namespace touchstone
