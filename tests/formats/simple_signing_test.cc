#include "formats/simple_signing.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "crypto/hash.h"

namespace touchstone::formats {
namespace {

const Digest image = crypto::digest_of(as_bytes("image"));
const Digest other = crypto::digest_of(as_bytes("other"));

const std::string identity = R"("identity":{"docker-reference":"registry.example/app"})";
const std::string digest = R"("image":{"docker-manifest-digest":")" + image.to_string() + R"("})";
const std::string type = R"("type":"cosign container image signature")";
const std::string critical = R"("critical":{)" + identity + "," + digest + "," + type + "}";
const std::string good = "{" + critical + R"(,"optional":{"env":"prod"}})";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = good;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a payload is written as cosign writes it, and reads back the same", "[simple_signing]") {
  const auto text = write_simple_signing(image, "registry.example/app", {{"env", "prod"}});
  CHECK(text == good);
  CHECK(write_simple_signing(image, "registry.example/app", {}) ==
        "{" + critical + R"(,"optional":null})");
  // As Go escapes, byte for byte.
  CHECK(write_simple_signing(image, "a&b", {{"<k>", "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"}})
            .ends_with("\"optional\":{\"\\u003ck\\u003e\":\"\\u2028\\u2029\xe2\x80\xaa\"}}"));

  const std::map<std::string, std::string> notes = {{"<&>", "\xe2\x80\xa8"}, {"", "\\u003c"}};
  const auto read = SimpleSigning::parse(as_bytes(write_simple_signing(image, "a<b", notes)));
  REQUIRE(read);
  CHECK(read->image == image);
  CHECK(read->type == image_signature_type);
  CHECK(read->docker_reference == "a<b");
  CHECK(read->annotations == notes);
}

TEST_CASE("payloads are read in both spellings", "[simple_signing]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"cosign's", good},
      {"the specification's example", replaced("docker-manifest", "Docker-manifest")},
      {"all capitalised",
       R"({"Critical":{"Identity":{"Docker-reference":""},"Image":{"Docker-manifest-digest":")" +
           image.to_string() + R"("},"Type":"t"},"Optional":{"a":"b"}})"},
      {"optional is null", replaced(R"({"env":"prod"})", "null")},
      {"optional is missing", replaced(R"(,"optional":{"env":"prod"})", "")},
      {"another order",
       "{\"optional\":{},\"critical\":{" + type + "," + digest + "," + identity + "}}"},
      {"an empty reference", replaced("registry.example/app", "")},
      {"spaces, as Go sprinkles them", replaced(",", " ,\n  ")},
      {"an escaped name", replaced("critical", "\\u0063ritical")},
  }));
  CAPTURE(row.why);
  const auto read = SimpleSigning::parse(as_bytes(row.text));
  REQUIRE(read);
  CHECK(read->image == image);
}

TEST_CASE("annotations whose values are no strings are left out", "[simple_signing]") {
  const auto read = SimpleSigning::parse(as_bytes(replaced(
      R"("env":"prod")", R"("a":1,"b":null,"c":["x"],"d":{"e":"f"},"g":true,"h":"i","a ":"")")));
  REQUIRE(read);
  CHECK(read->annotations == std::map<std::string, std::string>{{"h", "i"}, {"a ", ""}});
}

TEST_CASE("everything else is refused", "[simple_signing][JSON-01][JSON-02][SIG-05]") {
  const std::string second = R"("docker-manifest-digest":")" + other.to_string() + "\",";
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"empty", ""},
      {"no JSON", "critical"},
      {"an array", "[" + good + "]"},
      {"a string", R"("critical")"},
      {"something after it", good + "{}"},
      {"a byte order mark", "\xef\xbb\xbf" + good},
      {"no critical", R"({"optional":{}})"},
      {"critical is null", R"({"critical":null})"},
      {"critical is an array", R"({"critical":[]})"},
      {"no identity", replaced(identity + ",", "")},
      {"no reference", replaced(identity, R"("identity":{})")},
      {"the reference is a number", replaced("\"registry.example/app\"", "1")},
      {"no image", replaced(digest + ",", "")},
      {"no digest", replaced(digest, R"("image":{})")},
      {"the digest is null", replaced("\"" + image.to_string() + "\"", "null")},
      {"another algorithm", replaced(image.to_string(), "md5:00112233445566778899aabbccddeeff")},
      {"upper-case hex", replaced(image.to_string(), "sha256:" + std::string(64, 'A'))},
      {"a digest with a tail", replaced(image.to_string(), image.to_string() + " ")},
      {"no type", replaced("," + type, "")},
      {"the type is null", replaced("\"cosign container image signature\"", "null")},
      {"optional is a string", replaced(R"({"env":"prod"})", "\"x\"")},
      {"two digests", replaced("\"docker-manifest", second + "\"docker-manifest")},
      {"two digests, one spelled by escapes",
       replaced("\"docker-manifest", R"("docker\u002dmanifest-digest":"x","docker-manifest)")},
      {"both spellings of the digest",
       replaced("\"docker-manifest", "\"D" + second.substr(2) + "\"docker-manifest")},
      {"both spellings of critical", replaced("{\"critical", "{\"Critical\":{},\"critical")},
      {"both spellings of optional", replaced("\"optional\"", "\"Optional\":null,\"optional\"")},
      {"both spellings of identity", replaced("\"identity\"", "\"Identity\":null,\"identity\"")},
      {"both spellings of image", replaced("\"image\"", "\"Image\":null,\"image\"")},
      {"both spellings of type", replaced("\"type\"", "\"Type\":null,\"type\"")},
      {"both spellings of the reference",
       replaced("\"docker-ref", "\"Docker-reference\":\"x\",\"docker-ref")},
      {"a third spelling", replaced("\"docker-manifest-digest", "\"DOCKER-MANIFEST-DIGEST")},
      {"a third spelling beside", replaced("{\"critical", "{\"CRITICAL\":{},\"critical")},
      {"another member", replaced("{\"critical", "{\"extra\":1,\"critical")},
      {"another critical member", replaced("\"type\"", "\"expires\":1,\"type\"")},
      {"another member of identity", replaced("\"docker-ref", "\"x\":1,\"docker-ref")},
      {"another member of image", replaced("\"docker-manifest", "\"x\":1,\"docker-manifest")},
      {"the same annotation twice", replaced("\"env\"", R"("env":"test","env")")},
      {"a NUL in an annotation", replaced("prod", "prod\\u0000")},
      {"invalid UTF-8", replaced("prod", "\xff")},
  }));
  CAPTURE(row.why, row.text);
  const auto read = SimpleSigning::parse(as_bytes(row.text));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Code::format_payload);
}

TEST_CASE("payloads past a limit are refused", "[simple_signing][JSON-03]") {
  const auto code = [](const std::string& text) {
    const auto read = SimpleSigning::parse(as_bytes(text));
    REQUIRE_FALSE(read);
    return read.error().code;
  };
  CHECK(code(good + std::string(limits::max_simple_signing_bytes, ' ')) == Code::limit_size);
  CHECK(code(replaced("\"prod\"", std::string(100, '[') + std::string(100, ']'))) ==
        Code::limit_depth);
}

}  // namespace touchstone::formats
