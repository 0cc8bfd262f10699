// From what lies in a repository to a verdict.
#include "verify/verify_image.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_repository.h"
#include "tests/support/signing.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using test::bundle;
using test::MemoryRepository;
using test::signer;

struct World {
  test::FixedClock clock;
  MemoryRepository repository;
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  formats::Descriptor image = repository.put_image("app");
  Demand demand{{signer(key)}, {}};
  VerifyOptions options;

  std::string statement() const {
    return formats::write_image_signature_statement(image.digest, {});
  }
  std::string good() const { return bundle(key, statement()); }
  std::string junk(int i) const {
    return bundle(stranger, statement() + std::string(static_cast<std::size_t>(i), ' '));
  }
  ImageReport judge(const std::string& suffix = "") {
    const std::string name = "registry.example/app";
    const auto reference =
        Reference::parse(suffix.empty() ? name + "@" + image.digest.to_string() : name + suffix);
    REQUIRE(reference);
    return verify_image(repository, *reference, demand, options, clock);
  }
};

const Error unreachable{Code::network_timeout, "too slow", ""};

Code reason(const ImageReport& report) {
  REQUIRE(report.reason);
  return report.reason->code;
}

}  // namespace

TEST_CASE("a signature by the key is accepted, by digest and by tag",
          "[verify_image][REG-38][REG-39]") {
  World w;
  w.repository.attach_bundle(w.image, w.good());
  w.repository.tags["1.0"] = w.image.digest.to_string();
  for (const char* suffix : {"", ":1.0"}) {
    const ImageReport report = w.judge(suffix);
    CHECK(report.decision == Decision::accepted);
    CHECK(report.pinned == "registry.example/app@" + w.image.digest.to_string());
    CHECK_FALSE(report.reason);
  }
}

TEST_CASE("an image without signatures of this kind is refused", "[verify_image][REG-36]") {
  World w;
  CHECK(reason(w.judge()) == Code::evidence_none);
  w.repository.attach_bundle(w.image, w.good(), 1, "application/vnd.example.sbom");
  const ImageReport report = w.judge();
  CHECK(report.decision == Decision::refused);
  CHECK(reason(report) == Code::evidence_none);
  CHECK(report.other_referrers == 1);
}

TEST_CASE("a good signature is found after 300 that are not", "[verify_image][REG-32]") {
  World w;
  for (int i = 0; i < 300; ++i) w.repository.attach_bundle(w.image, w.junk(i));
  CHECK(w.judge().decision == Decision::refused);
  w.repository.attach_bundle(w.image, w.good());
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("an early good signature spares the fetching of the rest", "[verify_image]") {
  World w;
  w.repository.attach_bundle(w.image, w.good());
  for (int i = 0; i < 100; ++i) w.repository.attach_bundle(w.image, w.junk(i));
  CHECK(w.judge().decision == Decision::accepted);
  CHECK(w.repository.fetched < 20);
}

TEST_CASE("what is announced as another kind is looked at last, and is looked at",
          "[verify_image]") {
  World w;
  w.repository.attach_bundle(w.image, w.junk(0));
  w.repository.attach_bundle(w.image, w.good());
  auto& list = w.repository.lists[w.image.digest.to_string()];
  list[0].annotations["dev.sigstore.bundle.predicateType"] = "https://slsa.dev/provenance/v1";
  ImageReport report = w.judge();
  CHECK(report.decision == Decision::accepted);
  CHECK(report.accepted_finding == 0);
  list[1].annotations = list[0].annotations;  // a lie does not hide it
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("candidates past the cap make an image undecided", "[verify_image][REG-32]") {
  World w;
  const auto entry = w.repository.attach_bundle(w.image, w.junk(0));
  auto& list = w.repository.lists[w.image.digest.to_string()];
  list.assign(limits::max_candidates, entry);
  CHECK(w.judge().decision == Decision::refused);
  w.repository.attach_bundle(w.image, w.good());  // the one too many
  const ImageReport report = w.judge();
  CHECK(report.decision == Decision::undecided);
  CHECK(reason(report) == Code::limit_candidates);
}

TEST_CASE("candidates larger than the cap in all make an image undecided", "[verify_image]") {
  World w;
  formats::Descriptor huge = w.repository.put(formats::media_type::bundle_v03, "x");
  huge.size = limits::max_candidate_total_bytes + 1;
  formats::Descriptor entry = w.repository.put(
      formats::media_type::oci_manifest,
      MemoryRepository::manifest_text(formats::media_type::bundle_v03, "", {huge}, &w.image));
  entry.artifact_type = formats::media_type::bundle_v03;
  w.repository.lists[w.image.digest.to_string()].push_back(entry);
  CHECK(reason(w.judge()) == Code::limit_size);
}

TEST_CASE("a bundle may be larger than cosign's older payload", "[verify_image]") {
  World w;
  const std::string padding(limits::max_simple_signing_bytes, ' ');
  w.repository.attach_bundle(w.image, bundle(w.key, w.statement() + padding));
  CHECK(w.judge().decision == Decision::accepted);
}

TEST_CASE("a refusal tells of artifacts that are no signatures where nothing else lies",
          "[verify_image]") {
  const auto tells = [](const ImageReport& report) {
    REQUIRE(report.decision == Decision::refused);
    return report.reason->message.find("1 other artifacts") != std::string::npos;
  };
  World w;
  CHECK(w.judge().reason->message.find("other artifacts") == std::string::npos);
  formats::Descriptor sbom = w.repository.put("application/spdx+json", "{}");
  sbom.artifact_type = "application/spdx+json";
  w.repository.lists[w.image.digest.to_string()].push_back(sbom);
  CHECK(tells(w.judge()));
  w.repository.attach_bundle(w.image, w.junk(0));
  CHECK_FALSE(tells(w.judge()));
}

TEST_CASE("what could not be fetched is no refusal, and no obstacle", "[verify_image][XP-10]") {
  World w;
  w.repository.attach_bundle(w.image, w.junk(0));
  const auto lost = w.repository.attach_bundle(w.image, w.junk(1));
  w.repository.failures.emplace(lost.digest.to_string(), unreachable);

  SECTION("beside wrong ones: undecided") {
    const ImageReport report = w.judge();
    CHECK(report.decision == Decision::undecided);
    CHECK(reason(report) == Code::network_timeout);
  }
  SECTION("beside a good one: accepted") {
    w.repository.attach_bundle(w.image, w.good());
    CHECK(w.judge().decision == Decision::accepted);
  }
  SECTION("the list itself") {
    w.repository.list_failure = Error{Code::network_throttled, "slow down", ""};
    CHECK(reason(w.judge()) == Code::network_throttled);
    CHECK(w.judge().decision == Decision::undecided);
  }
  SECTION("the image, however good its signatures") {
    w.repository.attach_bundle(w.image, w.good());
    w.repository.failures.emplace(w.image.digest.to_string(), unreachable);
    CHECK(w.judge().decision == Decision::undecided);
  }
}

TEST_CASE("a candidate that is malformed does not count, and is no reason to be undecided",
          "[verify_image][REG-33][REG-34]") {
  World w;
  struct Row {
    const char* why;
    Code code;
    std::function<void()> attach;
  };
  const auto list = [&](std::string_view manifest) {
    formats::Descriptor entry = w.repository.put(formats::media_type::oci_manifest, manifest);
    w.repository.lists[w.image.digest.to_string()].push_back(entry);
  };
  const auto other = w.repository.put_image("other");
  const auto layer = w.repository.put(formats::media_type::bundle_v03, w.good());
  const std::vector<Row> rows = {
      {"a manifest that is no JSON", Code::format_referrer, [&] { list("{"); }},
      {"an index", Code::format_referrer, [&] { list(R"({"schemaVersion":2,"manifests":[]})"); }},
      {"two layers", Code::format_referrer,
       [&] { w.repository.attach_bundle(w.image, w.good(), 2); }},
      {"ten thousand layers", Code::format_referrer,
       [&] { w.repository.attach_bundle(w.image, w.good(), 10'000); }},
      {"no layer", Code::format_referrer,
       [&] { w.repository.attach_bundle(w.image, w.good(), 0); }},
      {"one layer of another type", Code::format_referrer,
       [&] {
         const auto text = w.repository.put("text/plain", w.good());
         list(MemoryRepository::manifest_text(formats::media_type::bundle_v03, "", {text},
                                              &w.image));
       }},
      {"nested past the limit", Code::format_referrer, [&] { list(std::string(100, '[')); }},
      {"a malformed digest inside", Code::format_referrer,
       [&] {
         list(R"({"schemaVersion":2,"config":{"mediaType":"x","digest":"md5:00","size":1}})");
       }},
      {"another subject", Code::binding_subject,
       [&] {
         list(
             MemoryRepository::manifest_text(formats::media_type::bundle_v03, "", {layer}, &other));
       }},
      {"no subject", Code::binding_subject,
       [&] {
         list(MemoryRepository::manifest_text(formats::media_type::bundle_v03, "", {layer},
                                              nullptr));
       }},
      {"a bundle nested past the limit", Code::format_bundle,
       [&] { w.repository.attach_bundle(w.image, std::string(100, '[')); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    w.repository.lists.clear();
    row.attach();
    const ImageReport report = w.judge();
    CHECK(report.decision == Decision::refused);
    CHECK(reason(report) == row.code);
  }
}

TEST_CASE("a detached signature is judged alone", "[verify_image]") {
  World w;
  w.repository.list_failure = unreachable;
  w.options.detached = Candidate{"file", to_bytes(w.good())};
  CHECK(w.judge().decision == Decision::accepted);
  CHECK(w.repository.lists_asked == 0);
  w.options.detached = Candidate{"file", to_bytes(w.junk(0))};
  w.repository.list_failure.reset();
  w.repository.attach_bundle(w.image, w.good());
  CHECK(reason(w.judge()) == Code::identity_mismatch);
}

TEST_CASE("an image that is not there is undecided", "[verify_image]") {
  World w;
  w.repository.attach_bundle(w.image, w.good());
  CHECK(reason(w.judge(":none")) == Code::image_not_found);
  CHECK(w.judge(":none").decision == Decision::undecided);
  w.repository.content.erase(w.image.digest.to_string());
  CHECK(reason(w.judge()) == Code::image_not_found);
  w.options.detached = Candidate{"file", to_bytes(w.good())};
  CHECK(reason(w.judge()) == Code::image_not_found);
}

TEST_CASE("a tag whose image is gone when its signatures are asked for is undecided",
          "[verify_image]") {
  World w;
  w.repository.attach_bundle(w.image, w.good());
  w.repository.tags["1.0"] = w.image.digest.to_string();
  w.repository.gone_when_listed = true;
  const ImageReport report = w.judge(":1.0");
  CHECK(report.decision == Decision::undecided);
  CHECK(reason(report) == Code::image_not_found);
}

TEST_CASE("a pinned image is fetched once, with its list", "[verify_image]") {
  World w;
  w.repository.attach_bundle(w.image, w.good());
  CHECK(w.judge().decision == Decision::accepted);
  CHECK(w.repository.fetched == 3);  // image, signature's manifest, bundle
  CHECK(w.repository.lists_asked == 1);
}

TEST_CASE("the number of signatures and of other things attached is told", "[verify_image]") {
  World w;
  w.repository.attach_bundle(w.image, w.junk(0));
  w.repository.attach_bundle(w.image, w.good(), 1, "application/vnd.example.sbom");
  auto untyped = w.repository.attach_bundle(w.image, w.junk(1));
  w.repository.lists[w.image.digest.to_string()].back().artifact_type = "";
  const ImageReport report = w.judge();
  CHECK(report.candidates == 2);
  CHECK(report.findings.size() == 2);
  CHECK(report.other_referrers == 1);
}

TEST_CASE("--platform judges one image of an index", "[verify_image][REG-10][REG-11]") {
  World w;
  const auto entry = [&](const formats::Descriptor& d, const std::string& platform) {
    std::string text = MemoryRepository::json(d);
    text.pop_back();
    return text + R"(,"platform":)" + platform + "}";
  };
  const auto arm = w.repository.put_image("arm");
  const std::string index = R"({"schemaVersion":2,"manifests":[)" +
                            entry(w.image, R"({"os":"linux","architecture":"amd64"})") + "," +
                            entry(arm, R"({"os":"linux","architecture":"arm64","variant":"v8"})") +
                            "," + entry(arm, R"({"os":"linux","architecture":"s390x"})") + "," +
                            entry(w.image, R"({"os":"linux","architecture":"s390x"})") + "," +
                            entry(w.image, R"({"os":"linux","architecture":"riscv64"})") + "," +
                            entry(w.image, R"({"os":"linux","architecture":"riscv64"})") + "," +
                            MemoryRepository::json(arm) + "]}";
  w.repository.tags["1.0"] =
      w.repository.put(formats::media_type::oci_index, index).digest.to_string();
  w.repository.attach_bundle(w.image, w.good());
  const auto judged = [&](const char* platform) {
    w.options.platform = *formats::Platform::parse(platform);
    return w.judge(":1.0");
  };
  CHECK(judged("linux/amd64").decision == Decision::accepted);
  CHECK(judged("linux/amd64").digest == w.image.digest);
  CHECK(reason(judged("linux/arm64/v8")) == Code::evidence_none);  // the very variant
  CHECK(reason(judged("linux/arm64")) == Code::evidence_none);  // any variant, its own signatures
  CHECK(reason(judged("linux/arm64/v7")) == Code::reference_platform);
  CHECK(reason(judged("windows/amd64")) == Code::reference_platform);
  CHECK(reason(judged("linux/s390x")) == Code::reference_platform);  // two of them
  CHECK(judged("linux/riscv64").decision == Decision::accepted);     // one of them, listed twice
  const Digest top = *Digest::parse(w.repository.tags["1.0"]);
  CHECK(w.judge("@" + top.to_string()).digest == w.image.digest);
  CHECK(reason(w.judge("@" + crypto::digest_of({}).to_string())) == Code::image_not_found);
  w.repository.tags["1.0"] = w.image.digest.to_string();
  CHECK(reason(judged("linux/amd64")) == Code::reference_platform);  // no index

  w.options.platform.reset();
  w.repository.tags["1.0"] =
      w.repository.put(formats::media_type::oci_index, index).digest.to_string();
  CHECK(reason(w.judge(":1.0")) == Code::evidence_none);  // the index itself is not signed
}

TEST_CASE("the exit status of several images", "[verify_image]") {
  const auto report = [](Decision decision, Code code) {
    ImageReport made;
    made.decision = decision;
    if (decision != Decision::accepted) made.reason = Error{code, "", ""};
    return made;
  };
  const ImageReport accepted = report(Decision::accepted, Code::evidence_none);
  const ImageReport refused = report(Decision::refused, Code::evidence_none);
  const ImageReport undecided = report(Decision::undecided, Code::network_timeout);
  const ImageReport usage = report(Decision::undecided, Code::reference_platform);
  CHECK(exit_status({accepted, accepted}) == 0);
  CHECK(exit_status({accepted, undecided}) == 3);
  CHECK(exit_status({undecided, refused, accepted}) == 1);
  CHECK(exit_status({usage, undecided}) == 2);
}

}  // namespace touchstone::verify
