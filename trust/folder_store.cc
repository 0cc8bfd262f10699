#include "trust/folder_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/text.h"

namespace touchstone::trust {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::size_t max_folder_files = limits::max_root_keys + 8;  // root.json, changes.jsonl
constexpr auto lock_poll = std::chrono::milliseconds(5);

Error fault(Code code, const std::string& path, std::string_view why) {
  return Error{code, "trust store: \"" + printable(path) + "\": " + std::string(why), ""};
}

// ELOOP and ENOTDIR: a link, or something else, where a folder or file of ours should be.
Error system_fault(Code code, const std::string& path, int number) {
  if (number == ELOOP || number == ENOTDIR) {
    return fault(Code::policy_unsafe_file, path, "a link, or no folder where one should be");
  }
  return fault(code, path, system_message(number));
}

Status check_safe(int fd, const std::string& path, Code failure) {
  struct stat info{};
  if (fstat(fd, &info) != 0) return system_fault(failure, path, errno);
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return fault(Code::policy_unsafe_file, path, "belongs to user " + std::to_string(info.st_uid));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fault(Code::policy_unsafe_file, path, "others may write it");
  }
  return ok();
}

struct Place {
  std::string folder;
  std::string name;
};

Place split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

Result<std::vector<std::string>> names_in(int fd, const std::string& path) {
  const int copy = openat(fd, ".", folder_flags);
  DIR* folder = copy < 0 ? nullptr : fdopendir(copy);
  if (folder == nullptr) return system_fault(Code::trust_read, path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  const int number = errno;
  closedir(folder);
  if (number != 0) return system_fault(Code::trust_read, path, number);
  std::sort(names.begin(), names.end());
  return names;
}

Result<Bytes> read_safe(int folder, const std::string& name, const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  const Descriptor fd(
      openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW));
  if (!fd) return system_fault(Code::trust_read, path, errno);
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return system_fault(Code::trust_read, path, errno);
  if (!S_ISREG(info.st_mode)) {
    return fault(Code::policy_unsafe_file, path, "not a regular file");
  }
  TS_CHECK(check_safe(fd.get(), path, Code::trust_read));
  auto bytes = read_descriptor(fd.get(), limits::max_trust_file_bytes, path);
  if (!bytes) return in_context(std::move(bytes).error(), Code::trust_read, "trust store");
  return bytes;
}

int remove_tree_at(int folder, const std::string& name) {
  if (unlinkat(folder, name.c_str(), 0) == 0) return 0;
  if (errno != EISDIR && errno != EPERM) return errno;
  const Descriptor inner(openat(folder, name.c_str(), folder_flags));
  if (!inner) return errno;
  const auto names = names_in(inner.get(), name);
  if (!names) return EIO;
  for (const std::string& entry : *names) {
    if (const int number = remove_tree_at(inner.get(), entry); number != 0) return number;
  }
  return unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0 ? 0 : errno;
}

// The folder that `path` is in, for a path without slashes at its end.
std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Makes a folder and those above it that are missing, each so that it outlives a power cut.
Status make_folders(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0) {
    if (errno == EEXIST) return ok();
    if (errno != ENOENT || parent_of(path) == path) {
      return system_fault(Code::trust_write, path, errno);
    }
    TS_CHECK(make_folders(parent_of(path)));
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
      return system_fault(Code::trust_write, path, errno);
    }
  }
  const Descriptor parent(open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || fsync(parent.get()) != 0) {
    return system_fault(Code::trust_write, parent_of(path), errno);
  }
  return ok();
}

// The lock goes with its descriptor, also when the process is killed.
struct FileLock : Store::Lock {
  explicit FileLock(Descriptor fd) : descriptor(std::move(fd)) {}
  Descriptor descriptor;
};

}  // namespace

FolderStore::FolderStore(std::string folder, const Clock& clock,
                         std::chrono::milliseconds lock_timeout)
    : folder_(std::move(folder)), clock_(clock), lock_timeout_(lock_timeout) {
  // "link/" would be followed.
  while (folder_.size() > 1 && folder_.ends_with('/')) folder_.pop_back();
}

// The open folder at `path`, each step of the way checked; a false descriptor when one is absent.
Result<Descriptor> FolderStore::open_folder(const std::string& path, Code failure) const {
  Descriptor fd(open(folder_.c_str(), folder_flags));
  if (!fd && errno == ENOENT) return Descriptor();
  if (!fd) return system_fault(failure, folder_, errno);
  TS_CHECK(check_safe(fd.get(), folder_, failure));
  if (path == ".") return fd;
  for (const std::string_view name : split(path, '/')) {
    Descriptor next(openat(fd.get(), std::string(name).c_str(), folder_flags));
    if (!next && errno == ENOENT) return Descriptor();
    if (!next) return system_fault(failure, path, errno);
    TS_CHECK(check_safe(next.get(), path, failure));
    fd = std::move(next);
  }
  return fd;
}

Result<std::optional<std::vector<std::string>>> FolderStore::list(const std::string& path) {
  TS_TRY(const Descriptor fd, open_folder(path, Code::trust_read));
  if (!fd) return std::optional<std::vector<std::string>>();
  TS_TRY(auto names, names_in(fd.get(), path));
  return std::optional(std::move(names));
}

Result<std::optional<Store::Files>> FolderStore::read_folder(const std::string& path) {
  TS_TRY(const Descriptor fd, open_folder(path, Code::trust_read));
  if (!fd) return std::optional<Files>();
  TS_TRY(const auto names, names_in(fd.get(), path));
  if (names.size() > max_folder_files) {
    return fault(Code::limit_count, path,
                 "more than " + std::to_string(max_folder_files) + " files");
  }
  Files files;
  for (const std::string& name : names) {
    TS_TRY(auto bytes, read_safe(fd.get(), name, path + "/" + name));
    files.emplace(name, std::move(bytes));
  }
  return std::optional(std::move(files));
}

Status FolderStore::create_folder(const std::string& path) {
  const Place place = split_path(path);
  TS_TRY(const Descriptor parent, open_folder(place.folder, Code::trust_write));
  if (!parent || mkdirat(parent.get(), place.name.c_str(), 0755) != 0 ||
      fchmodat(parent.get(), place.name.c_str(), 0755, 0) != 0) {
    return system_fault(Code::trust_write, path, parent ? errno : ENOENT);
  }
  return ok();
}

Status FolderStore::write_new(const std::string& path, ByteView bytes) {
  const Place place = split_path(path);
  TS_TRY(const Descriptor parent, open_folder(place.folder, Code::trust_write));
  if (!parent) return system_fault(Code::trust_write, path, ENOENT);
  const Descriptor fd(openat(parent.get(), place.name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return system_fault(Code::trust_write, path, errno);
  while (!bytes.empty()) {
    const ssize_t count = write(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return system_fault(Code::trust_write, path, count < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (fchmod(fd.get(), 0644) != 0 || fsync(fd.get()) != 0) {
    return system_fault(Code::trust_write, path, errno);
  }
  return ok();
}

Status FolderStore::sync_folder(const std::string& path) {
  TS_TRY(const Descriptor fd, open_folder(path, Code::trust_write));
  if (!fd || fsync(fd.get()) != 0) {
    return system_fault(Code::trust_write, path, fd ? errno : ENOENT);
  }
  return ok();
}

Status FolderStore::rename(const std::string& from, const std::string& to, unsigned flags) {
  const Place source = split_path(from);
  const Place target = split_path(to);
  TS_TRY(const Descriptor source_fd, open_folder(source.folder, Code::trust_write));
  TS_TRY(const Descriptor target_fd, open_folder(target.folder, Code::trust_write));
  if (!source_fd || !target_fd) return system_fault(Code::trust_write, from, ENOENT);
  if (renameat2(source_fd.get(), source.name.c_str(), target_fd.get(), target.name.c_str(),
                flags) != 0) {
    if (errno == EINVAL || errno == ENOSYS) {
      return fault(Code::trust_write, folder_,
                   "this file system cannot exchange names in one step; keep the store elsewhere");
    }
    return system_fault(Code::trust_write, from, errno);
  }
  return ok();
}

Status FolderStore::rename_new(const std::string& from, const std::string& to) {
  return rename(from, to, RENAME_NOREPLACE);
}

Status FolderStore::exchange(const std::string& a, const std::string& b) {
  return rename(a, b, RENAME_EXCHANGE);
}

Status FolderStore::remove_tree(const std::string& path) {
  const Place place = split_path(path);
  TS_TRY(const Descriptor parent, open_folder(place.folder, Code::trust_write));
  const int number = parent ? remove_tree_at(parent.get(), place.name) : ENOENT;
  if (number != 0) return system_fault(Code::trust_write, path, number);
  return ok();
}

Result<std::unique_ptr<Store::Lock>> FolderStore::lock() {
  TS_CHECK(make_folders(folder_));
  TS_TRY(const Descriptor folder, open_folder(".", Code::trust_write));
  if (!folder) return system_fault(Code::trust_write, folder_, ENOENT);
  // 0600: whoever can open the file can hold the lock.
  Descriptor fd(
      openat(folder.get(), ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!fd) return system_fault(Code::trust_write, ".lock", errno);
  TS_CHECK(check_safe(fd.get(), ".lock", Code::trust_write));
  const auto deadline = clock_.monotonic() + lock_timeout_;
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return system_fault(Code::trust_write, ".lock", errno);
    }
    if (clock_.monotonic() >= deadline) {
      return fault(Code::trust_locked, folder_, "another process holds the lock");
    }
    std::this_thread::sleep_for(lock_poll);
  }
  return std::unique_ptr<Lock>(std::make_unique<FileLock>(std::move(fd)));
}

std::uint64_t FolderStore::user() const { return geteuid(); }

}  // namespace touchstone::trust
