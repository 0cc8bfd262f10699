// The tag under which cosign keeps signatures: read together with the image, changed with care.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "crypto/hash.h"
#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"

using namespace touchstone;
using namespace touchstone::test;
namespace media_type = formats::media_type;

namespace {

const std::string image = image_manifest();
const Digest image_digest = crypto::digest_of(as_bytes(image));
const std::string tag = "sha256-" + image_digest.hex() + ".sig";

std::string looked_up(OciWorld& world) {
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  const auto found = world.repository->image_and_referrers(image_digest, "");
  CHECK(found.image);
  CHECK(found.referrers);
  if (!found.tagged) return slug_of(found.tagged);
  if (!*found.tagged) return "absent";
  return std::string(as_text((*found.tagged)->bytes));
}

PretendRegistry::Hook answering(Reply reply) {
  return [reply](const ServedRequest& request) -> std::optional<Reply> {
    if (request.target.find(".sig") == std::string::npos) return std::nullopt;
    return reply;
  };
}

// Adds a layer of its own for each `salt`, and says nothing once it stands there.
oci::Repository::ManifestChange adding(const std::string& salt) {
  return [salt](const oci::FetchedManifest* there)
             -> Result<std::optional<oci::Repository::NewManifest>> {
    std::string layers;
    if (there != nullptr) {
      for (const auto& layer : there->manifest.image()->layers) layers += json_of(layer) + ",";
    }
    const auto own = json_of(describe("application/x", salt));
    if (layers.find(own) != std::string::npos) return std::optional<oci::Repository::NewManifest>();
    return std::optional(oci::Repository::NewManifest{
        std::string(media_type::oci_manifest),
        R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_manifest) +
            R"(","config":)" + json_of(describe("application/y", "{}")) + R"(,"layers":[)" +
            layers + own + "]}"});
  };
}

std::size_t layers_in(const std::optional<std::string>& manifest) {
  REQUIRE(manifest);
  const auto parsed = formats::Manifest::parse(as_bytes(*manifest), "");
  REQUIRE(parsed);
  return parsed->image()->layers.size();
}

}  // namespace

TEST_CASE("the tag that is asked for is that of what is wanted", "[oci]") {
  OciWorld world;
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  world.registry.add_manifest(media_type::oci_manifest, image,
                              "sha256-" + image_digest.hex() + ".att");
  CHECK_FALSE(*world.repository->image_and_referrers(image_digest, "").tagged);
  const auto found =
      world.repository->image_and_referrers(image_digest, "", oci::Tagged::attestations);
  REQUIRE(found.tagged);
  REQUIRE(*found.tagged);
  CHECK((*found.tagged)->digest == image_digest);
}

TEST_CASE("cosign's tag is that of a sha256 digest", "[oci]") {
  CHECK(oci::signatures_tag(image_digest) == tag);
  CHECK_FALSE(oci::signatures_tag(crypto::digest_of(as_bytes("x"), Digest::Algorithm::sha512)));
}

TEST_CASE("what stands under cosign's tag comes with the image", "[oci]") {
  SECTION("nothing") {
    OciWorld world;
    CHECK(looked_up(world) == "absent");
  }
  SECTION("a manifest") {
    OciWorld world;
    world.registry.add_manifest(media_type::oci_manifest, image_manifest("sig"), tag);
    CHECK(looked_up(world) == image_manifest("sig"));
  }
  SECTION("without a referrers API") {
    PretendRegistry::Options options;
    options.referrers_api = false;
    OciWorld world(options);
    world.registry.add_manifest(media_type::oci_manifest, image_manifest("sig"), tag);
    CHECK(looked_up(world) == image_manifest("sig"));
  }
}

TEST_CASE("cosign's tag takes no further turn", "[oci]") {
  PretendRegistry::Options options;
  options.delay = std::chrono::milliseconds(60);
  OciWorld world(options);
  world.registry.add_manifest(media_type::oci_manifest, image_manifest("sig"), tag);
  CHECK(looked_up(world) == image_manifest("sig"));
  CHECK(world.registry.server().sequential_requests() == 1);
}

TEST_CASE("a tag that fails is never an absent one", "[oci][REG-36]") {
  struct Row {
    const char* why;
    Reply reply;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"500", with_status(500), "network.status"},
      {"403", with_status(403), "auth.refused"},
      {"429", with_status(429, {{"Retry-After", "60"}}), "network.throttled"},
      {"no JSON", with_status(200, {}, "nonsense"), "format.manifest"},
      {"over 4 MiB", with_status(200, {}, std::string((4 << 20) + 1, ' ')), "limit.size"},
  }));
  CAPTURE(row.why);
  OciWorld world({}, answering(row.reply));
  CHECK(looked_up(world) == row.code);
}

TEST_CASE("a tagged manifest is made, and changed", "[oci]") {
  OciWorld world;
  REQUIRE(world.repository->change_tagged(tag, adding("a")));
  CHECK(layers_in(world.registry.under_tag(tag)) == 1);
  REQUIRE(world.repository->change_tagged(tag, adding("b")));
  CHECK(layers_in(world.registry.under_tag(tag)) == 2);
  const std::size_t written = world.registry.count("PUT", tag);
  REQUIRE(world.repository->change_tagged(tag, adding("a")));
  CHECK(world.registry.count("PUT", tag) == written);
}

TEST_CASE("a tagged manifest that cannot be read is not replaced", "[oci][XP-05]") {
  struct Row {
    const char* why;
    Reply reply;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"500", with_status(500), "network.status"},
      {"no JSON", with_status(200, {}, "nonsense"), "format.manifest"},
      {"ambiguous", with_status(200, {}, R"({"schemaVersion":2,"layers":[],"manifests":[]})"),
       "format.manifest"},
  }));
  CAPTURE(row.why);
  OciWorld world({}, answering(row.reply));
  const Status changed = world.repository->change_tagged(tag, adding("a"));
  REQUIRE_FALSE(changed);
  CHECK(slug(changed.error().code) == row.code);
  CHECK(world.registry.count("PUT", tag) == 0);
}

TEST_CASE("a change that finds fault ends it", "[oci]") {
  OciWorld world;
  const Status changed = world.repository->change_tagged(
      tag, [](const oci::FetchedManifest*) -> Result<std::optional<oci::Repository::NewManifest>> {
        return Error{Code::limit_count, "full", ""};
      });
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == Code::limit_count);
  CHECK(world.registry.count("PUT", tag) == 0);
}

TEST_CASE("a registry that forgets what was written is told of", "[oci][REG-48]") {
  OciWorld world({}, [](const ServedRequest& request) -> std::optional<Reply> {
    if (request.target.find(".sig") == std::string::npos) return std::nullopt;
    return with_status(request.method == "PUT" ? 201 : 404);
  });
  const Status changed = world.repository->change_tagged(tag, adding("a"));
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == Code::network_push);
}

TEST_CASE("eight writers of one host, and each one's layer is there afterwards", "[oci][REG-48]") {
  TemporaryFolder locks;
  oci::Access access;
  access.lock_folder = locks.path().string();
  PretendRegistry::Options options;
  options.delay = std::chrono::milliseconds(2);
  OciWorld world(options, nullptr, nullptr, access);
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      net::CurlClient http{net::CurlOptions()};
      oci::Registries registries(http, world.clock, access);
      const auto reference = Reference::parse(world.registry.name("shop/api"));
      auto repository = registries.open(*reference);
      (void)(*repository)->change_tagged(tag, adding("writer" + std::to_string(i)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(layers_in(world.registry.under_tag(tag)) == 8);
}

TEST_CASE("a layout's tagged manifest is made, changed and found", "[oci]") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder / "blobs/sha256");
  std::ofstream(folder / "oci-layout") << R"({"imageLayoutVersion":"1.0.0"})";
  std::ofstream(folder / "index.json") << R"({"schemaVersion":2,"manifests":[]})";
  RunningClock clock;
  net::CurlClient http{net::CurlOptions()};
  oci::Registries registries(http, clock, {});
  const auto reference = Reference::parse("oci-layout:" + folder.path().string());
  auto opened = registries.open(*reference);
  REQUIRE(opened);
  oci::Repository& layout = **opened;
  REQUIRE(layout.push_manifest(media_type::oci_manifest, as_bytes(image), "1.0"));
  const auto absent = layout.image_and_referrers(image_digest, "");
  REQUIRE(absent.tagged);
  CHECK_FALSE(*absent.tagged);

  for (const char* salt : {"a", "b", "a"}) REQUIRE(layout.change_tagged(tag, adding(salt)));
  const auto found = layout.image_and_referrers(image_digest, "");
  REQUIRE(found.tagged);
  REQUIRE(*found.tagged);
  CHECK((*found.tagged)->manifest.image()->layers.size() == 2);
  CHECK(layout.manifest_by_tag("1.0"));
}
