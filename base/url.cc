#include "base/url.h"

#include <algorithm>

#include "base/text.h"

namespace touchstone {
namespace {

Error malformed(std::string_view text, std::string_view why) {
  return Error{Code::network_protocol,
               "\"" + printable(text) + "\" is not a usable address: " + std::string(why), ""};
}

int default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool is_number_up_to(std::string_view text, int most) {
  if (text.empty() || text.size() > 5) return false;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return value <= most;
}

// RFC 3986 section 5.2.4, for paths that begin with '/'.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto parts = split(path.substr(1), '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == "." || parts[i] == "..") {
      if (parts[i] == ".." && !kept.empty()) kept.pop_back();
      if (last) kept.emplace_back();
    } else {
      kept.push_back(parts[i]);
    }
  }
  std::string out;
  for (const auto part : kept) out += "/" + std::string(part);
  return out.empty() ? "/" : out;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= 0x20 || u == 0x7F || u >= 0x80)
      return malformed(text, "it holds a forbidden character");
  }
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return malformed(text, "it has no scheme");
  url.scheme = ascii_lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return malformed(text, "only http and https are used");
  }
  std::string_view rest = text.substr(colon + 3);
  if (const std::size_t hash = rest.find('#'); hash != std::string_view::npos) {
    return malformed(text, "it has a fragment");
  }
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return malformed(text, "it names a user");
  const std::string_view host = host_of_authority(authority);
  if (host.empty() || host == "[]") return malformed(text, "it has no host");
  if (host.find_first_of("%\\\"'<>^`{|}") != std::string_view::npos) {
    return malformed(text, "the host is malformed");
  }
  url.host = ascii_lower(host);
  url.port = default_port(url.scheme);
  if (authority.size() > host.size()) {
    const std::string_view port = authority.substr(host.size() + 1);
    if (authority[host.size()] != ':' || !is_number_up_to(port, 65535) ||
        std::stoi(std::string(port)) == 0) {
      return malformed(text, "the port is malformed");
    }
    url.port = std::stoi(std::string(port));
  }
  rest = rest.substr(end);
  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
  if (reference.find("://") != std::string_view::npos &&
      reference.find("://") < reference.find_first_of("/?#")) {
    return parse(reference);
  }
  if (reference.starts_with("//")) return parse(scheme + ":" + std::string(reference));
  const std::string origin = scheme + "://" + authority();
  if (reference.empty()) return *this;
  if (reference.starts_with('?')) return parse(origin + path() + std::string(reference));
  const std::string base =
      reference.starts_with('/') ? "" : path().substr(0, path().rfind('/') + 1);
  const std::size_t query = std::min(reference.find('?'), reference.size());
  return parse(origin + remove_dot_segments(base + std::string(reference.substr(0, query))) +
               std::string(reference.substr(query)));
}

std::string Url::authority() const {
  return port == default_port(scheme) ? host : host + ":" + std::to_string(port);
}

std::string Url::to_string() const { return scheme + "://" + authority() + target; }

std::string_view host_of_authority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    return close == std::string_view::npos ? std::string_view() : authority.substr(0, close + 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const auto parts = split(host, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::ranges::all_of(parts, [](auto part) { return is_number_up_to(part, 255); });
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace touchstone
