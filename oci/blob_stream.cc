#include "oci/blob_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"

namespace touchstone::oci {
namespace {

constexpr std::size_t piece_bytes = 256 << 10;

Error file_error() {
  return Error{Code::usage_file, "temporary file: " + system_message(errno), ""};
}

Error mismatch(const Digest& digest, std::uint64_t size) {
  return Error{Code::digest_mismatch,
               "the blob is not " + digest.to_string() + " of " + std::to_string(size) + " bytes",
               ""};
}

}  // namespace

CheckedSink::CheckedSink(const formats::Descriptor& blob, ByteSink& to)
    : blob_(blob), to_(to), hasher_(blob.digest.algorithm()) {}

Status CheckedSink::begin() {
  hasher_.restart();
  passed_ = 0;
  return to_.begin();
}

Status CheckedSink::write(ByteView bytes) {
  if (bytes.size() > blob_.size - passed_) return mismatch(blob_.digest, blob_.size);
  hasher_.add(bytes);
  passed_ += bytes.size();
  return to_.write(bytes);
}

Status CheckedSink::check() const {
  if (passed_ != blob_.size || hasher_.digest() != blob_.digest) {
    return mismatch(blob_.digest, blob_.size);
  }
  return ok();
}

Status FileSink::begin() {
  if (ftruncate(fd_, 0) != 0 || lseek(fd_, 0, SEEK_SET) != 0) return file_error();
  return ok();
}

Status FileSink::write(ByteView bytes) { return write_descriptor(fd_, bytes, "temporary file"); }

Result<std::unique_ptr<ByteSource>> FileSource::open(const formats::Descriptor& blob,
                                                     Descriptor file) {
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return file_error();
  const bool wrong_size = static_cast<std::uint64_t>(info.st_size) != blob.size;
  if (wrong_size ||
      (blob.size == 0 && crypto::digest_of({}, blob.digest.algorithm()) != blob.digest)) {
    return mismatch(blob.digest, blob.size);
  }
  return std::unique_ptr<ByteSource>(new FileSource(blob, std::move(file)));
}

FileSource::FileSource(const formats::Descriptor& blob, Descriptor file)
    : digest_(blob.digest),
      size_(blob.size),
      file_(std::move(file)),
      hasher_(blob.digest.algorithm()) {}

Status FileSource::rewind() {
  if (lseek(file_.get(), 0, SEEK_SET) != 0) return file_error();
  hasher_.restart();
  given_ = 0;
  return ok();
}

Result<std::size_t> FileSource::read(std::span<std::uint8_t> room) {
  const std::size_t most = std::min<std::uint64_t>(room.size(), size_ - given_);
  if (most == 0) return most;
  ssize_t count = 0;
  do {
    count = ::read(file_.get(), room.data(), most);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return file_error();
  const auto taken = static_cast<std::size_t>(count);
  hasher_.add(room.first(taken));
  given_ += taken;
  const bool ends_early = taken == 0;
  if (ends_early || (given_ == size_ && hasher_.digest() != digest_)) {
    return mismatch(digest_, size_);
  }
  return taken;
}

Status pour(ByteSource& source, ByteSink& sink) {
  TS_CHECK(source.rewind());
  TS_CHECK(sink.begin());
  Bytes piece(piece_bytes);
  while (true) {
    TS_TRY(const std::size_t taken, source.read(piece));
    if (taken == 0) return ok();
    TS_CHECK(sink.write(ByteView(piece).first(taken)));
  }
}

Result<Descriptor> scratch_file(const std::string& folder) {
  std::string name = folder + "/touchstone-XXXXXX";
  Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (!file) {
    return Error{Code::usage_file, "\"" + printable(folder) + "\": " + system_message(errno),
                 "TMPDIR names the folder where large layers lie meanwhile"};
  }
  unlink(name.c_str());
  return file;
}

}  // namespace touchstone::oci
