// What is written is what the strict reader takes.
#include "base/der_writer.h"

#include <catch2/catch.hpp>

#include "base/der.h"

namespace touchstone {

TEST_CASE("lengths are in their shortest form", "[der]") {
  struct Row {
    std::size_t size;
    Bytes header;
  };
  for (const Row& row : std::vector<Row>{{0, {0x04, 0x00}},
                                         {127, {0x04, 0x7F}},
                                         {128, {0x04, 0x81, 0x80}},
                                         {255, {0x04, 0x81, 0xFF}},
                                         {256, {0x04, 0x82, 0x01, 0x00}},
                                         {65536, {0x04, 0x83, 0x01, 0x00, 0x00}}}) {
    CAPTURE(row.size);
    const Bytes content(row.size, 0xAA);
    const Bytes written = der::element(der::octet_string, {content});
    CHECK(Bytes(written.begin(), written.begin() + static_cast<long>(row.header.size())) ==
          row.header);
    Reader reader(written);
    const auto read = der::expect(reader, der::octet_string);
    REQUIRE(read);
    CHECK(read->size() == row.size);
    CHECK(reader.at_end());
  }
}

TEST_CASE("numbers are never negative and never padded", "[der]") {
  struct Row {
    Bytes magnitude;
    Bytes written;
  };
  for (const Row& row : std::vector<Row>{{{}, {0x02, 0x01, 0x00}},
                                         {{0}, {0x02, 0x01, 0x00}},
                                         {{0x7F}, {0x02, 0x01, 0x7F}},
                                         {{0x80}, {0x02, 0x02, 0x00, 0x80}},
                                         {{0, 0, 1, 2}, {0x02, 0x02, 0x01, 0x02}}}) {
    CAPTURE(row.magnitude);
    CHECK(der::unsigned_number(row.magnitude) == row.written);
  }
}

TEST_CASE("parts stand one after another", "[der]") {
  const Bytes one = der::text(0x0C, "ab");
  CHECK(der::element(der::sequence, {one, one}) ==
        Bytes{0x30, 0x08, 0x0C, 0x02, 'a', 'b', 0x0C, 0x02, 'a', 'b'});
  CHECK(der::bits(Bytes{0xFF}) == Bytes{0x03, 0x02, 0x00, 0xFF});
}

}  // namespace touchstone
