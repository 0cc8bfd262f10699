#include "formats/named_images.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "formats/dockerfile.h"
#include "formats/manifest_images.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(blanks));
}

// The first line that says something decides: an instruction of a Dockerfile, or YAML.
ImageFile kind_by_lines(std::string_view text) {
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trimmed(raw);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string word = ascii_lower(first_word(line));
    if (word == "from" || word == "arg") return ImageFile::dockerfile;
    const bool yaml = line.starts_with("---") || line.starts_with('{') || line.starts_with('[') ||
                      line.starts_with('%') || word.ends_with(':') || word.starts_with('-');
    return yaml ? ImageFile::manifests : ImageFile::list;
  }
  return ImageFile::list;
}

}  // namespace

Error line_error(std::size_t line, std::string_view why, std::string_view hint) {
  return {Code::format_file, std::to_string(line) + ": " + std::string(why), std::string(hint)};
}

ImageFile image_file_kind(std::string_view name, ByteView contents) {
  const std::string file = ascii_lower(name.substr(name.rfind('/') + 1));
  for (const std::string_view word : {"dockerfile", "containerfile"}) {
    if (file.starts_with(word) || file.ends_with("." + std::string(word))) {
      return ImageFile::dockerfile;
    }
  }
  for (const std::string_view ending : {".yaml", ".yml", ".json"}) {
    if (file.ends_with(ending)) return ImageFile::manifests;
  }
  if (file.ends_with(".txt")) return ImageFile::list;
  return kind_by_lines(as_text(contents));
}

Result<NamedImages> read_image_list(std::string_view text) {
  NamedImages named;
  std::size_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trimmed(raw.substr(0, raw.find('#')));
    if (line.empty()) continue;
    if (line.find_first_of(blanks) != std::string_view::npos) {
      return line_error(number, "more than an image stands there", "one image a line");
    }
    named.images.push_back({std::string(line), number});
  }
  return named;
}

Result<NamedImages> read_named_images(std::string_view name, ByteView contents,
                                      const std::map<std::string, std::string>& arguments) {
  if (contents.size() > limits::max_image_list_bytes) {
    return Error{
        Code::limit_size,
        "1: the file is larger than " + std::to_string(limits::max_image_list_bytes) + " bytes",
        ""};
  }
  if (!is_valid_utf8(as_text(contents))) return line_error(1, "the file is no UTF-8");
  const auto read = [&]() -> Result<NamedImages> {
    switch (image_file_kind(name, contents)) {
      case ImageFile::list:
        return read_image_list(as_text(contents));
      case ImageFile::dockerfile:
        return read_dockerfile(as_text(contents), arguments);
      case ImageFile::manifests:
        return read_manifest_images(contents);
    }
    return NamedImages{};
  };
  TS_TRY(NamedImages named, read());
  if (named.images.empty()) return line_error(1, "the file names no image");
  return named;
}

}  // namespace touchstone::formats
