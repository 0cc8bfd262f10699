// What judging an image costs at a registry.
#include <catch2/catch.hpp>

#include "formats/predicate_types.h"
#include "judge/judge_image.h"
#include "tests/judge/evidence.h"
#include "tests/support/memory_repository.h"
#include "tests/support/oci_world.h"

namespace touchstone::judge {
namespace {

using namespace test;
using touchstone::test::bundle;
using touchstone::test::MemoryRepository;
using touchstone::test::OciWorld;

struct World {
  OciWorld at;
  PrivateKey key = make_key();
  std::string text = MemoryRepository::manifest_text("", "app", {}, nullptr);
  formats::Descriptor image =
      MemoryRepository::describe(formats::media_type::oci_manifest, as_bytes(text));
  policy::Document document{"", "policy.yaml", 0, {}, {}};

  World() {
    at.registry.add_manifest(formats::media_type::oci_manifest, text, "");
    document.rules.push_back(rule_with({policy::Allow{}}));
    document.rules.front().images.push_back(*policy::ImagePattern::parse("**"));
  }
  Digest attach(std::string_view statement) {
    const std::string made = bundle(key, statement);
    const auto layer = MemoryRepository::describe(formats::media_type::bundle_v03, as_bytes(made));
    at.registry.add_blob(made);
    at.registry.add_manifest(
        formats::media_type::oci_manifest,
        MemoryRepository::manifest_text(formats::media_type::bundle_v03, "", {layer}, &image), "");
    return layer.digest;
  }
  Outcome judge() {
    const auto reference =
        Reference::parse(at.registry.name("shop/api") + "@" + image.digest.to_string());
    REQUIRE(reference);
    const OpenRepository open = [](const Reference&) -> Result<std::shared_ptr<oci::Repository>> {
      return Error{Code::internal_error, "nobody asked for a base image", ""};
    };
    return judge_image(*at.repository, *reference, document, {}, open, at.clock).verdict.outcome;
  }
};

}  // namespace

TEST_CASE("each is asked for once, and only what the rule needs", "[judge_image]") {
  World w;
  const Digest signature = w.attach(formats::write_image_signature_statement(w.image.digest, {}));
  const Digest exception = w.attach(formats::write_statement(
      w.image.digest, "", formats::policy_exception_predicate,
      R"({"reason":"x","createdOn":"2026-01-01T00:00:00Z","expiresOn":"2026-01-01T01:00:00Z"})"));
  policy::Rule& rule = w.document.rules.front();
  const auto asked = [&](std::string_view part) { return w.at.registry.count("GET", part); };

  SECTION("nothing but the image") {
    CHECK(w.judge() == Outcome::allow);
    CHECK(asked("/v2/shop/api/") == 1);
  }
  SECTION("signatures: no attestations under a tag") {
    rule.require = {
        policy::AllOf{{signatures(signer_of({&w.key})), signatures(signer_of({&w.key}))}}};
    CHECK(w.judge() == Outcome::allow);
    CHECK(asked(".sig") == 1);
    CHECK(asked(".att") == 0);
    CHECK(asked("/referrers/") == 1);
    CHECK(asked(signature.to_string()) == 1);
    CHECK(asked("/manifests/" + w.image.digest.to_string()) == 1);
  }
  SECTION("both, where the rule knows both") {
    const PrivateKey stranger = make_key();
    rule.require = signatures(signer_of({&stranger}));
    rule.exceptions = policy::Exceptions{signer_of({&w.key}), 1, policy::Distinct::key, 1h};
    CHECK(w.judge() == Outcome::deny);
    CHECK(asked(".sig") == 1);
    CHECK(asked(".att") == 1);
    CHECK(asked("/referrers/") == 1);
    CHECK(asked(signature.to_string()) == 1);
    CHECK(asked(exception.to_string()) == 1);
  }
}

}  // namespace touchstone::judge
