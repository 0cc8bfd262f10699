#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "crypto/hash.h"
#include "formats/json.h"
#include "net/curl_client.h"
#include "oci/repository.h"
#include "tests/support/pretend_registry.h"
#include "tests/support/temporary_folder.h"

using namespace touchstone;
using namespace touchstone::test;
namespace fs = std::filesystem;
namespace media_type = formats::media_type;

namespace {

constexpr const char* version = R"({"imageLayoutVersion":"1.0.0"})";

template <class T>
std::string slug_of(const Result<T>& result) {
  return result ? "ok" : std::string(slug(result.error().code));
}

// An HttpClient that must not be used.
struct NoNetwork : HttpClient {
  std::vector<Result<HttpResponse>> send(std::span<const HttpRequest> requests) override {
    FAIL("a layout asked the network");
    return std::vector<Result<HttpResponse>>(requests.size(), Error{Code::internal_error, "", ""});
  }
};

struct Layout {
  Layout() {
    fs::create_directories(folder.path() / "blobs/sha256");
    folder.write("oci-layout", version);
    folder.write("index.json", index_of({}));
  }

  Digest put(std::string_view bytes) const {
    const Digest digest = crypto::digest_of(as_bytes(bytes));
    folder.write("blobs/sha256/" + digest.hex(), bytes);
    return digest;
  }
  std::string blob_file(const Digest& digest) const {
    return folder / ("blobs/sha256/" + digest.hex());
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  Result<std::unique_ptr<oci::Repository>> try_open() {
    return registries.open(*Reference::parse("oci-layout:" + folder.path().string()));
  }
  std::unique_ptr<oci::Repository> open() {
    auto opened = try_open();
    REQUIRE(opened);
    return *std::move(opened);
  }

  TemporaryFolder folder;
  NoNetwork http;
  RunningClock clock;
  oci::Registries registries{http, clock, {}};
};

const std::string image = image_manifest();
const formats::Descriptor image_entry = describe(media_type::oci_manifest, image);

std::string tagged(formats::Descriptor entry, const std::string& tag) {
  entry.annotations["org.opencontainers.image.ref.name"] = tag;
  return json_of(entry);
}

std::string signature(std::string_view salt) {
  return referrer_manifest(image_entry, media_type::bundle_v03,
                           describe(media_type::bundle_v03, salt));
}

formats::Descriptor entry_of(const std::string& manifest) {
  formats::Descriptor entry = describe(media_type::oci_manifest, manifest);
  entry.artifact_type = media_type::bundle_v03;
  return entry;
}

}  // namespace

TEST_CASE("a folder that is no layout of a known version is refused", "[oci]") {
  struct Row {
    const char* why;
    const char* version;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"as it should be", version, "ok"},
      {"more members", R"({"imageLayoutVersion":"1.0.0","x":1})", "ok"},
      {"another version", R"({"imageLayoutVersion":"2.0.0"})", "format.layout"},
      {"no version", "{}", "format.layout"},
      {"a number", R"({"imageLayoutVersion":1})", "format.layout"},
      {"two versions", R"({"imageLayoutVersion":"1.0.0","imageLayoutVersion":"1.0.0"})",
       "format.layout"},
      {"no JSON", "1.0.0", "format.layout"},
      {"an array", "[]", "format.layout"},
  }));
  CAPTURE(row.why);
  Layout layout;
  layout.folder.write("oci-layout", row.version);
  CHECK(slug_of(layout.try_open()) == row.code);
}

TEST_CASE("what is absent is told from what is malformed", "[oci]") {
  Layout layout;
  fs::remove(layout.folder.path() / "oci-layout");
  CHECK(slug_of(layout.try_open()) == "format.layout");
  CHECK(slug_of(layout.registries.open(*Reference::parse("oci-layout:/nonexistent/x"))) ==
        "image.not-found");
}

TEST_CASE("tags are entries of index.json", "[oci]") {
  struct Row {
    const char* why;
    std::string index;
    const char* tag;
    const char* code;
  };
  const std::string other = image_manifest("other");
  const formats::Descriptor other_entry = describe(media_type::oci_manifest, other);
  const std::string list = index_of({json_of(image_entry)});
  const auto row = GENERATE_COPY(values<Row>({
      {"found", index_of({tagged(other_entry, "b"), tagged(image_entry, "a")}), "a", "ok"},
      {"absent", index_of({tagged(image_entry, "a")}), "b", "image.not-found"},
      {"not without its tag", index_of({tagged(image_entry, "a")}), "latest", "image.not-found"},
      {"twice, the same", index_of({tagged(image_entry, "a"), tagged(image_entry, "a")}), "a",
       "ok"},
      {"twice, different", index_of({tagged(image_entry, "a"), tagged(other_entry, "a")}), "a",
       "format.layout"},
      {"the only image", list, "latest", "ok"},
      {"the only image beside a signature",
       index_of({json_of(image_entry), json_of(entry_of(signature("s")))}), "latest", "ok"},
      {"one of two images", index_of({json_of(image_entry), json_of(other_entry)}), "latest",
       "image.not-found"},
      {"the only image, by another tag", list, "a", "image.not-found"},
      {"no index at all", "nonsense", "a", "format.layout"},
      {"not an index", image, "a", "format.layout"},
  }));
  CAPTURE(row.why);
  Layout layout;
  layout.put(image);
  layout.put(other);
  layout.put(signature("s"));
  layout.folder.write("index.json", row.index);
  const auto found = layout.open()->manifest_by_tag(row.tag);
  CHECK(slug_of(found) == row.code);
  if (found) CHECK(found->digest == image_entry.digest);
}

TEST_CASE("content is hashed, and nothing but regular files are read", "[oci][XP-04]") {
  Layout layout;
  const Digest digest = layout.put(image);
  const std::string file = layout.blob_file(digest);
  const auto repository = layout.open();
  const auto read = [&] { return slug_of(repository->manifests({&image_entry, 1}).front()); };
  const auto read_blob = [&] {
    return slug_of(repository->blobs({&image_entry, 1}, 10'000).front());
  };
  REQUIRE(read() == "ok");

  SECTION("changed") {
    layout.folder.write("blobs/sha256/" + digest.hex(), image + " ");
    CHECK(read() == "digest.mismatch");
    CHECK(read_blob() == "digest.mismatch");
  }
  SECTION("absent") {
    fs::remove(file);
    CHECK(read() == "image.not-found");
  }
  SECTION("a link to the right bytes") {
    fs::rename(file, layout.folder / "elsewhere");
    fs::create_symlink(layout.folder / "elsewhere", file);
    CHECK(read() == "format.layout");
    CHECK(read_blob() == "format.layout");
  }
  SECTION("a FIFO") {
    fs::remove(file);
    REQUIRE(mkfifo(file.c_str(), 0644) == 0);
    CHECK(read() == "format.layout");
  }
  SECTION("a folder") {
    fs::remove(file);
    fs::create_directory(file);
    CHECK(read() == "format.layout");
  }
  SECTION("blobs is a link") {
    fs::rename(layout.folder / "blobs", layout.folder / "moved");
    fs::create_directory_symlink(layout.folder / "moved", layout.folder / "blobs");
    CHECK(read() == "format.layout");
    CHECK(slug_of(repository->push_blob(crypto::digest_of(as_bytes("x")), as_bytes("x"))) ==
          "format.layout");
  }
  SECTION("blobs/sha256 is a link") {
    fs::rename(layout.folder / "blobs/sha256", layout.folder / "moved");
    fs::create_directory_symlink(layout.folder / "moved", layout.folder / "blobs/sha256");
    CHECK(read() == "format.layout");
  }
  SECTION("index.json is a link") {
    fs::rename(layout.folder / "index.json", layout.folder / "moved");
    fs::create_symlink(layout.folder / "moved", layout.folder / "index.json");
    CHECK(slug_of(repository->manifest_by_tag("a")) == "format.layout");
  }
  SECTION("oci-layout is a FIFO") {
    fs::remove(layout.folder / "oci-layout");
    REQUIRE(mkfifo((layout.folder / "oci-layout").c_str(), 0644) == 0);
    CHECK(slug_of(layout.try_open()) == "format.layout");
  }
}

TEST_CASE("descriptors that lie are refused in layouts too", "[oci][REG-06][REG-19]") {
  Layout layout;
  layout.put(image);
  const auto repository = layout.open();
  formats::Descriptor wanted = image_entry;
  wanted.size += 1;
  CHECK(slug_of(repository->manifests({&wanted, 1}).front()) == "format.manifest");
  CHECK(slug_of(repository->blobs({&wanted, 1}, 10'000).front()) == "digest.mismatch");
  CHECK(slug_of(repository->blobs({&image_entry, 1}, 10).front()) == "limit.size");
  wanted = image_entry;
  wanted.media_type = media_type::oci_index;
  CHECK(slug_of(repository->manifests({&wanted, 1}).front()) == "format.manifest");
}

TEST_CASE("referrers are what index.json and the fallback tag list", "[oci]") {
  Layout layout;
  layout.put(image);
  const std::string mine = signature("mine");
  const std::string both = signature("both");
  const std::string theirs = signature("theirs");
  const std::string stranger =
      referrer_manifest(describe(media_type::oci_manifest, "x"), media_type::bundle_v03,
                        describe(media_type::bundle_v03, "x"));
  for (const auto& bytes : {mine, both, theirs, stranger}) layout.put(bytes);
  const std::string list = index_of({json_of(entry_of(theirs)), json_of(entry_of(both))});
  layout.put(list);
  const formats::Descriptor absent = describe(media_type::oci_manifest, "absent");
  layout.folder.write(
      "index.json", index_of({tagged(image_entry, "a"), json_of(entry_of(mine)),
                              json_of(entry_of(both)), json_of(entry_of(stranger)), json_of(absent),
                              tagged(describe(media_type::oci_index, list),
                                     "sha256-" + image_entry.digest.hex())}));
  const auto repository = layout.open();
  const auto found = repository->image_and_referrers(image_entry.digest, "");
  REQUIRE(found.image);
  REQUIRE(found.referrers);
  CHECK(found.referrers->size() == 3);
  CHECK(found.referrers->front().artifact_type == media_type::bundle_v03);
  CHECK(found.notice.find('1') != std::string::npos);
  const auto none = repository->image_and_referrers(image_entry.digest, "application/other");
  REQUIRE(none.referrers);
  CHECK(none.referrers->empty());
  CHECK(slug_of(repository->image_and_referrers(absent.digest, "").image) == "image.not-found");
}

TEST_CASE("a fallback list in a layout that cannot be read is an error", "[oci][XP-05]") {
  Layout layout;
  layout.put(image);
  const formats::Descriptor list = describe(media_type::oci_index, "nonsense");
  layout.put("nonsense");
  const std::string index = index_of({tagged(list, "sha256-" + image_entry.digest.hex())});
  layout.folder.write("index.json", index);
  const auto repository = layout.open();
  CHECK(slug_of(repository->image_and_referrers(image_entry.digest, "").referrers) ==
        "format.referrers");
  const std::string mine = signature("mine");
  CHECK(slug_of(repository->attach(entry_of(mine), as_bytes(mine), image_entry.digest)) ==
        "format.referrers");
  CHECK(layout.read("index.json") == index);
}

TEST_CASE("what is pushed into a layout is found there", "[oci]") {
  Layout layout;
  fs::remove_all(layout.folder.path() / "blobs");
  const auto repository = layout.open();
  REQUIRE(repository->push_blob(crypto::digest_of(as_bytes("bundle")), as_bytes("bundle")));
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(image), "1.0"));
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(image), "stable"));
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(image), "stable"));
  const std::string mine = signature("mine");
  REQUIRE(repository->attach(entry_of(mine), as_bytes(mine), image_entry.digest));
  REQUIRE(repository->attach(entry_of(mine), as_bytes(mine), image_entry.digest));
  const std::string more = signature("more");
  REQUIRE(repository->attach(entry_of(more), as_bytes(more), image_entry.digest));

  for (const char* tag : {"1.0", "stable"}) {
    const auto found = repository->manifest_by_tag(tag);
    REQUIRE(found);
    CHECK(as_text(found->bytes) == image);
  }
  const auto found = repository->image_and_referrers(image_entry.digest, media_type::bundle_v03);
  REQUIRE(found.referrers);
  CHECK(found.referrers->size() == 2);
  const auto list = repository->manifest_by_tag("sha256-" + image_entry.digest.hex());
  REQUIRE(list);
  CHECK(list->manifest.index()->manifests.size() == 2);
  for (const auto& file : fs::recursive_directory_iterator(layout.folder.path())) {
    CHECK(file.path().filename().string().find(".touchstone") == std::string::npos);
  }
}

TEST_CASE("a tag moves, and the image it leaves stays listed", "[oci]") {
  Layout layout;
  const auto repository = layout.open();
  const std::string other = image_manifest("other");
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(other), "1.0"));
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(image), "1.0"));
  const auto found = repository->manifest_by_tag("1.0");
  REQUIRE(found);
  CHECK(found->digest == image_entry.digest);
  CHECK(layout.read("index.json").find(crypto::digest_of(as_bytes(other)).to_string()) !=
        std::string::npos);
}

TEST_CASE("an image without a tag is listed, its platforms are not", "[oci]") {
  Layout layout;
  const auto repository = layout.open();
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(image), ""));
  REQUIRE(repository->manifest_by_tag("latest"));
  const std::string platforms = index_of({json_of(image_entry)});
  REQUIRE(repository->push_manifest(media_type::oci_index, as_bytes(platforms), ""));
  const auto found = repository->manifest_by_tag("latest");
  REQUIRE(found);
  CHECK(found->digest == crypto::digest_of(as_bytes(platforms)));
  CHECK(layout.read("index.json").find(image_entry.digest.to_string()) == std::string::npos);
}

TEST_CASE("foreign members of index.json stay", "[oci][XP-05]") {
  Layout layout;
  const std::string odd = R"({"mediaType":"x/y","digest":"sha256:zz","size":-1,"odd":[null]})";
  layout.folder.write("index.json",
                      R"({"schemaVersion":2,"manifests":[)" + odd + R"(],"extension":{"a":1.5}})");
  const auto repository = layout.open();
  REQUIRE(repository->push_manifest(media_type::oci_manifest, as_bytes(image), "1.0"));
  const std::string text = layout.read("index.json");
  CHECK(text.find(odd) != std::string::npos);
  CHECK(text.find(R"("extension":{"a":1.5})") != std::string::npos);
}

TEST_CASE("a damaged blob is written again", "[oci]") {
  Layout layout;
  const auto repository = layout.open();
  const Digest digest = crypto::digest_of(as_bytes("right"));
  layout.folder.write("blobs/sha256/" + digest.hex(), "wrong");
  REQUIRE(repository->push_blob(digest, as_bytes("right")));
  CHECK(layout.read("blobs/sha256/" + digest.hex()) == "right");
}

TEST_CASE("signers that write one layout at once are all listed", "[oci][REG-48]") {
  Layout layout;
  layout.put(image);
  constexpr int signers = 8;
  std::vector<std::thread> threads;
  for (int i = 0; i < signers; ++i) {
    auto repository = layout.open();
    threads.emplace_back([i, own = std::move(repository)] {
      const std::string mine = signature(std::to_string(i));
      if (!own->attach(entry_of(mine), as_bytes(mine), image_entry.digest)) std::abort();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto found = layout.open()->image_and_referrers(image_entry.digest, "");
  REQUIRE(found.referrers);
  CHECK(found.referrers->size() == signers);
  CHECK(found.notice.empty());
}
