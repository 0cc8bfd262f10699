#include "judge/record.h"

#include <catch2/catch.hpp>

#include "tests/judge/evidence.h"
#include "tests/support/memory_repository.h"

namespace touchstone::judge {
namespace {

using namespace test;
using touchstone::test::bundle;
using touchstone::test::MemoryRepository;

struct World {
  std::shared_ptr<MemoryRepository> repository = std::make_shared<MemoryRepository>();
  PrivateKey key = make_key();
  formats::Descriptor image = repository->put_image("app");
  Reference reference = *Reference::parse("registry.example/app:1");
  policy::Document document{"", "policy.yaml", 0, {}, {}};

  World() {
    repository->tags["1"] = image.digest.to_string();
    repository->attach_bundle(
        image, bundle(key, formats::write_image_signature_statement(image.digest, {})));
    document.rules.push_back(rule_with(signatures(signer_of({&key}))));
    document.rules.front().images.push_back(*policy::ImagePattern::parse("**"));
  }
  Record record() {
    Record made{reference, {}, now};
    const auto watched = recording(repository, reference, made);
    struct Stopped : Clock {
      std::chrono::sys_seconds now() const override { return test::now; }
      std::chrono::steady_clock::time_point monotonic() const override { return {}; }
    } clock;
    const OpenRepository open = [&](const Reference&) {
      return Result<std::shared_ptr<oci::Repository>>(repository);
    };
    made.expected =
        Expected::of(judge_image(*watched, reference, document, {}, open, clock).verdict);
    REQUIRE(made.top() == image.digest);
    read_all(*watched, image.digest);
    return made;
  }
};

Record again(const Record& record) {
  auto read = Record::parse(as_bytes(record.to_text()));
  REQUIRE(read);
  return *std::move(read);
}

}  // namespace

TEST_CASE("a record is judged as the image was, from its bytes on", "[record]") {
  World w;
  const Record record = again(w.record());
  CHECK(record.expected == Expected{Outcome::allow});
  CHECK(record.time == now);
  CHECK(record.image.to_string() == "registry.example/app:1");
  const ImageVerdict judged = judge_record(record, w.document);
  CHECK(Expected::of(judged.verdict) == record.expected);
  CHECK(judged.digest == w.image.digest);
}

TEST_CASE("signatures in a record are verified, and content is what its digest says", "[record]") {
  World w;
  Record record = w.record();
  for (auto& [digest, bytes] : record.content) {
    const auto place = std::ranges::search(bytes, std::string_view("\"sig\":\"")).begin();
    if (place == bytes.end()) continue;
    *(place + 20) = *(place + 20) == 'A' ? 'B' : 'A';
    const Expected is = Expected::of(judge_record(again(record), w.document).verdict);
    CHECK(is == Expected{Outcome::error, "digest.mismatch"});
    return;
  }
  FAIL("no signature is in the record");
}

TEST_CASE("another policy may need what the first did not", "[record]") {
  World w;
  w.document.rules.front().require = {policy::Allow{}};
  const Record record = again(w.record());
  w.document.rules.front().require = signatures(signer_of({&w.key}));
  CHECK(Expected::of(judge_record(record, w.document).verdict) == Expected{Outcome::allow});
  const PrivateKey stranger = make_key();
  w.document.rules.front().require = signatures(signer_of({&stranger}));
  CHECK(Expected::of(judge_record(record, w.document).verdict) ==
        Expected{Outcome::deny, "identity.mismatch"});
}

TEST_CASE("failures are recorded, and what was not is one", "[record]") {
  World w;
  w.repository->list_failure = Error{Code::network_throttled, "slow down", ""};
  const Record record = again(w.record());
  CHECK(record.expected == Expected{Outcome::error, "network.throttled"});
  CHECK(Expected::of(judge_record(record, w.document).verdict) == record.expected);

  Record empty{w.reference, {}, now};
  CHECK(Expected::of(judge_record(again(empty), w.document).verdict) ==
        Expected{Outcome::error, "image.not-found"});
}

TEST_CASE("records that are none are refused", "[record]") {
  const std::string good = R"("version":1,"image":"a.example/b:1","time":"2027-01-15T08:00:00Z",)"
                           R"("expected":{"outcome":"allow"})";
  REQUIRE(Record::parse(as_bytes("{" + good + "}")));
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing", ""},
      {"no object", "[]"},
      {"an unknown member", "{" + good + R"(,"x":1})"},
      {"another version", R"({"version":2)" + good.substr(11) + "}"},
      {"no reference", R"({"version":1,"image":"A","time":"2027-01-15T08:00:00Z",)"
                       R"("expected":{"outcome":"allow"}})"},
      {"no time", R"({"version":1,"image":"a.example/b:1","time":"now",)"
                  R"("expected":{"outcome":"allow"}})"},
      {"no outcome", R"({"version":1,"image":"a.example/b:1","time":"2027-01-15T08:00:00Z",)"
                     R"("expected":{"outcome":"perhaps"}})"},
      {"no platform", "{" + good + R"(,"platform":"x"})"},
      {"content that is no base64", "{" + good + R"(,"content":{"sha256:0":"?"}})"},
      {"a failure without a code", "{" + good + R"(,"failures":{"x":{"message":"m"}}})"},
      {"a failure of an unknown code",
       "{" + good + R"(,"failures":{"x":{"code":"a.b","message":"m"}}})"},
      {"a list that is none", "{" + good + R"(,"referrers":{"x":[]}})"},
  }));
  CAPTURE(row.why);
  CHECK_FALSE(Record::parse(as_bytes(row.text)));
}

}  // namespace touchstone::judge
