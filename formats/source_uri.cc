#include "formats/source_uri.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace touchstone::formats {
namespace {

struct Parts {
  std::string_view host;
  std::string_view path;
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes the schemes off that lead to the same place; what stands in front of the path is the host.
Parts split_host(std::string_view text) {
  const auto at = [&](std::size_t separator) {
    return separator == text.npos ? Parts{text, ""}
                                  : Parts{text.substr(0, separator), text.substr(separator + 1)};
  };
  (void)take_prefix(text, "git+");
  if (take_prefix(text, "ssh://")) {
    (void)take_prefix(text, "git@");
    return at(text.find('/'));
  }
  if (take_prefix(text, "git@")) return at(text.find(':'));
  constexpr std::array<std::string_view, 3> schemes = {"https://", "http://", "git://"};
  for (const std::string_view scheme : schemes) {
    if (take_prefix(text, scheme)) break;
  }
  return at(text.find('/'));
}

bool is_host(std::string_view host) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789.-:";
  return !host.empty() && ascii_lower(host).find_first_not_of(letters) == std::string::npos;
}

bool is_path(std::string_view path) {
  const std::string plain = ascii_lower(path);
  if (plain.find_first_of("?\\") != plain.npos || !is_printable(plain)) return false;
  if (plain.find(' ') != plain.npos) return false;
  for (const char* encoded : {"%2e", "%2f", "%5c"}) {
    if (plain.find(encoded) != plain.npos) return false;
  }
  return std::ranges::none_of(split(plain, '/'), [](std::string_view part) {
    return part.empty() || part == "." || part == "..";
  });
}

}  // namespace

Result<SourceUri> SourceUri::parse(std::string_view text) {
  auto [host, path] = split_host(text);
  SourceUri uri;
  if (const std::size_t mark = path.find_first_of("@#"); mark != path.npos) {
    uri.ref = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  if (!is_host(host) || !is_path(path)) {
    return Error{Code::format_json, "\"" + printable(text) + "\" names no place of source code",
                 ""};
  }
  uri.place = ascii_lower(host) + "/" + std::string(path);
  return uri;
}

}  // namespace touchstone::formats
