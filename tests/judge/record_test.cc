#include "judge/record.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "tests/judge/evidence.h"
#include "tests/support/fixed_clock.h"
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

TEST_CASE("what could not be had is so in the record", "[record]") {
  const Error slow{Code::network_timeout, "slow", ""};
  const auto judged_again = [](World& w) {
    Record made{w.reference, {}, now};
    const auto watched = recording(w.repository, w.reference, made);
    const touchstone::test::FixedClock clock{now};
    const OpenRepository open = [&](const Reference&) {
      return Result<std::shared_ptr<oci::Repository>>(w.repository);
    };
    const auto first = judge_image(*watched, w.reference, w.document, {}, open, clock).verdict;
    made.expected = Expected::of(first);
    CHECK(Expected::of(judge_record(again(made), w.document).verdict) == made.expected);
    return made.expected;
  };
  SECTION("the image") {
    World w;
    w.repository->failures.emplace(w.image.digest.to_string(), slow);
    CHECK(judged_again(w) == Expected{Outcome::error, "network.timeout"});
  }
  SECTION("what stands under cosign's tag") {
    World w;
    w.repository->lists.clear();
    CHECK(judged_again(w) == Expected{Outcome::deny, "evidence.none"});
    w.repository->tag_failure = slow;
    CHECK(judged_again(w) == Expected{Outcome::error, "network.timeout"});
  }
  SECTION("an attached bundle") {
    World w;
    for (auto& [digest, bytes] : w.repository->content) {
      if (as_text(bytes).contains("\"sig\"")) w.repository->failures.emplace(digest, slow);
    }
    CHECK(judged_again(w) == Expected{Outcome::error, "network.timeout"});
  }
}

TEST_CASE("a record is written and read back whole", "[record]") {
  World w;
  Record made = w.record();
  made.platform = *formats::Platform::parse("linux/arm64/v8");
  made.expected = Expected{Outcome::allow, "rule.denied", true};
  auto& listed = made.referrers.begin()->second;
  listed.front().annotations = {{"a", "b"}};
  const Record read = again(made);
  CHECK(read.platform == made.platform);
  CHECK(read.expected == made.expected);
  REQUIRE(read.referrers.begin()->second.size() == listed.size());
  const formats::Descriptor& entry = read.referrers.begin()->second.front();
  CHECK(entry.artifact_type == listed.front().artifact_type);
  CHECK(entry.annotations == listed.front().annotations);
}

TEST_CASE("what a case is to come to is said in a line", "[record]") {
  CHECK(Expected{Outcome::allow}.to_string() == "allow");
  CHECK(Expected{Outcome::deny, "rule.denied"}.to_string() == "deny rule.denied");
  CHECK(Expected{Outcome::allow, "rule.denied", true}.to_string() ==
        "allow, would not: rule.denied");
}

TEST_CASE("a record's image is the one that its name stood for", "[record]") {
  World w;
  Record record{w.reference, {}, now};
  CHECK_FALSE(record.top());
  record.tags["registry.example/app:1"] = w.image.digest.to_string();
  CHECK(record.top() == w.image.digest);
  record.tags["registry.example/app:1"] = "";  // a tag that was not there
  CHECK_FALSE(record.top());
  CHECK(Expected::of(judge_record(again(record), w.document).verdict) ==
        Expected{Outcome::error, "image.not-found"});
  record.image = *Reference::parse("registry.example/app@" + w.image.digest.to_string());
  CHECK(record.top() == w.image.digest);
}

TEST_CASE("content of a record is no larger than what is asked for", "[record]") {
  World w;
  const Record record = w.record();
  const auto blob = w.repository->put("text/plain", "four");
  Record with_blob = record;
  with_blob.content[blob.digest.to_string()] = to_bytes("four");
  const auto repository = recorded(with_blob, w.reference);
  CHECK(repository->blobs({&blob, 1}, 4).front());
  const auto refused = repository->blobs({&blob, 1}, 3);
  REQUIRE_FALSE(refused.front());
  CHECK(refused.front().error().code == Code::limit_size);
}

TEST_CASE("what any policy might need is recorded, within limits", "[record]") {
  World w;
  MemoryRepository& at = *w.repository;
  Record made{w.reference, {}, now};
  const auto watched = recording(w.repository, w.reference, made);
  const auto has = [&](const formats::Descriptor& part) {
    return made.content.contains(part.digest.to_string());
  };
  const auto attached = [&](const std::string& name) {
    const auto layer = at.put("text/plain", name);
    return std::pair(layer, at.put(formats::media_type::oci_manifest,
                                   MemoryRepository::manifest_text("", name, {layer}, nullptr)));
  };
  const std::string digest = w.image.digest.to_string();

  SECTION("configuration, and what stands under cosign's tags") {
    const auto config = at.put(formats::media_type::oci_empty, "{}");
    const auto [signature, signatures_manifest] = attached("signature");
    const auto [statement, statements_manifest] = attached("statement");
    at.tags[*oci::cosign_tag(w.image.digest, oci::Tagged::signatures)] =
        signatures_manifest.digest.to_string();
    at.tags[*oci::cosign_tag(w.image.digest, oci::Tagged::attestations)] =
        statements_manifest.digest.to_string();
    read_all(*watched, w.image.digest);
    CHECK(has(config));
    CHECK(has(signature));
    CHECK(has(statement));
    CHECK(made.tags.size() == 2);
  }
  SECTION("an index that is attached has no layers") {
    auto& list = at.lists[digest];
    list.push_back(at.put(formats::media_type::oci_index,
                          R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1)"
                          R"(+json","manifests":[]})"));
    read_all(*watched, w.image.digest);
    CHECK(has(list.back()));
  }
  SECTION("a tag that cannot be had") {
    at.tag_failure = Error{Code::network_timeout, "slow", ""};
    read_all(*watched, w.image.digest);
    for (const auto form : {oci::Tagged::signatures, oci::Tagged::attestations}) {
      CHECK(
          made.failures.contains("registry.example/app:" + *oci::cosign_tag(w.image.digest, form)));
    }
  }
  SECTION("no more candidates than are looked at") {
    auto& list = at.lists[digest];
    list.insert(list.begin(), limits::max_candidates - 1, list.front());
    const auto [layer, last] = attached("the one too many");
    list.push_back(last);
    read_all(*watched, w.image.digest);
    CHECK_FALSE(has(last));
  }
  SECTION("platforms, as far as they are there, and no more than are judged") {
    std::string text =
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",)"
        R"("manifests":[)";
    for (std::size_t i = 0; i <= limits::max_judged_platforms; ++i) {
      auto platform = at.put_image("platform " + std::to_string(i));
      if (i == 0) at.content.erase(platform.digest.to_string());
      text += (i == 0 ? "" : ",") + MemoryRepository::json(platform);
    }
    const auto index = at.put(formats::media_type::oci_index, text + "]}");
    at.lists_asked = 0;
    read_all(*watched, index.digest);
    CHECK(at.lists_asked == 1 + limits::max_judged_platforms);
    CHECK(made.content.size() == limits::max_judged_platforms);  // the first one is not there
  }
}

TEST_CASE("what goes while it is recorded is left out", "[record]") {
  World w;
  Record made{w.reference, {}, now};
  const auto watched = recording(w.repository, w.reference, made);
  w.repository->gone_when_listed = true;
  read_all(*watched, w.image.digest);
  CHECK(made.content.empty());
  CHECK(made.failures.contains(w.image.digest.to_string()));
  // An image whose digest cosign does not know has no tags of cosign's.
  const Digest other = crypto::digest_of(as_bytes("app"), Digest::Algorithm::sha512);
  (void)watched->image_and_referrers(other, "", oci::Tagged::signatures);
  CHECK(made.failures.contains(other.to_string()));
  CHECK(made.tags.size() == 2);  // the first image's
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
      {"an unknown member of what is expected",
       R"({"version":1,"image":"a.example/b:1","time":"2027-01-15T08:00:00Z",)"
       R"("expected":{"outcome":"allow","x":1}})"},
      {"no platform", "{" + good + R"(,"platform":"x"})"},
      {"content that is no base64", "{" + good + R"(,"content":{"sha256:0":"?"}})"},
      {"a failure without a code", "{" + good + R"(,"failures":{"x":{"message":"m"}}})"},
      {"a failure of an unknown code",
       "{" + good + R"(,"failures":{"x":{"code":"a.b","message":"m"}}})"},
      {"a list that is none", "{" + good + R"(,"referrers":{"x":[]}})"},
  }));
  CAPTURE(row.why);
  const auto record = Record::parse(as_bytes(row.text));
  REQUIRE_FALSE(record);
  CHECK(record.error().code == Code::format_file);
}

TEST_CASE("a case that would not be denied need not say so", "[record]") {
  const auto record = Record::parse(
      as_bytes(R"({"version":1,"image":"a.example/b:1","time":"2027-01-15T08:00:00Z",)"
               R"("expected":{"outcome":"allow","wouldDeny":false}})"));
  REQUIRE(record);
  CHECK_FALSE(record->expected.would_deny);
}

}  // namespace touchstone::judge
