#include "sign/given_statement.h"

#include <catch2/catch.hpp>

#include "formats/statement.h"

namespace touchstone::sign {
namespace {

const std::string some_sha256(64, 'a');
const std::string some_sha512(128, 'b');

std::string statement(const std::string& subjects,
                      const std::string& type = "https://a.example/type") {
  return R"({"_type":"https://in-toto.io/Statement/v1","subject":[)" + subjects +
         R"(],"predicateType":")" + type + R"(","predicate":{}})";
}

std::string subject(const std::string& algorithm, const std::string& hex) {
  return R"({"digest":{")" + algorithm + R"(":")" + hex + R"("}})";
}

std::string outcome(const std::string& text) {
  const auto made = GivenStatement::create(to_bytes(text));
  return made ? "taken" : std::string(slug(made.error().code));
}

}  // namespace

TEST_CASE("a statement is taken as it stands", "[given-statement]") {
  const std::string text = "  " +
                           statement(subject("sha1", "00") + "," + subject("sha512", some_sha512) +
                                     " , " + subject("sha256", some_sha256)) +
                           "\n";
  const auto given = GivenStatement::create(to_bytes(text));
  REQUIRE(given);
  CHECK(as_text(given->contents()) == text);
  CHECK(given->predicate_type() == "https://a.example/type");
  CHECK(given->subjects() == 3);
  CHECK(given->subject().to_string() == "sha512:" + some_sha512);
}

TEST_CASE("what no verifier could use is refused", "[given-statement]") {
  CHECK(outcome(statement(subject("sha256", some_sha256))) == "taken");
  CHECK(outcome("") == "format.file");
  CHECK(outcome("{}") == "format.file");
  CHECK(outcome(statement("")) == "format.file");
  CHECK(outcome(statement(subject("sha1", std::string(40, 'a')))) == "format.file");
  CHECK(outcome(statement(subject("sha256", "short"))) == "format.file");
  CHECK(outcome(statement(subject("sha256", some_sha256)) + "{}") == "format.file");
  CHECK(outcome(std::string(1000, '[')) == "limit.depth");
}

TEST_CASE("a statement that is an image's signature is refused", "[given-statement]") {
  const std::string type(formats::image_signature_predicate);
  CHECK(outcome(statement(subject("sha256", some_sha256), type)) == "policy.image-signature");
}

}  // namespace touchstone::sign
