#include "tests/support/faulty_store.h"

namespace touchstone::test {
namespace {

const Error broken{Code::trust_write, "the store was told to fail", ""};

}  // namespace

FaultyStore::Turn FaultyStore::next(std::string step) {
  steps_.push_back(std::move(step));
  const int turn = static_cast<int>(steps_.size());
  if (fault_ == Fault::none || turn < at_) return Turn::healthy;
  if (turn == at_) return fault_ == Fault::stops_after ? Turn::last : Turn::dead;
  return fault_ == Fault::fails ? Turn::healthy : Turn::dead;
}

template <class Step>
Status FaultyStore::take(std::string name, Step step) {
  const Turn turn = next(std::move(name));
  if (turn == Turn::dead) return broken;
  auto done = step();
  return turn == Turn::last ? Status(broken) : done;
}

Result<std::optional<std::vector<std::string>>> FaultyStore::list(const std::string& path) {
  return healthy_.list(path);
}

Result<std::optional<Store::Files>> FaultyStore::read_folder(const std::string& path) {
  return healthy_.read_folder(path);
}

Status FaultyStore::create_folder(const std::string& path) {
  return take("create " + path, [&] { return healthy_.create_folder(path); });
}

Status FaultyStore::write_new(const std::string& path, ByteView bytes) {
  const Turn turn = next("write " + path);
  if (turn == Turn::dead) return broken;
  if (turn == Turn::healthy) return healthy_.write_new(path, bytes);
  auto torn = healthy_.write_new(path, bytes.first(bytes.size() / 2));
  return torn ? Status(broken) : torn;
}

Status FaultyStore::sync_folder(const std::string& path) {
  return take("sync " + path, [&] { return healthy_.sync_folder(path); });
}

Status FaultyStore::rename_new(const std::string& from, const std::string& to) {
  return take("rename " + from, [&] { return healthy_.rename_new(from, to); });
}

Status FaultyStore::exchange(const std::string& a, const std::string& b) {
  return take("exchange " + a, [&] { return healthy_.exchange(a, b); });
}

Status FaultyStore::remove_tree(const std::string& path) {
  return take("remove " + path, [&] { return healthy_.remove_tree(path); });
}

Result<std::unique_ptr<Store::Lock>> FaultyStore::lock() {
  if (next("lock") != Turn::healthy) return broken;
  return healthy_.lock();
}

}  // namespace touchstone::test
