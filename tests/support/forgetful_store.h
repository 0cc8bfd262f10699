// A store in memory that loses, when the power is cut, what was not synchronised.
//
// A file's bytes are safe once it is written, as Store promises. That a folder has an entry, or has
// it no more, is safe once that folder was synchronised; a rename or exchange is safe in one piece
// when either of its folders was. Until then any of it may last or be lost.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/store.h"

namespace touchstone::test {

class ForgetfulStore : public Store {
 public:
  ForgetfulStore();

  // How many steps a power cut may still undo.
  std::size_t unsafe_steps() const { return pending_.size(); }

  // Cuts the power; of the unsafe steps, those at `kept` had reached the disk all the same.
  void cut_power(const std::vector<std::size_t>& kept);

  Result<std::optional<std::vector<std::string>>> list(const std::string& path) override;
  Result<std::optional<Files>> read_folder(const std::string& path) override;
  Status create_folder(const std::string& path) override;
  Status write_new(const std::string& path, ByteView bytes) override;
  Status sync_folder(const std::string& path) override;
  Status rename_new(const std::string& from, const std::string& to) override;
  Status exchange(const std::string& a, const std::string& b) override;
  Status remove_tree(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock() override;
  std::uint64_t user() const override { return 7; }

 private:
  struct Node;
  using NodePointer = std::shared_ptr<Node>;
  struct Place {
    NodePointer folder;
    std::string name;
  };
  struct Entry {
    NodePointer folder;
    std::string name;
    NodePointer node;  // null: no longer there
  };
  using Step = std::vector<Entry>;

  NodePointer find(const std::string& path) const;
  Place locate(const std::string& path) const;
  Status take(Step step);
  Status create(const std::string& path, NodePointer node);
  static void make_safe(const Step& step);

  NodePointer root_;
  std::vector<Step> pending_;
};

}  // namespace touchstone::test
