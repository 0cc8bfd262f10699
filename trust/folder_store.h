// The trust store's real folder.
//
// Every path is walked from a descriptor of the store's folder, one name at a time, without
// following links; what was opened is what is checked. The store, its sub-folders and its files
// must belong to this user or to root and be writable by nobody else. Files must be regular and of
// at most limits::max_trust_file_bytes, and a folder may hold as many as a root may have keys.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/store.h"

namespace touchstone::trust {

class FolderStore : public Store {
 public:
  FolderStore(std::string folder, const Clock& clock,
              std::chrono::milliseconds lock_timeout = limits::lock_timeout);

  Result<std::optional<std::vector<std::string>>> list(const std::string& path) override;
  Result<std::optional<Files>> read_folder(const std::string& path) override;
  Status create_folder(const std::string& path) override;
  Status write_new(const std::string& path, ByteView bytes) override;
  Status sync_folder(const std::string& path) override;
  Status rename_new(const std::string& from, const std::string& to) override;
  Status exchange(const std::string& a, const std::string& b) override;
  Status remove_tree(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock() override;
  std::uint64_t user() const override;

 private:
  Result<Descriptor> open_folder(const std::string& path, Code failure) const;
  Status rename(const std::string& from, const std::string& to, unsigned flags);

  std::string folder_;
  const Clock& clock_;
  std::chrono::milliseconds lock_timeout_;
};

}  // namespace touchstone::trust
