#include "oci/layout_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

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

constexpr std::string_view temporary_prefix = ".touchstone-";

// A file that is written until it gets its name. The lock goes with the process that holds it, so
// that what is not locked was abandoned.
Descriptor temporary_file(int folder, const std::string& name) {
  Descriptor file(
      openat(folder, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file) flock(file.get(), LOCK_EX | LOCK_NB);
  return file;
}

Status replace_at(int folder, const std::string& name, ByteView bytes) {
  // Another process may tidy up in the moment before the file is locked.
  for (bool again = false;; again = true) {
    const std::string temporary = std::string(temporary_prefix) + to_hex(crypto::random_bytes(8));
    const Descriptor file = temporary_file(folder, temporary);
    if (!file) return layout_error(name + ": " + system_message(errno));
    const auto written = write_descriptor(file.get(), bytes, name);
    if (written && fsync(file.get()) == 0 &&
        renameat(folder, temporary.c_str(), folder, name.c_str()) == 0) {
      break;
    }
    if (written && errno == ENOENT && !again) continue;
    const Error error = layout_error(name + ": " + system_message(errno));
    unlinkat(folder, temporary.c_str(), 0);
    return error;
  }
  if (fsync(folder) != 0) return layout_error(name + ": " + system_message(errno));
  return ok();
}

// What stands in a folder, but for itself and the one above it.
Result<std::vector<std::string>> names_in(int folder) {
  const int own = openat(folder, ".", open_folder);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own < 0 ? nullptr : fdopendir(own), closedir);
  if (!stream) {
    if (own >= 0) close(own);
    return layout_error(system_message(errno));
  }
  std::vector<std::string> names;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

Status remove_abandoned_in(int folder) {
  TS_TRY(const auto names, names_in(folder));
  for (const std::string& name : names) {
    if (!name.starts_with(temporary_prefix)) continue;
    const auto file = open_file_at(folder, name, Links::refuse);
    if (file && flock(file->get(), LOCK_EX | LOCK_NB) == 0) unlinkat(folder, name.c_str(), 0);
  }
  return ok();
}

Error cannot_create(const std::string& path, std::string_view why) {
  return Error{Code::usage_file, "\"" + printable(path) + "\": " + std::string(why),
               "an image layout is made in a new or an empty folder"};
}

constexpr std::string_view version_file = "oci-layout";
constexpr std::string_view version_text = R"({"imageLayoutVersion":"1.0.0"})";
constexpr std::string_view no_images =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})";

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

// The file that makes it a layout comes last.
Status LayoutFolder::create(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return cannot_create(path, system_message(errno));
  }
  const Descriptor folder(::open(path.c_str(), open_folder));
  if (!folder) return cannot_create(path, system_message(errno));
  if (!lock_in_time(folder.get())) return cannot_create(path, "another process is writing it");
  TS_TRY(const auto names, names_in(folder.get()));
  if (std::ranges::find(names, version_file) != names.end()) return ok();
  const bool foreign = std::ranges::any_of(names, [](const std::string& name) {
    return name != "blobs" && name != "index.json" && !name.starts_with(temporary_prefix);
  });
  if (foreign) return cannot_create(path, "the folder is neither empty nor an image layout");
  const auto made = [&]() -> Status {
    if (mkdirat(folder.get(), "blobs", 0755) != 0 && errno != EEXIST) {
      return layout_error("blobs: " + system_message(errno));
    }
    if (std::ranges::find(names, "index.json") == names.end()) {
      TS_CHECK(replace_at(folder.get(), "index.json", as_bytes(no_images)));
    }
    return replace_at(folder.get(), std::string(version_file), as_bytes(version_text));
  }();
  return made ? ok() : cannot_create(path, made.error().message);
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

Result<Descriptor> LayoutFolder::blob_file(const Digest& digest) const {
  TS_TRY(const Descriptor folder, blob_folder(digest));
  auto file = open_file_at(folder.get(), digest.hex(), Links::refuse);
  if (file) return file;
  const int absent = faccessat(folder.get(), digest.hex().c_str(), F_OK, AT_SYMLINK_NOFOLLOW);
  if (absent == 0) return layout_error(file.error().message);
  return Error{Code::image_not_found, "the layout does not hold " + digest.to_string(), ""};
}

Result<Descriptor> LayoutFolder::made_blob_folder(const Digest& digest) const {
  const std::string algorithm = "blobs/" + std::string(digest.algorithm_name());
  mkdirat(fd_.get(), "blobs", 0755);
  if (inner_folder(fd_.get(), "blobs")) mkdirat(fd_.get(), algorithm.c_str(), 0755);
  return blob_folder(digest);
}

Result<LayoutFolder::NewBlob> LayoutFolder::new_blob(const Digest& digest) const {
  TS_TRY(Descriptor folder, made_blob_folder(digest));
  TS_TRY(const Descriptor guard, lock());  // or it could be taken for abandoned before it is locked
  std::string temporary = std::string(temporary_prefix) + to_hex(crypto::random_bytes(8));
  Descriptor file = temporary_file(folder.get(), temporary);
  if (!file) return layout_error(digest.hex() + ": " + system_message(errno));
  return NewBlob(std::move(folder), std::move(file), std::move(temporary), digest.hex());
}

LayoutFolder::NewBlob::~NewBlob() {
  if (!temporary_.empty() && folder_) unlinkat(folder_.get(), temporary_.c_str(), 0);
}

Status LayoutFolder::NewBlob::put_into_place() {
  if (fsync(file_.get()) != 0 ||
      renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str()) != 0) {
    return layout_error(name_ + ": " + system_message(errno));
  }
  temporary_.clear();
  if (fsync(folder_.get()) != 0) return layout_error(name_ + ": " + system_message(errno));
  return ok();
}

Status LayoutFolder::remove_abandoned() const {
  TS_TRY(const Descriptor guard, lock());
  TS_CHECK(remove_abandoned_in(fd_.get()));
  const Descriptor blobs = inner_folder(fd_.get(), "blobs");
  if (!blobs) return ok();
  for (const char* algorithm : {"sha256", "sha512"}) {
    const Descriptor folder = inner_folder(blobs.get(), algorithm);
    if (folder) TS_CHECK(remove_abandoned_in(folder.get()));
  }
  return ok();
}

Status LayoutFolder::write_blob(const Digest& digest, ByteView bytes) const {
  if (crypto::digest_of(bytes, digest.algorithm()) != digest) {
    return Error{Code::internal_error, "the blob is not what its digest says", ""};
  }
  TS_TRY(const Descriptor folder, made_blob_folder(digest));
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
