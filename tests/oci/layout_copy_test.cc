// Layout folders as the other end of a copy: made, written to by several, and cut off.
#include <fcntl.h>
#include <sys/file.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "oci/blob_stream.h"
#include "oci/layout_repository.h"
#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"

using namespace touchstone;
using namespace touchstone::test;
namespace fs = std::filesystem;
namespace media_type = formats::media_type;

namespace {

std::unique_ptr<oci::Repository> open_layout(const std::string& path) {
  auto opened = oci::LayoutRepository::open(path);
  REQUIRE(opened);
  return *std::move(opened);
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A blob that comes as `bytes`, and then fails when told to.
oci::IncomingBlob incoming(const formats::Descriptor& blob, const std::string& bytes,
                           bool fails = false) {
  oci::IncomingBlob made{blob, nullptr, nullptr, "", ""};
  made.read = [=](ByteSink& sink) -> Status {
    TS_CHECK(sink.begin());
    TS_CHECK(sink.write(as_bytes(bytes)));
    if (fails) return Error{Code::network_unreachable, "cut off", ""};
    return ok();
  };
  return made;
}

std::size_t files_in(const std::string& path) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(path), fs::directory_iterator()));
}

class TextSink : public ByteSink {
 public:
  Status begin() override { return ok(); }
  Status write(ByteView bytes) override {
    text += as_text(bytes);
    return ok();
  }
  std::string text;
};

}  // namespace

TEST_CASE("a layout is made where nothing is", "[oci][copy]") {
  const TemporaryFolder folder;
  const std::string path = folder / "new";
  const std::string kind = GENERATE("absent", "empty", "half made", "only blobs", "nearly made");
  CAPTURE(kind);
  if (kind != "absent") fs::create_directory(path);
  if (kind == "half made") folder.write("new/.touchstone-0123", "half");
  if (kind == "only blobs" || kind == "nearly made") fs::create_directory(path + "/blobs");
  if (kind == "nearly made") folder.write("new/index.json", index_of({}));
  REQUIRE(oci::LayoutRepository::create(path));
  CHECK(read(path + "/oci-layout") == R"({"imageLayoutVersion":"1.0.0"})");
  const auto layout = open_layout(path);
  CHECK(slug_of(layout->manifest_by_tag("x")) == "image.not-found");
  const auto image = image_manifest();
  REQUIRE(layout->push_manifest(media_type::oci_manifest, as_bytes(image), "x"));
  const std::string before = read(path + "/index.json");
  REQUIRE(oci::LayoutRepository::create(path));  // what is there stays
  CHECK(read(path + "/index.json") == before);
}

TEST_CASE("no layout is made where something else is", "[oci][copy]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "home");
  folder.write("home/letter", "dear");
  folder.write("file", "text");
  fs::create_symlink("nowhere", folder / "link");
  const std::string name = GENERATE("home", "file", "link", "no/such");
  CAPTURE(name);
  CHECK(slug_of(oci::LayoutRepository::create(folder / name)) == "usage.file");
  CHECK(files_in(folder / "home") == 1);
}

TEST_CASE("a blob is in its place when all of it came, and not before", "[oci][copy]") {
  const TemporaryFolder folder;
  REQUIRE(oci::LayoutRepository::create(folder / "l"));
  const auto layout = open_layout(folder / "l");
  const auto blob = describe("x/y", "content");
  const std::string file = folder / ("l/blobs/sha256/" + blob.digest.hex());
  CHECK(slug_of(layout->write_blob(incoming(blob, "content", true))) == "network.unreachable");
  CHECK(files_in(folder / "l/blobs/sha256") == 0);
  auto slow = incoming(blob, "content");
  slow.read = [&](ByteSink& sink) -> Status {
    TS_CHECK(sink.begin());
    TS_CHECK(sink.write(as_bytes("con")));
    CHECK_FALSE(fs::exists(file));
    return sink.write(as_bytes("tent"));
  };
  REQUIRE(layout->write_blob(std::move(slow)));
  CHECK(read(file) == "content");
  CHECK(files_in(folder / "l/blobs/sha256") == 1);
}

TEST_CASE("a layout holds what hashes to its name", "[oci][copy]") {
  const TemporaryFolder folder;
  REQUIRE(oci::LayoutRepository::create(folder / "l"));
  const auto layout = open_layout(folder / "l");
  const auto blob = describe("x/y", "content");
  const std::string name = "l/blobs/sha256/" + blob.digest.hex();
  const auto held = [&] {
    const auto there = layout->holds(std::span(&blob, 1));
    return there ? (there->front() ? "yes" : "no") : slug_of(there);
  };
  CHECK(held() == "no");
  REQUIRE(layout->write_blob(incoming(blob, "content")));
  CHECK(held() == "yes");
  for (const char* damaged : {"c0ntent", "conten", "contents", ""}) {
    folder.write(name, damaged);
    CHECK(held() == "no");
    TextSink sink;
    CHECK(slug_of(layout->read_blob(blob, sink)) == "digest.mismatch");
  }
  REQUIRE(layout->write_blob(incoming(blob, "content")));  // mended
  CHECK(held() == "yes");
  fs::remove(folder / name);
  fs::create_symlink("/etc/passwd", folder / name);
  CHECK(held() == "format.layout");
}

TEST_CASE("what killed processes left is removed, what others write is not", "[oci][copy]") {
  const TemporaryFolder folder;
  REQUIRE(oci::LayoutRepository::create(folder / "l"));
  const auto first = describe("x/y", "first");
  REQUIRE(open_layout(folder / "l")->write_blob(incoming(first, "first")));
  const std::string left = folder.write("l/blobs/sha256/.touchstone-00", "half");
  const std::string index = folder.write("l/.touchstone-02", "half");
  const std::string foreign = folder.write("l/blobs/sha256/.theirs", "half");
  const std::string in_use = folder.write("l/blobs/sha256/.touchstone-01", "half");
  const touchstone::Descriptor writer(open(in_use.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(flock(writer.get(), LOCK_EX) == 0);
  REQUIRE(open_layout(folder / "l")->write_blob(incoming(describe("", "next"), "next")));
  CHECK_FALSE(fs::exists(left));
  CHECK_FALSE(fs::exists(index));
  CHECK(fs::exists(foreign));
  CHECK(fs::exists(in_use));
}

TEST_CASE("a blob under way is locked against those who tidy up", "[oci][copy]") {
  const TemporaryFolder folder;
  REQUIRE(oci::LayoutRepository::create(folder / "l"));
  const auto one = open_layout(folder / "l");
  const auto blob = describe("x/y", "content");
  auto slow = incoming(blob, "content");
  slow.read = [&](ByteSink& sink) -> Status {
    const auto other = describe("x/y", "other");
    REQUIRE(open_layout(folder / "l")->write_blob(incoming(other, "other")));
    TS_CHECK(sink.begin());
    return sink.write(as_bytes("content"));
  };
  CHECK(one->write_blob(std::move(slow)));
}

TEST_CASE("a part is there by its digest and listed nowhere", "[oci][copy]") {
  const TemporaryFolder folder;
  REQUIRE(oci::LayoutRepository::create(folder / "l"));
  const auto layout = open_layout(folder / "l");
  const std::string text = image_manifest("part");
  const oci::FetchedManifest part{crypto::digest_of(as_bytes(text)), to_bytes(text),
                                  *formats::Manifest::parse(as_bytes(text), "")};
  const std::string left = folder.write("l/.touchstone-00", "half");
  REQUIRE(layout->push_part(part));
  CHECK_FALSE(fs::exists(left));
  const auto wanted = part.descriptor();
  CHECK(layout->manifests(std::span(&wanted, 1)).front());
  CHECK(read(folder / "l/index.json").find(part.digest.hex()) == std::string::npos);
}
