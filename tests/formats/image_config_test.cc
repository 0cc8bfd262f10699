// What an image's configuration says, and that it says the same to us as to those who run it.
#include "formats/image_config.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/time.h"

namespace touchstone::formats {

TEST_CASE("a configuration is read", "[image-config]") {
  const auto config = ImageConfig::parse(as_bytes(R"({
    "created": "2026-01-02T03:04:05.678901234+01:00", "author": "a",
    "architecture": "arm64", "os": "linux", "variant": "v8",
    "config": {"User": "1000:1000", "Env": ["PATH=/bin", "A=b"], "Labels": {"k": "v"},
               "Cmd": ["sh"], "Volumes": null},
    "rootfs": {"type": "layers", "diff_ids": []},
    "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "ADD x", "comment": "buildkit"},
                {"empty_layer": true}, {"created_by": "RUN y"}]})"));
  REQUIRE(config);
  CHECK(config->platform.to_string() == "linux/arm64/v8");
  CHECK(config->user == "1000:1000");
  CHECK(config->env == std::vector<std::string>{"PATH=/bin", "A=b"});
  CHECK(config->labels == std::map<std::string, std::string>{{"k", "v"}});
  CHECK(config->history == std::vector<std::string>{"ADD x", "buildkit", "RUN y"});
  CHECK(config->created == parse_rfc3339("2026-01-02T02:04:05Z"));
}

TEST_CASE("all of a configuration may be absent", "[image-config]") {
  const auto text = GENERATE(
      as<std::string>(), "{}", R"({"config":null,"history":null,"created":null})",
      R"({"config":{"User":"","Env":null,"Labels":null},"created":"0001-01-01T00:00:00Z"})");
  CAPTURE(text);
  const auto config = ImageConfig::parse(as_bytes(text));
  REQUIRE(config);
  CHECK(config->user.empty());
  CHECK(config->labels.empty());
  CHECK(config->env.empty());
  CHECK(config->history.empty());
  CHECK_FALSE(config->created);
}

TEST_CASE("a configuration that is malformed or ambiguous is refused", "[image-config]") {
  struct Row {
    const char* why;
    std::string text;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"no JSON", "x", Code::format_json},
      {"no object", "[]", Code::format_json},
      {"a user that is a number", R"({"config":{"User":0}})", Code::format_json},
      {"the user in other case", R"({"config":{"user":"0"}})", Code::format_json},
      {"the user twice, in other case", R"({"config":{"User":"1","USER":"0"}})", Code::format_json},
      {"the user with a long s", R"({"config":{"U\u017fer":"0"}})", Code::format_json},
      {"the options in other case", R"({"Config":{"User":"0"}})", Code::format_json},
      {"the history in other case", R"({"History":[]})", Code::format_json},
      {"commands in other case", R"({"history":[{"Created_By":"x"}]})", Code::format_json},
      {"options that are a list", R"({"config":[]})", Code::format_json},
      {"an environment of objects", R"({"config":{"Env":[{}]}})", Code::format_json},
      {"an environment that is an object", R"({"config":{"Env":{}}})", Code::format_json},
      {"labels with numbers", R"({"config":{"Labels":{"a":1}}})", Code::format_json},
      {"history of strings", R"({"history":["x"]})", Code::format_json},
      {"a command that is a list", R"({"history":[{"created_by":[]}]})", Code::format_json},
      {"a comment that is a list", R"({"history":[{"comment":[]}]})", Code::format_json},
      {"no time", R"({"created":"yesterday"})", Code::format_json},
      {"a time that is a number", R"({"created":1})", Code::format_json},
      {"a platform of numbers", R"({"os":1})", Code::format_json},
      {"an architecture of numbers", R"({"architecture":1})", Code::format_json},
      {"a variant of numbers", R"({"variant":1})", Code::format_json},
      {"too long", std::string(limits::max_image_config_bytes + 1, ' '), Code::limit_size},
      {"nested too deep", std::string(limits::max_json_depth + 1, '['), Code::limit_depth},
  }));
  CAPTURE(row.why);
  const auto config = ImageConfig::parse(as_bytes(row.text));
  REQUIRE_FALSE(config);
  CHECK(config.error().code == row.code);
  CHECK(config.error().message.starts_with("image configuration: "));
}

TEST_CASE("labels and variables without number are refused", "[image-config]") {
  std::string labels;
  std::string variables;
  for (std::size_t i = 0; i <= limits::max_config_entries; ++i) {
    labels += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":"")";
    variables += i == 0 ? R"("")" : R"(,"")";
  }
  for (const std::string& text :
       {R"({"config":{"Labels":{)" + labels + "}}}", R"({"config":{"Env":[)" + variables + "]}}"}) {
    const auto config = ImageConfig::parse(as_bytes(text));
    REQUIRE_FALSE(config);
    CHECK(config.error().code == Code::limit_count);
  }
}

TEST_CASE("a history that does not end is refused", "[image-config]") {
  std::string text = R"({"history":[{})";
  for (std::size_t i = 0; i < limits::max_layers; ++i) text += ",{}";
  const auto config = ImageConfig::parse(as_bytes(text + "]}"));
  REQUIRE_FALSE(config);
  CHECK(config.error().code == Code::limit_count);
}

}  // namespace touchstone::formats
