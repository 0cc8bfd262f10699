// What kind a file is, and lists of images.
#include "formats/named_images.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

namespace touchstone::formats {

TEST_CASE("a file's kind is told by its name, else by its lines", "[images]") {
  struct Row {
    std::string name;
    std::string text;
    ImageFile kind;
  };
  const auto row = GENERATE(values<Row>({
      {"Dockerfile", "x", ImageFile::dockerfile},
      {"a/Dockerfile.dev", "x", ImageFile::dockerfile},
      {"web.Dockerfile", "x", ImageFile::dockerfile},
      {"Containerfile", "x", ImageFile::dockerfile},
      {"a.yaml", "FROM a", ImageFile::manifests},
      {"a.YML", "a", ImageFile::manifests},
      {"a.json", "a", ImageFile::manifests},
      {"images.txt", "FROM: a", ImageFile::list},
      {"-", "# c\n\nFROM a", ImageFile::dockerfile},
      {"-", "arg A=1\nFROM a", ImageFile::dockerfile},
      {"-", "---\na: 1", ImageFile::manifests},
      {"-", "apiVersion: v1\nkind: Pod", ImageFile::manifests},
      {"-", "{\"kind\": 1}", ImageFile::manifests},
      {"-", "- a\n- b", ImageFile::manifests},
      {"-", "registry.example/a:1\n", ImageFile::list},
      {"-", "", ImageFile::list},
  }));
  CAPTURE(row.name, row.text);
  CHECK(image_file_kind(row.name, as_bytes(row.text)) == row.kind);
}

TEST_CASE("a list has an image a line", "[images]") {
  const auto named = read_named_images(
      "-", as_bytes("# all\n\n  registry.example/a:1  # the first\r\nb@sha256:00\n"), {});
  REQUIRE(named);
  REQUIRE(named->images.size() == 2);
  CHECK(named->images[0].reference == "registry.example/a:1");
  CHECK(named->images[0].line == 3);
  CHECK(named->images[1].reference == "b@sha256:00");
  CHECK(named->images[1].line == 4);
}

TEST_CASE("a file that names no image, or not only images, is refused", "[images]") {
  struct Row {
    const char* why;
    std::string name;
    std::string text;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", "-", "", Code::format_file},
      {"comments alone", "images.txt", "# none\n", Code::format_file},
      {"two words", "images.txt", "a b\n", Code::format_file},
      {"no pod", "a.yaml", "apiVersion: v1\nkind: ConfigMap\n", Code::format_file},
      {"nothing but scratch", "Dockerfile", "FROM scratch\n", Code::format_file},
      {"no text", "images.txt", "a\xFF\n", Code::format_file},
      {"too large", "images.txt", std::string(limits::max_image_list_bytes + 1, '\n'),
       Code::limit_size},
  }));
  CAPTURE(row.why);
  const auto named = read_named_images(row.name, as_bytes(row.text), {});
  REQUIRE_FALSE(named);
  CHECK(named.error().code == row.code);
}

TEST_CASE("a Dockerfile is given the arguments of its build", "[images]") {
  const auto named =
      read_named_images("Dockerfile", as_bytes("ARG V=1\nFROM a:$V\n"), {{"V", "2"}});
  REQUIRE(named);
  CHECK(named->images[0].reference == "a:2");
}

}  // namespace touchstone::formats
