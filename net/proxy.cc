#include "net/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace touchstone::net {
namespace {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  unsigned bits = 0;  // 32 or 128

  static std::optional<Address> parse(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    const std::string terminated(text);
    Address address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
      address.bits = 32;
    } else if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
      address.bits = 128;
    } else {
      return std::nullopt;
    }
    return address;
  }

  bool begins_like(const Address& other, unsigned length) const {
    if (bits != other.bits || length > bits) return false;
    for (unsigned i = 0; i < length; ++i) {
      const unsigned shift = 7 - i % 8;
      if (((bytes[i / 8] ^ other.bytes[i / 8]) >> shift & 1) != 0) return false;
    }
    return true;
  }
};

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool in_range(std::string_view range, const Address& host) {
  const std::size_t slash = range.find('/');
  const auto network = Address::parse(range.substr(0, slash));
  if (!network) return false;
  if (slash == std::string_view::npos) return host.begins_like(*network, host.bits);
  const auto length = number(range.substr(slash + 1));
  return length && host.begins_like(*network, *length);
}

bool is_exception(std::string_view entry, const Url& address) {
  if (entry == "*") return true;
  const auto host = Address::parse(address.host);
  if (host && in_range(entry, *host)) return true;
  const std::size_t colon = entry.rfind(':');
  if (colon != std::string_view::npos && number(entry.substr(colon + 1))) {
    if (*number(entry.substr(colon + 1)) != static_cast<unsigned>(address.port)) return false;
    entry = entry.substr(0, colon);
  }
  if (host) return in_range(entry, *host);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  const std::string name = ascii_lower(entry);
  return !name.empty() && (address.host == name || address.host.ends_with("." + name));
}

}  // namespace

std::string proxy_for(const Url& address, const Proxies& proxies) {
  if (is_loopback_host(address.host)) return "";
  std::string_view rest = proxies.exceptions;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(", \t"), rest.size());
    if (end > 0 && is_exception(rest.substr(0, end), address)) return "";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return address.scheme == "https" ? proxies.for_https : proxies.for_http;
}

}  // namespace touchstone::net
