#include "judge/judge_image.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "crypto/hash.h"
#include "formats/predicate_types.h"
#include "judge/gather.h"
#include "tests/judge/evidence.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_repository.h"

namespace touchstone::judge {
namespace {

using namespace test;
using touchstone::test::bundle;
using touchstone::test::MemoryRepository;

const char* const custom = "https://shop.example/audit/v1";

struct World {
  touchstone::test::FixedClock clock{now};
  MemoryRepository repository;
  PrivateKey key = make_key();
  PrivateKey other = make_key();
  formats::Descriptor image = repository.put_image("app");
  policy::Document document{"", "policy.yaml", 0, {}, {}};
  JudgeOptions options;
  std::size_t opened = 0;
  std::string suffix;  // of the reference; empty: by digest

  World() {
    document.rules.push_back(rule_with(signatures(signer_of({&key}))));
    document.rules.front().images.push_back(*policy::ImagePattern::parse("**"));
  }
  policy::Rule& rule() { return document.rules.front(); }
  std::string signature(const PrivateKey& by, const Digest& of) const {
    return bundle(by, formats::write_image_signature_statement(of, {}));
  }
  std::string attestation(const PrivateKey& by, const Digest& of, std::string_view type = custom,
                          std::string_view predicate = "{}") const {
    return bundle(by, formats::write_statement(of, "", type, predicate));
  }
  void attach(const std::string& text) { repository.attach_bundle(image, text); }
  std::string junk(int i) const {
    return bundle(other, formats::write_image_signature_statement(image.digest, {}) +
                             std::string(static_cast<std::size_t>(i), ' '));
  }

  // An index of these images.
  formats::Descriptor put_index(
      const std::vector<std::pair<std::string, formats::Descriptor>>& platforms) {
    std::string text = R"({"schemaVersion":2,"mediaType":")" +
                       std::string(formats::media_type::oci_index) + R"(","manifests":[)";
    for (const auto& [name, entry] : platforms) {
      std::string json = MemoryRepository::json(entry);
      if (!name.empty()) {
        const auto platform = formats::Platform::parse(name);
        REQUIRE(platform);
        json.insert(json.size() - 1, R"(,"platform":{"os":")" + platform->os +
                                         R"(","architecture":")" + platform->architecture + "\"}");
      }
      text += (text.ends_with('[') ? "" : ",") + json;
    }
    return repository.put(formats::media_type::oci_index, text + "]}");
  }

  ImageVerdict judge() {
    const std::string name = "registry.example/app";
    const auto reference =
        Reference::parse(suffix.empty() ? name + "@" + image.digest.to_string() : name + suffix);
    REQUIRE(reference);
    const OpenRepository open = [&](const Reference&) {
      ++opened;
      return std::shared_ptr<oci::Repository>(&repository, [](oci::Repository*) {});
    };
    return judge_image(repository, *reference, document, options, open, clock);
  }
  std::string told() { return told(judge()); }
  static std::string told(const ImageVerdict& judged) {
    const Verdict& verdict = judged.verdict;
    if (verdict.outcome == Outcome::allow) return "allow";
    return std::string(verdict.outcome == Outcome::error ? "error " : "") +
           std::string(slug(verdict.reason->code));
  }
};

const Error unreachable{Code::network_timeout, "too slow", ""};

// An attestation of the type `custom` by the key: in the shape of a requirement that is judged
// here.
policy::Requirement exception_only() { return {policy::Deny{}}; }

}  // namespace

TEST_CASE("an image is judged by its rule, by digest and by tag", "[judge_image]") {
  World w;
  w.attach(w.signature(w.key, w.image.digest));
  w.repository.tags["1.0"] = w.image.digest.to_string();
  for (const char* suffix : {"", ":1.0"}) {
    w.suffix = suffix;
    const ImageVerdict judged = w.judge();
    CHECK(World::told(judged) == "allow");
    CHECK(judged.pinned == "registry.example/app@" + w.image.digest.to_string());
    CHECK(judged.digest == w.image.digest);
    CHECK(judged.media_type == formats::media_type::oci_manifest);
    CHECK(judged.verdict.rule == "production");
  }
  w.suffix = ":2.0";
  CHECK(w.told() == "error image.not-found");
}

TEST_CASE("an image that is not there is undecided whatever the rule allows", "[judge_image]") {
  World w;
  w.rule().require = {policy::Allow{}};
  CHECK(w.told() == "allow");
  CHECK(w.repository.lists_asked == 0);
  w.repository.failures.emplace(w.image.digest.to_string(), unreachable);
  CHECK(w.told() == "error network.timeout");
  CHECK(w.judge().verdict.rule == "production");
  w.rule().on_error = policy::OnError::allow;
  const ImageVerdict passed = w.judge();
  CHECK(World::told(passed) == "allow");
  CHECK(passed.verdict.would_deny);
  CHECK(passed.pinned == "registry.example/app@" + w.image.digest.to_string());
  w.suffix = ":1.0";  // nobody knows what it is, nor by which rule
  CHECK(w.told() == "error image.not-found");
}

TEST_CASE("one candidate serves all needs, and is fetched once", "[judge_image]") {
  World w;
  w.rule().require = {policy::AllOf{{signatures(signer_of({&w.key})),
                                     signatures(signer_of({&w.other, &w.key})),
                                     {policy::Sbom{signer_of({&w.key})}}}}};
  w.attach(w.signature(w.key, w.image.digest));
  w.attach(w.attestation(w.key, w.image.digest, "https://spdx.dev/Document",
                         R"({"spdxVersion":"SPDX-2.3","packages":[],"creationInfo":)"
                         R"({"created":"2027-01-15T07:00:00Z"}})"));
  CHECK(w.told() == "allow");
  CHECK(w.repository.lists_asked == 1);
  CHECK(w.repository.fetched == 1 + 2 * 2);  // the image; a manifest and a bundle for each
}

TEST_CASE("a good signature early costs no more than itself", "[judge_image]") {
  World w;
  w.attach(w.signature(w.key, w.image.digest));
  for (int i = 0; i < 100; ++i) w.attach(w.junk(i));
  CHECK(w.told() == "allow");
  CHECK(w.repository.fetched < 20);

  World audit;
  audit.rule().mode = policy::Mode::audit;
  for (int i = 0; i < 40; ++i) audit.attach(audit.junk(i));
  audit.attach(audit.signature(audit.key, audit.image.digest));
  CHECK_FALSE(audit.judge().verdict.would_deny);  // being let pass is no reason to look no further
}

TEST_CASE("where the newest decides, all are looked at", "[judge_image]") {
  World w;
  const auto scan = [&](int hour, std::string_view severity) {
    w.attach(w.attestation(
        w.key, w.image.digest, "https://in-toto.io/attestation/vulns/v0.1",
        R"({"scanner":{"uri":"x","result":[{"id":"CVE-1","severity":[{"method":"nvd","score":")" +
            std::string(severity) + R"("}]}]},"metadata":{"scanStartedOn":"2027-01-15T0)" +
            std::to_string(hour) + R"(:00:00Z","scanFinishedOn":"2027-01-15T0)" +
            std::to_string(hour) + R"(:30:00Z"}})"));
  };
  policy::Vulnerabilities wanted{signer_of({&w.key}), 24h};
  wanted.denied_from = policy::Severity::high;
  w.rule().require = {wanted};
  for (int i = 0; i < 5; ++i) scan(1, "low");
  CHECK(w.told() == "allow");
  scan(5, "critical");
  CHECK(w.told() == "vulnerability.found");
  scan(7, "low");
  CHECK(w.told() == "allow");
}

TEST_CASE("junk is no obstacle, up to the limit", "[judge_image][REG-32]") {
  World w;
  for (int i = 0; i < 300; ++i) w.attach(w.junk(i));
  CHECK(w.told() == "identity.mismatch");
  w.attach(w.signature(w.key, w.image.digest));
  CHECK(w.told() == "allow");
  auto& list = w.repository.lists[w.image.digest.to_string()];
  list.insert(list.begin(), limits::max_candidates, list.front());
  CHECK(w.told() == "error limit.candidates");
}

TEST_CASE("what could not be fetched is an error, unless something good is there",
          "[judge_image][XP-10]") {
  World w;
  w.attach(w.junk(0));
  w.repository.attach_bundle(w.image, w.junk(1));
  const auto lost = w.repository.lists[w.image.digest.to_string()].back();
  w.repository.failures.emplace(lost.digest.to_string(), unreachable);
  CHECK(w.told() == "error network.timeout");
  w.attach(w.signature(w.key, w.image.digest));
  CHECK(w.told() == "allow");
  w.repository.list_failure = Error{Code::network_throttled, "slow down", ""};
  CHECK(w.told() == "error network.throttled");
  w.repository.list_failure.reset();
  w.repository.tag_failure = unreachable;
  CHECK(w.told() == "allow");
}

TEST_CASE("an attestation is no signature, and its failure is no signature's",
          "[judge_image][ATT-06]") {
  World w;
  w.attach(w.attestation(w.key, w.image.digest));
  CHECK(w.told() == "evidence.none");
  w.attach(w.attestation(w.other, w.image.digest));  // by a stranger, and of no interest
  CHECK(w.told() == "evidence.none");
  w.attach(w.junk(0));
  CHECK(w.told() == "identity.mismatch");
}

TEST_CASE("cosign's legacy forms lie under the tags that the needs are for", "[judge_image]") {
  World w;
  const auto layer = touchstone::test::simple_signing_layer(
      w.key, formats::write_simple_signing(w.image.digest, "registry.example/app", {}));
  const auto blob = w.repository.put(formats::media_type::simple_signing, as_text(layer.payload));
  REQUIRE(blob.digest == layer.descriptor.digest);
  std::string manifest = MemoryRepository::manifest_text("", "", {layer.descriptor}, nullptr);
  const std::string plain = MemoryRepository::json(layer.descriptor);
  manifest.insert(manifest.find(plain) + plain.size() - 1,
                  R"(,"annotations":{"dev.cosignproject.cosign/signature":")" +
                      layer.descriptor.annotations.begin()->second + "\"}");
  const auto under_tag = w.repository.put(formats::media_type::oci_manifest, manifest);
  w.repository.tags[*oci::cosign_tag(w.image.digest, oci::Tagged::signatures)] =
      under_tag.digest.to_string();
  CHECK(w.told() == "allow");
  w.rule().require = {policy::AllOf{{w.rule().require, {policy::Sbom{signer_of({&w.key})}}}}};
  CHECK(w.told() == "evidence.none");
  const Judgement tree = *w.judge().verdict.tree;
  CHECK(tree.parts.at(0).outcome == Outcome::allow);
}

TEST_CASE("an exception is looked for where the rule knows them", "[judge_image]") {
  World w;
  w.rule().require = exception_only();
  w.attach(w.attestation(
      w.other, w.image.digest, formats::policy_exception_predicate,
      R"({"reason":"x","createdOn":"2027-01-15T07:00:00Z","expiresOn":"2027-01-15T20:00:00Z"})"));
  CHECK(w.told() == "rule.denied");
  CHECK(w.repository.lists_asked == 0);
  w.rule().exceptions = policy::Exceptions{signer_of({&w.other}), 1, policy::Distinct::key, 24h};
  CHECK(w.told() == "allow");
  CHECK(w.judge().verdict.excepted);
}

TEST_CASE("evidence on platforms counts for those that the index lists", "[judge_image]") {
  World w;
  const auto amd64 = w.repository.put_image("amd64");
  const auto arm64 = w.repository.put_image("arm64");
  const auto stray = w.repository.put_image("stray");
  const auto attestations = w.repository.put_image("buildkit");
  w.image = w.put_index(
      {{"linux/amd64", amd64}, {"linux/arm64", arm64}, {"unknown/unknown", attestations}});
  w.rule().subject = policy::Subject::either;
  const auto sign = [&](const formats::Descriptor& manifest) {
    w.repository.attach_bundle(manifest, w.signature(w.key, manifest.digest));
  };
  CHECK(w.told() == "evidence.none");
  sign(stray);
  CHECK(w.told() == "evidence.none");
  sign(amd64);
  CHECK(w.told() == "rule.subject");

  SECTION("every platform has its own") {
    sign(arm64);
    CHECK(w.told() == "allow");
    w.rule().subject = policy::Subject::platform;
    CHECK(w.told() == "allow");
    w.rule().subject = policy::Subject::index;
    w.repository.lists_asked = 0;
    CHECK(w.told() == "evidence.none");
    CHECK(w.repository.lists_asked == 1);
  }
  SECTION("only those of the rule") {
    w.rule().platforms = {*formats::Platform::parse("linux/amd64")};
    CHECK(w.told() == "allow");
    w.rule().platforms = {*formats::Platform::parse("linux/riscv64")};
    CHECK(w.told() == "rule.platform");
  }
  SECTION("the one that is asked for is the one that is pinned") {
    w.options.platform = *formats::Platform::parse("linux/amd64");
    const ImageVerdict judged = w.judge();
    CHECK(World::told(judged) == "allow");
    CHECK(judged.pinned == "registry.example/app@" + amd64.digest.to_string());
    w.options.platform = *formats::Platform::parse("linux/arm64");
    CHECK(w.told() == "evidence.none");
    w.options.platform = *formats::Platform::parse("linux/riscv64");
    CHECK(w.told() == "error reference.platform");
    w.image = amd64;
    CHECK(w.told() == "error reference.platform");
  }
  SECTION("the index speaks for all") {
    sign(w.image);
    w.repository.lists_asked = 0;
    w.options.platform = *formats::Platform::parse("linux/arm64");
    CHECK(w.told() == "allow");
    CHECK(w.repository.lists_asked == 1);
    w.rule().subject = policy::Subject::both;
    CHECK(w.told() == "rule.subject");
    sign(arm64);
    CHECK(w.told() == "allow");
  }
  SECTION("an entry that names no platform counts as one") {
    w.image = w.put_index({{"linux/amd64", amd64}, {"", arm64}});
    w.rule().platforms = {*formats::Platform::parse("linux/amd64")};
    CHECK(w.told() == "rule.subject");
  }
  SECTION("a platform that cannot be had") {
    sign(arm64);
    w.repository.failures.emplace(arm64.digest.to_string(), unreachable);
    CHECK(w.told() == "error network.timeout");
  }
}

TEST_CASE("an index of too many images is not looked at", "[judge_image]") {
  World w;
  std::vector<std::pair<std::string, formats::Descriptor>> many;
  for (std::size_t i = 0; i <= limits::max_judged_platforms; ++i) {
    many.emplace_back("linux/amd64", w.repository.put_image(std::to_string(i)));
  }
  w.rule().subject = policy::Subject::platform;
  w.image = w.put_index(many);
  CHECK(w.told() == "error limit.count");
  many.pop_back();
  many.push_back(many.front());  // listed twice, counted once
  w.image = w.put_index(many);
  CHECK(w.told() == "evidence.none");
}

TEST_CASE("configurations are fetched where the rule asks for them", "[judge_image]") {
  World w;
  const auto put = [&](const std::string& config) {
    const auto blob = w.repository.put("application/vnd.oci.image.config.v1+json", config);
    return w.repository.put(formats::media_type::oci_manifest,
                            R"({"schemaVersion":2,"mediaType":")" +
                                std::string(formats::media_type::oci_manifest) + R"(","config":)" +
                                MemoryRepository::json(blob) + R"(,"layers":[]})");
  };
  const auto app = put(R"({"os":"linux","architecture":"amd64","config":{"User":"1000"}})");
  const auto root = put(R"({"os":"linux","architecture":"amd64","config":{}})");
  w.rule().require = {policy::ImageConfiguration{.not_root = true}};
  w.image = app;
  CHECK(w.told() == "allow");
  CHECK(w.repository.fetched == 2);
  w.image = root;
  CHECK(w.told() == "image.user");
  w.image = w.put_index({{"linux/amd64", app}, {"linux/arm64", root}});
  CHECK(w.told() == "image.user");
  w.options.platform = *formats::Platform::parse("linux/amd64");
  CHECK(w.told() == "allow");

  // With what is attached to the platforms, each manifest is fetched once.
  w.options.platform.reset();
  w.image = w.put_index({{"linux/amd64", app}});
  w.rule().require = {policy::AllOf{{w.rule().require, signatures(signer_of({&w.key}))}}};
  w.rule().subject = policy::Subject::platform;
  w.repository.attach_bundle(app, w.signature(w.key, app.digest));
  w.repository.fetched = 0;
  CHECK(w.told() == "allow");
  CHECK(w.repository.fetched == 5);  // index, platform, configuration; the signature's two
}

// Images whose labels name a base image. Those that are signed need none.
struct BasedWorld : World {
  formats::Descriptor bottom = repository.put_image("bottom");
  policy::Requirement is_signed = signatures(signer_of({&key}));
  policy::Requirement has_good_base = {policy::BaseImage{{}, true}};

  BasedWorld() {
    repository.put(formats::media_type::oci_empty, "{}");  // configurations
    rule().require = {policy::AnyOf{{is_signed, has_good_base}}};
  }

  formats::Descriptor on(const formats::Descriptor& base, const std::string& name = "base") {
    const auto blob = repository.put("application/vnd.oci.image.config.v1+json",
                                     R"({"os":"linux","architecture":"amd64","config":{"Labels":{)"
                                     R"("org.opencontainers.image.base.name":"registry.example/)" +
                                         name + R"(:1","org.opencontainers.image.base.digest":")" +
                                         base.digest.to_string() + "\"}}}");
    return repository.put(formats::media_type::oci_manifest,
                          R"({"schemaVersion":2,"mediaType":")" +
                              std::string(formats::media_type::oci_manifest) + R"(","config":)" +
                              MemoryRepository::json(blob) + R"(,"layers":[]})");
  }
};

TEST_CASE("base images are judged by the same policy", "[judge_image]") {
  BasedWorld w;
  const auto& bottom = w.bottom;
  const auto based = [&](int layers) {
    formats::Descriptor image = bottom;
    for (int i = 0; i < layers; ++i) image = w.on(image);
    return image;
  };
  w.image = based(1);
  CHECK(w.told() == "rule.alternatives");
  w.repository.attach_bundle(bottom, w.signature(w.key, bottom.digest));
  CHECK(w.told() == "allow");
  CHECK(w.opened == 2);
  w.image = based(static_cast<int>(limits::max_base_depth));
  CHECK(w.told() == "allow");
  w.image = based(static_cast<int>(limits::max_base_depth) + 1);
  CHECK(w.told() == "error limit.depth");
}

// Labels are their maker's: who may not have the image run may not choose whom we ask, either.
TEST_CASE("the base of an image that is refused anyway is not asked for", "[judge_image]") {
  BasedWorld w;
  w.rule().require = {policy::AllOf{{w.is_signed, w.has_good_base}}};
  w.image = w.on(w.bottom);
  CHECK(w.told() == "evidence.none");
  CHECK(w.opened == 0);
  w.rule().mode = policy::Mode::audit;
  CHECK(w.told() == "allow");
  CHECK(w.opened == 0);
  w.attach(w.signature(w.key, w.image.digest));
  CHECK(w.judge().verdict.would_deny);
  CHECK(w.opened == 1);
}

TEST_CASE("looking at what is attached comes to an end", "[judge_image]") {
  struct HurriedClock : touchstone::test::FixedClock {
    using FixedClock::FixedClock;
    std::chrono::steady_clock::time_point monotonic() const override {
      return FixedClock::monotonic() + 31s * calls++;
    }
    mutable int calls = 0;
  };
  World w;
  for (int i = 0; i < 5; ++i) w.attach(w.junk(i));
  const auto reference = Reference::parse("registry.example/app@" + w.image.digest.to_string());
  const OpenRepository open = [](const Reference&) -> Result<std::shared_ptr<oci::Repository>> {
    return Error{Code::network_unreachable, "", ""};
  };
  const HurriedClock clock(now);
  const auto judged = judge_image(w.repository, *reference, w.document, {}, open, clock);
  CHECK(judged.verdict.outcome == Outcome::error);
  REQUIRE(judged.verdict.reason);
  CHECK(judged.verdict.reason->code == Code::limit_time);
}

TEST_CASE("configurations of 16 MiB and more are not read", "[judge_image]") {
  BasedWorld w;
  w.rule().require = {policy::ImageConfiguration{.labels = {{"a", {}}}}};
  w.rule().subject = policy::Subject::platform;
  std::vector<std::pair<std::string, formats::Descriptor>> platforms;
  for (int i = 0; i < 6; ++i) {
    const auto blob = w.repository.put("application/vnd.oci.image.config.v1+json",
                                       R"({"config":{"Labels":{"a":"x"}}})" +
                                           std::string(limits::max_image_config_bytes - 100, ' ') +
                                           std::string(static_cast<std::size_t>(i), ' '));
    platforms.emplace_back(
        "linux/p" + std::to_string(i),
        w.repository.put(formats::media_type::oci_manifest,
                         R"({"schemaVersion":2,"mediaType":")" +
                             std::string(formats::media_type::oci_manifest) + R"(","config":)" +
                             MemoryRepository::json(blob) + R"(,"layers":[]})"));
  }
  w.image = w.put_index({platforms.begin(), platforms.begin() + 4});
  CHECK(w.told() == "allow");
  w.image = w.put_index(platforms);
  CHECK(w.told() == "error limit.size");
}

TEST_CASE("so many base images are judged below one image", "[judge_image]") {
  BasedWorld w;
  const auto wide = [&](const formats::Descriptor& base, const std::string& name) {
    std::vector<std::pair<std::string, formats::Descriptor>> platforms;
    for (const char* platform : {"linux/amd64", "linux/arm64", "linux/s390x", "linux/riscv64"}) {
      platforms.emplace_back(platform, w.on(base, name + std::to_string(platforms.size())));
    }
    return w.put_index(platforms);
  };
  w.repository.attach_bundle(w.bottom, w.signature(w.key, w.bottom.digest));
  w.rule().subject = policy::Subject::platform;
  w.image = wide(wide(w.bottom, "x"), "y");
  CHECK(w.told() == "allow");
  CHECK(w.opened == 4 + 16);
  w.opened = 0;
  w.image = wide(wide(wide(w.bottom, "x"), "y"), "z");
  CHECK(w.told() == "error limit.count");
  CHECK(w.opened == limits::max_judged_bases);
}

TEST_CASE("an expiring policy bounds its verdicts", "[judge_image]") {
  World w;
  w.attach(w.signature(w.key, w.image.digest));
  CHECK_FALSE(w.judge().verdict.valid_until);
  w.document.expires = now + 1h;
  CHECK(w.judge().verdict.valid_until == now + 1h);
}

TEST_CASE("demands are told apart by whom they believe", "[gather]") {
  const PrivateKey key = make_key();
  const PrivateKey other = make_key();
  const verify::Demand demand = signer_of({&key}).demand;
  CHECK(same_signers(demand, signer_of({&key}).demand));
  CHECK_FALSE(same_signers(demand, signer_of({&other}).demand));
  CHECK_FALSE(same_signers(demand, signer_of({&key, &other}).demand));
  const auto changed = [&](auto change) {
    verify::Demand copy = demand;
    change(copy);
    return same_signers(demand, copy);
  };
  CHECK(changed([](auto& d) { d.content.kind = verify::WantedContent::Kind::attestation; }));
  CHECK_FALSE(changed([](auto& d) { d.signers[0].source = "root \"x\""; }));
  CHECK_FALSE(changed([](auto& d) { d.identities = {{verify::TextMatch::exact("a")}}; }));
  CHECK_FALSE(changed([](auto& d) { d.annotations = {{"a", "b"}}; }));
  CHECK_FALSE(changed([](auto& d) { d.require_log = true; }));
  CHECK_FALSE(changed([](auto& d) { d.thresholds.logs = 2; }));
  CHECK_FALSE(changed([](auto& d) { d.thresholds.times = 2; }));
  CHECK_FALSE(changed([](auto& d) { d.thresholds.certificate_logs = 2; }));
  CHECK_FALSE(changed([](auto& d) { d.hardware = verify::HardwareDemand{.touch = true}; }));
  CHECK_FALSE(changed([](auto& d) {
    d.instances = {{std::make_shared<formats::TrustedRoot>(), "root \"sigstore\""}};
  }));
}

}  // namespace touchstone::judge
