#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace touchstone {
namespace {

Error file_error(std::string_view path, std::string_view why) {
  return Error{Code::usage_file, "\"" + printable(path) + "\": " + std::string(why), ""};
}

// O_NONBLOCK: opening a FIFO must not wait for its writer.
Result<Descriptor> open_regular(int folder_fd, std::string_view path, int flags,
                                struct stat& info) {
  if (path.find('\0') != std::string_view::npos) return file_error(path, "the name holds a NUL");
  Descriptor fd(openat(folder_fd, std::string(path).c_str(),
                       O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags));
  if (!fd) return file_error(path, system_message(errno));
  if (fstat(fd.get(), &info) != 0) return file_error(path, system_message(errno));
  if (!S_ISREG(info.st_mode)) return file_error(path, "not a regular file");
  return fd;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

std::string system_message(int number) {
  char buffer[128] = {};
  return strerror_r(number, buffer, sizeof buffer);  // GNU's: returns the text
}

Result<Bytes> read_file(std::string_view path, std::uint64_t max_bytes, Links links) {
  return read_file_at(AT_FDCWD, path, max_bytes, links);
}

Result<Bytes> read_file_at(int folder_fd, std::string_view path, std::uint64_t max_bytes,
                           Links links) {
  TS_TRY(const Descriptor fd, open_file_at(folder_fd, path, links));
  return read_descriptor(fd.get(), max_bytes, path);
}

Result<Descriptor> open_file_at(int folder_fd, std::string_view path, Links links) {
  struct stat info{};
  return open_regular(folder_fd, path, links == Links::refuse ? O_NOFOLLOW : 0, info);
}

Result<Bytes> read_trusted_file(std::string_view path, std::uint64_t max_bytes) {
  struct stat info{};
  TS_TRY(const Descriptor fd, open_regular(AT_FDCWD, path, 0, info));
  const auto unsafe = [&](std::string why) {
    return Error{Code::policy_unsafe_file, "\"" + printable(path) + "\" " + why, ""};
  };
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return unsafe("belongs to user " + std::to_string(info.st_uid));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return unsafe("may be written by others");
  return read_descriptor(fd.get(), max_bytes, path);
}

Result<Bytes> read_descriptor(int fd, std::uint64_t max_bytes, std::string_view name) {
  Bytes bytes;
  struct stat info{};
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
      return Error{
          Code::limit_size,
          "\"" + printable(name) + "\" is larger than " + std::to_string(max_bytes) + " bytes", ""};
    }
    bytes.reserve(static_cast<std::size_t>(info.st_size));
  }
  std::uint8_t buffer[16384];
  while (true) {
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error(name, system_message(errno));
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), buffer, buffer + count);
    if (bytes.size() > max_bytes) {
      return Error{
          Code::limit_size,
          "\"" + printable(name) + "\" is larger than " + std::to_string(max_bytes) + " bytes", ""};
    }
  }
}

Status write_descriptor(int fd, ByteView bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return file_error(name, system_message(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return ok();
}

Status replace_file(std::string_view path, ByteView bytes, unsigned mode) {
  if (path.find('\0') != std::string_view::npos) return file_error(path, "the name holds a NUL");
  const std::string target(path);
  const std::size_t slash = target.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : target.substr(0, slash + 1);
  std::string temporary = target + ".XXXXXX";
  const Descriptor fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return file_error(path, system_message(errno));
  const auto abandon = [&](Error error) {
    unlink(temporary.c_str());
    return error;
  };
  if (auto written = write_descriptor(fd.get(), bytes, path); !written)
    return abandon(written.error());
  if (fchmod(fd.get(), mode) != 0 || fsync(fd.get()) != 0 ||
      rename(temporary.c_str(), target.c_str()) != 0) {
    return abandon(file_error(path, system_message(errno)));
  }
  const Descriptor parent(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || fsync(parent.get()) != 0) return file_error(path, system_message(errno));
  return ok();
}

Status create_file(const std::string& path, ByteView bytes, unsigned mode) {
  const Descriptor fd(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd && errno == EEXIST) return file_error(path, "it is there already");
  if (!fd) return file_error(path, system_message(errno));
  if (fchmod(fd.get(), mode) == 0 && write_descriptor(fd.get(), bytes, path) &&
      fsync(fd.get()) == 0) {
    return ok();
  }
  const int number = errno;
  unlink(path.c_str());
  return file_error(path, system_message(number));
}

}  // namespace touchstone
