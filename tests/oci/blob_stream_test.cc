#include "oci/blob_stream.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"

using namespace touchstone;
using namespace touchstone::oci;
using namespace touchstone::test;

namespace {

class TextSink : public ByteSink {
 public:
  Status begin() override {
    text.clear();
    return ok();
  }
  Status write(ByteView bytes) override {
    text += as_text(bytes);
    return ok();
  }
  std::string text;
};

const formats::Descriptor blob = describe("", "the right bytes");

touchstone::Descriptor opened(const std::string& path) {
  return touchstone::Descriptor(open(path.c_str(), O_RDWR | O_CLOEXEC));
}

}  // namespace

TEST_CASE("a checked sink knows whether it was the blob", "[oci]") {
  struct Row {
    const char* why;
    std::vector<std::string> pieces;
    bool right;
  };
  const auto row = GENERATE(values<Row>({
      {"whole", {"the right bytes"}, true},
      {"in pieces", {"the", " right", " bytes"}, true},
      {"nothing", {}, false},
      {"too short", {"the right byte"}, false},
      {"other bytes", {"the wrong bytes"}, false},
  }));
  CAPTURE(row.why);
  TextSink sink;
  CheckedSink checked(blob, sink);
  REQUIRE(checked.begin());
  for (const std::string& piece : row.pieces) REQUIRE(checked.write(as_bytes(piece)));
  CHECK(slug_of(checked.check()) == (row.right ? "ok" : "digest.mismatch"));
}

TEST_CASE("more than a blob is not passed on", "[oci]") {
  TextSink sink;
  CheckedSink checked(blob, sink);
  REQUIRE(checked.begin());
  REQUIRE(checked.write(as_bytes("the right bytes")));
  CHECK(slug_of(checked.write(as_bytes("!"))) == "digest.mismatch");
  CHECK(sink.text == "the right bytes");
}

TEST_CASE("what was sent twice counts once", "[oci]") {
  TextSink sink;
  CheckedSink checked(blob, sink);
  REQUIRE(checked.begin());
  REQUIRE(checked.write(as_bytes("the right")));
  REQUIRE(checked.begin());
  REQUIRE(checked.write(as_bytes("the right bytes")));
  CHECK(checked.check());
  CHECK(sink.text == "the right bytes");
}

TEST_CASE("a file never gives the last bytes of what is not the blob", "[oci]") {
  const TemporaryFolder folder;
  struct Row {
    const char* why;
    std::string bytes;
    bool opens;
    bool right;
  };
  const auto row = GENERATE(values<Row>({
      {"right", "the right bytes", true, true},
      {"other bytes", "the wrong bytes", true, false},
      {"short", "the right byte", false, false},
      {"long", "the right bytes!", false, false},
      {"empty", "", false, false},
  }));
  CAPTURE(row.why);
  auto source = FileSource::open(blob, opened(folder.write("file", row.bytes)));
  REQUIRE(bool(source) == row.opens);
  if (!row.opens) {
    CHECK(slug_of(source) == "digest.mismatch");
    return;
  }
  for (int round = 0; round < 2; ++round) {
    TextSink sink;
    CHECK(slug_of(pour(**source, sink)) == (row.right ? "ok" : "digest.mismatch"));
    CHECK((sink.text == row.bytes) == row.right);
  }
}

TEST_CASE("a file that shrinks while it is read is no blob", "[oci]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "the right bytes");
  const auto source = FileSource::open(blob, opened(path));
  REQUIRE(source);
  std::filesystem::resize_file(path, 3);
  TextSink sink;
  CHECK(slug_of(pour(**source, sink)) == "digest.mismatch");
}

TEST_CASE("an empty blob is checked too", "[oci]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "");
  CHECK(FileSource::open(describe("", ""), opened(path)));
  formats::Descriptor other = blob;
  other.size = 0;
  CHECK(slug_of(FileSource::open(other, opened(path))) == "digest.mismatch");
}

TEST_CASE("a scratch file has no name", "[oci]") {
  const TemporaryFolder folder;
  const auto file = scratch_file(folder.path().string());
  REQUIRE(file);
  CHECK(std::filesystem::is_empty(folder.path()));
  FileSink sink(file->get());
  REQUIRE(sink.begin());
  REQUIRE(sink.write(as_bytes("a longer first try")));
  REQUIRE(sink.begin());
  REQUIRE(sink.write(as_bytes("short")));
  struct stat info{};
  REQUIRE(fstat(file->get(), &info) == 0);
  CHECK(info.st_size == 5);
  CHECK(slug_of(scratch_file(folder / "none")) == "usage.file");
}
