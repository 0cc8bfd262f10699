#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace touchstone::net {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array private_ranges4 = {
    Range4{ipv4(0, 0, 0, 0), 8},        // "this network"; 0.0.0.0 reaches the host itself
    Range4{ipv4(10, 0, 0, 0), 8},       // private use
    Range4{ipv4(100, 64, 0, 0), 10},    // shared, carrier-grade NAT
    Range4{ipv4(127, 0, 0, 0), 8},      // loopback
    Range4{ipv4(169, 254, 0, 0), 16},   // link-local
    Range4{ipv4(172, 16, 0, 0), 12},    // private use
    Range4{ipv4(192, 0, 0, 0), 24},     // protocol assignments
    Range4{ipv4(192, 0, 2, 0), 24},     // documentation
    Range4{ipv4(192, 168, 0, 0), 16},   // private use
    Range4{ipv4(198, 18, 0, 0), 15},    // benchmarking
    Range4{ipv4(198, 51, 100, 0), 24},  // documentation
    Range4{ipv4(203, 0, 113, 0), 24},   // documentation
    Range4{ipv4(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

bool is_private4(std::uint32_t address) {
  return std::ranges::any_of(private_ranges4, [&](const Range4& range) {
    return (address ^ range.network) >> (32 - range.bits) == 0;
  });
}

std::uint32_t ipv4_at(std::span<const std::uint8_t, 16> a, std::size_t offset) {
  return ipv4(a[offset], a[offset + 1], a[offset + 2], a[offset + 3]);
}

bool is_private6(std::span<const std::uint8_t, 16> a) {
  const bool first_ten_zero = std::all_of(a.begin(), a.begin() + 10, [](auto b) { return b == 0; });
  if (first_ten_zero && a[10] == 0xFF && a[11] == 0xFF) return is_private4(ipv4_at(a, 12));
  constexpr std::array<std::uint8_t, 12> nat64 = {0x00, 0x64, 0xFF, 0x9B};
  if (std::equal(nat64.begin(), nat64.end(), a.begin())) return is_private4(ipv4_at(a, 12));
  if (a[0] == 0x20 && a[1] == 0x02) return is_private4(ipv4_at(a, 2));  // 6to4
  // 2000::/3 is all that is assigned as global unicast; 2001::/23 (Teredo among others) and the
  // documentation range 2001:db8::/32 are carved out of it.
  if ((a[0] & 0xE0) != 0x20) return true;
  if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 0x02) return true;
  return a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0D && a[3] == 0xB8;
}

struct Parsed {
  std::optional<std::uint32_t> v4;
  std::optional<in6_addr> v6;
};

Parsed parse(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string c_text(text);
  Parsed out;
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, c_text.c_str(), &v4) == 1) {
    out.v4 = ntohl(v4.s_addr);
  } else if (inet_pton(AF_INET6, c_text.c_str(), &v6) == 1) {
    out.v6 = v6;
  }
  return out;
}

}  // namespace

std::string address_text(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return text;
}

bool is_private_address(std::string_view text) {
  const Parsed parsed = parse(text);
  if (parsed.v4) return is_private4(*parsed.v4);
  if (parsed.v6) return is_private6(std::span<const std::uint8_t, 16>(parsed.v6->s6_addr));
  return true;
}

bool is_address_literal(std::string_view host) {
  const Parsed parsed = parse(host);
  return parsed.v4 || parsed.v6;
}

}  // namespace touchstone::net
