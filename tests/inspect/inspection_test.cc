#include "inspect/inspection.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/text.h"
#include "inspect/show.h"
#include "tests/support/oci_world.h"
#include "tests/support/signing.h"

using namespace touchstone;
using namespace touchstone::test;
using inspect::Attached;
using inspect::Inspection;
namespace media_type = formats::media_type;

namespace {

constexpr std::string_view notary_type = "application/vnd.cncf.notary.signature";

PretendRegistry::Options without_api() {
  PretendRegistry::Options options;
  options.referrers_api = false;
  return options;
}

formats::Descriptor add_image(PretendRegistry& registry, const std::string& name) {
  const std::string manifest = image_manifest(name);
  registry.add_manifest(media_type::oci_manifest, manifest, "");
  return describe(media_type::oci_manifest, manifest);
}

formats::Descriptor add_referrer(PretendRegistry& registry, const formats::Descriptor& subject,
                                 const std::string& content, std::string_view artifact_type,
                                 std::string_view layer_type = "") {
  registry.add_blob(content);
  const std::string manifest = referrer_manifest(
      subject, artifact_type, describe(layer_type.empty() ? artifact_type : layer_type, content));
  registry.add_manifest(media_type::oci_manifest, manifest, "");
  return describe(media_type::oci_manifest, manifest);
}

std::string layers_manifest(const std::vector<formats::Descriptor>& layers) {
  std::vector<std::string> entries;
  for (const auto& layer : layers) entries.push_back(json_of(layer));
  return R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_manifest) +
         R"(","config":)" + json_of(describe("x/config", "{}")) + R"(,"layers":[)" +
         join(entries, ",") + "]}";
}

std::string tag_for(const formats::Descriptor& image, const std::string& suffix) {
  return "sha256-" + image.digest.hex() + suffix;
}

Result<Inspection> look(OciWorld& world, const formats::Descriptor& root) {
  const auto manifest = std::move(world.repository->manifests(std::span(&root, 1)).front());
  REQUIRE(manifest);
  return inspect::inspect(*world.repository, *manifest);
}

std::string bundle_about(const formats::Descriptor& image) {
  static const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  return bundle(key, formats::write_image_signature_statement(image.digest, {}));
}

std::string slug_of_first(const std::vector<Error>& faults) {
  return faults.empty() ? "" : std::string(slug(faults.front().code));
}

const Attached* find(const std::vector<Attached>& all, Attached::Kind kind) {
  for (const Attached& one : all) {
    if (one.kind == kind) return &one;
  }
  return nullptr;
}

std::string text_of(OciWorld& world, const Inspection& inspection) {
  return inspect::describe(inspection, *Reference::parse(world.registry.name("shop/api")));
}

}  // namespace

TEST_CASE("everything that is attached is shown by its kind", "[inspect]") {
  OciWorld world;
  PretendRegistry& registry = world.registry;
  const auto image = add_image(registry, "one");
  add_referrer(registry, image, bundle_about(image), media_type::bundle_v03);
  add_referrer(registry, image, "a JWS", notary_type, "application/jose+json");
  const auto sbom = add_referrer(registry, image, "an SBOM", "application/spdx+json");
  add_referrer(registry, sbom, bundle_about(sbom), media_type::bundle_v03);
  add_referrer(registry, image, "anything", "application/vnd.example.thing");
  const std::string payload = formats::write_simple_signing(image.digest, "", {});
  registry.add_blob(payload);
  registry.add_manifest(media_type::oci_manifest,
                        layers_manifest({describe(media_type::simple_signing, payload)}),
                        tag_for(image, ".sig"));
  registry.add_blob("{}");
  registry.add_manifest(media_type::oci_manifest,
                        layers_manifest({describe("application/vnd.dsse.envelope.v1+json", "{}")}),
                        tag_for(image, ".att"));
  registry.add_manifest(media_type::oci_manifest,
                        layers_manifest({describe("text/spdx", "cosign's SBOM")}),
                        tag_for(image, ".sbom"));

  const auto found = look(world, image);
  REQUIRE(found);
  REQUIRE(found->manifests.size() == 1);
  const auto& attached = found->manifests[0].attached;
  CHECK(attached.size() == 7);
  using Kind = Attached::Kind;
  const Attached* bundle = find(attached, Kind::sigstore_bundle);
  REQUIRE(bundle != nullptr);
  REQUIRE(bundle->contents.size() == 1);
  REQUIRE(bundle->contents[0].claims);
  CHECK(bundle->contents[0].claims->statement->about_subject);
  const Attached* notary = find(attached, Kind::notary_signature);
  REQUIRE(notary != nullptr);
  CHECK_FALSE(notary->contents[0].claims);
  CHECK(notary->contents[0].layer.media_type == "application/jose+json");
  const Attached* other = find(attached, Kind::other);
  REQUIRE(other != nullptr);
  CHECK(other->manifest.artifact_type == "application/vnd.example.thing");
  const Attached* simple = find(attached, Kind::cosign_signature);
  REQUIRE(simple != nullptr);
  CHECK(simple->tag == tag_for(image, ".sig"));
  CHECK(simple->contents[0].claims->statement->about_subject);
  const Attached* attestation = find(attached, Kind::cosign_attestation);
  REQUIRE(attestation != nullptr);
  CHECK(slug_of_first(attestation->contents[0].claims->faults) == "format.json");
  std::size_t sboms = 0;
  for (const Attached& one : attached) {
    if (one.kind != Kind::sbom) continue;
    ++sboms;
    if (!one.tag.empty()) continue;
    REQUIRE(one.attached.size() == 1);  // the SBOM's own signature
    CHECK(one.attached[0].contents[0].claims->statement->about_subject);
  }
  CHECK(sboms == 2);
}

TEST_CASE("each image of an index is shown with what is attached to it", "[inspect]") {
  OciWorld world(without_api());
  const auto one = add_image(world.registry, "one");
  const auto two = add_image(world.registry, "two");
  const auto signature =
      add_referrer(world.registry, two, bundle_about(two), media_type::bundle_v03);
  world.registry.add_manifest(media_type::oci_index, index_of({json_of(signature)}),
                              tag_for(two, ""));
  std::string first = json_of(one);
  first.insert(first.size() - 1, R"(,"platform":{"os":"linux","architecture":"amd64"})");
  const auto gone = describe(media_type::oci_manifest, "gone");
  const std::string text = index_of({first, json_of(two), json_of(gone)});
  world.registry.add_manifest(media_type::oci_index, text, "");
  const auto found = look(world, describe(media_type::oci_index, text));
  REQUIRE(found);
  REQUIRE(found->manifests.size() == 4);
  CHECK(found->manifests[0].is_index);
  CHECK(found->manifests[1].manifest.platform->to_string() == "linux/amd64");
  CHECK(found->manifests[1].attached.empty());
  CHECK(found->manifests[2].attached.size() == 1);
  CHECK(slug_of_first(found->manifests[3].faults) == "image.not-found");
  const std::string shown = text_of(world, *found);
  CHECK(shown.find("  platform linux/amd64  sha256:" + one.digest.hex()) != std::string::npos);
}

TEST_CASE("BuildKit's attestations are shown with the image that they claim to describe",
          "[inspect]") {
  OciWorld world;
  const auto one = add_image(world.registry, "one");
  formats::Descriptor attestation =
      describe(media_type::oci_manifest,
               layers_manifest({describe("application/vnd.in-toto+json", "statement")}));
  world.registry.add_manifest(
      media_type::oci_manifest,
      layers_manifest({describe("application/vnd.in-toto+json", "statement")}), "");
  attestation.annotations = {{"vnd.docker.reference.type", "attestation-manifest"},
                             {"vnd.docker.reference.digest", one.digest.to_string()}};
  const bool other = GENERATE(false, true);
  if (other) attestation.annotations["vnd.docker.reference.digest"] = "sha256:nowhere";
  const std::string text = index_of({json_of(attestation), json_of(one)});
  world.registry.add_manifest(media_type::oci_index, text, "");
  const auto found = look(world, describe(media_type::oci_index, text));
  REQUIRE(found);
  REQUIRE(found->manifests.size() == (other ? 3 : 2));
  if (other) return;
  REQUIRE(found->manifests[1].attached.size() == 1);
  CHECK(found->manifests[1].attached[0].kind == Attached::Kind::build_attestation);
  CHECK(found->manifests[1].attached[0].contents.size() == 1);
}

TEST_CASE("what cannot be listed is an error, and never nothing", "[inspect]") {
  struct Row {
    const char* part;
    int status;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"/referrers/", 500, "network.status"},
      {"/referrers/", 401, "auth.refused"},
      {"/referrers/", 429, "network.throttled"},
      {".sig", 500, "network.status"},
      {".att", 403, "auth.refused"},
      {".sbom", 500, "network.status"},
  }));
  CAPTURE(row.part, row.status);
  OciWorld world({}, [=](const ServedRequest& request) -> std::optional<Reply> {
    if (request.path().find(row.part) == std::string::npos) return std::nullopt;
    return with_status(row.status);
  });
  const auto image = add_image(world.registry, "one");
  CHECK(slug_of(look(world, image)) == row.code);
}

TEST_CASE("what is attached to an image of the index cannot be listed either", "[inspect]") {
  std::string wanted;
  OciWorld world({}, [&](const ServedRequest& request) -> std::optional<Reply> {
    if (wanted.empty() || request.path().find(wanted) == std::string::npos) return std::nullopt;
    return with_status(500);
  });
  const auto one = add_image(world.registry, "one");
  const auto sbom = add_referrer(world.registry, one, "an SBOM", "application/spdx+json");
  const std::string text = index_of({json_of(one)});
  world.registry.add_manifest(media_type::oci_index, text, "");
  const auto root = describe(media_type::oci_index, text);
  REQUIRE(look(world, root));
  wanted = "/referrers/" + (GENERATE(true, false) ? one : sbom).digest.to_string();
  CHECK(slug_of(look(world, root)) == "network.status");
  wanted = "/manifests/" + one.digest.to_string();
  CHECK(slug_of(look(world, root)) == "network.status");
}

TEST_CASE("what is attached and malformed, or gone, is shown with the reason", "[inspect]") {
  OciWorld world(without_api());
  const auto image = add_image(world.registry, "one");
  const auto other = add_image(world.registry, "two");
  const auto gone = describe(media_type::oci_manifest, "gone");
  const auto foreign = add_referrer(world.registry, other, "x", "application/vnd.example.thing");
  const auto no_layer = add_referrer(world.registry, image, "y", media_type::bundle_v03);
  const std::string large_manifest = [&] {
    formats::Descriptor layer = describe(media_type::bundle_v03, "z");
    layer.size = limits::max_bundle_bytes + 1;
    return referrer_manifest(image, media_type::bundle_v03, layer);
  }();
  world.registry.add_manifest(media_type::oci_manifest, large_manifest, "");
  world.registry.add_manifest(
      media_type::oci_index,
      index_of({json_of(gone), json_of(foreign), json_of(no_layer),
                json_of(describe(media_type::oci_manifest, large_manifest)), "{}"}),
      tag_for(image, ""));
  world.registry.add_manifest(media_type::oci_manifest, "{}", tag_for(image, ".sig"));

  const auto found = look(world, image);
  REQUIRE(found);
  const auto& manifest = found->manifests[0];
  CHECK(manifest.notices.size() == 1);
  REQUIRE(manifest.attached.size() == 5);
  CHECK(slug_of_first(manifest.attached[0].faults) == "image.not-found");
  CHECK(slug_of_first(manifest.attached[1].faults) == "binding.subject");
  REQUIRE(manifest.attached[2].contents[0].claims);
  CHECK(slug_of_first(manifest.attached[2].contents[0].claims->faults) == "format.bundle");
  REQUIRE(manifest.attached[3].contents[0].fault);
  CHECK(manifest.attached[3].contents[0].fault->code == Code::limit_size);
  CHECK(slug_of_first(manifest.attached[4].faults) == "format.manifest");
  CHECK_FALSE(manifest.attached[4].has_digest);
  CHECK(manifest.attached[4].kind == Attached::Kind::cosign_signature);
}

TEST_CASE("a layer that is gone is shown as gone", "[inspect]") {
  OciWorld world({}, [](const ServedRequest& request) -> std::optional<Reply> {
    if (request.path().find("/blobs/") == std::string::npos) return std::nullopt;
    return with_status(404);
  });
  const auto image = add_image(world.registry, "one");
  add_referrer(world.registry, image, bundle_about(image), media_type::bundle_v03);
  const auto found = look(world, image);
  REQUIRE(found);
  const auto& content = found->manifests[0].attached[0].contents[0];
  CHECK_FALSE(content.claims);
  REQUIRE(content.fault);
  CHECK(content.fault->code == Code::image_not_found);
}

TEST_CASE("layers that are too many to read are named and not read", "[inspect]") {
  OciWorld world;
  const auto image = add_image(world.registry, "one");
  // Five times fifteen MiB.
  for (char c = 'a'; c < 'f'; ++c) {
    add_referrer(world.registry, image, std::string(15 << 20, c), media_type::bundle_v03);
  }
  const auto found = look(world, image);
  REQUIRE(found);
  std::size_t unread = 0;
  for (const Attached& attached : found->manifests[0].attached) {
    if (attached.contents[0].fault) ++unread;
  }
  CHECK(unread == 1);
}

TEST_CASE("lists that lead in circles, and depths without end, come to an end", "[inspect]") {
  OciWorld world;
  const auto image = add_image(world.registry, "one");
  formats::Descriptor last = image;
  for (std::size_t depth = 0; depth < limits::max_attachment_depth + 3; ++depth) {
    last = add_referrer(world.registry, last, std::to_string(depth), "application/vnd.example.x");
  }
  const auto found = look(world, image);
  REQUIRE(found);
  std::size_t depth = 0;
  for (const auto* level = &found->manifests[0].attached; !level->empty();
       level = &level->front().attached) {
    ++depth;
  }
  CHECK(depth == limits::max_attachment_depth + 1);
}

TEST_CASE("what others wrote moves no cursor and forges no line", "[inspect]") {
  OciWorld world;
  const auto image = add_image(world.registry, "one");
  const std::string evil = "x\\u001b[2Jy\\nz\\u202e";
  const std::string manifest =
      R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_manifest) +
      R"(","artifactType":"application/)" + evil + R"(","config":)" +
      json_of(describe(media_type::oci_empty, "{}")) + R"(,"layers":[],"subject":)" +
      json_of(image) + R"(,"annotations":{"a)" + evil + R"(":"b)" + evil + R"("}})";
  world.registry.add_manifest(media_type::oci_manifest, manifest, "");
  const auto found = look(world, image);
  REQUIRE(found);
  REQUIRE(found->manifests[0].attached.size() == 1);
  const Reference reference = *Reference::parse(world.registry.name("shop/api"));
  for (const std::string& shown :
       {inspect::describe(*found, reference), inspect::to_json(*found, reference)}) {
    for (const char* bad : {"\x1b", "\nz", "\u202e"}) {
      CHECK(shown.find(bad) == std::string::npos);
    }
  }
}

TEST_CASE("the text says that nothing was verified, and so does the JSON", "[inspect]") {
  OciWorld world;
  const auto image = add_image(world.registry, "one");
  const auto found = look(world, image);
  REQUIRE(found);
  const Reference reference = *Reference::parse(world.registry.name("shop/api"));
  const std::string text = inspect::describe(*found, reference);
  CHECK(text.starts_with("nothing here was verified"));
  CHECK(text.find("nothing is attached") != std::string::npos);
  const std::string json = inspect::to_json(*found, reference);
  const auto document = formats::parse_json(as_bytes(json), 1 << 20);
  REQUIRE(document);
  CHECK(*document->find("version")->unsigned_integer() == 1);
  CHECK_FALSE(*document->find("verified")->boolean());
  CHECK(*document->find("image")->string() == reference.pinned(image.digest));
}
