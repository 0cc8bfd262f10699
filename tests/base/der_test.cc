// The cursor, and DER read with it.
#include "base/der.h"

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "base/reader.h"

namespace touchstone {
namespace {

Bytes bytes_of(std::optional<ByteView> view) {
  return view ? Bytes(view->begin(), view->end()) : Bytes{0xde, 0xad};
}

TEST_CASE("Reader cannot go past its end", "[reader]") {
  const Bytes bytes = {1, 2, 3};
  Reader reader(bytes);
  CHECK(reader.left() == 3);
  CHECK(reader.byte() == 1);
  CHECK_FALSE(reader.take(3));
  CHECK_FALSE(reader.take(static_cast<std::size_t>(-1)));
  CHECK(reader.offset() == 1);
  CHECK(bytes_of(reader.take(2)) == Bytes{2, 3});
  CHECK(reader.at_end());
  CHECK_FALSE(reader.byte());
  CHECK_FALSE(reader.take(1));
  CHECK(reader.take(0));
  CHECK(reader.offset() == 3);
}

TEST_CASE("Reader reads big-endian integers of 1 to 8 bytes", "[reader]") {
  const Bytes bytes = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};
  const auto read = [&](std::size_t width) { return Reader(bytes).big_endian(width); };
  CHECK(read(1) == 0x01);
  CHECK(read(2) == 0x0102);
  CHECK(read(4) == 0x01020304);
  CHECK(read(8) == 0x0102030405060708);
  CHECK_FALSE(read(0));
  CHECK_FALSE(read(9));
  CHECK_FALSE(read(10));
}

TEST_CASE("A refused integer leaves the cursor where it was", "[reader]") {
  const Bytes bytes(9);
  Reader reader(bytes);
  CHECK_FALSE(reader.big_endian(9));
  CHECK(reader.offset() == 0);
}

TEST_CASE("der::next takes definite, shortest lengths", "[der]") {
  Bytes long_form = {0x04, 0x81, 0x80};
  long_form.resize(3 + 0x80, 7);
  Bytes longer_form = {0x04, 0x82, 0x01, 0x00};
  longer_form.resize(4 + 0x100, 7);
  struct Row {
    Bytes bytes;
    std::size_t content;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {{0x05, 0x00}, 0},
      {{0x30, 0x03, 0x02, 0x01, 0x00}, 3},
      {{0xa0, 0x01, 0x00}, 1},
      {long_form, 0x80},
      {longer_form, 0x100},
  }));

  Reader reader(row.bytes);
  const auto element = der::next(reader);

  REQUIRE(element);
  CHECK(element->tag == row.bytes[0]);
  CHECK(element->content.size() == row.content);
  CHECK(element->whole.size() == row.bytes.size());
  CHECK(element->whole.data() == row.bytes.data());
  CHECK(reader.at_end());
}

TEST_CASE("der::next refuses everything else and does not move", "[der]") {
  struct Row {
    const char* why;
    Bytes bytes;
  };
  Bytes padded_length = {0x04, 0x82, 0x00, 0x80};
  padded_length.resize(4 + 0x80);
  Bytes long_form_for_short = {0x04, 0x81, 0x7f};
  long_form_for_short.resize(3 + 0x7f);
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", {}},
      {"tag alone", {0x30}},
      {"tag of several bytes", {0x1f, 0x01, 0x00}},
      {"constructed tag of several bytes", {0xbf, 0x81, 0x01, 0x00}},
      {"indefinite length", {0x30, 0x80, 0x00, 0x00}},
      {"long form for a short length", long_form_for_short},
      {"length with a leading zero", padded_length},
      {"length of 5 bytes", {0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00}},
      {"reserved length 0xff", {0x04, 0xff}},
      {"length cut off", {0x04, 0x82, 0x01}},
      {"content cut off", {0x04, 0x02, 0x00}},
      {"length of 4 GiB", {0x04, 0x84, 0xff, 0xff, 0xff, 0xff}},
  }));
  CAPTURE(row.why);

  Reader reader(row.bytes);

  CHECK_FALSE(der::next(reader));
  CHECK(reader.offset() == 0);
}

TEST_CASE("der::expect wants its tag and does not move without it", "[der]") {
  const Bytes bytes = {0x04, 0x01, 0xaa};
  Reader reader(bytes);
  CHECK_FALSE(der::expect(reader, der::bit_string));
  CHECK(reader.offset() == 0);
  CHECK(bytes_of(der::expect(reader, der::octet_string)) == Bytes{0xaa});
}

TEST_CASE("der::unsigned_integer takes shortest non-negative integers", "[der]") {
  struct Row {
    const char* why;
    Bytes bytes;
    std::optional<Bytes> magnitude;
  };
  const auto row = GENERATE(values<Row>({
      {"zero", {0x02, 0x01, 0x00}, Bytes{}},
      {"one", {0x02, 0x01, 0x01}, Bytes{0x01}},
      {"127", {0x02, 0x01, 0x7f}, Bytes{0x7f}},
      {"128 needs its zero", {0x02, 0x02, 0x00, 0x80}, Bytes{0x80}},
      {"256", {0x02, 0x02, 0x01, 0x00}, Bytes{0x01, 0x00}},
      {"empty", {0x02, 0x00}, std::nullopt},
      {"negative", {0x02, 0x01, 0x80}, std::nullopt},
      {"minus one", {0x02, 0x01, 0xff}, std::nullopt},
      {"padded", {0x02, 0x02, 0x00, 0x7f}, std::nullopt},
      {"padded zero", {0x02, 0x02, 0x00, 0x00}, std::nullopt},
      {"another tag", {0x0a, 0x01, 0x01}, std::nullopt},
  }));
  CAPTURE(row.why);

  Reader reader(row.bytes);
  const auto magnitude = der::unsigned_integer(reader);

  REQUIRE(magnitude.has_value() == row.magnitude.has_value());
  if (magnitude) CHECK(bytes_of(magnitude) == *row.magnitude);
}

}  // namespace
}  // namespace touchstone
