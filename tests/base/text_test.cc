#include "base/text.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/limits.h"

namespace touchstone {
namespace {

using namespace std::string_literals;

TEST_CASE("printable makes outside text safe to show", "[text][LOC-08]") {
  struct Row {
    const char* why;
    std::string text;
    std::string shown;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "release@shop.example", "release@shop.example"},
      {"other alphabets", "M\xc3\xbcller \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x94\x91",
       "M\xc3\xbcller \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x94\x91"},
      {"backslash", "a\\x1b", "a\\x1b"},
      {"ANSI escape", "\x1b[2J", "\\x1b[2J"},
      {"CR LF", "a\r\nb", "a\\x0d\\x0ab"},
      {"tab", "a\tb", "a\\x09b"},
      {"NUL", "a\0b"s, "a\\x00b"},
      {"DEL", "\x7f", "\\x7f"},
      {"C1 control sequence introducer", "\xc2\x9b", "\\x9b"},
      {"soft hyphen", "\xc2\xad", "\\xad"},
      {"right-to-left override", "\xe2\x80\xae", "\\u{202e}"},
      {"isolate", "\xe2\x81\xa6", "\\u{2066}"},
      {"right-to-left mark", "\xe2\x80\x8f", "\\u{200f}"},
      {"Arabic letter mark", "\xd8\x9c", "\\u{061c}"},
      {"zero-width space", "\xe2\x80\x8b", "\\u{200b}"},
      {"line separator", "\xe2\x80\xa8", "\\u{2028}"},
      {"byte order mark", "\xef\xbb\xbf", "\\u{feff}"},
      {"interlinear annotation", "\xef\xbf\xb9", "\\u{fff9}"},
      {"no character", "\xef\xbf\xbf", "\\u{ffff}"},
      {"tag character", "\xf3\xa0\x81\x81", "\\u{0e0041}"},
      {"stray continuation", "a\x80", "a\\x80"},
      {"overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
      {"overlong escape", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
      {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"past U+10FFFF", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"five bytes", "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
      {"cut off", "\xe6\x97", "\\xe6\\x97"},
      {"lead byte before a letter", "\xe6z", "\\xe6z"},
  }));
  CAPTURE(row.why);

  CHECK(printable(row.text) == row.shown);
  CHECK(is_printable(row.text) == (row.text == row.shown));
}

// A log of a GitHub or Azure job obeys these, in any place of a line.
TEST_CASE("printable text commands no job", "[text][LOC-08]") {
  CHECK(printable("hint ##[stop-commands]x") == "hint \\x23#[stop-commands]x");
  CHECK(printable("##vso[task.setvariable]x") == "\\x23#vso[task.setvariable]x");
  CHECK(printable("##VSO[x]") == "\\x23#VSO[x]");
  CHECK(printable("###[x]") == "#\\x23#[x]");
  for (const char* text : {"## title", "##", "#[x]", "##-[x]", "## [x]", "##vso"}) {
    CHECK(printable(text) == text);
  }
  CHECK(is_printable("##[x]"));
}

TEST_CASE("printable cuts long text and says so", "[text][LOC-08]") {
  const std::string fits(limits::max_printed_bytes, 'a');
  CHECK(printable(fits) == fits);
  CHECK(printable(fits + "b") == fits + "...");
  CHECK(printable(std::string(1 << 20, '\x1b')).size() <= limits::max_printed_bytes + 16);
  CHECK(is_printable(std::string(limits::max_printed_bytes + 1, 'a')));
}

TEST_CASE("is_valid_utf8 follows RFC 3629", "[text]") {
  CHECK(is_valid_utf8(""));
  CHECK(is_valid_utf8("a\0\x1b\xc3\xbc\xe6\x97\xa5\xf0\x9f\x94\x91"s));
  CHECK(is_valid_utf8("\xf4\x8f\xbf\xbf"));
  const auto text = GENERATE("\x80"s, "\xc1\xbf"s, "\xc3"s, "\xc3(", "\xed\xbf\xbf"s,
                             "\xf4\x90\x80\x80"s, "\xff"s, "ok\xfe"s);
  CHECK_FALSE(is_valid_utf8(text));
}

TEST_CASE("split keeps empty parts and join undoes it", "[text]") {
  CHECK(split("", '/') == std::vector<std::string_view>{""});
  CHECK(split("a/b", '/') == std::vector<std::string_view>{"a", "b"});
  CHECK(split("/a//", '/') == std::vector<std::string_view>{"", "a", "", ""});
  const std::vector<std::string> parts = {"a", "", "b"};
  CHECK(join(parts, ", ") == "a, , b");
  CHECK(join({}, ", ").empty());
}

TEST_CASE("ascii_lower leaves other letters alone", "[text]") {
  CHECK(ascii_lower("GHCR.io:443_[Z") == "ghcr.io:443_[z");
  CHECK(ascii_lower("\xc3\x9c") == "\xc3\x9c");
}

}  // namespace
}  // namespace touchstone
