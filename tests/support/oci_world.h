// A pretend registry, a client for it and one repository, ready to use.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "net/curl_client.h"
#include "oci/repository.h"
#include "tests/support/pretend_registry.h"

namespace touchstone::test {

struct OciWorld {
  explicit OciWorld(PretendRegistry::Options options = {}, PretendRegistry::Hook hook = nullptr,
                    PretendRegistry::Change change = nullptr, oci::Access access = {},
                    net::CurlOptions curl = {})
      : registry(std::move(options), std::move(hook), std::move(change)),
        http(std::move(curl)),
        registries(http, clock, std::move(access)) {
    const auto reference = Reference::parse(registry.name("shop/api"));
    REQUIRE(reference);
    auto opened = registries.open(*reference);
    REQUIRE(opened);
    repository = *std::move(opened);
  }

  PretendRegistry registry;
  RunningClock clock;
  net::CurlClient http;
  oci::Registries registries;
  std::unique_ptr<oci::Repository> repository;
};

template <class T>
std::string slug_of(const Result<T>& result) {
  return result ? "ok" : std::string(slug(result.error().code));
}

// Puts a server's host where "ELSEWHERE" stands: tables are made before servers have ports.
inline std::string with_host(std::string text, const std::string& host) {
  const std::size_t at = text.find("ELSEWHERE");
  return at == std::string::npos ? text : text.replace(at, 9, host);
}

inline Reply with_status(int status, std::vector<HttpHeader> headers = {}, std::string body = "") {
  Reply reply;
  reply.status = status;
  reply.headers = std::move(headers);
  reply.body = std::move(body);
  return reply;
}

}  // namespace touchstone::test
