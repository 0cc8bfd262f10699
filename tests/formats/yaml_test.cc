#include "formats/yaml.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "base/limits.h"

namespace touchstone::formats {
namespace {

constexpr YamlLimits limits{1 << 20, 32, 10'000};

struct Refusal {
  Code code;
  std::string message;
};

template <class T>
Refusal refusal_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return {result.error().code, result.error().message};
}

Yaml restricted(std::string_view text) {
  const auto value = parse_restricted_yaml(as_bytes(text), limits);
  if (!value) FAIL(value.error().message);
  return *value;
}

std::string as_json(std::string_view text) { return to_text(restricted(text).to_json()); }

std::string general(std::string_view text) {
  const auto documents = parse_yaml(as_bytes(text), limits);
  if (!documents) return documents.error().message;
  std::string out;
  for (const Yaml& each : *documents) out += to_text(each.to_json());
  return out;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("restricted YAML refuses all that two readers could read differently",
          "[yaml][policy-syntax]") {
  struct Row {
    const char* why;
    std::string text;
    const char* place;
    Code code = Code::format_file;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"a second document", "a: 1\n---\nb: 2\n", "2:1"},
      {"an anchor", "a: &x 1\n", "1:7"},
      {"an anchor of a mapping", "a: &x\n  b: 1\n", "2:3"},
      {"an alias", "a: *x\n", "1:4"},
      {"an alias as key", "*x : 1\n", "1:1"},
      {"a tag", "a: !!str 1\n", "1:10"},
      {"a tag of a list", "a: !x [1]\n", "1:7"},
      {"a key with a tag", "!!str a: 1\n", "1:7"},
      {"a key with an anchor", "&x a: 1\n", "1:4"},
      {"a merge key", "a: 1\n<<: {b: 2}\n", "2:1"},
      {"a quoted merge key", "\"<<\": {b: 2}\n", "1:1"},
      {"a list as key", "? [a]\n: b\n", "1:3"},
      {"a key with a question mark", "? a\n: b\n", "1:3"},
      {"a key with a question mark and quotes", "? 'a'\n: b\n", "1:3"},
      {"a key without a value", "? a\n", "1:3"},
      {"a key without a value in braces", "{a, b: 1}\n", "1:2"},
      {"an empty key", "\"\": 1\n", "1:1"},
      {"no key", ": 1\n", "1:1"},
      {"a duplicate", "a: 1\nb: 2\na: 3\n", "3:1"},
      {"a duplicate by quotes", "a: 1\n\"a\": 3\n", "2:1"},
      {"a duplicate by an escape", "{\"a\": 1, \"\\u0061\": 3}", "1:10"},
      {"a duplicate, deeper", "x:\n  - {b: 1, c: 1, b: 2}\n", "2:18"},
      {"a tab", "a:\n\tb: 1\n", "2:1"},
      {"a tab in quotes", "a: \"x\ty\"\n", "1:6"},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a: 1\n",
       "1:1"},
      {"a byte order mark inside",
       "a: \xEF\xBB\xBF"
       "b\n",
       "1:4"},
      {"a raw NUL", std::string("a: b\0c\n", 7), "1:5"},
      {"an escaped NUL", "a: \"b\\0c\"\n", "1:4"},
      {"an escaped NUL in a key", "\"b\\0c\": 1\n", "1:1"},
      {"a control character", "a: b\x01\n", "1:5"},
      {"a right-to-left override", "a: b # \u202E x\n", "1:8"},
      {"a zero-width blank", "a: ü\u200Bb\n", "1:5"},
      {"a carriage return alone", "a: 1\rb: 2\n", "1:5"},
      {"no UTF-8", "a: 1\nb: \xFF\nc: 1\n", "2:4"},
      {"a directive", "%YAML 1.2\n---\na: 1\n", "1:1"},
      {"an unknown directive", "%x\n---\na: 1\n", "1:1"},
      {"an integer over 2^53", "a: 9007199254740992\n", "1:4"},
      {"a small integer below -2^53", "a: -9007199254740992\n", "1:4"},
      {"an integer over 64 bits", "a: 99999999999999999999\n", "1:4"},
      {"a list that does not end", "a: [1\n", "2:1"},
      {"a text that does not end", "a: \"x\n", "1:5"},
      {"a mapping in a line", "a: b: c\n", "1:5"},
      {"a wrong indentation", "a:\n  b: 1\n c: 2\n", "3:2"},
      {"text after the document", "{}\nx\n", "2:1"},
      {"too deep", repeated("[", 33) + repeated("]", 33), "1:33", Code::limit_depth},
      {"too deep in blocks", repeated("- ", 33) + "a", "1:65", Code::limit_depth},
      {"too many values", "[" + repeated("1,\n", 10'000) + "]", "10000:1", Code::limit_count},
      {"too many marks on a line", "{}\n" + repeated(",", 100'001), "2:1", Code::limit_count},
  }));
  CAPTURE(row.why, row.text.substr(0, 200));
  const Refusal refusal = refusal_of(parse_restricted_yaml(as_bytes(row.text), limits));
  CAPTURE(refusal.message);
  CHECK(refusal.code == row.code);
  CHECK(refusal.message.starts_with(std::string(row.place) + ": "));
}

TEST_CASE("restricted YAML has texts, integers, booleans and nothing", "[yaml]") {
  struct Row {
    std::string text;
    std::string json;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"{\"a\": [1, -1, true, false, null, \"x\"]}", R"({"a":[1,-1,true,false,null,"x"]})"},
      {"a: yes\nb: No\nc: on\nd: True\ne: ~\nf: Null",
       R"({"a":"yes","b":"No","c":"on","d":"True","e":"~","f":"Null"})"},
      {"a: 1.5\nb: 0x10\nc: 007\nd: +1\ne: -0\nf: 1e3\ng: .inf",
       R"({"a":"1.5","b":"0x10","c":"007","d":"+1","e":"-0","f":"1e3","g":".inf"})"},
      {"a: 2027-01-01T00:00:00Z\nb: 24h\nc: 1:30",
       R"({"a":"2027-01-01T00:00:00Z","b":"24h","c":"1:30"})"},
      {"a: 9007199254740991\nb: -9007199254740991\nc: 0",
       R"({"a":9007199254740991,"b":-9007199254740991,"c":0})"},
      {"a: \"1\"\nb: 'true'\nc: \"null\"\nd: ''", R"({"a":"1","b":"true","c":"null","d":""})"},
      {"a:\nb: null\n", R"({"a":null,"b":null})"},
      {"1: a\ntrue: b\n", R"({"1":"a","true":"b"})"},
      {"a: |\n  x: 1\n  y\nb: >\n  x\n  y\n", R"({"a":"x: 1\ny\n","b":"x y\n"})"},
      {"a: \"\\u00e9 \\ud83d\\ude00\"", "{\"a\":\"\u00e9 \U0001F600\"}"},
      {"---\na: 1 # what\n...\n", R"({"a":1})"},
      {"a: 1\r\nb: 2\r\n", R"({"a":1,"b":2})"},
      {"# nothing\n", "null"},
      {"", "null"},
      {"- - a\n  - b\n- {c: d}\n", R"([["a","b"],{"c":"d"}])"},
      {"a: what ?\nb: c\n", R"({"a":"what ?","b":"c"})"},
  }));
  CAPTURE(row.text);
  CHECK(as_json(row.text) == row.json);
}

TEST_CASE("every value and key of YAML knows its place", "[yaml]") {
  const Yaml root = restricted("a: 1\n\"b\":\n  - x\n  - \"ü\": 'y'\nc:\n");
  const YamlMember* b = root.find("b");
  REQUIRE(b != nullptr);
  CHECK(root.find("nothing") == nullptr);
  CHECK(root.find("a")->value.place() == TextPlace{1, 4});
  CHECK(b->place == TextPlace{2, 1});
  REQUIRE(b->value.sequence() != nullptr);
  const Yaml& second = b->value.sequence()->at(1);
  CHECK(second.place() == TextPlace{4, 5});
  CHECK(second.mapping()->at(0).place == TextPlace{4, 5});
  CHECK(second.mapping()->at(0).value.place() == TextPlace{4, 10});
  CHECK(root.find("c")->value.place() == TextPlace{5, 1});
}

TEST_CASE("a text in quotes or a block is told from a plain one", "[yaml]") {
  const Yaml root = restricted("a: yes\nb: \"yes\"\nc: 'yes'\nd: |\n  yes\n");
  CHECK_FALSE(root.find("a")->value.quoted());
  for (const char* quoted : {"b", "c", "d"}) CHECK(root.find(quoted)->value.quoted());
}

TEST_CASE("values of YAML are described for messages", "[yaml]") {
  const Yaml root = restricted("[{}, [], 5, true, false, no, ]");
  std::vector<std::string> told;
  for (const Yaml& each : *root.sequence()) told.push_back(each.describe());
  CHECK(told == std::vector<std::string>{"a mapping", "a list", "the integer 5", "true", "false",
                                         "the text \"no\""});
  CHECK(Yaml().describe() == "nothing");
}

TEST_CASE("general YAML reads what others write", "[yaml]") {
  struct Row {
    const char* why;
    std::string text;
    std::string json;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"several documents", "a: 1\n---\nb: 2\n---\n---\n# none\n", R"({"a":1}{"b":2})"},
      {"an alias", "a: &x {b: 1}\nc: *x\n", R"({"a":{"b":1},"c":{"b":1}})"},
      {"an anchor anew", "a: &x 1\nb: &x 2\nc: *x\n", R"({"a":1,"b":2,"c":2})"},
      {"a merge", "a: &x {i: 1, j: 2}\nb:\n  <<: *x\n  i: 3\n",
       R"({"a":{"i":1,"j":2},"b":{"i":3,"j":2}})"},
      {"merges in their order", "b:\n  <<: [{i: 1}, {i: 2, j: 3}]\n", R"({"b":{"i":1,"j":3}})"},
      {"a tag", "a: !!str x\nb: !reset [1]\n", R"({"a":"x","b":[1]})"},
      {"YAML's words", "a: ~\nb: NULL\nc: True\nd: FALSE\n",
       R"({"a":null,"b":null,"c":true,"d":false})"},
      {"a large integer", "a: 99999999999999999999\n", R"({"a":"99999999999999999999"})"},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a: 1\n",
       R"({"a":1})"},
      {"tabs between values", "{\n\t\"a\": 1,\n\t\"b\": 2\n}\n", R"({"a":1,"b":2})"},
      {"a key with a question mark", "? a\n: b\n", R"({"a":"b"})"},
      {"nothing", "---\n# nothing\n", ""},
  }));
  CAPTURE(row.why, row.text);
  CHECK(general(row.text) == row.json);
}

TEST_CASE("general YAML refuses what is hostile", "[yaml]") {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) laughs += "," + last;
    laughs += "]\n";
  }
  struct Row {
    const char* why;
    std::string text;
    Code code = Code::format_file;
  };
  const auto row = GENERATE_COPY(Catch::Generators::values<Row>({
      {"a billion laughs", laughs, Code::limit_count},
      {"a long text, often",
       "a: &x " + std::string(10'000, 'x') + "\nb:\n" + repeated("- *x\n", 200), Code::limit_size},
      {"an anchor within itself", "a: &x [*x]\n"},
      {"an alias for nothing", "a: *x\n"},
      {"an anchor of the document before", "a: &x 1\n---\nb: *x\n"},
      {"a duplicate", "a: 1\na: 2\n"},
      {"two merges", "<<: {a: 1}\n<<: {b: 1}\n"},
      {"a merge of a text", "<<: a\n"},
      {"NUL", std::string("a: \0\n", 5)},
      {"no UTF-8", "a: \xC0\xAF\n"},
      {"next line", "a: b # x\xC2\x85- c\n"},
      {"line separator", "a: b # x\xE2\x80\xA8- c\n"},
      {"paragraph separator", "a: \"x\xE2\x80\xA9\"\n"},
      {"a directive", "%TAG ! x\n---\na: 1\n"},
      {"a long tag", "a: !" + repeated("%41", 300) + " b\n", Code::limit_size},
      {"too deep", repeated("[", 40) + repeated("]", 40), Code::limit_depth},
  }));
  CAPTURE(row.why);
  CHECK(refusal_of(parse_yaml(as_bytes(row.text), limits)).code == row.code);
}

TEST_CASE("YAML over the limit of bytes is not looked at", "[yaml]") {
  const std::string text(limits.max_bytes + 1, '\n');
  CHECK(refusal_of(parse_yaml(as_bytes(text), limits)).code == Code::limit_size);
  CHECK(refusal_of(parse_restricted_yaml(as_bytes(text), limits)).code == Code::limit_size);
}

TEST_CASE("hostile YAML of a MiB takes seconds at most", "[yaml]") {
  constexpr std::size_t half = 1 << 19;
  const auto text = GENERATE(Catch::Generators::values<std::string>({
      repeated("[", 2 * half),
      repeated("- ", half),
      repeated("? ", half),
      repeated(": ", half),
      repeated("&a ", half / 2),
      repeated("{a: ", half / 2),
      repeated("!", 2 * half),
      "- !" + repeated("%41", half / 2),
      repeated("%", 2 * half),
      repeated("%TAG !a! x\n", 50'000),
      "a: \"" + repeated("\\", 2 * half - 8),
      repeated("\"x\n", half / 2),
      repeated("a,", half),
      repeated("...\n", half / 4),
      repeated("--- a\n", half / 4),
      repeated("#", 2 * half),
      "[" + repeated("a,\n", half / 2),
      repeated(std::string(1000, 'k') + ": 1\n", 1000),
  }));
  CAPTURE(text.substr(0, 10));
  const std::clock_t begin = std::clock();
  (void)parse_yaml(as_bytes(text), {2 << 20, 64, 1'000'000});
  (void)parse_restricted_yaml(as_bytes(text), {2 << 20, 64, 1'000'000});
  // What is not linear takes minutes.
  CHECK(std::clock() - begin < 20 * CLOCKS_PER_SEC);
}

}  // namespace touchstone::formats
