// cosign's short names of predicate types.
#include "formats/predicate_types.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {

TEST_CASE("a short name stands for a URI, and a URI for itself", "[predicate]") {
  CHECK(*predicate_type("slsaprovenance1") == "https://slsa.dev/provenance/v1");
  CHECK(*predicate_type("slsaprovenance") == "https://slsa.dev/provenance/v0.2");
  CHECK(*predicate_type("spdxjson") == "https://spdx.dev/Document");
  CHECK(*predicate_type("https://shop.example/audit/v1") == "https://shop.example/audit/v1");
  CHECK(*predicate_type("urn:example:x") == "urn:example:x");
}

TEST_CASE("what is neither is refused", "[predicate]") {
  for (const char* text : {"", "slsa", "SPDX", ":x", "https://a b", "https://a\x1b[1m"}) {
    CAPTURE(text);
    const auto type = predicate_type(text);
    REQUIRE_FALSE(type);
    CHECK(type.error().code == Code::usage_arguments);
  }
}

TEST_CASE("types are compared letter for letter, but for OpenVEX's version", "[predicate]") {
  CHECK(is_predicate("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v1"));
  CHECK_FALSE(is_predicate("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v1/"));
  CHECK_FALSE(is_predicate("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"));
  CHECK(is_predicate("https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0"));
  CHECK_FALSE(is_predicate("https://openvex.dev/ns", "https://openvex.dev/nsx"));
  CHECK_FALSE(is_predicate("https://slsa.dev/provenance/v1", "https://openvex.dev/ns/v0.2.0"));
  CHECK_FALSE(is_predicate("https://slsa.dev/provenance", "https://slsa.dev/provenance/v1"));
}

}  // namespace touchstone::formats
