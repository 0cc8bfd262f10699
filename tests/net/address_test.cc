#include "net/address.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>

using namespace touchstone::net;

TEST_CASE("addresses that are not for the public are private", "[net][REG-22]") {
  const char* text = GENERATE(as<const char*>(),
                              // IPv4: this network, private, shared, loopback, link-local
                              "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1",
                              "127.255.0.3", "169.254.169.254", "172.16.0.1", "172.31.255.255",
                              "192.168.0.1", "192.0.0.8", "198.18.0.1", "198.19.255.255",
                              // documentation, multicast, reserved, broadcast
                              "192.0.2.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1",
                              "255.255.255.255",
                              // IPv6: unspecified, loopback, link-local, unique local, multicast
                              "::", "::1", "[::1]", "fe80::1", "febf::1", "fc00::1", "fdff::1",
                              "ff02::1", "2001:db8::1", "2001::1",
                              // IPv4 addresses inside IPv6 ones: mapped, compatible, NAT64, 6to4
                              "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::127.0.0.1",
                              "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a00:1::1",
                              // no addresses at all
                              "", "localhost", "1.2.3", "0x7f.0.0.1", "1.2.3.4.5", "[1.2.3.4");
  CAPTURE(text);
  CHECK(is_private_address(text));
}

TEST_CASE("addresses of the public internet are not private", "[net]") {
  const char* text =
      GENERATE(as<const char*>(), "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
               "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.255.255", "172.15.255.255",
               "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
               "223.255.255.255", "2606:4700::1111", "[2606:4700::1111]", "2001:4860:4860::8888",
               "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1");
  CAPTURE(text);
  CHECK_FALSE(is_private_address(text));
}

TEST_CASE("a socket's address is written as text", "[net]") {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(address_text(reinterpret_cast<const sockaddr&>(v4)) == "127.0.0.1");

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  CHECK(address_text(reinterpret_cast<const sockaddr&>(v6)) == "::1");

  sockaddr other{};
  other.sa_family = AF_UNIX;
  CHECK(address_text(other).empty());
  CHECK(is_private_address(address_text(other)));
}

TEST_CASE("address literals are told from names", "[net]") {
  CHECK(is_address_literal("127.0.0.1"));
  CHECK(is_address_literal("[::1]"));
  CHECK_FALSE(is_address_literal("registry.example"));
  CHECK_FALSE(is_address_literal("localhost"));
}
