#include "oci/layout_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"
#include "oci/file_lock.h"

namespace touchstone::oci {
namespace {

constexpr std::uint64_t max_version_bytes = 4096;
constexpr int open_folder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

Error layout_error(std::string_view why) {
  return Error{Code::format_layout, "image layout: " + std::string(why), ""};
}

Status replace_at(int folder, const std::string& name, ByteView bytes) {
  const std::string temporary = ".touchstone-" + to_hex(crypto::random_bytes(8));
  const Descriptor file(openat(folder, temporary.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return layout_error(name + ": " + system_message(errno));
  const auto written = write_descriptor(file.get(), bytes, name);
  if (!written || fsync(file.get()) != 0 ||
      renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) {
    const Error error = layout_error(name + ": " + system_message(errno));
    unlinkat(folder, temporary.c_str(), 0);
    return error;
  }
  if (fsync(folder) != 0) return layout_error(name + ": " + system_message(errno));
  return ok();
}

// A folder inside another, never through a link.
Descriptor inner_folder(int parent, const char* name) {
  return Descriptor(openat(parent, name, open_folder | O_NOFOLLOW));
}

}  // namespace

Result<LayoutFolder> LayoutFolder::open(const std::string& path) {
  Descriptor fd(::open(path.c_str(), open_folder));
  if (!fd) {
    return Error{Code::image_not_found, "\"" + printable(path) + "\": " + system_message(errno),
                 ""};
  }
  const auto bytes = read_file_at(fd.get(), "oci-layout", max_version_bytes, Links::refuse);
  if (!bytes) return layout_error(bytes.error().message);
  const auto document = formats::parse_json(*bytes, max_version_bytes);
  if (!document) return layout_error("oci-layout: " + document.error().message);
  const auto fields = formats::Fields::of(*document);
  const auto version =
      fields ? fields->string("imageLayoutVersion") : Result<std::string>(fields.error());
  if (!version || *version != "1.0.0") return layout_error("oci-layout names no known version");
  return LayoutFolder(std::move(fd));
}

Result<Bytes> LayoutFolder::index() const {
  auto bytes = read_file_at(fd_.get(), "index.json", limits::max_manifest_bytes, Links::refuse);
  if (!bytes) return in_context(std::move(bytes).error(), Code::format_layout, "image layout");
  return bytes;
}

Result<Descriptor> LayoutFolder::blob_folder(const Digest& digest) const {
  const Descriptor blobs = inner_folder(fd_.get(), "blobs");
  const std::string algorithm(digest.algorithm_name());
  Descriptor folder = blobs ? inner_folder(blobs.get(), algorithm.c_str()) : Descriptor();
  if (folder) return folder;
  if (errno == ENOENT) {
    return Error{Code::image_not_found, "the layout does not hold " + digest.to_string(), ""};
  }
  return layout_error("blobs/" + algorithm + ": " + system_message(errno));
}

Result<Bytes> LayoutFolder::blob(const Digest& digest, std::uint64_t max_bytes) const {
  TS_TRY(const Descriptor folder, blob_folder(digest));
  auto bytes = read_file_at(folder.get(), digest.hex(), max_bytes, Links::refuse);
  if (!bytes && bytes.error().code == Code::limit_size) return bytes;
  if (!bytes) {
    const int absent = faccessat(folder.get(), digest.hex().c_str(), F_OK, AT_SYMLINK_NOFOLLOW);
    if (absent == 0) return layout_error(bytes.error().message);
    return Error{Code::image_not_found, "the layout does not hold " + digest.to_string(), ""};
  }
  if (crypto::digest_of(*bytes, digest.algorithm()) != digest) {
    return Error{Code::digest_mismatch, "the layout's file is not " + digest.to_string(), ""};
  }
  return bytes;
}

Status LayoutFolder::write_blob(const Digest& digest, ByteView bytes) const {
  if (crypto::digest_of(bytes, digest.algorithm()) != digest) {
    return Error{Code::internal_error, "the blob is not what its digest says", ""};
  }
  const std::string algorithm = "blobs/" + std::string(digest.algorithm_name());
  mkdirat(fd_.get(), "blobs", 0755);
  if (inner_folder(fd_.get(), "blobs")) mkdirat(fd_.get(), algorithm.c_str(), 0755);
  TS_TRY(const Descriptor folder, blob_folder(digest));
  if (blob(digest, bytes.size())) return ok();
  return replace_at(folder.get(), digest.hex(), bytes);
}

Status LayoutFolder::replace_index(ByteView bytes) const {
  return replace_at(fd_.get(), "index.json", bytes);
}

Result<Descriptor> LayoutFolder::lock() const {
  Descriptor lock(openat(fd_.get(), ".", open_folder));
  if (!lock || !lock_in_time(lock.get())) return layout_error("another process is writing it");
  return lock;
}

}  // namespace touchstone::oci
