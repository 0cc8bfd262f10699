#include "cli/shared/named_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/text.h"

namespace touchstone::cli {
namespace {

// Of a file that is held in memory; 0 where it cannot be told.
std::size_t expected_size(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0 || info.st_size < 0) return 0;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  return size <= limits::max_blob_in_memory_bytes ? size : 0;
}

// Up to the end of `room`, or of the file.
Result<std::size_t> read_some(int fd, std::span<std::uint8_t> room, const std::string& name) {
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t got = ::read(fd, room.data() + size, room.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return Error{Code::usage_file, "\"" + printable(name) + "\": " + system_message(errno), ""};
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

}  // namespace

Result<NamedFile> NamedFile::read(const std::string& name) {
  NamedFile file;
  if (const auto digest = Digest::parse(name); digest && !is_there(name)) {
    file.digest_ = *digest;
    return file;
  }
  TS_TRY(const Descriptor fd, open_file_at(AT_FDCWD, name, Links::follow));
  file.contents_.reserve(expected_size(fd.get()));
  constexpr std::size_t piece_bytes = 64 << 10;
  Bytes piece(piece_bytes);
  std::vector<std::pair<crypto::Hash, crypto::Hasher>> hashers;
  while (true) {
    TS_TRY(const std::size_t size, read_some(fd.get(), piece, name));
    const ByteView bytes = ByteView(piece).first(size);
    if (hashers.empty() && file.contents_.size() + size > limits::max_blob_in_memory_bytes) {
      for (const auto hash : {crypto::Hash::sha256, crypto::Hash::sha384, crypto::Hash::sha512}) {
        hashers.emplace_back(hash, crypto::Hasher(hash)).second.add(file.contents_);
      }
      file.contents_.resize(piece_bytes);
      file.contents_.shrink_to_fit();
    }
    if (hashers.empty()) {
      file.contents_.insert(file.contents_.end(), bytes.begin(), bytes.end());
    }
    for (auto& [hash, hasher] : hashers) hasher.add(bytes);
    if (size < piece_bytes) break;
  }
  for (const auto& [hash, hasher] : hashers) file.digests_.emplace(hash, hasher.hash());
  return file;
}

verify::Artifact NamedFile::artifact() const {
  if (digest_) return verify::Artifact::of(*digest_);
  return is_whole() ? verify::Artifact::of(contents_) : verify::Artifact::of(digests_);
}

}  // namespace touchstone::cli
