#include "cli/shared/image_sources.h"

#include <unistd.h>

#include <map>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/shared/output.h"
#include "formats/named_images.h"

namespace touchstone::cli {
namespace {

// Puts images together: the same one is there once.
class Images {
 public:
  Status add(Reference reference, std::optional<judge::NamedAt> place) {
    const auto [known, added] = indexes_.emplace(reference.to_string(), images_.size());
    if (added) images_.push_back({std::move(reference)});
    if (place) images_[known->second].named_at.push_back(std::move(*place));
    if (images_.size() <= limits::max_images) return ok();
    return Error{Code::usage_arguments, "too many images", ""};
  }
  std::vector<WantedImage> take() && { return std::move(images_); }

 private:
  std::map<std::string, std::size_t> indexes_;
  std::vector<WantedImage> images_;
};

Result<Bytes> contents_of(const std::string& file) {
  if (file == "-") {
    return read_descriptor(STDIN_FILENO, limits::max_image_list_bytes, "standard input");
  }
  return read_file(file, limits::max_image_list_bytes);
}

Status add_file(const std::string& file, const std::map<std::string, std::string>& arguments,
                Images& images) {
  TS_TRY(const Bytes contents, contents_of(file));
  const std::string shown = printable(file) + ":";
  auto named = formats::read_named_images(file, contents, arguments);
  if (!named) {
    Error error = std::move(named).error();
    error.message = shown + error.message;
    return error;
  }
  for (const formats::UnreadImage& unread : named->unread) {
    say("note: " + shown + std::to_string(unread.line) + ": " + unread.why);
  }
  for (const formats::NamedImage& image : named->images) {
    auto reference = Reference::parse(image.reference);
    if (!reference) {
      return in_context(reference.error(), reference.error().code,
                        shown + std::to_string(image.line));
    }
    TS_CHECK(images.add(*std::move(reference), judge::NamedAt{file, image.line}));
  }
  return ok();
}

}  // namespace

void ImageSources::declare(CLI::App& command) {
  command
      .add_option("IMAGE", images_,
                  "registry/name:tag, registry/name@sha256:..., or oci-layout:DIR[:tag|@digest]")
      ->type_name("");
  command
      .add_option("--images-from", files_,
                  "and those that a list, Dockerfile, Compose file or Kubernetes manifest names; - "
                  "is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--build-arg", build_arguments_, "a variable of the Dockerfiles")
      ->type_name("K=V")
      ->allow_extra_args(false);
}

Result<std::vector<WantedImage>> ImageSources::read() const {
  Images images;
  if (images_.empty() && files_.empty()) {
    return Error{Code::usage_arguments, "no image is named",
                 "name images, or files that name them with --images-from"};
  }
  for (const std::string& text : images_) {
    TS_TRY(Reference reference, Reference::parse(text));
    TS_CHECK(images.add(std::move(reference), std::nullopt));
  }
  TS_TRY(const auto arguments, parse_annotations(build_arguments_));
  for (const std::string& file : files_) TS_CHECK(add_file(file, arguments, images));
  return std::move(images).take();
}

}  // namespace touchstone::cli
