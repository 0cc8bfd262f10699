#include "oci/copy.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "oci/layout_repository.h"
#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"

using namespace touchstone;
using namespace touchstone::test;
namespace media_type = formats::media_type;

namespace {

PretendRegistry::Options without_api() {
  PretendRegistry::Options options;
  options.referrers_api = false;
  return options;
}

// An image and all that its manifest leads to.
formats::Descriptor add_image(PretendRegistry& registry, const std::string& name,
                              std::string_view tag = "") {
  registry.add_blob("{}");
  registry.add_blob(name);
  const std::string manifest = image_manifest(name);
  registry.add_manifest(media_type::oci_manifest, manifest, tag);
  return describe(media_type::oci_manifest, manifest);
}

formats::Descriptor add_referrer(PretendRegistry& registry, const formats::Descriptor& subject,
                                 const std::string& content,
                                 std::string_view type = media_type::bundle_v03) {
  registry.add_blob("{}");
  registry.add_blob(content);
  const std::string manifest = referrer_manifest(subject, type, describe(type, content));
  registry.add_manifest(media_type::oci_manifest, manifest, "");
  return describe(media_type::oci_manifest, manifest);
}

std::string cosign_manifest(const std::vector<std::string>& layers) {
  std::vector<std::string> entries;
  for (const std::string& layer : layers) entries.push_back(json_of(describe("x/payload", layer)));
  return R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_manifest) +
         R"(","config":)" + json_of(describe("x/config", "{}")) + R"(,"layers":[)" +
         join(entries, ",") + "]}";
}

void add_tagged(PretendRegistry& registry, const std::string& tag,
                const std::vector<std::string>& layers) {
  registry.add_blob("{}");
  for (const std::string& layer : layers) registry.add_blob(layer);
  registry.add_manifest(media_type::oci_manifest, cosign_manifest(layers), tag);
}

std::string tag_for(const formats::Descriptor& image, const std::string& suffix) {
  return "sha256-" + image.digest.hex() + suffix;
}

// Copies what `root` is in `from`.
Result<oci::CopyCounts> copy(oci::Repository& from, const formats::Descriptor& root,
                             oci::Repository& to, std::string tag = "1.0") {
  const TemporaryFolder scratch;
  const auto manifest = std::move(from.manifests(std::span(&root, 1)).front());
  if (!manifest) return manifest.error();
  TS_TRY(const auto plan, oci::plan_copy(from, *manifest));
  oci::CopyOptions options;
  options.tag = std::move(tag);
  options.scratch_folder = scratch.path().string();
  auto counts = oci::carry_out(plan, from, to, options);
  CHECK(std::filesystem::is_empty(scratch.path()));
  return counts;
}

Result<oci::CopyCounts> copy(OciWorld& from, const formats::Descriptor& root, oci::Repository& to,
                             std::string tag = "1.0") {
  return copy(*from.repository, root, to, std::move(tag));
}

Result<oci::CopyPlan> plan_of(OciWorld& from, const formats::Descriptor& root) {
  const auto manifest = std::move(from.repository->manifests(std::span(&root, 1)).front());
  if (!manifest) return manifest.error();
  return oci::plan_copy(*from.repository, *manifest);
}

std::set<std::string> listed(oci::Repository& repository, const formats::Descriptor& subject) {
  const auto found = repository.image_and_referrers(subject.digest, "");
  REQUIRE(found.referrers);
  std::set<std::string> digests;
  for (const auto& entry : *found.referrers) digests.insert(entry.digest.to_string());
  return digests;
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

TEST_CASE("all that belongs to an image is copied, and hangs together as before", "[oci][copy]") {
  const bool source_api = GENERATE(true, false);
  const bool target_api = GENERATE(true, false);
  const bool through_layout = GENERATE(true, false);
  CAPTURE(source_api, target_api, through_layout);
  OciWorld from(source_api ? PretendRegistry::Options() : without_api());
  OciWorld to(target_api ? PretendRegistry::Options() : without_api());

  const auto one = add_image(from.registry, "one");
  const auto two = add_image(from.registry, "two");
  const std::string text = index_of({json_of(one), json_of(two)});
  const auto index = describe(media_type::oci_index, text);
  from.registry.add_manifest(media_type::oci_index, text, "1.0");
  std::vector<std::pair<formats::Descriptor, formats::Descriptor>> pairs;
  const auto attach = [&](const formats::Descriptor& subject, const std::string& content) {
    const auto referrer = add_referrer(from.registry, subject, content);
    if (!source_api) {
      from.registry.add_manifest(media_type::oci_index, index_of({json_of(referrer)}),
                                 tag_for(subject, ""));
    }
    pairs.emplace_back(subject, referrer);
    return referrer;
  };
  attach(index, "signature of the index");
  const auto sbom = attach(two, "SBOM of an image");
  const auto sbom_signature = attach(sbom, "signature of the SBOM");
  attach(sbom_signature, "timestamp of the signature");
  add_tagged(from.registry, tag_for(index, ".sig"), {"cosign's signature"});
  add_tagged(from.registry, tag_for(one, ".att"), {"cosign's attestation"});
  add_tagged(from.registry, tag_for(two, ".sbom"), {"cosign's SBOM"});

  const auto plan = plan_of(from, index);
  REQUIRE(plan);
  CHECK(plan->images == 3);
  CHECK(plan->attached.size() == 4);
  CHECK(plan->tagged.size() == 3);
  const TemporaryFolder folder;
  std::unique_ptr<oci::Repository> layout;
  if (through_layout) {
    REQUIRE(oci::LayoutRepository::create(folder / "layout"));
    auto opened = oci::LayoutRepository::open(folder / "layout");
    REQUIRE(opened);
    layout = *std::move(opened);
    REQUIRE(copy(from, index, *layout, ""));
    for (const auto& [subject, referrer] : pairs) {
      CHECK(listed(*layout, subject) == std::set{referrer.digest.to_string()});
    }
  }
  const auto counts = copy(layout ? *layout : *from.repository, index, *to.repository);
  REQUIRE(counts);
  CHECK(counts->blobs_there == 0);
  CHECK(counts->blobs_sent == plan->blobs.size());

  CHECK(to.registry.under_tag("1.0") == text);
  for (const auto& blob : plan->blobs) CHECK(to.registry.holds(blob.digest));
  for (const auto& [subject, referrer] : pairs) {
    CHECK(listed(*to.repository, subject) == std::set{referrer.digest.to_string()});
    CHECK(to.registry.under_tag(tag_for(subject, "")).has_value() == !target_api);
  }
  for (const std::string& tag :
       {tag_for(index, ".sig"), tag_for(one, ".att"), tag_for(two, ".sbom")}) {
    CHECK(to.registry.under_tag(tag) == from.registry.under_tag(tag));
  }
  // How it is listed under the fallback tag is what the referrers API would say.
  const auto found = to.repository->image_and_referrers(two.digest, "");
  CHECK(found.referrers->front().artifact_type == media_type::bundle_v03);
}

TEST_CASE("blobs come first, then what is below, and the tag last", "[oci][copy]") {
  OciWorld from;
  OciWorld to(without_api());
  const auto one = add_image(from.registry, "one");
  const std::string text = index_of({json_of(one)});
  const auto index = describe(media_type::oci_index, text);
  from.registry.add_manifest(media_type::oci_index, text, "1.0");
  const auto signature = add_referrer(from.registry, one, "signature");
  add_tagged(from.registry, tag_for(index, ".sig"), {"old signature"});
  REQUIRE(copy(from, index, *to.repository));

  std::vector<std::string> puts;
  for (const ServedRequest& request : to.registry.server().log()) {
    if (request.method != "PUT") continue;
    puts.push_back(request.path().find("/uploads/") != std::string::npos
                       ? "blob"
                       : request.path().substr(request.path().rfind('/') + 1));
  }
  CHECK(puts == std::vector<std::string>{"blob", "blob", "blob", "blob", one.digest.to_string(),
                                         index.digest.to_string(), signature.digest.to_string(),
                                         tag_for(one, ""), tag_for(index, ".sig"), "1.0"});
}

TEST_CASE("what cannot be had whole ends the copy, and nothing is tagged", "[oci][copy]") {
  struct Row {
    const char* why;
    const char* part;  // of the source's request
    int status;
    const char* body;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"a layer is another", "/blobs/LAYER", 200, "xne", "digest.mismatch"},
      {"a layer is longer", "/blobs/LAYER", 200, "onex", "digest.mismatch"},
      {"a layer is shorter", "/blobs/LAYER", 200, "on", "digest.mismatch"},
      {"a layer is gone", "/blobs/LAYER", 404, "", "image.not-found"},
      {"a layer cannot be had", "/blobs/LAYER", 500, "", "network.status"},
      {"a layer is forbidden", "/blobs/LAYER", 403, "", "auth.refused"},
      {"an image of the index is gone", "/manifests/CHILD", 404, "", "image.not-found"},
      {"an image of the index is another", "/manifests/CHILD", 200, "{}", "digest.mismatch"},
      {"a list of referrers cannot be had", "/referrers/CHILD", 500, "", "network.status"},
      {"a list of referrers is none", "/referrers/CHILD", 200, "{}", "format.referrers"},
      {"a referrer is gone", "/manifests/SIGNATURE", 404, "", "image.not-found"},
      {"cosign's tag cannot be had", ".sig", 500, "", "network.status"},
      {"cosign's attestations cannot be had", ".att", 500, "", "network.status"},
      {"cosign's SBOM cannot be had", ".sbom", 429, "", "network.throttled"},
      {"cosign's tag is no manifest", ".sbom", 200, "{}", "format.manifest"},
  }));
  CAPTURE(row.why);
  std::string wanted;
  Reply reply = with_status(row.status, {}, row.body);
  OciWorld from({}, [&](const ServedRequest& request) -> std::optional<Reply> {
    if (wanted.empty() || request.path().find(wanted) == std::string::npos) return std::nullopt;
    return reply;
  });
  OciWorld to;
  const auto one = add_image(from.registry, "one");
  const std::string text = index_of({json_of(one)});
  const auto index = describe(media_type::oci_index, text);
  from.registry.add_manifest(media_type::oci_index, text, "1.0");
  const auto signature = add_referrer(from.registry, one, "signature");

  wanted = row.part;
  const auto put = [&](const std::string& name, const std::string& value) {
    if (const auto at = wanted.find(name); at != std::string::npos) {
      wanted.replace(at, name.size(), value);
    }
  };
  put("LAYER", crypto::digest_of(as_bytes("one")).to_string());
  put("CHILD", one.digest.to_string());
  put("SIGNATURE", signature.digest.to_string());
  const auto counts = copy(from, index, *to.repository);
  CHECK(slug_of(counts) == row.code);
  CHECK(counts.error().message.starts_with(from.registry.name("shop/api")));
  CHECK_FALSE(to.registry.under_tag("1.0"));
  CHECK_FALSE(to.registry.holds(index.digest));

  wanted.clear();  // mended: the same copy goes on
  REQUIRE(copy(from, index, *to.repository));
  CHECK(to.registry.under_tag("1.0") == text);
}

TEST_CASE("a destination that fails is named, and nothing is tagged", "[oci][copy]") {
  struct Row {
    const char* method;
    const char* part;
    int status;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"HEAD", "/blobs/", 401, "auth.refused"},
      {"HEAD", "/blobs/", 403, "auth.refused"},
      {"HEAD", "/blobs/", 429, "network.throttled"},
      {"HEAD", "/blobs/", 500, "network.status"},
      {"POST", "/uploads/", 403, "auth.refused"},
      {"PUT", "/uploads/", 500, "network.status"},
      {"PUT", "/manifests/sha256:", 500, "network.status"},
  }));
  CAPTURE(row.method, row.part, row.status);
  OciWorld from;
  OciWorld to({}, answering(row.method, row.part, with_status(row.status)));
  const auto one = add_image(from.registry, "one");
  const auto counts = copy(from, one, *to.repository);
  CHECK(slug_of(counts) == row.code);
  CHECK(counts.error().message.starts_with(to.registry.name("shop/api")));
  CHECK_FALSE(to.registry.under_tag("1.0"));
}

TEST_CASE("an upload that breaks off is tried once more", "[oci][copy]") {
  std::atomic<int> broken = 1;
  OciWorld from;
  OciWorld to({}, [&](const ServedRequest& request) -> std::optional<Reply> {
    if (request.method != "PUT" || request.target.find("/uploads/") == std::string::npos) {
      return std::nullopt;
    }
    if (broken-- <= 0) return std::nullopt;
    return with_status(500);
  });
  const auto one = add_image(from.registry, "one");
  REQUIRE(copy(from, one, *to.repository));
  CHECK(to.registry.count("POST", "/uploads/") == 3);  // two blobs
}

TEST_CASE("what is there is not sent again", "[oci][copy]") {
  OciWorld from;
  OciWorld to;
  const auto one = add_image(from.registry, "one");
  to.registry.add_blob("one");
  const auto counts = copy(from, one, *to.repository);
  REQUIRE(counts);
  CHECK(counts->blobs_there == 1);
  CHECK(counts->blobs_sent == 1);
  CHECK(counts->bytes_sent == 2);
  CHECK(to.registry.count("PUT", "/uploads/") == 1);
  CHECK(from.registry.count("GET", crypto::digest_of(as_bytes("one")).to_string()) == 0);
}

TEST_CASE("blobs are mounted from a repository of the same registry", "[oci][copy]") {
  struct Row {
    const char* why;
    int status;  // of the request to mount
    std::size_t uploads;
  };
  const auto row = GENERATE(values<Row>({{"mounted", 201, 0},
                                         {"an upload was begun instead", 202, 2},
                                         {"refused", 403, 2},
                                         {"not known", 405, 2}}));
  CAPTURE(row.why);
  OciWorld world({}, [&](const ServedRequest& request) -> std::optional<Reply> {
    // One store for all repositories would hold everything already.
    if (request.method == "HEAD") return with_status(404);
    if (request.method != "POST" || request.target.find("mount=") == std::string::npos) {
      return std::nullopt;
    }
    return with_status(row.status, {{"Location", "/v2/other/blobs/uploads/7?state=abc"}});
  });
  const auto one = add_image(world.registry, "one");
  const auto other = world.registries.open(*Reference::parse(world.registry.name("other")));
  REQUIRE(other);
  REQUIRE(copy(world, one, **other));
  CHECK(world.registry.count("POST", "&from=shop%2Fapi") == 2);
  CHECK(world.registry.count("PUT", "/v2/other/blobs/uploads/") == row.uploads);
  CHECK(world.registry.count("GET", "/blobs/") == row.uploads);
  CHECK(world.registry.under_tag("1.0"));
}

TEST_CASE("nothing is mounted from another registry", "[oci][copy]") {
  OciWorld from;
  OciWorld to;
  const auto one = add_image(from.registry, "one");
  REQUIRE(copy(from, one, *to.repository));
  CHECK(to.registry.count("POST", "mount=") == 0);
}

TEST_CASE("entries of others under the fallback tag stay", "[oci][copy][XP-05]") {
  OciWorld from;
  OciWorld to(without_api());
  const auto one = add_image(from.registry, "one");
  const auto ours = add_referrer(from.registry, one, "ours");
  const auto theirs = describe(media_type::oci_manifest, "theirs");
  to.registry.add_manifest(media_type::oci_index, index_of({json_of(theirs)}), tag_for(one, ""));
  REQUIRE(copy(from, one, *to.repository));
  CHECK(listed(*to.repository, one) ==
        std::set{ours.digest.to_string(), theirs.digest.to_string()});
}

TEST_CASE("what stands under cosign's tags at the destination is never lost", "[oci][copy]") {
  struct Row {
    const char* why;
    std::vector<std::string> there;
    const char* code;
    std::vector<std::string> then;
  };
  const auto row = GENERATE(values<Row>({
      {"the same", {"a", "b"}, "ok", {"a", "b"}},
      {"less", {"a"}, "ok", {"a", "b"}},
      {"more", {"c", "b", "a"}, "ok", {"c", "b", "a"}},
      {"others", {"c"}, "network.push", {"c"}},
      {"some of ours and others", {"a", "c"}, "network.push", {"a", "c"}},
  }));
  CAPTURE(row.why);
  OciWorld from;
  OciWorld to;
  const auto one = add_image(from.registry, "one");
  add_tagged(from.registry, tag_for(one, ".sig"), {"a", "b"});
  add_tagged(to.registry, tag_for(one, ".sig"), row.there);
  CHECK(slug_of(copy(from, one, *to.repository)) == row.code);
  CHECK(to.registry.under_tag(tag_for(one, ".sig")) == cosign_manifest(row.then));
  CHECK(to.registry.under_tag("1.0").has_value() == (row.code == std::string("ok")));
}

TEST_CASE("an index under cosign's tag is not replaced", "[oci][copy]") {
  OciWorld from;
  OciWorld to;
  const auto one = add_image(from.registry, "one");
  add_tagged(from.registry, tag_for(one, ".sig"), {"a"});
  to.registry.add_manifest(media_type::oci_index, index_of({}), tag_for(one, ".sig"));
  CHECK(slug_of(copy(from, one, *to.repository)) == "network.push");
  CHECK(to.registry.under_tag(tag_for(one, ".sig")) == index_of({}));
}

TEST_CASE("what is listed and names another subject is left out, and said", "[oci][copy]") {
  OciWorld from(without_api());
  const auto one = add_image(from.registry, "one");
  const auto two = add_image(from.registry, "two");
  const auto other = add_referrer(from.registry, two, "of the other");
  from.registry.add_manifest(media_type::oci_index, index_of({json_of(other), "{}"}),
                             tag_for(one, ""));
  const auto plan = plan_of(from, one);
  REQUIRE(plan);
  CHECK(plan->attached.empty());
  REQUIRE(plan->notices.size() == 2);
  CHECK(plan->notices[0].find("malformed") != std::string::npos);
  CHECK(plan->notices[1].find(other.digest.to_string()) != std::string::npos);
}

TEST_CASE("what is attached to what is attached is followed so far and no further", "[oci][copy]") {
  OciWorld from;
  const auto one = add_image(from.registry, "one");
  formats::Descriptor last = one;
  for (std::size_t depth = 1; depth <= limits::max_attachment_depth; ++depth) {
    last = add_referrer(from.registry, last, "depth " + std::to_string(depth));
  }
  const auto plan = plan_of(from, one);
  REQUIRE(plan);
  CHECK(plan->attached.size() == limits::max_attachment_depth);
  add_referrer(from.registry, last, "too deep");
  CHECK(slug_of(plan_of(from, one)) == "limit.depth");
}

TEST_CASE("indexes within indexes are followed so far and no further", "[oci][copy]") {
  OciWorld from;
  formats::Descriptor last = add_image(from.registry, "one");
  for (std::size_t depth = 1; depth <= limits::max_index_depth; ++depth) {
    const std::string text = index_of({json_of(last)});
    from.registry.add_manifest(media_type::oci_index, text, "");
    last = describe(media_type::oci_index, text);
  }
  const auto plan = plan_of(from, last);
  REQUIRE(plan);
  CHECK(plan->images == limits::max_index_depth + 1);
  CHECK(plan->parts.back().digest == last.digest);
  const std::string text = index_of({json_of(last)});
  from.registry.add_manifest(media_type::oci_index, text, "");
  CHECK(slug_of(plan_of(from, describe(media_type::oci_index, text))) == "limit.depth");
}

TEST_CASE("descriptors that disagree on a size are refused", "[oci][copy]") {
  OciWorld from;
  const std::string layer = json_of(describe("x/layer", "layer"));
  std::string other = layer;
  other.replace(other.find("\"size\":5"), 8, "\"size\":6");
  const std::string text = R"({"schemaVersion":2,"mediaType":")" +
                           std::string(media_type::oci_manifest) + R"(","config":)" +
                           json_of(describe("x/config", "{}")) + R"(,"layers":[)" + layer + "," +
                           other + "]}";
  from.registry.add_manifest(media_type::oci_manifest, text, "");
  CHECK(slug_of(plan_of(from, describe(media_type::oci_manifest, text))) == "format.manifest");
}

TEST_CASE("manifests that are too many or too large are refused", "[oci][copy]") {
  OciWorld from;
  std::vector<std::string> entries;
  for (int i = 0; i < 17; ++i) {
    const std::string padding(limits::max_manifest_bytes - 1000, static_cast<char>('a' + i));
    const std::string text = R"({"schemaVersion":2,"mediaType":")" +
                             std::string(media_type::oci_manifest) + R"(","config":)" +
                             json_of(describe("x/config", "{}")) + R"(,"layers":[],"padding":")" +
                             padding + "\"}";
    from.registry.add_manifest(media_type::oci_manifest, text, "");
    entries.push_back(json_of(describe(media_type::oci_manifest, text)));
  }
  const std::string text = index_of(entries);
  from.registry.add_manifest(media_type::oci_index, text, "");
  CHECK(slug_of(plan_of(from, describe(media_type::oci_index, text))) == "limit.size");
}

TEST_CASE("an index may list layers, as build caches do", "[oci][copy]") {
  OciWorld from;
  OciWorld to;
  from.registry.add_blob("cached");
  const std::string text =
      index_of({json_of(describe("application/vnd.oci.image.layer.v1.tar", "cached"))});
  from.registry.add_manifest(media_type::oci_index, text, "");
  REQUIRE(copy(from, describe(media_type::oci_index, text), *to.repository));
  CHECK(to.registry.holds(crypto::digest_of(as_bytes("cached"))));
  CHECK(to.registry.under_tag("1.0") == text);
}

TEST_CASE("layers that only their makers distribute are copied where they are", "[oci][copy]") {
  const std::string type = GENERATE("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                                    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                                    "application/vnd.oci.image.layer.v1.tar+gzip");
  const bool there = GENERATE(true, false);
  const bool to_layout = GENERATE(true, false);
  CAPTURE(type, there, to_layout);
  OciWorld from;
  OciWorld to;
  const TemporaryFolder folder;
  from.registry.add_blob("{}");
  if (there) from.registry.add_blob("a base of Windows");
  const std::string text = R"({"schemaVersion":2,"mediaType":")" +
                           std::string(media_type::oci_manifest) + R"(","config":)" +
                           json_of(describe("x/config", "{}")) + R"(,"layers":[)" +
                           json_of(describe(type, "a base of Windows")) + "]}";
  from.registry.add_manifest(media_type::oci_manifest, text, "");
  const std::string path = folder / "layout";
  REQUIRE(oci::LayoutRepository::create(path));
  const auto layout = from.registries.open(*Reference::parse("oci-layout:" + path));
  REQUIRE(layout);
  const auto counts =
      copy(from, describe(media_type::oci_manifest, text), to_layout ? **layout : *to.repository);
  if (!there && type == "application/vnd.oci.image.layer.v1.tar+gzip") {
    CHECK(slug_of(counts) == "image.not-found");
    return;
  }
  REQUIRE(counts);
  CHECK(counts->notices.size() == (there ? 0 : 1));
  CHECK(counts->blobs_sent == (there ? 2 : 1));
}

TEST_CASE("content that a descriptor embeds needs no fetch", "[oci][copy]") {
  OciWorld from;
  OciWorld to;
  std::string config = json_of(describe("x/config", "{}"));
  config.insert(config.size() - 1, R"(,"data":"e30=")");
  const std::string text = R"({"schemaVersion":2,"mediaType":")" +
                           std::string(media_type::oci_manifest) + R"(","config":)" + config +
                           R"(,"layers":[]})";
  from.registry.add_manifest(media_type::oci_manifest, text, "");
  REQUIRE(copy(from, describe(media_type::oci_manifest, text), *to.repository));
  CHECK(to.registry.holds(crypto::digest_of(as_bytes("{}"))));
  CHECK(from.registry.count("GET", "/blobs/") == 0);
}

TEST_CASE("without a tag the image is there by its digest", "[oci][copy]") {
  OciWorld from;
  OciWorld to;
  const auto one = add_image(from.registry, "one");
  REQUIRE(copy(from, one, *to.repository, ""));
  CHECK(to.registry.holds(one.digest));
  CHECK(to.registry.count("PUT", "/manifests/") == 1);
}

TEST_CASE("a copy reads with the right to read, and writes with the right to write",
          "[oci][copy]") {
  PretendRegistry::Options options;
  options.token = "good-token";
  OciWorld from(options);
  OciWorld to(options);
  const auto one = add_image(from.registry, "one");
  REQUIRE(copy(from, one, *to.repository));
  CHECK(from.registry.count("GET", "push") == 0);
  CHECK(to.registry.count("GET", "%3Apull%2Cpush") == 1);
}
