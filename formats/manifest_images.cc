#include "formats/manifest_images.h"

#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "formats/yaml.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view render_compose = "render it first: docker compose config";

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
  for (const std::string_view other : keys) {
    if (key == other) return true;
  }
  return false;
}

std::string name_of(const Yaml& value) {
  const YamlMember* name = value.find("name");
  return name != nullptr && name->value.string() != nullptr ? printable(*name->value.string()) : "";
}

// Whatever is found goes into one place.
class Found {
 public:
  Status add(const Yaml& value) {
    const std::string* text = value.string();
    if (text == nullptr || text->empty()) {
      return line_error(value.place().line, "the image is " + value.describe() + ", not a text");
    }
    images_.images.push_back({*text, value.place().line});
    return ok();
  }
  void leave(const Yaml& value, std::string why) {
    images_.unread.push_back({value.place().line, std::move(why)});
  }
  NamedImages take() && { return std::move(images_); }

 private:
  NamedImages images_;
};

// One object of Kubernetes, of whatever kind.
class Object {
 public:
  Object(const Yaml& object, Found& found) : found_(found) {
    const YamlMember* kind = object.find("kind");
    if (kind != nullptr && kind->value.string() != nullptr)
      kind_ = printable(*kind->value.string());
  }

  // The depth is that of the YAML, which is limited.
  Status read(const Yaml& value) {
    if (const Yaml::Sequence* items = value.sequence()) {
      for (const Yaml& item : *items) TS_CHECK(read(item));
    }
    const Yaml::Mapping* members = value.mapping();
    if (members == nullptr) return ok();
    for (const YamlMember& member : *members) TS_CHECK(read_member(member));
    return ok();
  }

 private:
  static constexpr std::array<std::string_view, 3> container_lists = {
      "containers", "initContainers", "ephemeralContainers"};

  Status read_member(const YamlMember& member) {
    const Yaml& value = member.value;
    if (is_one_of(member.key, container_lists) && value.sequence() != nullptr) {
      for (const Yaml& container : *value.sequence()) TS_CHECK(read_container(container));
      return ok();
    }
    if (member.key == "volumes" && value.sequence() != nullptr) {
      for (const Yaml& volume : *value.sequence()) TS_CHECK(read_volume(volume));
      return ok();
    }
    if (member.key == "image" && value.string() != nullptr) {
      found_.leave(value, kind_ + " has an image \"" + printable(*value.string()) +
                              "\" that is no container's");
      return ok();
    }
    return read(value);
  }

  Status read_container(const Yaml& container) {
    if (const YamlMember* image = container.find("image")) return found_.add(image->value);
    found_.leave(container, "the container \"" + name_of(container) + "\" names no image");
    return ok();
  }

  Status read_volume(const Yaml& volume) {
    const YamlMember* image = volume.find("image");
    if (image == nullptr) return ok();
    const YamlMember* reference = image->value.find("reference");
    if (reference != nullptr) return found_.add(reference->value);
    found_.leave(volume, "the volume \"" + name_of(volume) + "\" names no image");
    return ok();
  }

  Found& found_;
  std::string kind_ = "an object";
};

// A Compose file.
class Compose {
 public:
  explicit Compose(Found& found) : found_(found) {}

  Status read(const Yaml& file) {
    if (const YamlMember* include = file.find("include")) {
      return line_error(include->place.line, "other files are included", render_compose);
    }
    const Yaml& services = file.find("services")->value;
    if (services.mapping() == nullptr) {
      return line_error(services.place().line, "\"services\" is " + services.describe());
    }
    for (const YamlMember& service : *services.mapping()) TS_CHECK(read_service(service));
    return ok();
  }

 private:
  Status read_service(const YamlMember& service) {
    const Yaml& value = service.value;
    if (const YamlMember* extends = value.find("extends")) {
      return line_error(extends->place.line,
                        "the service \"" + printable(service.key) + "\" extends another",
                        render_compose);
    }
    const YamlMember* image = value.find("image");
    const YamlMember* build = value.find("build");
    if (image != nullptr) TS_CHECK(add(image->value));
    // With an image too: whether it is pulled or built, under that name, is up to who runs it.
    if (build != nullptr) {
      leave(service, image != nullptr ? "may be built here; give its Dockerfile too"
                                      : "is built here; give its Dockerfile too");
    } else if (image == nullptr) {
      leave(service, "names no image");
    }
    if (build != nullptr) TS_CHECK(read_contexts(build->value));
    const YamlMember* volumes = value.find("volumes");
    if (volumes == nullptr || volumes->value.sequence() == nullptr) return ok();
    for (const Yaml& volume : *volumes->value.sequence()) TS_CHECK(read_volume(volume));
    return ok();
  }

  void leave(const YamlMember& service, std::string_view why) {
    found_.leave(service.value,
                 "the service \"" + printable(service.key) + "\" " + std::string(why));
  }

  // additional_contexts: {NAME: docker-image://IMAGE}, or a list of NAME=docker-image://IMAGE.
  Status read_contexts(const Yaml& build) {
    const YamlMember* contexts = build.find("additional_contexts");
    if (contexts == nullptr) return ok();
    if (const Yaml::Mapping* members = contexts->value.mapping()) {
      for (const YamlMember& member : *members) TS_CHECK(read_context(member.value));
    }
    if (const Yaml::Sequence* items = contexts->value.sequence()) {
      for (const Yaml& item : *items) TS_CHECK(read_context(item));
    }
    return ok();
  }

  Status read_context(const Yaml& context) {
    constexpr std::string_view scheme = "docker-image://";
    const std::string* text = context.string();
    if (text == nullptr) return ok();
    const std::size_t at = text->find(scheme);
    if (at == std::string::npos) return ok();
    return add(Yaml(text->substr(at + scheme.size()), context.place()));
  }

  Status read_volume(const Yaml& volume) {
    const YamlMember* type = volume.find("type");
    if (type == nullptr || type->value.string() == nullptr || *type->value.string() != "image") {
      return ok();
    }
    const YamlMember* source = volume.find("source");
    if (source != nullptr) return add(source->value);
    return line_error(volume.place().line, "the image volume names no image");
  }

  // Its variables come from the environment of whoever runs it.
  Status add(const Yaml& image) {
    if (image.string() != nullptr && image.string()->contains('$')) {
      return line_error(image.place().line,
                        "the image holds a variable: " + printable(*image.string()),
                        render_compose);
    }
    return found_.add(image);
  }

  Found& found_;
};

}  // namespace

Result<NamedImages> read_manifest_images(ByteView contents) {
  TS_TRY(const auto documents,
         parse_yaml(contents, {limits::max_image_list_bytes, limits::max_image_list_depth,
                               limits::max_image_list_values}));
  Found found;
  for (const Yaml& document : documents) {
    if (document.find("kind") != nullptr && document.find("apiVersion") != nullptr) {
      TS_CHECK(Object(document, found).read(document));
    } else if (document.find("services") != nullptr) {
      TS_CHECK(Compose(found).read(document));
    } else {
      return line_error(document.place().line, "neither an object of Kubernetes nor a Compose file",
                        "render what is a template first; of a list, name the file *.txt");
    }
  }
  return std::move(found).take();
}

}  // namespace touchstone::formats
