#include "base/reference.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone {
namespace {

constexpr std::size_t max_name_bytes = 255;  // distribution/reference, NameTotalLengthMax
constexpr std::size_t max_tag_bytes = 128;
constexpr std::string_view layout_prefix = "oci-layout:";

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

Error malformed(std::string_view text, std::string_view why) {
  return Error{Code::reference_malformed,
               "\"" + printable(text) + "\" is not an image reference: " + std::string(why), ""};
}

// [a-z0-9]+ joined by one '.', one or two '_', or any number of '-'.
bool is_path_component(std::string_view part) {
  if (part.empty() || !is_lower_alphanumeric(part.front()) || !is_lower_alphanumeric(part.back())) {
    return false;
  }
  for (std::size_t i = 0; i < part.size();) {
    if (is_lower_alphanumeric(part[i])) {
      ++i;
      continue;
    }
    const std::size_t end = std::min(part.find_first_not_of(part[i], i), part.size());
    const std::size_t run = end - i;
    const bool fits =
        (part[i] == '.' && run == 1) || (part[i] == '_' && run <= 2) || part[i] == '-';
    if (!fits || !is_lower_alphanumeric(part[end])) return false;
    i = end;
  }
  return true;
}

bool is_host_component(std::string_view part) {
  return !part.empty() && part.size() <= 63 && part.front() != '-' && part.back() != '-' &&
         std::ranges::all_of(part, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value >= 1 && value <= 65535;
}

bool is_registry(std::string_view text) {
  std::string_view host = text;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, close - 1);
    if (address.size() < 2 ||
        address.find_first_not_of("0123456789abcdefABCDEF:") != std::string_view::npos) {
      return false;
    }
    const std::string_view rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return false;
    host = text.substr(0, colon);
  }
  return std::ranges::all_of(split(host, '.'), is_host_component);
}

// distribution/reference, splitDockerDomain: is the part before the first '/' a registry? It also
// takes "FOO" for one because of its upper case; lower-cased, that would be printed as "foo", which
// names another image, so here it stays a part of the repository and is refused.
bool looks_like_registry(std::string_view part) {
  return part.find_first_of(".:") != std::string_view::npos || ascii_lower(part) == "localhost";
}

bool is_image_id(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Other names of Docker Hub: the one that Docker once used, and the host that serves it.
bool is_docker_hub(std::string_view registry) {
  return registry == "index.docker.io" || registry == "registry-1.docker.io";
}

}  // namespace

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > max_tag_bytes) return false;
  if (!is_alphanumeric(text.front()) && text.front() != '_') return false;
  return std::ranges::all_of(
      text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

Result<Reference> Reference::parse(std::string_view text) {
  if (text.empty()) return malformed(text, "it is empty");
  if (text.size() > limits::max_reference_bytes) return malformed(text, "it is too long");
  if (text.starts_with(layout_prefix)) return parse_layout(text);

  if (is_image_id(text)) return malformed(text, "an image ID names no repository");

  Reference reference;
  std::string_view name = text;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    auto digest = Digest::parse(name.substr(at + 1));
    if (!digest) return malformed(text, digest.error().message);
    reference.digest_ = *digest;
    name = name.substr(0, at);
  }
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    const std::string_view tag = name.substr(colon + 1);
    if (!is_tag(tag)) return malformed(text, "the tag is malformed");
    reference.tag_ = std::string(tag);
    name = name.substr(0, colon);
  }

  const std::size_t first = name.find('/');
  if (first != std::string_view::npos && looks_like_registry(name.substr(0, first))) {
    if (!is_registry(name.substr(0, first))) return malformed(text, "the registry is malformed");
    reference.registry_ = ascii_lower(name.substr(0, first));
    reference.repository_ = std::string(name.substr(first + 1));
  } else {
    reference.registry_ = "docker.io";
    reference.repository_ = std::string(name);
  }
  if (is_docker_hub(reference.registry_)) reference.registry_ = "docker.io";
  const auto parts = split(reference.repository_, '/');
  if (!std::ranges::all_of(parts, is_path_component)) {
    const bool upper = ascii_lower(reference.repository_) != reference.repository_;
    return malformed(text,
                     upper ? "the repository must be lower case" : "the repository is malformed");
  }
  if (reference.registry_ == "docker.io" && parts.size() == 1) {
    reference.repository_ = "library/" + reference.repository_;
  }
  if (reference.registry_.size() + 1 + reference.repository_.size() > max_name_bytes) {
    return malformed(text, "the name is longer than 255 characters");
  }
  if (!reference.tag_ && !reference.digest_) reference.tag_ = "latest";
  return reference;
}

Result<Reference> Reference::parse_layout(std::string_view text) {
  Reference reference;
  std::string_view folder = text.substr(layout_prefix.size());
  if (const std::size_t at = folder.rfind('@');
      at != std::string_view::npos && folder.find('/', at) == std::string_view::npos) {
    auto digest = Digest::parse(folder.substr(at + 1));
    if (!digest) return malformed(text, digest.error().message);
    reference.digest_ = *digest;
    folder = folder.substr(0, at);
  }
  if (const std::size_t colon = folder.rfind(':');
      colon != std::string_view::npos && folder.find('/', colon) == std::string_view::npos) {
    const std::string_view tag = folder.substr(colon + 1);
    if (!is_tag(tag)) return malformed(text, "the tag is malformed");
    reference.tag_ = std::string(tag);
    folder = folder.substr(0, colon);
  }
  if (folder.empty()) return malformed(text, "it names no folder");
  if (!is_printable(folder)) return malformed(text, "it holds characters that cannot be shown");
  reference.folder_ = std::string(folder);
  return reference;
}

std::string Reference::api_host() const {
  return registry_ == "docker.io" ? "registry-1.docker.io" : registry_;
}

std::string Reference::name() const {
  if (is_layout()) return std::string(layout_prefix) + folder_;
  return registry_ + "/" + repository_;
}

std::string Reference::to_string() const {
  std::string text = name();
  if (tag_) text += ":" + *tag_;
  if (digest_) text += "@" + digest_->to_string();
  return text;
}

std::string Reference::pinned(const Digest& digest) const {
  return name() + "@" + digest.to_string();
}

}  // namespace touchstone
