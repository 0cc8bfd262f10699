// What a signed statement says about an artifact, and what it cannot be made to say.
#include "formats/statement.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace touchstone::formats {
namespace {

const Digest sha256 = crypto::digest_of(as_bytes("image"), Digest::Algorithm::sha256);
const Digest sha512 = crypto::digest_of(as_bytes("image"), Digest::Algorithm::sha512);
const std::vector<Digest> image = {sha256, sha512};
const std::string right = "\"sha256\":\"" + sha256.hex() + "\"";
const std::string right512 = "\"sha512\":\"" + sha512.hex() + "\"";
const std::string wrong = "\"sha256\":\"" + std::string(64, '0') + "\"";

std::string subject(const std::string& digests, const std::string& more = "") {
  return "{\"name\":\"n\",\"digest\":{" + digests + "}" + more + "}";
}
std::string statement(const std::string& subjects) {
  return R"({"_type":"https://in-toto.io/Statement/v1","subject":[)" + subjects +
         R"(],"predicateType":"t","predicate":{}})";
}
std::string repeated(const std::string& item, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + item;
  return text;
}
std::string digests(std::size_t count) {
  std::string text = right;
  for (std::size_t i = 1; i < count; ++i) text += ",\"a" + std::to_string(i) + "\":\"00\"";
  return text;
}

}  // namespace

TEST_CASE("a statement is about an artifact when a subject says so by all digests it names",
          "[statement]") {
  struct Row {
    const char* why;
    std::string subjects;
    bool about;
  };
  const auto row = GENERATE(values<Row>({
      {"its sha256", subject(right), true},
      {"its sha512", subject(right512), true},
      {"both", subject(right + "," + right512), true},
      {"one of several subjects", subject(wrong) + "," + subject(right), true},
      {"another digest beside, by an algorithm that is not ours", subject(right + ",\"md5\":\"0\""),
       true},
      {"another", subject(wrong), false},
      {"the right sha256 and a wrong sha512", subject(right + ",\"sha512\":\"00\""), false},
      {"a wrong sha256 and the right sha512", subject(wrong + "," + right512), false},
      {"upper case", subject("\"sha256\":\"" + ascii_lower(sha256.hex()).substr(1) + "A\""), false},
      {"algorithm in upper case", subject("\"SHA256\":\"" + sha256.hex() + "\""), false},
      {"algorithm with a hyphen", subject("\"sha-256\":\"" + sha256.hex() + "\""), false},
      {"with its algorithm before it", subject("\"sha256\":\"" + sha256.to_string() + "\""), false},
      {"the start of it", subject("\"sha256\":\"" + sha256.hex().substr(0, 63) + "\""), false},
      {"more than it", subject("\"sha256\":\"" + sha256.hex() + " \""), false},
      {"the sha512 called sha256", subject("\"sha256\":\"" + sha512.hex() + "\""), false},
      {"empty", subject("\"sha256\":\"\""), false},
      {"as a git commit", subject("\"gitCommit\":\"" + sha256.hex() + "\""), false},
      {"as a name only", R"({"name":")" + sha256.to_string() + "\"}", false},
      {"no digests", subject(""), false},
  }));
  CAPTURE(row.why);
  const auto parsed = Statement::parse(as_bytes(statement(row.subjects)));
  REQUIRE(parsed);
  CHECK((parsed->find(image) != nullptr) == row.about);
  CHECK(parsed->find({}) == nullptr);
}

TEST_CASE("annotations are those of the subject that is the artifact", "[statement]") {
  const auto parsed = Statement::parse(
      as_bytes(statement(subject(wrong, R"(,"annotations":{"env":"prod"})") + "," +
                         subject(right, R"(,"annotations":{"env":"test","n":1,"o":{}})"))));
  REQUIRE(parsed);
  const Subject* found = parsed->find(image);
  REQUIRE(found != nullptr);
  CHECK(found->annotations == std::map<std::string, std::string>{{"env", "test"}});
}

TEST_CASE("malformed statements are refused", "[statement][JSON-01][JSON-10]") {
  struct Row {
    const char* why;
    std::string text;
    Code code = Code::format_statement;
  };
  const std::string good = statement(subject(right));
  REQUIRE(Statement::parse(as_bytes(good)));
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const std::vector<Row> rows = {
      {"nothing", ""},
      {"no object", "[]"},
      {"something after it", good + "{}"},
      {"no type", replaced("_type", "type")},
      {"type in another case", replaced("_type", "_Type")},
      {"another type", replaced("Statement/v1", "Statement/v2")},
      {"a type of which it is a part", replaced("Statement/v1", "Statement/v1/x")},
      {"no predicate type", replaced("predicateType", "x")},
      {"an empty predicate type", replaced("\"t\"", "\"\"")},
      {"a predicate type that is none", replaced("\"t\"", "null")},
      {"no subjects", statement("")},
      {"subjects that are no list", replaced("[" + subject(right) + "]", subject(right))},
      {"a subject that is none", statement("7")},
      {"a null among the subjects", statement(subject(right) + ",null")},
      {"a digest that is a number", statement(subject("\"sha256\":7"))},
      {"digests that are a list", statement(R"({"digest":[]})")},
      {"a name that is a number", statement(R"({"name":1,"digest":{}})")},
      {"annotations that are a list", statement(subject(right, R"(,"annotations":[])"))},
      {"two digests by one algorithm", statement(subject(wrong + "," + right))},
      {"the same by an escape",
       statement(subject(wrong + ",\"sha\\u003256\":\"" + sha256.hex() + "\""))},
      {"two lists of subjects", replaced("\"predicate\":{}", "\"subject\":[]")},
      {"SIG-32 a subject too many", statement(repeated(subject(right), limits::max_subjects + 1)),
       Code::limit_count},
      {"SIG-32 100,000 subjects", statement(repeated(subject(right), 100'000)), Code::limit_count},
      {"SIG-32 a digest too many", statement(subject(digests(limits::max_digests_per_subject + 1))),
       Code::limit_count},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto parsed = Statement::parse(as_bytes(row.text));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == row.code);
  }
  CHECK(Statement::parse(as_bytes(statement(repeated(subject(right), limits::max_subjects)))));
  CHECK(Statement::parse(as_bytes(statement(subject(digests(limits::max_digests_per_subject))))));
  CHECK(Statement::parse(as_bytes(replaced("Statement/v1", "Statement/v0.1"))));
}

TEST_CASE("an attestation that is written holds its predicate letter for letter", "[statement]") {
  const std::string predicate = R"( {"score":9.80, "x":"}"} )";
  for (const Digest& digest : image) {
    const std::string text = write_statement(digest, "registry.example/app", "a:b", predicate);
    CHECK(text.contains(R"(,"predicate":)" + predicate + "}"));
    const auto parsed = Statement::parse(as_bytes(text));
    REQUIRE(parsed);
    CHECK(parsed->predicate_type == "a:b");
    CHECK(to_text(parsed->predicate) == R"({"score":9.8,"x":"}"})");
    REQUIRE(parsed->find({digest}) != nullptr);
    CHECK(parsed->find({digest})->name == "registry.example/app");
    CHECK_FALSE(write_statement(digest, "", "a:b", "{}").contains("name"));
  }
}

TEST_CASE("a statement that is written says what was given", "[statement]") {
  const std::map<std::string, std::string> annotations = {
      {"env", "prod"}, {"\x1B]0;x\x07", "\xC2\x9B \xE2\x80\xAE \xF0\x9F\x98\x80 \\ \" \n"}};
  for (const Digest& digest : image) {
    const auto parsed =
        Statement::parse(as_bytes(write_image_signature_statement(digest, annotations)));
    REQUIRE(parsed);
    CHECK(parsed->predicate_type == image_signature_predicate);
    const Subject* found = parsed->find({digest});
    REQUIRE(found != nullptr);
    CHECK(found->annotations == annotations);
  }
}

TEST_CASE("a statement of several images says the same of each", "[statement]") {
  const Digest other = crypto::digest_of(as_bytes("other"));
  const std::map<std::string, std::string> annotations = {{"env", "prod"}};
  const auto parsed = Statement::parse(
      as_bytes(write_image_signature_statement(std::vector{image.front(), other}, annotations)));
  REQUIRE(parsed);
  REQUIRE(parsed->subjects.size() == 2);
  for (const Digest& digest : {image.front(), other}) {
    REQUIRE(parsed->find({digest}) != nullptr);
    CHECK(parsed->find({digest})->annotations == annotations);
  }
}

}  // namespace touchstone::formats
