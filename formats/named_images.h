// Images that files name: a list, a Dockerfile, manifests of Kubernetes, a Compose file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::formats {

struct NamedImage {
  std::string reference;  // as it stands there, with what a Dockerfile's arguments make of it
  std::size_t line;       // from 1
};

// Something that may name an image and was not read as one.
struct UnreadImage {
  std::size_t line;
  std::string why;  // safe to show
};

struct NamedImages {
  std::vector<NamedImage> images;  // in the order of the file, several of one name perhaps
  std::vector<UnreadImage> unread = {};
};

enum class ImageFile : std::uint8_t { list, dockerfile, manifests };

// What a file is, by its name ("Dockerfile", "web.Dockerfile", "Containerfile", "*.yaml", "*.json",
// "*.txt"); where that says nothing, by its lines.
ImageFile image_file_kind(std::string_view name, ByteView contents);

// `arguments` are those that the build is given, for Dockerfiles. Each message begins with a line's
// number.
// Errors: format.file, limit.size, limit.depth, limit.count. Also when nothing is named.
Result<NamedImages> read_named_images(std::string_view name, ByteView contents,
                                      const std::map<std::string, std::string>& arguments);

// One image a line; blank lines, and what stands behind '#', are passed over.
// Errors: format.file: anything else beside an image.
Result<NamedImages> read_image_list(std::string_view text);

// An error about one line, "12: why".
Error line_error(std::size_t line, std::string_view why, std::string_view hint = "");

}  // namespace touchstone::formats
