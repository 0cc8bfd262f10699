#include <catch2/catch.hpp>

#include "base/limits.h"
#include "crypto/hash.h"
#include "tests/support/oci_world.h"

using namespace touchstone;
using namespace touchstone::test;
namespace media_type = formats::media_type;

namespace {

const std::string image = image_manifest();
const Digest image_digest = crypto::digest_of(as_bytes(image));
const std::string fallback = "sha256-" + image_digest.hex();

std::string signature(std::string_view salt, std::string_view type = media_type::bundle_v03) {
  return referrer_manifest(describe(media_type::oci_manifest, image), type,
                           describe(media_type::bundle_v03, salt));
}

PretendRegistry::Options without_api(int status = 404) {
  PretendRegistry::Options options;
  options.referrers_api = false;
  options.status_without_api = status;
  return options;
}

// Answers the referrers API as given.
PretendRegistry::Hook listing(Reply reply) {
  return [reply](const ServedRequest& request) -> std::optional<Reply> {
    if (request.target.find("/referrers/") == std::string::npos) return std::nullopt;
    return reply;
  };
}

Reply index_reply(std::string body, std::string_view type = media_type::oci_index) {
  return with_status(200, {{"Content-Type", std::string(type)}}, std::move(body));
}

// Where the next page is, as the Link header of every page says.
Reply page_with_link(const std::string& target) {
  Reply reply = index_reply(index_of({}));
  reply.headers.push_back({"Link", "<" + target + ">; rel=\"next\""});
  return reply;
}

std::string fetched(OciWorld& world) {
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  const auto found = world.repository->image_and_referrers(image_digest, "");
  CHECK(found.image);
  return found.referrers ? std::to_string(found.referrers->size()) : slug_of(found.referrers);
}

}  // namespace

TEST_CASE("referrers are listed over all pages, each once", "[oci]") {
  PretendRegistry::Options options;
  options.page_size = GENERATE(1U, 2U, 3U, 1000U);
  OciWorld world(options);
  for (const char* salt : {"a", "b", "c", "d", "e"}) {
    world.registry.add_manifest(media_type::oci_manifest, signature(salt), "");
  }
  CHECK(fetched(world) == "5");
}

TEST_CASE("an entry that is listed twice counts once", "[oci]") {
  const std::string entry = json_of(describe(media_type::oci_manifest, signature("a")));
  OciWorld world({}, listing(index_reply(index_of({entry, entry}))));
  CHECK(fetched(world) == "1");
}

TEST_CASE("the artifact type is asked for, and looked at again here", "[oci]") {
  formats::Descriptor wanted = describe(media_type::oci_manifest, "a");
  wanted.artifact_type = "application/wanted+x";
  formats::Descriptor other = describe(media_type::oci_manifest, "b");
  other.artifact_type = "application/other";
  const formats::Descriptor untyped = describe(media_type::oci_manifest, "c");
  OciWorld world(
      {}, listing(index_reply(index_of({json_of(wanted), json_of(other), json_of(untyped)}))));
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  const auto found = world.repository->image_and_referrers(image_digest, "application/wanted+x");
  REQUIRE(found.referrers);
  REQUIRE(found.referrers->size() == 2);
  CHECK(found.referrers->at(0).digest == wanted.digest);
  CHECK(found.referrers->at(1).digest == untyped.digest);
  CHECK(world.registry.count("GET", "?artifactType=application%2Fwanted%2Bx") == 1);
}

TEST_CASE("without a referrers API the fallback tag is read", "[oci][REG-35]") {
  const int status = GENERATE(404, 400, 406);
  OciWorld world(without_api(status));
  SECTION("absent: nothing refers to the image") { CHECK(fetched(world) == "0"); }
  SECTION("present") {
    const std::string entry = json_of(describe(media_type::oci_manifest, signature("a")));
    world.registry.add_manifest(media_type::oci_index, index_of({entry}), fallback);
    CHECK(fetched(world) == "1");
  }
}

TEST_CASE("a referrers API that fails is never an image without signatures", "[oci][REG-35]") {
  struct Row {
    const char* why;
    Reply reply;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"500", with_status(500), "network.status"},
      {"403", with_status(403), "auth.refused"},
      {"429", with_status(429, {{"Retry-After", "60"}}), "network.throttled"},
      {"301 without a target", with_status(301), "network.status"},
      {"redirect to http elsewhere", with_status(307, {{"Location", "http://other.invalid/"}}),
       "network.redirect"},
      {"HTML", with_status(200, {{"Content-Type", "text/html"}}, "<html></html>"),
       "format.referrers"},
      {"empty body", index_reply(""), "format.referrers"},
      {"an image manifest", index_reply(image, media_type::oci_manifest), "format.referrers"},
      {"an image manifest, called an index", index_reply(image), "format.referrers"},
      {"an index, announced as an image manifest",
       index_reply(index_of({}), media_type::oci_manifest), "format.referrers"},
      {"an index that says it is a manifest",
       index_reply(R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
                   R"("manifests":[]})"),
       "format.referrers"},
      {"no list", index_reply(R"({"schemaVersion":2})"), "format.referrers"},
      {"a list that is none", index_reply(R"({"schemaVersion":2,"manifests":{}})"),
       "format.referrers"},
      {"an array", index_reply("[]"), "format.referrers"},
      {"over 4 MiB", index_reply(std::string((4 << 20) + 1, ' ')), "limit.size"},
  }));
  CAPTURE(row.why);
  OciWorld world({}, listing(row.reply));
  world.registry.add_manifest(media_type::oci_index, index_of({}), fallback);
  CHECK(fetched(world) == row.code);
}

TEST_CASE("a fallback tag that cannot be read is an error", "[oci][XP-05]") {
  struct Row {
    const char* why;
    std::string_view type;
    std::string body;
  };
  const auto row = GENERATE(values<Row>({
      {"an image manifest", media_type::oci_manifest, image},
      {"an image manifest, announced as an index", media_type::oci_index, image},
      {"no JSON", media_type::oci_index, "nonsense"},
      {"two lists", media_type::oci_index, R"({"schemaVersion":2,"manifests":[],"manifests":[]})"},
  }));
  CAPTURE(row.why);
  OciWorld world(without_api());
  world.registry.add_manifest(row.type, row.body, fallback);
  CHECK(fetched(world) == "format.referrers");
}

TEST_CASE("a fallback tag that cannot be fetched is an error", "[oci]") {
  OciWorld world(without_api(), [](const ServedRequest& request) -> std::optional<Reply> {
    if (request.target.find("/manifests/sha256-") == std::string::npos) return std::nullopt;
    return with_status(500);
  });
  CHECK(fetched(world) == "network.status");
}

TEST_CASE("malformed entries hide no good one, and are told of", "[oci][XP-05]") {
  const std::string good = json_of(describe(media_type::oci_manifest, signature("a")));
  OciWorld world(
      {}, listing(index_reply(index_of({R"({"digest":"sha256:../../x","mediaType":"a","size":1})",
                                        "7", "null", R"({"mediaType":"a","size":1})", good}))));
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  const auto found = world.repository->image_and_referrers(image_digest, "");
  REQUIRE(found.referrers);
  CHECK(found.referrers->size() == 1);
  CHECK(found.notice.find('4') != std::string::npos);
}

TEST_CASE("the next page is at the same endpoint or nowhere", "[oci][REG-30]") {
  HttpServer elsewhere([](const ServedRequest&) { return index_reply(index_of({})); });
  const std::string path = "/v2/shop/api/referrers/" + image_digest.to_string();
  const std::string place =
      GENERATE_COPY(as<std::string>(), "http://ELSEWHERE" + path, "//ELSEWHERE" + path,
                    "https://127.0.0.1" + path, "http://other.invalid" + path, "file:///etc/passwd",
                    "/v2/other/referrers/" + image_digest.to_string(), "/v2/shop/api/blobs/x",
                    path + "/../../../other/referrers/x", "/v2/");
  const std::string target = with_host(place, elsewhere.host());
  CAPTURE(target);
  OciWorld world({}, listing(page_with_link(target)));
  CHECK(fetched(world) == "network.redirect");
  CHECK(elsewhere.log().empty());
}

TEST_CASE("pages that do not end are given up", "[oci][REG-31]") {
  SECTION("back to the same page") {
    const std::string path = "/v2/shop/api/referrers/" + image_digest.to_string();
    OciWorld world({}, listing(page_with_link(path)));
    CHECK(fetched(world) == "limit.pages");
    CHECK(world.registry.count("GET", "/referrers/") == 2);
  }
  SECTION("always another one") {
    std::atomic<int> page = 0;
    OciWorld world({}, [&](const ServedRequest& request) -> std::optional<Reply> {
      if (request.target.find("/referrers/") == std::string::npos) return std::nullopt;
      return page_with_link("?page=" + std::to_string(++page));
    });
    CHECK(fetched(world) == "limit.pages");
    CHECK(world.registry.count("GET", "/referrers/") == limits::max_referrers_pages);
  }
  SECTION("as many as are read") {
    PretendRegistry::Options options;
    options.page_size = 1;
    OciWorld world(options);
    for (std::size_t i = 0; i < limits::max_referrers_pages; ++i) {
      world.registry.add_manifest(media_type::oci_manifest, signature(std::to_string(i)), "");
    }
    CHECK(fetched(world) == std::to_string(limits::max_referrers_pages));
    world.registry.add_manifest(media_type::oci_manifest, signature("one more"), "");
    CHECK(fetched(world) == "limit.pages");
  }
}

TEST_CASE("a malformed link is an error, not the end of the list", "[oci][REG-30]") {
  Reply reply = index_reply(index_of({}));
  reply.headers.push_back({"Link", "</v2/x; rel=\"next\""});
  OciWorld world({}, listing(reply));
  CHECK(fetched(world) == "network.protocol");
}

TEST_CASE("more referrers than are read are an error", "[oci][REG-32]") {
  const auto entries = [](std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(R"({"mediaType":"a","size":1,"digest":")" +
                    crypto::digest_of(as_bytes(std::to_string(i))).to_string() + "\"}");
    }
    return out;
  };
  SECTION("ten thousand are") {
    OciWorld world({}, listing(index_reply(index_of(entries(10'000)))));
    CHECK(fetched(world) == "10000");
  }
  SECTION("one over the limit") {
    OciWorld world({}, listing(index_reply(index_of(entries(limits::max_referrers + 1)))));
    CHECK(fetched(world) == "limit.count");
  }
}

TEST_CASE("no image, no referrers", "[oci]") {
  OciWorld world;
  const auto found = world.repository->image_and_referrers(image_digest, "");
  CHECK(slug_of(found.image) == "image.not-found");
  CHECK(slug_of(found.referrers) == "image.not-found");
}
