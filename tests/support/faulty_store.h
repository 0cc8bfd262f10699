// A store that goes wrong at its n-th writing step, over a healthy one.
#pragma once

#include <string>
#include <vector>

#include "base/store.h"

namespace touchstone::test {

enum class Fault {
  none,
  fails,        // this one step fails, and does nothing
  stops,        // nothing happens from this step on, as after kill -9
  stops_after,  // the step is done, half of it when it writes a file; nothing after it
};

class FaultyStore : public Store {
 public:
  FaultyStore(Store& healthy, Fault fault, int at) : healthy_(healthy), fault_(fault), at_(at) {}

  bool struck() const { return steps_.size() >= static_cast<std::size_t>(at_); }
  const std::vector<std::string>& steps() const { return steps_; }

  Result<std::optional<std::vector<std::string>>> list(const std::string& path) override;
  Result<std::optional<Files>> read_folder(const std::string& path) override;
  Status create_folder(const std::string& path) override;
  Status write_new(const std::string& path, ByteView bytes) override;
  Status sync_folder(const std::string& path) override;
  Status rename_new(const std::string& from, const std::string& to) override;
  Status exchange(const std::string& a, const std::string& b) override;
  Status remove_tree(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock() override;
  std::uint64_t user() const override { return healthy_.user(); }

 private:
  enum class Turn { healthy, last, dead };
  Turn next(std::string step);
  template <class Step>
  Status take(std::string name, Step step);

  Store& healthy_;
  Fault fault_;
  int at_;
  std::vector<std::string> steps_;
};

}  // namespace touchstone::test
