#include "tests/support/forgetful_store.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone::test {
namespace {

Error refused(const std::string& path) {
  return Error{Code::trust_write, "there is no such entry, or there is one: " + path, ""};
}

}  // namespace

struct ForgetfulStore::Node {
  bool is_folder = false;
  Bytes bytes;
  std::map<std::string, NodePointer> entries;
  std::map<std::string, NodePointer> safe_entries;

  void forget() {
    entries = safe_entries;
    for (const auto& [name, node] : entries) node->forget();
  }
};

ForgetfulStore::ForgetfulStore() : root_(std::make_shared<Node>()) { root_->is_folder = true; }

void ForgetfulStore::make_safe(const Step& step) {
  for (const Entry& entry : step) {
    if (entry.node == nullptr) {
      entry.folder->safe_entries.erase(entry.name);
    } else {
      entry.folder->safe_entries[entry.name] = entry.node;
    }
  }
}

void ForgetfulStore::cut_power(const std::vector<std::size_t>& kept) {
  for (const std::size_t index : kept) make_safe(pending_.at(index));
  pending_.clear();
  root_->forget();
}

ForgetfulStore::NodePointer ForgetfulStore::find(const std::string& path) const {
  NodePointer node = root_;
  if (path == ".") return node;
  for (const std::string_view name : split(path, '/')) {
    const auto found = node->entries.find(std::string(name));
    if (found == node->entries.end()) return nullptr;
    node = found->second;
  }
  return node;
}

ForgetfulStore::Place ForgetfulStore::locate(const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {root_, path};
  return {find(path.substr(0, slash)), path.substr(slash + 1)};
}

Status ForgetfulStore::take(Step step) {
  for (const Entry& entry : step) {
    if (entry.node == nullptr) {
      entry.folder->entries.erase(entry.name);
    } else {
      entry.folder->entries[entry.name] = entry.node;
    }
  }
  pending_.push_back(std::move(step));
  return ok();
}

Status ForgetfulStore::create(const std::string& path, NodePointer node) {
  const Place place = locate(path);
  if (place.folder == nullptr || place.folder->entries.contains(place.name)) return refused(path);
  return take({{place.folder, place.name, std::move(node)}});
}

Result<std::optional<std::vector<std::string>>> ForgetfulStore::list(const std::string& path) {
  const NodePointer folder = find(path);
  if (folder == nullptr) return std::optional<std::vector<std::string>>();
  std::vector<std::string> names;
  for (const auto& [name, node] : folder->entries) names.push_back(name);
  return std::optional(names);
}

Result<std::optional<Store::Files>> ForgetfulStore::read_folder(const std::string& path) {
  const NodePointer folder = find(path);
  if (folder == nullptr) return std::optional<Files>();
  Files files;
  for (const auto& [name, node] : folder->entries) files.emplace(name, node->bytes);
  return std::optional(files);
}

Status ForgetfulStore::create_folder(const std::string& path) {
  auto node = std::make_shared<Node>();
  node->is_folder = true;
  return create(path, std::move(node));
}

Status ForgetfulStore::write_new(const std::string& path, ByteView bytes) {
  auto node = std::make_shared<Node>();
  node->bytes.assign(bytes.begin(), bytes.end());
  return create(path, std::move(node));
}

Status ForgetfulStore::sync_folder(const std::string& path) {
  const NodePointer folder = find(path);
  if (folder == nullptr) return refused(path);
  std::erase_if(pending_, [&](const Step& step) {
    const bool touches =
        std::ranges::any_of(step, [&](const Entry& entry) { return entry.folder == folder; });
    if (touches) make_safe(step);
    return touches;
  });
  return ok();
}

Status ForgetfulStore::rename_new(const std::string& from, const std::string& to) {
  const Place source = locate(from);
  const Place target = locate(to);
  const NodePointer node = find(from);
  if (node == nullptr || target.folder == nullptr || find(to) != nullptr) return refused(from);
  return take({{source.folder, source.name, nullptr}, {target.folder, target.name, node}});
}

Status ForgetfulStore::exchange(const std::string& a, const std::string& b) {
  const NodePointer first = find(a);
  const NodePointer second = find(b);
  if (first == nullptr || second == nullptr) return refused(a);
  const Place one = locate(a);
  const Place two = locate(b);
  return take({{one.folder, one.name, second}, {two.folder, two.name, first}});
}

Status ForgetfulStore::remove_tree(const std::string& path) {
  const NodePointer node = find(path);
  if (node == nullptr) return refused(path);
  const std::map<std::string, NodePointer> inside = node->entries;
  for (const auto& [name, inner] : inside) {
    if (auto removed = remove_tree(path + "/" + name); !removed) return removed;
  }
  const Place place = locate(path);
  return take({{place.folder, place.name, nullptr}});
}

Result<std::unique_ptr<Store::Lock>> ForgetfulStore::lock() { return std::make_unique<Lock>(); }

}  // namespace touchstone::test
