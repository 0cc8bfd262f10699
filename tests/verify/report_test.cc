// What is said about an image: which codes and facts, and nothing that a terminal obeys.
#include "verify/report.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "base/limits.h"
#include "base/text.h"
#include "formats/json_fields.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_repository.h"
#include "tests/support/signing.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using formats::Fields;
using test::bundle;
using test::MemoryRepository;
using test::signer;

const std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

struct World {
  test::FixedClock clock{now};
  MemoryRepository repository;
  PrivateKey key = PrivateKey::generate(KeyKind::p256);
  PrivateKey stranger = PrivateKey::generate(KeyKind::p256);
  formats::Descriptor image = repository.put_image("app");
  Demand demand{{signer(key, "key release.pub")}, {}};
  VerifyOptions options;

  std::string statement(const std::map<std::string, std::string>& annotations = {}) const {
    return formats::write_image_signature_statement(image.digest, annotations);
  }
  ImageReport judge() {
    const auto reference = Reference::parse("registry.example/app@" + image.digest.to_string());
    return verify_image(repository, *reference, demand, options, clock);
  }
};

std::string joined(const std::vector<std::string>& lines) { return join(lines, "\n"); }

formats::Json parsed(const std::string& text) {
  const auto document = formats::parse_json(as_bytes(text), 64 << 20);
  REQUIRE(document);
  return *document;
}

// The only image of a document.
Fields image_of(const formats::Json& document) {
  const auto fields = Fields::of(document);
  REQUIRE(fields);
  const auto images = fields->objects_or_empty("images", 1);
  REQUIRE(images);
  REQUIRE(images->size() == 1);
  return images->front();
}

}  // namespace

TEST_CASE("an accepted image is told with its signer", "[report]") {
  World w;
  w.demand.signers.front().trusted.owner = "release@shop.example";
  w.repository.attach_bundle(w.image, bundle(w.stranger, w.statement()));
  w.repository.attach_bundle(w.image, bundle(w.key, w.statement({{"env", "prod"}})));
  const ImageReport report = w.judge();
  const std::string text = joined(describe(report, w.demand));
  CHECK(text.starts_with("accepted: registry.example/app@sha256:"));
  CHECK(text.contains("signed by key release.pub, ECDSA P-256, release@shop.example"));
  CHECK(text.contains("no transparency log was consulted"));
  CHECK_FALSE(text.contains("code: "));

  const formats::Json document = parsed(to_json({report}, w.demand, now));
  CHECK(*Fields::of(document)->unsigned_integer("version") == 1);
  CHECK(*Fields::of(document)->unsigned_integer("exitStatus") == 0);
  CHECK(*Fields::of(document)->string("time") == "2027-01-15T08:00:00Z");
  const Fields image = image_of(document);
  CHECK(*image.string("decision") == "accepted");
  CHECK(*image.string("image") == report.pinned);
  CHECK(*image.string("digest") == w.image.digest.to_string());
  CHECK_FALSE(image.has("reason"));
  CHECK(*image.unsigned_integer("candidates") == 2);
  const auto found = *image.objects_or_empty("signatures", 10);
  REQUIRE(found.size() == 2);
  CHECK(*found[0].json().find("verified")->boolean() == false);
  CHECK(*found[0].object("reason")->string("code") == "identity.mismatch");
  CHECK(*found[1].json().find("verified")->boolean() == true);
  CHECK(*found[1].string("algorithm") == "ECDSA with SHA-256");
  CHECK(*found[1].object("annotations")->string("env") == "prod");
  CHECK(*found[1].object("signer")->string("owner") == "release@shop.example");
  CHECK(*found[1].object("signer")->string("fingerprint") == w.key.public_key().fingerprint());
}

TEST_CASE("a refusal says what was wanted, what was found, and its code", "[report]") {
  World w;
  w.repository.attach_bundle(w.image, bundle(w.stranger, w.statement()));
  const ImageReport report = w.judge();
  const std::string text = joined(describe(report, w.demand));
  CHECK(text.starts_with("refused: registry.example/app@sha256:"));
  CHECK(text.contains("wanted: a signature by key release.pub, ECDSA P-256"));
  CHECK(text.contains("signature 1 of 1: "));
  CHECK(text.ends_with("code: identity.mismatch"));
  const formats::Json document = parsed(to_json({report}, w.demand, now));
  const Fields image = image_of(document);
  CHECK(*image.string("decision") == "refused");
  CHECK(*image.object("reason")->string("code") == "identity.mismatch");
}

TEST_CASE("an undecided image says why, and wants nothing of anybody", "[report]") {
  World w;
  w.repository.list_failure = Error{Code::network_throttled, "slow down", "wait"};
  const ImageReport report = w.judge();
  const std::string text = joined(describe(report, w.demand));
  CHECK(text.starts_with("undecided: "));
  CHECK(text.contains("slow down"));
  CHECK(text.contains("hint: wait"));
  CHECK_FALSE(text.contains("wanted:"));
  const formats::Json document = parsed(to_json({report}, w.demand, now));
  CHECK(*Fields::of(document)->unsigned_integer("exitStatus") == 3);
  CHECK(*image_of(document).string("decision") == "undecided");

  const auto reference = Reference::parse("registry.example/app:1");
  const ImageReport unopened = undecided(*reference, Error{Code::network_tls, "no", ""});
  const formats::Json short_document = parsed(to_json({unopened}, w.demand, now));
  const Fields image = image_of(short_document);
  CHECK(*image.string("reference") == "registry.example/app:1");
  CHECK(image.json().find("image")->is_null());
  CHECK(image.json().find("digest")->is_null());
  CHECK(joined(describe(unopened, w.demand)).starts_with("undecided: registry.example/app:1\n"));
}

TEST_CASE("people are shown ten of many, programs all", "[report]") {
  World w;
  for (int i = 0; i < 40; ++i) {
    w.repository.attach_bundle(w.image,
                               bundle(w.stranger, w.statement({{"n", std::to_string(i)}})));
    w.demand.signers.push_back(signer(PrivateKey::generate(KeyKind::p256), "key many"));
  }
  const ImageReport report = w.judge();
  const auto lines = describe(report, w.demand);
  const auto starting = [&](std::string_view start) {
    return std::ranges::count_if(lines, [&](const auto& line) { return line.starts_with(start); });
  };
  CHECK(starting("  signature ") == 10);
  CHECK(starting("  wanted: ") == 10);
  CHECK(joined(lines).contains("... and 30 more"));
  const formats::Json document = parsed(to_json({report}, w.demand, now));
  const Fields image = image_of(document);
  CHECK((*image.array("signatures"))->size() == 40);
}

TEST_CASE("nothing that a signature says moves a cursor", "[report][LOC-08]") {
  const std::string evil =
      "\x1B]0;pwned\x07\x1B[2J\xC2\x9B"
      "31m\xE2\x80\xAE\r\ntouchstone: accepted: x\n";
  World w;
  std::map<std::string, std::string> annotations = {{evil, evil}, {"long", std::string(9000, 'x')}};
  const std::string good = bundle(w.key, w.statement(annotations));
  const std::string escaped = R"(\u001b]0;\r\ntouchstone: accepted: x\u202e\u009b)";
  const auto with = [&](std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const std::string hint = w.key.public_key().hint();
  const std::vector<std::string> bundles = {
      good,
      bundle(w.key, w.statement(), evil),  // payload type
      bundle(w.key, with(w.statement(), "https://sigstore.dev/cosign/sign/v1", escaped)),
      bundle(w.key, with(w.statement(), "https://in-toto.io/Statement/v1", escaped)),
      with(bundle(w.stranger, w.statement()), w.stranger.public_key().hint(), escaped),
      with(good, "application/vnd.dev.sigstore", escaped),                 // media type
      with(good, "\"mediaType\"", "\"" + escaped + "\":1,\"mediaType\""),  // a name
      with(good, "\"dsseEnvelope\":{", "\"dsseEnvelope\":{\"" + escaped + "\":1,"),
      with(good, "\"sig\":", "\"keyid\":\"" + escaped + "\",\"sig\":"),
      bundle(w.key, with(w.statement(), "\"digest\":{", "\"digest\":{\"" + escaped + "\":7,")),
  };
  w.demand.annotations = GENERATE_COPY(std::map<std::string, std::string>{},
                                       std::map<std::string, std::string>{{evil, "other"}},
                                       std::map<std::string, std::string>{{"long", "short"}});
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    CAPTURE(i);
    w.repository.lists.clear();
    w.repository.attach_bundle(w.image, bundles[i]);
    const ImageReport report = w.judge();
    CHECK((report.decision == Decision::accepted) == (i == 0 && w.demand.annotations.empty()));
    for (const std::string& line : describe(report, w.demand)) {
      CAPTURE(line);
      CHECK(is_printable(line));
      CHECK(line.size() < 5 * limits::max_printed_bytes);
    }
    std::string json = to_json({report}, w.demand, now);
    REQUIRE(json.ends_with("\n"));
    json.pop_back();
    CHECK(is_printable(json));
    const formats::Json document = parsed(json);
    const Fields image = image_of(document);
    if (i == 0) {
      const auto found = *image.objects_or_empty("signatures", 1);
      CHECK(*found[0].object("annotations")->string(evil) == evil);
    }
  }
}

TEST_CASE("a quarter of a million signed annotations are written in linear time", "[report]") {
  World w;
  std::map<std::string, std::string> annotations;
  for (int i = 0; i < 200'000; ++i) annotations.emplace(std::to_string(i), "");
  ImageReport report;
  report.decision = Decision::accepted;
  report.findings = {{"", Evidence{w.demand.signers.front(), Scheme::ecdsa_sha256, annotations}}};
  const std::clock_t begun = std::clock();  // processor time
  CHECK(to_json({report}, w.demand, now).size() > 200'000);
  CHECK(std::clock() - begun < 10 * CLOCKS_PER_SEC);
}

}  // namespace touchstone::verify
