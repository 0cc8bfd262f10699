#include <catch2/catch.hpp>
#include <thread>

#include "crypto/hash.h"
#include "formats/json.h"
#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"

using namespace touchstone;
using namespace touchstone::test;
namespace media_type = formats::media_type;

namespace {

const std::string image = image_manifest();
const Digest image_digest = crypto::digest_of(as_bytes(image));
const std::string fallback = "sha256-" + image_digest.hex();

struct Signature {
  std::string blob;
  std::string manifest;
  formats::Descriptor entry;
};

Signature signature(const std::string& salt) {
  const formats::Descriptor layer = describe(media_type::bundle_v03, salt);
  Signature out{
      salt,
      referrer_manifest(describe(media_type::oci_manifest, image), media_type::bundle_v03, layer),
      describe("", "")};
  out.entry = describe(media_type::oci_manifest, out.manifest);
  out.entry.artifact_type = media_type::bundle_v03;
  out.entry.annotations = {{"salt", salt}};
  return out;
}

Status push(oci::Repository& repository, const Signature& one) {
  TS_CHECK(repository.push_blob(crypto::digest_of(as_bytes(one.blob)), as_bytes(one.blob)));
  return repository.attach(one.entry, as_bytes(one.manifest), image_digest);
}

PretendRegistry::Options without_api() {
  PretendRegistry::Options options;
  options.referrers_api = false;
  return options;
}

PretendRegistry::Hook answering(std::string method, std::string part, Reply reply) {
  return [=](const ServedRequest& request) -> std::optional<Reply> {
    if (request.method != method || request.target.find(part) == std::string::npos) {
      return std::nullopt;
    }
    return reply;
  };
}

}  // namespace

TEST_CASE("a blob is uploaded once", "[oci]") {
  OciWorld world;
  const std::string bytes(100'000, 'x');
  const Digest digest = crypto::digest_of(as_bytes(bytes));
  REQUIRE(world.repository->push_blob(digest, as_bytes(bytes)));
  CHECK(world.registry.holds(digest));
  REQUIRE(world.repository->push_blob(digest, as_bytes(bytes)));
  CHECK(world.registry.count("POST", "/blobs/uploads/") == 1);
  CHECK(world.registry.count("PUT", "/blobs/uploads/7?state=abc&digest=sha256%3A") == 1);
}

TEST_CASE("pushing logs in with the right to push", "[oci]") {
  PretendRegistry::Options options;
  options.token = "good-token";
  OciWorld world(options);
  REQUIRE(world.repository->push_blob(crypto::digest_of(as_bytes("x")), as_bytes("x")));
  CHECK(world.registry.count("GET", "%3Apull%2Cpush") == 1);
}

TEST_CASE("an upload does not leave the registry", "[oci][REG-47]") {
  HttpServer elsewhere([](const ServedRequest&) { return with_status(201); });
  const std::string place = GENERATE("http://ELSEWHERE/u", "//ELSEWHERE/u", "https://127.0.0.1/u",
                                     "http://other.invalid/u", "file:///u");
  const std::string location = with_host(place, elsewhere.host());
  CAPTURE(location);
  PretendRegistry::Options options;
  OciWorld world(options, answering("POST", "", with_status(202, {{"Location", location}})));
  CHECK(slug_of(world.repository->push_blob(crypto::digest_of(as_bytes("x")), as_bytes("x"))) ==
        (place == "file:///u" ? "network.protocol" : "network.redirect"));
  CHECK(elsewhere.log().empty());
}

TEST_CASE("redirects are not followed when writing", "[oci][REG-47]") {
  HttpServer elsewhere([](const ServedRequest&) { return with_status(201); });
  const std::string method = GENERATE("POST", "PUT");
  OciWorld world(
      {}, answering(method, "/v2/", with_status(307, {{"Location", elsewhere.url("/upload")}})));
  CHECK(slug_of(world.repository->push_blob(crypto::digest_of(as_bytes("x")), as_bytes("x"))) ==
        "network.status");
  CHECK(slug_of(world.repository->push_manifest(media_type::oci_manifest, as_bytes(image), "x")) ==
        (method == "PUT" ? "network.status" : "ok"));
  CHECK(elsewhere.log().empty());
}

TEST_CASE("uploads that go wrong are told", "[oci]") {
  struct Row {
    const char* why;
    const char* method;
    Reply reply;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"no upload address", "POST", with_status(202), "network.protocol"},
      {"refused", "POST", with_status(403), "auth.refused"},
      {"wrong status", "POST", with_status(200), "network.status"},
      {"storing fails", "PUT", with_status(500), "network.status"},
      {"accepted but not stored", "PUT", with_status(202), "network.status"},
  }));
  CAPTURE(row.why);
  OciWorld world({}, answering(row.method, "/blobs/", row.reply));
  CHECK(slug_of(world.repository->push_blob(crypto::digest_of(as_bytes("x")), as_bytes("x"))) ==
        row.code);
}

TEST_CASE("manifests are pushed by digest and by tag", "[oci]") {
  OciWorld world;
  REQUIRE(world.repository->push_manifest(media_type::oci_manifest, as_bytes(image), ""));
  CHECK(world.registry.holds(image_digest));
  REQUIRE(world.repository->push_manifest(media_type::oci_manifest, as_bytes(image), "1.0"));
  CHECK(world.registry.under_tag("1.0") == image);
}

TEST_CASE("a registry with a referrers API lists by itself", "[oci]") {
  OciWorld world;
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  REQUIRE(push(*world.repository, signature("a")));
  CHECK_FALSE(world.registry.under_tag(fallback));
  const auto found = world.repository->image_and_referrers(image_digest, media_type::bundle_v03);
  REQUIRE(found.referrers);
  CHECK(found.referrers->size() == 1);
}

TEST_CASE("a registry that names another subject is not believed to list ours", "[oci]") {
  OciWorld world({}, nullptr, [](const ServedRequest& request, Reply& reply) {
    if (request.method != "PUT") return;
    for (HttpHeader& header : reply.headers) {
      if (header.name == "OCI-Subject") header.value = "sha256:" + std::string(64, '0');
    }
  });
  REQUIRE(push(*world.repository, signature("a")));
  CHECK(world.registry.under_tag(fallback));
}

TEST_CASE("without the API the entry is added under the fallback tag", "[oci]") {
  OciWorld world(without_api());
  world.registry.add_manifest(media_type::oci_manifest, image, "");
  REQUIRE(push(*world.repository, signature("a")));
  REQUIRE(push(*world.repository, signature("b")));
  const auto written = world.registry.under_tag(fallback);
  REQUIRE(push(*world.repository, signature("a")));
  CHECK(world.registry.under_tag(fallback) == written);
  const auto found = world.repository->image_and_referrers(image_digest, "");
  REQUIRE(found.referrers);
  REQUIRE(found.referrers->size() == 2);
  CHECK(found.referrers->at(0).artifact_type == media_type::bundle_v03);
  CHECK(found.referrers->at(0).annotations.at("salt") == "a");
}

TEST_CASE("other people's entries stay as they were", "[oci][XP-05]") {
  const std::string foreign =
      R"({"mediaType":"x/y","digest":"sha256:zz","size":-1,"odd":[1,null,{"a":"b"}]},7,)"
      R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
      crypto::digest_of({}).to_string() +
      R"(","size":0,"annotations":{"who":"\"them\"","n":"1"},"platform":{"os":"z"},"unknown":true})";
  const std::string before =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" +
      foreign + R"(],"annotations":{"kept":"yes"},"extension":1.5})";
  OciWorld world(without_api());
  world.registry.add_manifest(media_type::oci_index, before, fallback);
  REQUIRE(push(*world.repository, signature("a")));

  const auto was = formats::parse_json(as_bytes(before), 10'000);
  const auto is = formats::parse_json(as_bytes(world.registry.under_tag(fallback).value()), 10'000);
  REQUIRE((was && is));
  REQUIRE(is->object()->size() == was->object()->size());
  for (const auto& [name, value] : *was->object()) {
    if (name != "manifests") CHECK(*is->find(name) == value);
  }
  const auto& entries = *is->find("manifests")->array();
  REQUIRE(entries.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(entries[i] == was->find("manifests")->array()->at(i));
}

TEST_CASE("an index that cannot be read is never replaced", "[oci][XP-05]") {
  struct Row {
    const char* why;
    std::string_view type;
    std::string body;
  };
  const auto row = GENERATE(values<Row>({
      {"an image manifest", media_type::oci_manifest, image},
      {"an image manifest called an index", media_type::oci_index, image},
      {"no JSON", media_type::oci_index, "nonsense"},
      {"duplicate members", media_type::oci_index,
       R"({"schemaVersion":2,"manifests":[],"manifests":[]})"},
      {"no list", media_type::oci_index, R"({"schemaVersion":2})"},
  }));
  CAPTURE(row.why);
  OciWorld world(without_api());
  world.registry.add_manifest(row.type, row.body, fallback);
  CHECK(slug_of(push(*world.repository, signature("a"))) == "format.referrers");
  CHECK(world.registry.under_tag(fallback) == row.body);
}

TEST_CASE("a fallback tag that cannot be fetched is not overwritten", "[oci]") {
  OciWorld world(without_api(), answering("GET", "/manifests/sha256-", with_status(500)));
  CHECK(slug_of(push(*world.repository, signature("a"))) == "network.status");
  CHECK(world.registry.count("PUT", fallback) == 0);
}

TEST_CASE("an entry that others overwrite is added again", "[oci][REG-48]") {
  std::atomic<int> reads = 0;
  PretendRegistry* registry = nullptr;
  const std::string theirs = index_of({json_of(describe("x/y", "theirs"))});
  OciWorld world(without_api(), [&](const ServedRequest& request) -> std::optional<Reply> {
    const bool reading = request.method == "GET" && request.target.ends_with(fallback);
    // Another writer replaces the index between our writing and our looking.
    if (reading && ++reads <= 3) registry->add_manifest(media_type::oci_index, theirs, fallback);
    return std::nullopt;
  });
  registry = &world.registry;
  const Signature ours = signature("a");
  REQUIRE(push(*world.repository, ours));
  const std::string index = world.registry.under_tag(fallback).value();
  CHECK(index.find(ours.entry.digest.to_string()) != std::string::npos);
  CHECK(index.find(crypto::digest_of(as_bytes("theirs")).to_string()) != std::string::npos);
}

TEST_CASE("an entry that does not stay is an error", "[oci][REG-48]") {
  OciWorld world(without_api(),
                 answering("GET", "/manifests/sha256-",
                           with_status(200, {{"Content-Type", std::string(media_type::oci_index)}},
                                       index_of({}))));
  CHECK(slug_of(push(*world.repository, signature("a"))) == "network.push");
}

TEST_CASE("twenty signers at once are all listed", "[oci][REG-48]") {
  const TemporaryFolder folder;
  PretendRegistry::Options options = without_api();
  options.delay = 2ms;
  PretendRegistry registry(options);
  constexpr int signers = 20;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < signers; ++i) {
    threads.emplace_back([&, i] {
      net::CurlClient http;
      const RunningClock clock;
      oci::Access access;
      access.lock_folder = folder.path().string();
      oci::Registries registries(http, clock, access);
      const auto repository = registries.open(*Reference::parse(registry.name("shop/api")));
      if (repository && push(**repository, signature(std::to_string(i)))) ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(done == signers);
  const std::string index = registry.under_tag(fallback).value();
  for (int i = 0; i < signers; ++i) {
    CHECK(index.find(signature(std::to_string(i)).entry.digest.to_string()) != std::string::npos);
  }
}

TEST_CASE("what was cut off half way is repeated without harm", "[oci][REG-49]") {
  std::atomic<bool> broken = true;
  OciWorld world(without_api(), [&](const ServedRequest& request) -> std::optional<Reply> {
    if (!broken || request.method != "PUT") return std::nullopt;
    if (request.target.find("/manifests/") == std::string::npos) return std::nullopt;
    Reply cut = with_status(500);
    cut.close_after = 0;
    return cut;
  });
  const Signature one = signature("a");
  CHECK_FALSE(push(*world.repository, one));
  CHECK(world.registry.holds(crypto::digest_of(as_bytes(one.blob))));
  CHECK_FALSE(world.registry.under_tag(fallback));  // the list comes last
  broken = false;
  REQUIRE(push(*world.repository, one));
  CHECK(world.registry.count("POST", "/blobs/uploads/") == 1);
  CHECK(world.registry.under_tag(fallback));
}
