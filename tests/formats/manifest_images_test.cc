// The images of Kubernetes objects and of Compose files.
#include "formats/manifest_images.h"

#include <catch2/catch.hpp>

namespace touchstone::formats {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const Result<NamedImages>& named) {
  if (!named) return {"error " + named.error().message};
  Lines lines;
  for (const NamedImage& image : named->images) {
    lines.push_back(std::to_string(image.line) + " " + image.reference);
  }
  return lines;
}

Lines read(std::string_view text) { return lines_of(read_manifest_images(as_bytes(text))); }

const std::string pod =
    "spec:\n"
    "  containers:\n"
    "  - {name: app, image: app:1}\n"
    "  initContainers:\n"
    "  - name: first\n"
    "    image: init:1\n"
    "  ephemeralContainers:\n"
    "  - name: debug\n"
    "    image: debug:1\n"
    "  volumes:\n"
    "  - name: data\n"
    "    image:\n"
    "      reference: data:1\n"
    "  - name: other\n"
    "    emptyDir: {}\n";

// `text`, below `path`.
std::string below(const std::vector<std::string>& path, const std::string& text) {
  std::string out;
  std::string indent;
  for (const std::string& key : path) {
    out += indent + key + ":\n";
    indent += "  ";
  }
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin) + 1;
    out += indent + text.substr(begin, end - begin);
    begin = end;
  }
  return out;
}

}  // namespace

TEST_CASE("all four places of a pod name images, wherever the pod stands", "[manifests]") {
  struct Row {
    std::string kind;
    std::vector<std::string> path;
  };
  const auto row = GENERATE(values<Row>({
      {"Pod", {}},
      {"PodTemplate", {"template"}},
      {"ReplicationController", {"spec", "template"}},
      {"Deployment", {"spec", "template"}},
      {"ReplicaSet", {"spec", "template"}},
      {"StatefulSet", {"spec", "template"}},
      {"DaemonSet", {"spec", "template"}},
      {"Job", {"spec", "template"}},
      {"CronJob", {"spec", "jobTemplate", "spec", "template"}},
      {"Rollout", {"spec", "template"}},
      {"NobodyKnowsIt", {"spec", "some", "where", "else"}},
  }));
  CAPTURE(row.kind);
  const std::string text = "apiVersion: v1\nkind: " + row.kind + "\n" + below(row.path, pod);
  const std::size_t first = 3 + row.path.size();
  const auto at = [&](std::size_t line, const char* image) {
    return std::to_string(first + line) + " " + image;
  };
  CHECK(read(text) == Lines{at(2, "app:1"), at(5, "init:1"), at(8, "debug:1"), at(12, "data:1")});
}

TEST_CASE("lists and several documents are read whole", "[manifests]") {
  CHECK(read("apiVersion: v1\nkind: List\nitems:\n"
             "- {apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: a}]}}\n"
             "- {apiVersion: v1, kind: Pod, spec: {containers: [{name: b, image: b}]}}\n") ==
        Lines{"4 a", "5 b"});
  CHECK(read("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: a}]}\n---\n---\n"
             "apiVersion: v1\nkind: ConfigMap\ndata: {image: x}\n---\n"
             "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [{\"image\": "
             "\"b\"}]}}\n") == Lines{"3 a", "10 b"});
}

TEST_CASE("what may be an image and was not read is told", "[manifests]") {
  struct Row {
    const char* why;
    std::string text;
    std::string unread;
  };
  const auto row = GENERATE(values<Row>({
      {"an image of another kind", "kind: Prometheus\nspec:\n  image: prom:1\n",
       "4: Prometheus has an image \"prom:1\" that is no container's"},
      {"a container without one", "kind: Pod\nspec: {containers: [{name: app}]}\n",
       "3: the container \"app\" names no image"},
      {"a volume without one", "kind: Pod\nspec: {volumes: [{name: v, image: {}}]}\n",
       "3: the volume \"v\" names no image"},
  }));
  CAPTURE(row.why);
  const auto named = read_manifest_images(as_bytes("apiVersion: v1\n" + row.text));
  REQUIRE(named);
  CHECK(named->images.empty());
  REQUIRE(named->unread.size() == 1);
  CHECK(std::to_string(named->unread[0].line) + ": " + named->unread[0].why == row.unread);
}

TEST_CASE("a Compose file names the images of its services", "[manifests]") {
  CHECK(read("name: shop\nservices:\n  web:\n    image: web:1\n    volumes:\n"
             "    - type: image\n      source: files:1\n    - ./a:/a\n"
             "  api:\n    build:\n      context: .\n      additional_contexts:\n"
             "        base: docker-image://base:1\n        src: ./src\n"
             "  db:\n    build: {additional_contexts: [b=docker-image://base:2]}\n"
             "    image: db:1\n") ==
        Lines{"4 web:1", "7 files:1", "13 base:1", "17 db:1", "16 base:2"});
  const auto built = read_manifest_images(
      as_bytes("services:\n  api:\n    build: .\n  x: {}\n  both: {image: a, build: .}\n"));
  REQUIRE(built);
  REQUIRE(built->unread.size() == 3);
  CHECK(built->unread[0].why == "the service \"api\" is built here; give its Dockerfile too");
  CHECK(built->unread[1].why == "the service \"x\" names no image");
  CHECK(built->unread[2].why == "the service \"both\" may be built here; give its Dockerfile too");
  CHECK(built->unread[2].line == 5);
}

TEST_CASE("manifests that do not say what is run are refused", "[manifests]") {
  struct Row {
    const char* why;
    std::string text;
    std::string beginning;
  };
  const auto row = GENERATE(values<Row>({
      {"no manifest", "a: 1\n", "1: neither an object of Kubernetes nor a Compose file"},
      {"a list", "- a\n", "1: neither"},
      {"no version", "kind: Pod\n", "1: neither"},
      {"an empty image", "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: \"\"}]}\n",
       "3: the image is"},
      {"an image that is no text", "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 5}]}\n",
       "3: the image is"},
      {"an image of a volume that is no text",
       "apiVersion: v1\nkind: Pod\nspec: {volumes: [{image: {reference: [a]}}]}\n",
       "3: the image is"},
      {"a variable", "services:\n  a:\n    image: a:${TAG:-1}\n", "3: the image holds a variable"},
      {"other files", "include: [other.yml]\nservices: {a: {image: a}}\n",
       "1: other files are included"},
      {"another service", "services:\n  a:\n    extends: {service: b}\n",
       "3: the service \"a\" extends another"},
      {"services that are none", "services: []\n", "1: \"services\" is"},
      {"an image volume of nothing", "services: {a: {image: a, volumes: [{type: image}]}}\n",
       "1: the image volume names no image"},
      {"an item behind another reader's line end",
       "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n"
       "    image: good # x\xE2\x80\xA8  - name: b\xE2\x80\xA8    image: evil\n",
       "6:20: U+0085, U+2028 or U+2029"},
      {"no YAML", "a: [\n", ""},
      {"a key twice", "services: {a: {image: a, image: b}}\n", ""},
  }));
  CAPTURE(row.why);
  const auto named = read_manifest_images(as_bytes(row.text));
  REQUIRE_FALSE(named);
  CHECK(named.error().code == Code::format_file);
  CHECK(named.error().message.starts_with(row.beginning));
}

}  // namespace touchstone::formats
