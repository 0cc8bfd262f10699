#include "policy/open.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/files.h"
#include "tests/policy/policy_text.h"
#include "tests/support/signing.h"
#include "tests/support/temporary_folder.h"

namespace touchstone::policy {
namespace {

using crypto::PrivateKey;

const std::string rules = "rules: [{name: all, match: {images: \"**\"}, require: deny}]\n";
const std::string text =
    "version: 1\nname: acme\nserial: 7\nexpires: 2028-01-01T00:00:00Z\n" + rules;

PrivateKey make_key() { return PrivateKey::generate(crypto::KeyKind::p256); }

std::string envelope(const PrivateKey& key, const std::string& payload,
                     std::string_view type = payload_type) {
  return R"({"payloadType":")" + std::string(type) + R"(","payload":")" +
         to_base64(as_bytes(payload)) + R"(","signatures":[{"sig":")" +
         to_base64(touchstone::test::signed_encoding(key, type, payload)) + R"("}]})";
}

class Remembered : public Serials {
 public:
  Status accept(const std::string& name, std::uint64_t serial) override {
    accepted.emplace_back(name, serial);
    return ok();
  }
  std::vector<std::pair<std::string, std::uint64_t>> accepted;
};

Result<Document> opened(const std::string& contents, const std::vector<crypto::PublicKey>& keys,
                        Serials* serials = nullptr) {
  return open(as_bytes(contents), "policy.yaml", test::world().materials(), test::now,
              {keys, serials});
}

Code refusal(const Result<Document>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("a signed policy is opened with a key that signed it, and its number recorded",
          "[signed-policy]") {
  const PrivateKey key = make_key();
  const PrivateKey other = make_key();
  Remembered serials;
  const auto document =
      opened(envelope(key, text), {other.public_key(), key.public_key()}, &serials);
  if (!document) FAIL(document.error().message);
  CHECK(document->name == "acme");
  REQUIRE(serials.accepted.size() == 1);
  CHECK(serials.accepted[0].second == 7);
}

TEST_CASE("a policy that is not signed as it has to be is refused", "[signed-policy]") {
  const PrivateKey key = make_key();
  const PrivateKey other = make_key();
  const std::vector keys = {key.public_key()};
  const std::string good = envelope(key, text);
  std::string tampered = good;
  const std::string later =
      "version: 1\nname: acme\nserial: 8\nexpires: 2028-01-01T00:00:00Z\n" + rules;
  tampered.replace(tampered.find(to_base64(as_bytes(text))), to_base64(as_bytes(text)).size(),
                   to_base64(as_bytes(later)));
  Remembered serials;
  CHECK(refusal(opened(text, keys, &serials)) == Code::policy_signature);
  CHECK(refusal(opened(good, {}, &serials)) == Code::policy_signature);
  CHECK(refusal(opened(good, {other.public_key()}, &serials)) == Code::policy_signature);
  CHECK(refusal(opened(tampered, keys, &serials)) == Code::policy_signature);
  CHECK(refusal(opened(envelope(key, text, "application/vnd.in-toto+json"), keys, &serials)) ==
        Code::policy_signature);
  CHECK(refusal(opened(R"({"payloadType":"x","payload":1})", keys, &serials)) ==
        Code::policy_signature);
  CHECK(refusal(opened(envelope(key, "version: 2\n"), keys, &serials)) == Code::policy_missing_key);
  CHECK(serials.accepted.empty());
}

TEST_CASE("an expired policy is refused, and not recorded", "[signed-policy]") {
  const PrivateKey key = make_key();
  Remembered serials;
  const auto with = [](const char* expires) {
    return "version: 1\nserial: 9\nexpires: " + std::string(expires) + "\n" + rules;
  };
  const std::vector keys = {key.public_key()};
  CHECK(refusal(opened(envelope(key, with("2027-01-15T08:00:00Z")), keys, &serials)) ==
        Code::policy_expired);
  CHECK(refusal(opened(with("2027-01-15T08:00:00Z"), {})) == Code::policy_expired);
  CHECK(serials.accepted.empty());
  CHECK(opened(with("2027-01-15T08:00:01Z"), {}));
}

TEST_CASE("a serial number never goes back", "[signed-policy]") {
  const touchstone::test::TemporaryFolder folder;
  const std::string path = folder / "policy-serials.json";
  SerialFile serials(path);
  CHECK(serials.accept("acme", 7));
  CHECK(serials.accept("acme", 7));
  CHECK(serials.accept("other", 1));
  CHECK(serials.accept("acme", 9));
  const auto older = serials.accept("acme", 8);
  REQUIRE_FALSE(older);
  CHECK(older.error().code == Code::policy_older);
  CHECK(as_text(*read_file(path, 1000)) == "{\"acme\":9,\"other\":1}\n");
}

TEST_CASE("a damaged record of serial numbers is no new beginning", "[signed-policy]") {
  const auto damage =
      GENERATE(as<std::string>(), "", "rubbish", "[]", R"({"acme":"9"})", R"({"acme":-1})");
  const touchstone::test::TemporaryFolder folder;
  const std::string path = folder / "policy-serials.json";
  std::ofstream(path) << damage;
  const auto accepted = SerialFile(path).accept("acme", 10);
  REQUIRE_FALSE(accepted);
  CHECK(accepted.error().code == Code::usage_file);
}

TEST_CASE("the record of serial numbers makes its folder", "[signed-policy]") {
  const touchstone::test::TemporaryFolder folder;
  const std::string path = folder / "touchstone/trust/policy-serials.json";
  REQUIRE(SerialFile(path).accept("acme", 1));
  CHECK(as_text(*read_file(path, 1000)) == "{\"acme\":1}\n");
  std::ofstream(folder / "file") << "x";
  const auto nowhere = SerialFile(folder / "file/policy-serials.json").accept("acme", 1);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == Code::usage_file);
}

TEST_CASE("a signed policy may be as long as a plain one", "[signed-policy]") {
  const PrivateKey key = make_key();
  const std::string longest =
      text + std::string(limits::max_policy_bytes - text.size() - 1, '#') + "\n";
  const std::string file = envelope(key, longest);
  CHECK(file.size() > limits::max_policy_bytes);
  CHECK(file.size() <= max_file_bytes);
  CHECK(opened(file, {key.public_key()}));
  CHECK(refusal(opened(envelope(key, longest + "#"), {key.public_key()})) == Code::limit_size);
}

}  // namespace touchstone::policy
