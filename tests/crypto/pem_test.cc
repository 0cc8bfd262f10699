// PEM, in the one form that is taken.
#include "crypto/pem.h"

#include <catch2/catch.hpp>

namespace touchstone::crypto {

TEST_CASE("what is written as PEM is read back", "[pem]") {
  const Bytes der(100, 7);
  const auto block = parse_pem(as_bytes("# a comment\n\n" + to_pem("THING", der) + "\n"));
  REQUIRE(block);
  CHECK(block->type == "THING");
  CHECK(block->der == der);
}

TEST_CASE("what is no PEM is refused", "[pem]") {
  const std::string good = to_pem("THING", Bytes(3, 7));
  REQUIRE(good == "-----BEGIN THING-----\nBwcH\n-----END THING-----\n");
  struct Row {
    const char* why;
    std::string text;
  };
  for (const Row& row : std::vector<Row>{
           {"nothing", ""},
           {"comments alone", "# -----BEGIN THING-----\n"},
           {"another word", "-----BEGAN THING-----\nBwcH\n-----END THING-----\n"},
           {"other dashes", "-----BEGIN THING+++++\nBwcH\n-----END THING-----\n"},
           {"of no type", "-----BEGIN -----\nBwcH\n-----END -----\n"},
           {"another type at the end", "-----BEGIN THING-----\nBwcH\n-----END OTHER-----\n"},
           {"no end", "-----BEGIN THING-----\nBwcH\n"},
           {"no end after a good one", good + "-----BEGIN THING-----\nBwcH\n"},
           {"empty", "-----BEGIN THING-----\n-----END THING-----\n"},
           {"no base64", "-----BEGIN THING-----\nBw*H\n-----END THING-----\n"},
           {"text before", "THING\n" + good},
           {"text after", good + "THING\n"},
           {"a comment after", good + "# THING\n"},
       }) {
    CAPTURE(row.why);
    const auto blocks = parse_pem_blocks(as_bytes(row.text), 4);
    REQUIRE_FALSE(blocks);
    CHECK(blocks.error().code == Code::format_key);
  }
  const auto headers = parse_pem(as_bytes("-----BEGIN X-----\nA: b\n\nBwcH\n-----END X-----\n"));
  REQUIRE_FALSE(headers);
  CHECK(headers.error().message.contains("headers"));
  CHECK(parse_pem_blocks(as_bytes(good + good), 1).error().code == Code::limit_count);
  CHECK(parse_pem(as_bytes(good + good)).error().code == Code::format_key);
}

}  // namespace touchstone::crypto
