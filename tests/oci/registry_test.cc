#include <catch2/catch.hpp>

#include "base/limits.h"
#include "crypto/hash.h"
#include "tests/support/oci_world.h"

using namespace touchstone;
using namespace touchstone::test;
namespace media_type = formats::media_type;

namespace {

PretendRegistry::Hook for_path(std::string part, Reply reply) {
  return [part, reply](const ServedRequest& request) -> std::optional<Reply> {
    if (request.target.find(part) == std::string::npos) return std::nullopt;
    return reply;
  };
}

formats::Descriptor wanting(const Digest& digest, std::uint64_t size, std::string type = "") {
  return {std::move(type), digest, size, "", {}, {}, {}};
}

Reply manifest_reply(std::string_view type, std::string body) {
  return with_status(200, {{"Content-Type", std::string(type)}}, std::move(body));
}

}  // namespace

TEST_CASE("a tag is resolved to the digest of what was received", "[oci][REG-03][REG-38]") {
  const std::string lie = "sha256:" + std::string(64, '0');
  OciWorld world({}, nullptr, [&](const ServedRequest&, Reply& reply) {
    reply.headers.push_back({"Docker-Content-Digest", lie});
  });
  const std::string bytes = image_manifest();
  world.registry.add_manifest(media_type::oci_manifest, bytes, "1.0");
  const auto image = world.repository->manifest_by_tag("1.0");
  REQUIRE(image);
  CHECK(image->digest == crypto::digest_of(as_bytes(bytes)));
  CHECK(as_text(image->bytes) == bytes);
  CHECK(image->descriptor().media_type == media_type::oci_manifest);
  CHECK(image->descriptor().size == bytes.size());
  const auto request = world.registry.server().log().front();
  CHECK(request.target == "/v2/shop/api/manifests/1.0");
  for (const auto type : {media_type::oci_manifest, media_type::oci_index,
                          media_type::docker_manifest, media_type::docker_list}) {
    CHECK(request.header("accept").find(type) != std::string::npos);
  }
}

TEST_CASE("manifests and blobs that do not hash to their digest are refused",
          "[oci][REG-01][REG-02]") {
  const Digest digest = crypto::digest_of(as_bytes(image_manifest("wanted")));
  const std::string other = image_manifest("other");
  OciWorld world({}, [&](const ServedRequest&) {
    Reply reply = manifest_reply(media_type::oci_manifest, other);
    reply.headers.push_back({"Docker-Content-Digest", digest.to_string()});
    return reply;
  });
  const auto descriptor = wanting(digest, other.size());
  CHECK(slug_of(world.repository->manifests({&descriptor, 1}).front()) == "digest.mismatch");
  CHECK(slug_of(world.repository->blobs({&descriptor, 1}, 10'000).front()) == "digest.mismatch");
  const auto both = world.repository->image_and_referrers(digest, "");
  CHECK(slug_of(both.image) == "digest.mismatch");
  CHECK(slug_of(both.referrers) == "digest.mismatch");
}

TEST_CASE("what a manifest is, its body says, and nobody else says otherwise",
          "[oci][REG-06][REG-08]") {
  struct Row {
    const char* why;
    std::string_view header;
    std::string_view descriptor;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"as announced", media_type::oci_manifest, media_type::oci_manifest, "ok"},
      {"parameters", "application/vnd.oci.image.manifest.v1+json; charset=utf-8", "", "ok"},
      {"header says index", media_type::oci_index, "", "format.manifest"},
      {"header says docker", media_type::docker_manifest, "", "format.manifest"},
      {"descriptor says index", media_type::oci_manifest, media_type::oci_index, "format.manifest"},
      {"header says nothing", "application/json", "", "ok"},
  }));
  CAPTURE(row.why);
  OciWorld world;
  const std::string bytes = image_manifest();
  const Digest digest = world.registry.add_manifest(row.header, bytes, "x");
  const auto descriptor = wanting(digest, bytes.size(), std::string(row.descriptor));
  CHECK(slug_of(world.repository->manifests({&descriptor, 1}).front()) == row.code);
}

TEST_CASE("descriptors that lie about the size are refused", "[oci][REG-19]") {
  OciWorld world;
  const std::string bytes = image_manifest();
  const Digest digest = world.registry.add_manifest(media_type::oci_manifest, bytes, "");
  const Digest blob = world.registry.add_blob("0123456789");
  const auto manifest = [&](std::uint64_t size) {
    const auto descriptor = wanting(digest, size);
    return slug_of(world.repository->manifests({&descriptor, 1}).front());
  };
  CHECK(manifest(bytes.size()) == "ok");
  CHECK(manifest(0) == "ok");  // unknown
  CHECK(manifest(bytes.size() + 1) == "format.manifest");
  const auto fetched = [&](std::uint64_t size) {
    const auto descriptor = wanting(blob, size);
    return slug_of(world.repository->blobs({&descriptor, 1}, 100).front());
  };
  CHECK(fetched(10) == "ok");
  CHECK(fetched(9) == "limit.size");
  CHECK(fetched(11) == "digest.mismatch");
  CHECK(fetched(101) == "limit.size");
  CHECK(fetched(INT64_MAX) == "limit.size");
}

TEST_CASE("statuses become codes", "[oci]") {
  struct Row {
    int status;
    const char* code;
    std::size_t tries;
  };
  const auto row = GENERATE(values<Row>({{404, "image.not-found", 1},
                                         {403, "auth.refused", 1},
                                         {500, "network.status", 2},
                                         {503, "network.status", 2},
                                         {418, "network.status", 1},
                                         {204, "network.status", 1},
                                         {429, "network.throttled", 2}}));
  CAPTURE(row.status);
  OciWorld world({}, for_path("/v2/", with_status(row.status)));
  CHECK(slug_of(world.repository->manifest_by_tag("x")) == row.code);
  CHECK(world.registry.server().log().size() == row.tries);
  const auto blob = wanting(crypto::digest_of({}), 0);
  CHECK(slug_of(world.repository->blobs({&blob, 1}, 1).front()) == row.code);
}

TEST_CASE("a passing failure is tried again, once", "[oci][REG-45]") {
  Reply cut = with_status(200);
  cut.close_after = 0;
  const int status = GENERATE(429, 500, 503);
  std::atomic<int> asked = 0;
  OciWorld world({}, [&](const ServedRequest&) -> std::optional<Reply> {
    if (asked++ > 0) return std::nullopt;
    return with_status(status);
  });
  world.registry.add_manifest(media_type::oci_manifest, image_manifest(), "x");
  CHECK(world.repository->manifest_by_tag("x"));
  CHECK(asked == 2);
}

TEST_CASE("Retry-After is obeyed within bounds", "[oci][REG-44]") {
  struct Row {
    const char* why;
    const char* retry_after;
    std::size_t tries;
    std::chrono::milliseconds at_least;
  };
  const auto row = GENERATE(values<Row>({
      {"one second", "1", 2, 1000ms},
      {"longer than anyone waits", "6", 1, 0ms},
      {"years", "99999999", 1, 0ms},
      {"more digits than a number has", "99999999999999999999999", 1, 0ms},
      {"negative", "-5", 2, 0ms},
      {"a date long ago", "Thu, 01 Jan 1970 00:00:00 GMT", 2, 0ms},
      {"nonsense", "soon", 2, 0ms},
  }));
  CAPTURE(row.why);
  OciWorld world({}, for_path("/v2/", with_status(429, {{"Retry-After", row.retry_after}})));
  const auto begun = std::chrono::steady_clock::now();
  CHECK(slug_of(world.repository->manifest_by_tag("x")) == "network.throttled");
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(world.registry.server().log().size() == row.tries);
  CHECK(took >= row.at_least);
  CHECK(took < row.at_least + 900ms);
}

TEST_CASE("the deadline ends waiting, trying again and slow answers", "[oci][REG-16][REG-44]") {
  struct Row {
    const char* why;
    Reply reply;
    const char* code;
  };
  Reply slow = with_status(200);
  slow.delay = 400ms;
  const auto row = GENERATE_COPY(values<Row>({
      {"a wait past the deadline is not begun", with_status(429, {{"Retry-After", "3"}}),
       "network.throttled"},
      {"an answer past the deadline", slow, "limit.time"},
  }));
  CAPTURE(row.why);
  OciWorld world({}, for_path("/v2/", row.reply));
  world.registries.set_deadline(std::chrono::steady_clock::now() + 150ms);
  CHECK(slug_of(world.repository->manifest_by_tag("x")) == row.code);
  world.registries.set_deadline(std::chrono::steady_clock::now() - 1ms);
  const std::size_t before = world.registry.server().log().size();
  CHECK(slug_of(world.repository->manifest_by_tag("x")) == "limit.time");
  CHECK(world.registry.server().log().size() == before);
}

TEST_CASE("manifests over 4 MiB are refused", "[oci][REG-13][REG-14]") {
  Reply reply = manifest_reply(media_type::oci_manifest, std::string(1 << 20, ' '));
  if (GENERATE(false, true)) {
    reply.endless = true;
  } else {
    reply.promised_length = std::uint64_t{1} << 30;
  }
  OciWorld world({}, for_path("/v2/", reply));
  CHECK(slug_of(world.repository->manifest_by_tag("x")) == "limit.size");
}

TEST_CASE("a blob elsewhere is fetched there, without the token", "[oci][REG-20]") {
  const std::string bytes = "content";
  HttpServer elsewhere([&](const ServedRequest&) { return with_status(200, {}, bytes); });
  PretendRegistry::Options options;
  options.token = "good-token";
  OciWorld world(options, [&](const ServedRequest& request) -> std::optional<Reply> {
    const bool is_blob = request.target.find("/blobs/") != std::string::npos;
    if (!is_blob || request.header("authorization").empty()) return std::nullopt;
    return with_status(307, {{"Location", elsewhere.url("/store")}});
  });
  const auto descriptor = wanting(crypto::digest_of(as_bytes(bytes)), bytes.size());
  const auto fetched = world.repository->blobs({&descriptor, 1}, 100);
  REQUIRE(fetched.front());
  CHECK(as_text(*fetched.front()) == bytes);
  CHECK(elsewhere.log().at(0).header("authorization").empty());
}

TEST_CASE("addresses that a manifest names for its layers are never asked", "[oci][REG-41]") {
  const std::string bytes = "content";
  HttpServer elsewhere([&](const ServedRequest&) { return with_status(200, {}, bytes); });
  const bool in_registry = GENERATE(true, false);
  const auto* const type = GENERATE("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                                    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                                    "application/vnd.dev.sigstore.bundle.v0.3+json");
  CAPTURE(in_registry, type);
  OciWorld world;
  if (in_registry) world.registry.add_blob(bytes);
  std::string layer = json_of(describe(type, bytes));
  layer.insert(layer.size() - 1, R"(,"urls":[")" + elsewhere.url("/layer") + "\"]");
  const std::string manifest = R"({"schemaVersion":2,"mediaType":")" +
                               std::string(media_type::oci_manifest) + R"(","config":)" +
                               json_of(describe(media_type::oci_empty, "{}")) + R"(,"layers":[)" +
                               layer + "]}";
  world.registry.add_manifest(media_type::oci_manifest, manifest, "foreign");
  const auto image = world.repository->manifest_by_tag("foreign");
  REQUIRE(image);
  const auto& layers = image->manifest.image()->layers;
  REQUIRE(layers.size() == 1);
  CHECK(slug_of(world.repository->blobs(layers, 100).front()) ==
        (in_registry ? "ok" : "image.not-found"));
  CHECK(elsewhere.log().empty());
}

TEST_CASE("the registry is reached over TLS unless it is on loopback or named", "[oci][REG-43]") {
  struct Row {
    const char* registry;
    bool tls_for_loopback;
    const char* plain_host;
    const char* url;
  };
  const auto row = GENERATE(values<Row>({
      {"127.0.0.1:5000", false, "", "http://127.0.0.1:5000/v2/a/manifests/x"},
      {"localhost:5000", false, "", "http://localhost:5000/v2/a/manifests/x"},
      {"127.0.0.1:5000", true, "", "https://127.0.0.1:5000/v2/a/manifests/x"},
      {"10.0.0.1:5000", false, "", "https://10.0.0.1:5000/v2/a/manifests/x"},
      {"registry.example", false, "", "https://registry.example/v2/a/manifests/x"},
      {"registry.example:5000", false, "registry.example:5000",
       "http://registry.example:5000/v2/a/manifests/x"},
      {"registry.example:5000", false, "registry.example",
       "https://registry.example:5000/v2/a/manifests/x"},
      {"localhost.example", false, "", "https://localhost.example/v2/a/manifests/x"},
      {"docker.io", false, "", "https://registry-1.docker.io/v2/library/a/manifests/x"},
  }));
  CAPTURE(row.registry);
  struct Recorder : HttpClient {
    std::string url;
    std::vector<Result<HttpResponse>> send(std::span<const HttpRequest> requests) override {
      url = requests.front().url;
      return {Error{Code::network_timeout, "", ""}};
    }
  } http;
  const RunningClock clock;
  oci::Access access;
  access.tls_for_loopback = row.tls_for_loopback;
  if (*row.plain_host != '\0') access.plain_http_hosts = {row.plain_host};
  oci::Registries registries(http, clock, access);
  const auto reference = Reference::parse(std::string(row.registry) + "/a:x");
  REQUIRE(reference);
  const auto repository = registries.open(*reference);
  REQUIRE(repository);
  CHECK_FALSE((*repository)->manifest_by_tag("x"));
  CHECK(http.url == row.url);
}

TEST_CASE("terminal codes in an answer do not reach an error's text", "[oci][REG-46]") {
  OciWorld world(
      {}, for_path("/v2/", with_status(404, {{"Warning", "299 - \"\x1B[2J\""}}, "\x1B[31mevil")));
  const auto answer = world.repository->manifest_by_tag("x");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.find('\x1B') == std::string::npos);
}

TEST_CASE("a pinned image takes three requests one after another", "[oci]") {
  struct Row {
    const char* why;
    bool referrers_api;
    bool embedded;
    std::size_t sequential;
  };
  const auto row = GENERATE(values<Row>({
      {"with the referrers API", true, false, 3},
      {"by the fallback tag", false, false, 4},
      {"data in the descriptor", true, true, 2},
  }));
  CAPTURE(row.why);
  PretendRegistry::Options options;
  options.referrers_api = row.referrers_api;
  options.delay = 60ms;
  OciWorld world(options);
  const std::string image = image_manifest();
  const Digest digest = world.registry.add_manifest(media_type::oci_manifest, image, "");
  const std::string blob = "bundle";
  world.registry.add_blob(blob);
  formats::Descriptor layer = describe(media_type::bundle_v03, blob);
  const std::string signature =
      referrer_manifest(describe(media_type::oci_manifest, image), media_type::bundle_v03, layer);
  world.registry.add_manifest(media_type::oci_manifest, signature, "");
  const std::string list = index_of({json_of(describe(media_type::oci_manifest, signature))});
  world.registry.add_manifest(media_type::oci_index, list, "sha256-" + digest.hex());

  const auto found = world.repository->image_and_referrers(digest, "");
  REQUIRE(found.image);
  REQUIRE(found.referrers);
  REQUIRE(found.referrers->size() == 1);
  const auto manifests = world.repository->manifests(*found.referrers);
  REQUIRE(manifests.front());
  std::vector<formats::Descriptor> layers = manifests.front()->manifest.image()->layers;
  REQUIRE(layers.size() == 1);
  if (row.embedded) layers[0].data = to_bytes(blob);
  const auto blobs = world.repository->blobs(layers, 1000);
  REQUIRE(blobs.front());
  CHECK(as_text(*blobs.front()) == blob);
  CHECK(world.registry.server().sequential_requests() == row.sequential);
}
