// Signed notes of transparency logs, and what is none.
#include "formats/checkpoint.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

namespace touchstone::formats {
namespace {

const std::string root = "Q2tE3nBAsCu2Gt3SDKKuNXbkdcKx2VT5O7ZRQ+cf4Hg=";
const std::string line = "\u2014 log.example AAAAAQECAwQ=\n";
const std::string text = "log.example\n7\n" + root + "\n";
const std::string good = text + "\n" + line;

std::string replaced(std::string_view from, std::string_view to) {
  std::string note = good;
  const std::size_t at = note.find(from);
  REQUIRE(at != note.npos);
  return note.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a checkpoint says whose tree is how large and what its root is", "[checkpoint]") {
  const auto checkpoint = Checkpoint::parse(good);
  REQUIRE(checkpoint);
  CHECK(checkpoint->text == text);
  CHECK(checkpoint->origin == "log.example");
  CHECK(checkpoint->tree_size == 7);
  CHECK(checkpoint->root_hash.size() == 32);
  REQUIRE(checkpoint->signatures.size() == 1);
  CHECK(checkpoint->signatures[0].name == "log.example");
  CHECK(checkpoint->signatures[0].key_id == Bytes{0, 0, 0, 1});
  CHECK(checkpoint->signatures[0].signature == Bytes{1, 2, 3, 4});
}

TEST_CASE("extensions are under the signature, and several may sign", "[checkpoint]") {
  const auto checkpoint = Checkpoint::parse(text + "Timestamp: 1\nmore\n\n" + line + line);
  REQUIRE(checkpoint);
  CHECK(checkpoint->text == text + "Timestamp: 1\nmore\n");
  CHECK(checkpoint->signatures.size() == 2);
}

TEST_CASE("a tree may be empty, or large", "[checkpoint]") {
  CHECK(Checkpoint::parse(replaced("7\n", "0\n"))->tree_size == 0);
  CHECK(Checkpoint::parse(replaced("7\n", "10\n"))->tree_size == 10);
}

TEST_CASE("what is no checkpoint is refused", "[checkpoint][SIG-19]") {
  struct Row {
    const char* why;
    std::string note;
  };
  std::string crowd;
  for (std::size_t i = 0; i <= limits::max_note_signatures; ++i) crowd += line;
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", ""},
      {"only its text", text},
      {"no signature", text + "\n"},
      {"no line break at the end", good.substr(0, good.size() - 1)},
      {"something that is no signature among them", good + "hello\n"},
      {"a signature without key", replaced("AAAAAQECAwQ=", "AAAAAQ==")},
      {"a signature that is not base64", replaced("AAAAAQECAwQ=", "AAAA*QECAwQ=")},
      {"a signature without a name", replaced("\u2014 log.example ", "\u2014  ")},
      {"a name with a plus", replaced("\u2014 log.example", "\u2014 log+example")},
      {"a name that turns around", replaced("\u2014 log", "\u2014 \u202elog")},
      {"one word", replaced("log.example AAAAAQECAwQ=", "AAAAAQECAwQ=")},
      {"a hyphen for the dash", replaced("\u2014", "-")},
      {"no origin", replaced("log.example\n7", "\n7")},
      {"no size", replaced("7\n", "")},
      {"a size with a leading zero", replaced("7\n", "07\n")},
      {"a negative size", replaced("7\n", "-7\n")},
      {"a size over 63 bits", replaced("7\n", "9223372036854775808\n")},
      {"a size over 64 bits", replaced("7\n", "18446744073709551616\n")},
      {"a size with more behind", replaced("7\n", "7 \n")},
      {"no root hash", replaced(root + "\n", "")},
      {"a root hash of 31 bytes", replaced(root, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")},
      {"an empty line among the extensions", text + "\nmore\n\n" + line},
      {"a control character", replaced("log.example\n7", "log\x01.example\n7")},
      {"no UTF-8", replaced("log.example\n7", "log\xFF.example\n7")},
      {"more signatures than the limit", text + "\n" + crowd},
      {"longer than the limit", text + std::string(limits::max_note_bytes, 'x') + "\n\n" + line},
  }));
  CAPTURE(row.why);
  const auto checkpoint = Checkpoint::parse(row.note);
  REQUIRE_FALSE(checkpoint);
  CHECK(checkpoint.error().code == Code::signature_checkpoint);
}

}  // namespace touchstone::formats
