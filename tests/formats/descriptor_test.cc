#include "formats/descriptor.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"

using namespace touchstone;
using namespace touchstone::formats;

namespace {

const std::string hex64(64, 'a');
const std::string sha256_of_a = "sha256:" + hex64;

// {"mediaType":"t","digest":DIGEST,"size":SIZE,MORE}
std::string entry(const std::string& digest = sha256_of_a, const std::string& size = "7",
                  const std::string& more = "") {
  return R"({"mediaType":"t","digest":")" + digest + R"(","size":)" + size +
         (more.empty() ? "" : "," + more) + "}";
}

std::string members(std::string_view type) {
  return R"("schemaVersion":2,"mediaType":")" + std::string(type) + "\"";
}

std::string image(const std::string& config = entry(), const std::string& layers = entry(),
                  const std::string& more = "") {
  return "{" + members(media_type::oci_manifest) + R"(,"config":)" + config + R"(,"layers":[)" +
         layers + "]" + more + "}";
}

std::string index(const std::string& entries = entry(), const std::string& more = "") {
  return "{" + members(media_type::oci_index) + R"(,"manifests":[)" + entries + "]" + more + "}";
}

std::string repeated(const std::string& text, std::size_t times) {
  return join(std::vector<std::string>(times, text), ",");
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

Result<Manifest> parse(const std::string& text, std::string_view expected_type = "") {
  return Manifest::parse(as_bytes(text), expected_type);
}

std::string outcome(const std::string& text, std::string_view expected_type = "") {
  const auto manifest = parse(text, expected_type);
  return manifest ? "ok" : std::string(slug(manifest.error().code));
}

}  // namespace

TEST_CASE("an image manifest is read with all that it says", "[formats]") {
  const auto manifest = parse(image(
      entry(),
      entry(sha256_of_a, "9", R"("annotations":{"a":"b"},"artifactType":"x","urls":["http://x/"])"),
      R"(,"artifactType":"y","annotations":{"c":"d"},"unknown":[1],"subject":)" +
          entry("sha512:" + hex64 + hex64, "0")));
  REQUIRE(manifest);
  CHECK(manifest->media_type == media_type::oci_manifest);
  CHECK(manifest->index() == nullptr);
  REQUIRE(manifest->image() != nullptr);
  CHECK(manifest->image()->artifact_type == "y");
  CHECK(manifest->image()->annotations == std::map<std::string, std::string>{{"c", "d"}});
  CHECK(manifest->image()->config.size == 7);
  REQUIRE(manifest->image()->layers.size() == 1);
  const Descriptor& layer = manifest->image()->layers[0];
  CHECK(layer.media_type == "t");
  CHECK(layer.digest.to_string() == sha256_of_a);
  CHECK(layer.size == 9);
  CHECK(layer.artifact_type == "x");
  CHECK(layer.annotations == std::map<std::string, std::string>{{"a", "b"}});
  CHECK_FALSE(layer.data);
  REQUIRE(manifest->subject());
  CHECK(manifest->subject()->digest.algorithm() == Digest::Algorithm::sha512);
}

TEST_CASE("an index is read with the platforms of its entries", "[formats]") {
  const auto manifest = parse(index(
      entry(sha256_of_a, "7",
            R"("platform":{"os":"linux","architecture":"arm64","variant":"v8","features":[]})") +
      "," + entry()));
  REQUIRE(manifest);
  CHECK(manifest->image() == nullptr);
  REQUIRE(manifest->index() != nullptr);
  REQUIRE(manifest->index()->manifests.size() == 2);
  const auto& first = manifest->index()->manifests[0].platform;
  REQUIRE(first);
  CHECK(first->to_string() == "linux/arm64/v8");
  CHECK_FALSE(manifest->index()->manifests[1].platform);
  CHECK_FALSE(manifest->subject());
}

TEST_CASE("the type of a manifest is what its body says", "[formats][REG-06][REG-07][REG-08]") {
  struct Row {
    const char* why;
    std::string text;
    std::string_view expected_type;
    const char* outcome;
  };
  const std::string config = R"("config":)" + entry();
  const std::string layers = R"("layers":[])";
  const std::string manifests = R"("manifests":[])";
  const auto bare = [](const std::string& rest) { return R"({"schemaVersion":2,)" + rest + "}"; };
  const auto typed = [](std::string_view type, const std::string& rest) {
    return "{" + members(type) + "," + rest + "}";
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"image", image(), media_type::oci_manifest, "ok"},
      {"index", index(), media_type::oci_index, "ok"},
      {"docker image", typed(media_type::docker_manifest, config + "," + layers), "", "ok"},
      {"docker list", typed(media_type::docker_list, manifests), "", "ok"},
      {"no type, one shape", bare(config + "," + layers), "", "ok"},
      {"no type, index", bare(manifests), media_type::oci_index, "ok"},
      {"no type, announced as index", bare(config), media_type::oci_index, "format.manifest"},
      {"no type, announced as docker", bare(config), media_type::docker_manifest,
       "format.manifest"},
      {"parameters in the announcement", image(),
       "application/vnd.oci.image.manifest.v1+json ; charset=utf-8", "ok"},
      {"image announced as index", image(), media_type::oci_index, "format.manifest"},
      {"index announced as image", index(), media_type::oci_manifest, "format.manifest"},
      {"announced as another image type", image(), media_type::docker_manifest, "format.manifest"},
      {"type announced in capitals", image(), "APPLICATION/VND.OCI.IMAGE.MANIFEST.V1+JSON",
       "format.manifest"},
      {"image type, shape of an index", typed(media_type::oci_manifest, manifests), "",
       "format.manifest"},
      {"index type, shape of an image", typed(media_type::oci_index, config), "",
       "format.manifest"},
      {"config and manifests", bare(config + "," + manifests), "", "format.manifest"},
      {"layers and manifests", bare(layers + "," + manifests), "", "format.manifest"},
      {"empty manifests do not excuse layers",
       typed(media_type::oci_manifest, config + "," + layers + "," + manifests), "",
       "format.manifest"},
      {"no shape", bare(R"("x":1)"), "", "format.manifest"},
      {"layers without a config", bare(layers), "", "format.manifest"},
      {"unknown type", typed("application/json", config), "", "format.manifest"},
      {"type is a number", bare(R"("mediaType":1,)" + config), "", "format.manifest"},
  }));
  CAPTURE(row.why, row.text);
  CHECK(outcome(row.text, row.expected_type) == row.outcome);
}

TEST_CASE("other schema versions are refused", "[formats][REG-09]") {
  const std::string version = GENERATE("1", "3", "-2", "2.0", "2e0", "\"2\"", "true", "null", "[]");
  CAPTURE(version);
  CHECK(outcome(R"({"schemaVersion":)" + version + R"(,"config":)" + entry() + "}") ==
        "format.manifest");
  CHECK(outcome(R"({"config":)" + entry() + "}") == "format.manifest");
  CHECK(outcome(R"({"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"signatures":[]})") ==
        "format.manifest");
}

TEST_CASE("malformed digests go no further", "[formats][REG-04][REG-05]") {
  struct Row {
    const char* why;
    std::string digest;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"well-formed", sha256_of_a, "ok"},
      {"sha512", "sha512:" + hex64 + hex64, "ok"},
      {"empty", "", "digest.malformed"},
      {"no hex", "sha256:", "digest.malformed"},
      {"no algorithm", hex64, "digest.malformed"},
      {"a digit short", "sha256:" + hex64.substr(1), "digest.malformed"},
      {"a digit long", sha256_of_a + "a", "digest.malformed"},
      {"upper case", "sha256:" + std::string(64, 'A'), "digest.malformed"},
      {"a path", "sha256:../../../../etc/passwd", "digest.malformed"},
      {"a path of the right length", "sha256:../" + hex64.substr(3), "digest.malformed"},
      {"md5", "md5:" + hex64.substr(32), "digest.malformed"},
      {"sha1", "sha1:" + hex64.substr(24), "digest.malformed"},
      {"sha512 of the wrong length", "sha512:" + hex64, "digest.malformed"},
      {"blank at the end", sha256_of_a + " ", "digest.malformed"},
      {"line break", sha256_of_a + "\\n", "digest.malformed"},
      {"NUL", sha256_of_a + "\\u0000", "format.manifest"},
      {"lone surrogate", "sha256:\\ud800", "format.manifest"},
  }));
  CAPTURE(row.why);
  CHECK(outcome(image(entry(row.digest))) == row.outcome);
  CHECK(outcome(image(entry(), entry() + "," + entry(row.digest))) == row.outcome);
  CHECK(outcome(image(entry(), entry(), R"(,"subject":)" + entry(row.digest))) == row.outcome);
  CHECK(outcome(index(entry(row.digest))) == row.outcome);
  CHECK(outcome(index("", R"(,"subject":)" + entry(row.digest))) == row.outcome);
}

TEST_CASE("sizes are integers of 63 bits", "[formats][REG-19][JSON-05]") {
  struct Row {
    const char* size;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({{"0", "ok"},
                                         {"9007199254740993", "ok"},
                                         {"9223372036854775807", "ok"},
                                         {"9223372036854775808", "format.manifest"},
                                         {"18446744073709551615", "format.manifest"},
                                         {"18446744073709551616", "format.manifest"},
                                         {"-1", "format.manifest"},
                                         {"-0", "format.manifest"},
                                         {"1.5", "format.manifest"},
                                         {"7.0", "format.manifest"},
                                         {"7e0", "format.manifest"},
                                         {"1e400", "format.manifest"},
                                         {"\"7\"", "format.manifest"},
                                         {"true", "format.manifest"},
                                         {"null", "format.manifest"},
                                         {"[]", "format.manifest"}}));
  CAPTURE(row.size);
  CHECK(outcome(image(entry(sha256_of_a, row.size))) == row.outcome);
  CHECK(outcome(index(entry(sha256_of_a, row.size))) == row.outcome);
}

TEST_CASE("members of the wrong kind are refused", "[formats][JSON-10]") {
  const std::string digest_and_size = R"("digest":")" + sha256_of_a + R"(","size":7)";
  const std::string text = GENERATE_COPY(values<std::string>({
      "null",
      "7",
      "\"x\"",
      "[]",
      "[{}]",
      "{}",
      image("null"),
      image("[]"),
      image("\"x\""),
      image("{}"),
      image(entry(), "null"),
      image(entry(), "7"),
      image(entry(), "[]"),
      image("{" + digest_and_size + "}"),
      image(R"({"mediaType":null,)" + digest_and_size + "}"),
      image(R"({"mediaType":"t","digest":7,"size":7})"),
      image(entry(sha256_of_a, "7", R"("annotations":[])")),
      image(entry(sha256_of_a, "7", R"("annotations":{"a":1})")),
      image(entry(sha256_of_a, "7", R"("annotations":{"a":null})")),
      image(entry(sha256_of_a, "7", R"("artifactType":1)")),
      image(entry(sha256_of_a, "7", R"("platform":"linux/amd64")")),
      image(entry(sha256_of_a, "7", R"("platform":{"os":1})")),
      image(entry(sha256_of_a, "7", R"("data":7)")),
      image(entry(), entry(), R"(,"subject":[])"),
      image(entry(), entry(), R"(,"subject":{})"),
      image(entry(), entry(), R"(,"artifactType":{})"),
      image(entry(), entry(), R"(,"annotations":"x")"),
      index("null"),
      index("[]"),
      index("{}"),
      "{" + members(media_type::oci_index) + R"(,"manifests":{}})",
      "{" + members(media_type::oci_index) + R"(,"manifests":null})",
  }));
  CAPTURE(text);
  CHECK(outcome(text) == "format.manifest");
}

TEST_CASE("JSON that could be read in two ways is refused", "[formats][JSON-01][JSON-06]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const std::string good = image();
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing", ""},
      {"blanks", " \n"},
      {"a second document", good + good},
      {"something after it", good + "x"},
      {"byte order mark", "\xEF\xBB\xBF" + good},
      {"two digests", image(entry(sha256_of_a, "7", R"("digest":")" + sha256_of_a + "\""))},
      {"two digests, one escaped",
       image(entry(sha256_of_a, "7", R"("\u0064igest":")" + sha256_of_a + "\""))},
      {"two configs", image(entry(), entry(), R"(,"config":)" + entry())},
      {"two layers", image(entry(), entry(), R"(,"layers":[])")},
      {"two of an unknown member", image(entry(), entry(), R"(,"x":1,"x":1)")},
      {"comment", good + "/**/"},
      {"comma at the end", image(entry(), entry() + ",")},
      {"not a number", image(entry(sha256_of_a, "NaN"))},
      {"leading zero", image(entry(sha256_of_a, "07"))},
      {"hexadecimal", image(entry(sha256_of_a, "0x7"))},
      {"malformed UTF-8", image(entry(), entry(), ",\"x\":\"\xC0\xAF\"")},
      {"raw control byte", image(entry(), entry(), ",\"x\":\"\x01\"")},
      {"cut off", good.substr(0, good.size() - 1)},
  }));
  CAPTURE(row.why);
  CHECK(outcome(row.text) == "format.manifest");
}

TEST_CASE("names of members are matched exactly", "[formats][JSON-02][JSON-11]") {
  CHECK(outcome(image(entry(sha256_of_a, "7", R"("Digest":"x","SIZE":-1)"))) == "ok");
  CHECK(outcome(image(entry(), entry(), R"(,"Manifests":[],"__proto__":{},"":0)")) == "ok");
  CHECK(outcome(R"({"SchemaVersion":2,"config":)" + entry() + "}") == "format.manifest");
}

TEST_CASE("counts, nesting and bytes have limits", "[formats][REG-13][REG-33][JSON-03][JSON-09]") {
  const std::string padding(limits::max_manifest_bytes - image().size(), ' ');
  CHECK(outcome(image() + padding) == "ok");
  CHECK(outcome(image() + padding + " ") == "limit.size");
  CHECK(outcome(image(entry(), repeated(entry(), limits::max_layers))) == "ok");
  CHECK(outcome(image(entry(), repeated(entry(), limits::max_layers + 1))) == "limit.count");
  CHECK(outcome(index(repeated(entry(), limits::max_index_entries))) == "ok");
  CHECK(outcome(index(repeated(entry(), limits::max_index_entries + 1))) == "limit.count");
  const auto with_depth = [](std::size_t depth) {
    return image(entry(), entry(), R"(,"x":)" + nested(depth));
  };
  CHECK(outcome(with_depth(limits::max_json_depth - 1)) == "ok");
  CHECK(outcome(with_depth(limits::max_json_depth)) == "limit.depth");
  CHECK(outcome(with_depth(100'000)) == "limit.depth");
  CHECK(outcome(index("", R"(,"x":[)" + repeated("0", limits::max_json_values) + "]")) ==
        "limit.count");
}

TEST_CASE("embedded data is the content or nothing", "[formats][REG-19]") {
  struct Row {
    const char* why;
    std::string data;
    std::string size;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"the content", "aGVsbG8=", "5", "ok"},
      {"other content", "aGVsbGE=", "5", "format.manifest"},
      {"another size", "aGVsbG8=", "6", "format.manifest"},
      {"longer", "aGVsbG8h", "5", "format.manifest"},
      {"empty", "", "5", "format.manifest"},
      {"no base64", "a!", "5", "format.manifest"},
      {"without padding", "aGVsbG8", "5", "format.manifest"},
      {"a second spelling", "aGVsbG9=", "5", "format.manifest"},
  }));
  CAPTURE(row.why);
  const std::string digest = crypto::digest_of(as_bytes("hello")).to_string();
  const std::string text = image(entry(digest, row.size, R"("data":")" + row.data + "\""));
  CHECK(outcome(text) == row.outcome);
  if (const auto manifest = parse(text)) {
    REQUIRE(manifest->image()->config.data);
    CHECK(as_text(*manifest->image()->config.data) == "hello");
  }
}

TEST_CASE("embedded data is compared by the algorithm of its digest", "[formats]") {
  const std::string digest =
      crypto::digest_of(as_bytes("hello"), Digest::Algorithm::sha512).to_string();
  CHECK(outcome(image(entry(digest, "5", R"("data":"aGVsbG8=")"))) == "ok");
  CHECK(outcome(image(entry(digest, "5", R"("data":"aGVsbGE=")"))) == "format.manifest");
}

TEST_CASE("errors name the place and carry no terminal codes", "[formats][REG-46]") {
  const auto bad = parse(image(entry(), entry() + "," + entry(sha256_of_a, "-1")));
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find("layers[1].size") != std::string::npos);
  const auto evil = parse("{" + members("\\u001b[2J") + R"(,"manifests":[]})");
  REQUIRE_FALSE(evil);
  CHECK(evil.error().message.find('\x1B') == std::string::npos);
}

TEST_CASE("in a list of referrers one bad entry hides no good one", "[formats][XP-05]") {
  const std::string bad_entries[] = {"null",
                                     "7",
                                     "[]",
                                     "{}",
                                     entry("sha256:x"),
                                     entry(sha256_of_a, "-1"),
                                     entry(sha256_of_a, "7", R"("annotations":7)"),
                                     entry(sha256_of_a, "7", R"("data":"aGVsbG8=")")};
  std::string entries = entry(sha256_of_a, "1");
  for (const std::string& bad : bad_entries) entries += "," + bad;
  entries += "," + entry(sha256_of_a, "2");
  const auto list = ReferrersList::parse(as_bytes(index(entries)));
  REQUIRE(list);
  REQUIRE(list->entries.size() == 2);
  CHECK(list->entries[0].size == 1);
  CHECK(list->entries[1].size == 2);
  CHECK(list->malformed == std::size(bad_entries));
}

TEST_CASE("lists of referrers that are none are refused", "[formats][REG-35][XP-05]") {
  struct Row {
    const char* why;
    std::string text;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"empty list", index(""), "ok"},
      {"no media type", R"({"schemaVersion":2,"manifests":[]})", "ok"},
      {"docker list", "{" + members(media_type::docker_list) + R"(,"manifests":[]})", "ok"},
      {"nothing", "", "format.referrers"},
      {"HTML", "<!doctype html><html></html>", "format.referrers"},
      {"no object", "[]", "format.referrers"},
      {"null", "null", "format.referrers"},
      {"no list", "{}", "format.referrers"},
      {"list is null", R"({"manifests":null})", "format.referrers"},
      {"list is an object", R"({"manifests":{}})", "format.referrers"},
      {"an image", image(), "format.referrers"},
      {"an image's type", "{" + members(media_type::oci_manifest) + R"(,"manifests":[]})",
       "format.referrers"},
      {"type is a number", R"({"mediaType":1,"manifests":[]})", "format.referrers"},
      {"two lists", R"({"manifests":[],"manifests":[]})", "format.referrers"},
      {"two lists, one escaped", R"({"manifests":[],"manifest\u0073":[]})", "format.referrers"},
      {"too deep", R"({"manifests":)" + nested(limits::max_json_depth) + "}", "limit.depth"},
      {"most entries", R"({"manifests":[)" + repeated("0", limits::max_referrers) + "]}", "ok"},
      {"too many entries", R"({"manifests":[)" + repeated("0", limits::max_referrers + 1) + "]}",
       "limit.count"},
      {"too long", index("") + std::string(limits::max_referrers_page_bytes, ' '), "limit.size"},
  }));
  CAPTURE(row.why);
  const auto list = ReferrersList::parse(as_bytes(row.text));
  CHECK((list ? "ok" : slug(list.error().code)) == row.outcome);
}

TEST_CASE("platforms have two or three parts", "[formats]") {
  struct Row {
    const char* text;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({{"linux/amd64", "ok"},
                                         {"linux/arm64/v8", "ok"},
                                         {"", "reference.platform"},
                                         {"linux", "reference.platform"},
                                         {"linux/", "reference.platform"},
                                         {"/amd64", "reference.platform"},
                                         {"linux//v8", "reference.platform"},
                                         {"linux/arm64/", "reference.platform"},
                                         {"linux/arm64/v8/x", "reference.platform"},
                                         {"linux/am\x1B[2Jd64", "reference.platform"},
                                         {"linux/amd\n64", "reference.platform"}}));
  CAPTURE(row.text);
  const auto platform = Platform::parse(row.text);
  CHECK((platform ? "ok" : slug(platform.error().code)) == row.outcome);
  if (platform) CHECK(platform->to_string() == row.text);
}
