// Provenance of both versions, as the builders write it, in one view.
#include "formats/provenance.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/time.h"
#include "tests/support/json.h"

namespace touchstone::formats {
namespace {

using support::json;

struct V1 {
  std::string parameters = "{}";
  std::string dependencies = "[]";
  std::string build_type = "https://example/type";
};

std::string v1(const V1& with) {
  return R"({"buildDefinition":{"buildType":")" + with.build_type + R"(","externalParameters":)" +
         with.parameters + R"(,"resolvedDependencies":)" + with.dependencies +
         R"(},"runDetails":{"builder":{"id":"https://example/builder"},"metadata":{
         "startedOn":"2026-01-02T03:00:00Z","finishedOn":"2026-01-02T03:04:05Z"}}})";
}

std::string v02(const std::string& invocation, const std::string& materials = "[]") {
  return R"({"builder":{"id":"https://example/builder"},"buildType":"https://example/type",
    "invocation":)" +
         invocation + R"(,"materials":)" + materials + R"(,"metadata":{
    "buildStartedOn":"2026-01-02T03:00:00Z","buildFinishedOn":"2026-01-02T03:04:05Z"}})";
}

const std::string commit = "a9cd7bf0bbfd5732800b8196ce893ae9915b1e87";

std::string dependency(const std::string& uri, const std::string& algorithm = "gitCommit",
                       const std::string& hex = commit) {
  return R"({"uri":")" + uri + R"(","digest":{")" + algorithm + R"(":")" + hex + R"("}})";
}

}  // namespace

TEST_CASE("builder, type, parameters, materials and times are read", "[provenance]") {
  struct Row {
    std::string_view type;
    std::string predicate;
  };
  const auto row = GENERATE(values<Row>({
      {provenance_v1,
       v1({.parameters = R"({"a":1})", .dependencies = "[" + dependency("https://x/y") + "]"})},
      {provenance_v02,
       v02(R"({"parameters":{"a":1}})", "[" + dependency("https://x/y", "sha1") + "]")},
  }));
  CAPTURE(row.type);
  const auto provenance = Provenance::parse(row.type, json(row.predicate));
  REQUIRE(provenance);
  CHECK(provenance->builder_id == "https://example/builder");
  CHECK(provenance->build_type == "https://example/type");
  CHECK(provenance->parameters == json(R"({"a":1})"));
  REQUIRE(provenance->materials.size() == 1);
  CHECK(provenance->materials[0].uri == "https://x/y");
  CHECK(provenance->materials[0].commit() == commit);
  CHECK(provenance->started == parse_rfc3339("2026-01-02T03:00:00Z"));
  CHECK(provenance->finished == parse_rfc3339("2026-01-02T03:04:05Z"));
  CHECK(provenance->source.uri.empty());
}

TEST_CASE("the source is found where each builder names it", "[provenance]") {
  struct Row {
    const char* who;
    std::string_view type;
    std::string predicate;
    Provenance::Source source;
  };
  const std::string workflow =
      R"({"workflow":{"repository":"https://github.com/acme/app","ref":"refs/tags/v1",
          "path":".github/workflows/r.yml"}})";
  const std::string github = "git+https://github.com/acme/app@refs/tags/v1";
  const auto row = GENERATE_COPY(values<Row>({
      {"GitHub",
       provenance_v1,
       v1({.parameters = workflow, .dependencies = "[" + dependency(github) + "]"}),
       {"github.com/acme/app", "refs/tags/v1", commit, ".github/workflows/r.yml"}},
      {"GitHub, with a dependency that is something else",
       provenance_v1,
       v1({.parameters = workflow,
           .dependencies =
               "[" + dependency("git+https://github.com/acme/app@refs/heads/x", "gitCommit", "00") +
               "," + dependency("pkg:docker/alpine@3", "sha256", "11") + "," +
               dependency("https://github.com/other/app") + "]"}),
       {"github.com/acme/app", "refs/tags/v1", "", ".github/workflows/r.yml"}},
      {"GitHub's generator",
       provenance_v02,
       v02(R"({"configSource":{"uri":")" + github + R"(","digest":{"sha1":")" + commit +
           R"("},"entryPoint":".github/workflows/r.yml"}})"),
       {"github.com/acme/app", "refs/tags/v1", commit, ".github/workflows/r.yml"}},
      {"GitHub's generator, for containers",
       provenance_v1,
       v1({.parameters = R"({"source":{"uri":")" + github + R"(","digest":{"sha1":")" + commit +
                         R"("}},"configPath":"c.toml"})"}),
       {"github.com/acme/app", "refs/tags/v1", commit, ""}},
      {"a delegator",
       provenance_v1,
       v1({.parameters = R"({"inputs":{},"vars":{}})",
           .dependencies = "[" + dependency(github) + "," + dependency("https://x/y") + "]",
           .build_type = "https://github.com/slsa-framework/slsa-github-generator/x@v0"}),
       {"github.com/acme/app", "refs/tags/v1", commit, ""}},
      {"a delegator that names a workflow",
       provenance_v1,
       v1({.parameters = workflow,
           .dependencies = "[" + dependency("https://x/y") + "]",
           .build_type = "https://github.com/slsa-framework/slsa-github-generator/x@v0"}),
       {"github.com/acme/app", "refs/tags/v1", "", ".github/workflows/r.yml"}},
      {"the ref twice",
       provenance_v1,
       v1({.parameters = R"({"repository":"https://x/y@r","ref":"r"})"}),
       {"x/y", "r", "", ""}},
      {"a material without digest",
       provenance_v02,
       v02(R"({"configSource":{"uri":"https://x/y","digest":{"sha1":"ab"}}})",
           R"([{"uri":"https://x/y"}])"),
       {"x/y", "", "ab", ""}},
      {"no delegator, but the same",
       provenance_v1,
       v1({.dependencies = "[" + dependency(github) + "]"}),
       {}},
      {"a delegator without dependencies",
       provenance_v1,
       v1({.build_type = "https://github.com/slsa-framework/slsa-github-generator/x@v0"}),
       {}},
      {"Google Cloud Build",
       provenance_v1,
       v1({.parameters = R"({"buildConfigSource":{"path":"cloudbuild.yaml","ref":"refs/heads/main",
                             "repository":"git+https://github.com/acme/app"},"substitutions":{}})",
           .dependencies = "[" + dependency("git+https://github.com/acme/app") + "]"}),
       {"github.com/acme/app", "refs/heads/main", commit, "cloudbuild.yaml"}},
      {"Google Cloud Build, the build file from elsewhere",
       provenance_v1,
       v1({.parameters = R"({"buildConfigSource":{"path":"p","ref":"r","repository":"https://x/y"},
                             "sourceToBuild":{"repository":"https://github.com/acme/app",
                             "ref":"refs/heads/main"}})"}),
       {"github.com/acme/app", "refs/heads/main", "", ""}},
      {"GitLab",
       provenance_v1,
       v1({.parameters = R"({"source":"https://gitlab.com/acme/app","entryPoint":"build"})",
           .dependencies = "[" + dependency("https://gitlab.com/acme/app", "sha256") + "]"}),
       {"gitlab.com/acme/app", "", commit, ""}},
      {"GitLab, v0.2",
       provenance_v02,
       v02(R"({"configSource":{"uri":"https://gitlab.com/acme/app","digest":{"sha256":"00"},
              "entryPoint":"build"}})",
           "[" + dependency("https://gitlab.com/acme/app", "sha256") + "]"),
       {"gitlab.com/acme/app", "", commit, "build"}},
      {"BuildKit",
       provenance_v1,
       v1({.parameters = R"({"configSource":{"uri":"https://github.com/acme/app.git#refs/heads/m",
                             "digest":{"sha1":")" +
                         commit + R"("},"path":"Dockerfile"},"request":{}})"}),
       {"github.com/acme/app", "refs/heads/m", commit, "Dockerfile"}},
      {"BuildKit, from a folder", provenance_v1,
       v1({.parameters = R"({"configSource":{"path":"Dockerfile"},"request":{}})"}),
       Provenance::Source{}},
      {"somebody else",
       provenance_v1,
       v1({.parameters = R"({"repository":"https://git.example/a/b","ref":"refs/heads/m"})"}),
       {"git.example/a/b", "refs/heads/m", "", ""}},
      {"two ways that agree",
       provenance_v1,
       v1({.parameters = R"({"repository":"https://git.example/a/b","ref":"r",
                             "source":{"uri":"git+https://git.example/a/b@r"}})"}),
       {"git.example/a/b", "r", "", ""}},
      {"v0.2 without invocation", provenance_v02, v02("null"), {}},
  }));
  CAPTURE(row.who);
  const auto provenance = Provenance::parse(row.type, json(row.predicate));
  REQUIRE(provenance);
  CHECK(provenance->source.uri == row.source.uri);
  CHECK(provenance->source.ref == row.source.ref);
  CHECK(provenance->source.commit == row.source.commit);
  CHECK(provenance->source.path == row.source.path);
}

TEST_CASE("provenance that is malformed or says two things is refused", "[provenance]") {
  struct Row {
    const char* why;
    std::string_view type;
    std::string predicate;
  };
  const auto row = GENERATE(values<Row>({
      {"another type", "https://slsa.dev/provenance/v0.1", v1({})},
      {"v0.2's in v1's type", provenance_v1, v02("{}")},
      {"v1's in v0.2's type", provenance_v02, v1({})},
      {"no object", provenance_v1, "[]"},
      {"a text", provenance_v02, "\"x\""},
      {"no builder", provenance_v1,
       R"({"buildDefinition":{"buildType":"t"},"runDetails":{"builder":{}}})"},
      {"an empty builder", provenance_v1,
       R"({"buildDefinition":{"buildType":"t"},"runDetails":{"builder":{"id":""}}})"},
      {"an empty builder, v0.2", provenance_v02, R"({"buildType":"t","builder":{"id":""}})"},
      {"no build type", provenance_v1,
       R"({"buildDefinition":{},"runDetails":{"builder":{"id":"b"}}})"},
      {"no build type, v0.2", provenance_v02, R"({"builder":{"id":"b"}})"},
      {"parameters that are a list", provenance_v1, v1({.parameters = "[]"})},
      {"parameters that are a list, v0.2", provenance_v02, v02(R"({"parameters":[]})")},
      {"an invocation that is a list", provenance_v02, v02("[]")},
      {"a source that is a text", provenance_v02, v02(R"({"configSource":"x"})")},
      {"dependencies that are an object", provenance_v1, v1({.dependencies = "{}"})},
      {"a dependency that is a text", provenance_v1, v1({.dependencies = "[\"x\"]"})},
      {"materials that are texts", provenance_v02, v02("{}", "[\"x\"]")},
      {"a digest that is a text", provenance_v1,
       v1({.dependencies = R"([{"uri":"x","digest":"y"}])"})},
      {"a workflow that is a text", provenance_v1, v1({.parameters = R"({"workflow":"x"})"})},
      {"a workflow without repository", provenance_v1,
       v1({.parameters = R"({"workflow":{"ref":"r"}})"})},
      {"a ref that is a number", provenance_v1,
       v1({.parameters = R"({"workflow":{"repository":"https://x/y","ref":1}})"})},
      {"a path that is a number", provenance_v1,
       v1({.parameters = R"({"workflow":{"repository":"https://x/y","path":1}})"})},
      {"a source of numbers", provenance_v1, v1({.parameters = R"({"source":1})"})},
      {"a repository that is a number", provenance_v1, v1({.parameters = R"({"repository":1})"})},
      {"a source that is no place", provenance_v1,
       v1({.parameters = R"({"source":"https://github.com@evil.example/a/b"})"})},
      {"a source that climbs", provenance_v02,
       v02(R"({"configSource":{"uri":"https://github.com/acme/../evil/app"}})")},
      {"two sources", provenance_v1,
       v1({.parameters = R"({"workflow":{"repository":"https://github.com/acme/app"},
                             "source":"https://github.com/evil/app"})"})},
      {"two refs in two ways", provenance_v1,
       v1({.parameters = R"({"workflow":{"repository":"https://github.com/acme/app","ref":"a"},
                             "source":{"uri":"https://github.com/acme/app@b"}})"})},
      {"two refs in one way", provenance_v1,
       v1({.parameters = R"({"repository":"https://github.com/acme/app@a","ref":"b"})"})},
      {"two commits", provenance_v1,
       v1({.parameters = R"({"source":"https://github.com/acme/app"})",
           .dependencies = "[" + dependency("https://github.com/acme/app") + "," +
                           dependency("https://github.com/acme/app", "gitCommit", "00") + "]"})},
      {"another commit than the source's", provenance_v02,
       v02(R"({"configSource":{"uri":"https://x/y","digest":{"sha1":"00"}}})",
           "[" + dependency("https://x/y", "sha1") + "]")},
      {"a delegator's source that is no place", provenance_v1,
       v1({.dependencies = "[" + dependency("https://a@b/c") + "]",
           .build_type = "https://github.com/slsa-framework/slsa-github-generator/x@v0"})},
      {"a time that is none", provenance_v1,
       R"({"buildDefinition":{"buildType":"t"},
           "runDetails":{"builder":{"id":"b"},"metadata":{"finishedOn":"now"}}})"},
      {"a start that is no time, v0.2", provenance_v02,
       R"({"buildType":"t","builder":{"id":"b"},"metadata":{"buildStartedOn":"now"}})"},
      {"metadata that is a list", provenance_v02,
       R"({"buildType":"t","builder":{"id":"b"},"metadata":[]})"},
  }));
  CAPTURE(row.why);
  const auto provenance = Provenance::parse(row.type, json(row.predicate));
  REQUIRE_FALSE(provenance);
  CHECK(provenance.error().code == Code::predicate_malformed);
}

TEST_CASE("a dependency of too many digests is refused", "[provenance]") {
  std::string digests = R"("a":"0")";
  for (std::size_t i = 0; i < limits::max_digests_per_subject; ++i) {
    digests += ",\"a" + std::to_string(i) + "\":\"0\"";
  }
  const auto provenance = Provenance::parse(
      provenance_v1, json(v1({.dependencies = "[{\"digest\":{" + digests + "}}]"})));
  REQUIRE_FALSE(provenance);
  CHECK(provenance.error().code == Code::limit_count);
}

TEST_CASE("types of provenance are told letter for letter", "[provenance]") {
  CHECK(Provenance::is_type("https://slsa.dev/provenance/v1"));
  CHECK(Provenance::is_type("https://slsa.dev/provenance/v0.2"));
  CHECK_FALSE(Provenance::is_type("https://slsa.dev/provenance/v0.1"));
  CHECK_FALSE(Provenance::is_type("https://slsa.dev/provenance/v1/"));
  CHECK_FALSE(Provenance::is_type(""));
}

}  // namespace touchstone::formats
