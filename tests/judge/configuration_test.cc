// An image's configuration under a requirement.
#include <catch2/catch.hpp>

#include "base/limits.h"
#include "judge/requirements.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;
using formats::ImageConfig;
using verify::TextMatch;

ImageConfig config() {
  return {.platform = *formats::Platform::parse("linux/arm64/v8"),
          .user = "1000",
          .labels = {{"team", "shop"}},
          .env = {"PATH=/bin"},
          .history = {"ADD rootfs"},
          .created = now - 1h};
}

Judgement judge(const policy::ImageConfiguration& requirement,
                std::optional<Result<ImageConfig>> of_image) {
  Surroundings around;
  around.evidence.image.config = std::move(of_image);
  return judge_configuration(requirement, around.context(), {});
}

}  // namespace

TEST_CASE("a configuration meets what is asked of it", "[judge-configuration]") {
  const policy::ImageConfiguration all{.not_root = true,
                                       .no_secrets = true,
                                       .labels = {{"team"}, {"team", *TextMatch::glob("sh*")}},
                                       .platforms = {*formats::Platform::parse("linux/amd64"),
                                                     *formats::Platform::parse("linux/arm64")},
                                       .max_age = 2h};
  const Judgement judgement = judge(all, config());
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.kind == "image");
  CHECK(judgement.by.empty());
  CHECK(judgement.valid_until == now + 1h);
  CHECK(judgement.wanted ==
        "an image with a user other than root, no secrets in history and environment, label "
        "\"team\", label \"team\" /sh[^/]*/, platform linux/amd64 or linux/arm64, created within "
        "2 h");
}

TEST_CASE("who is root is told as runtimes tell it", "[judge-configuration]") {
  struct Row {
    std::string user;
    bool root;
  };
  const auto row = GENERATE(values<Row>({
      {"", true},
      {"0", true},
      {"root", true},
      {"0:0", true},
      {"root:root", true},
      {":1000", true},
      {"00", true},
      {"+0", true},
      {"-0", true},
      {"-1", true},
      {"0:1000", true},
      {"2147483648", true},
      {"4294967296", true},
      {"99999999999999999999", true},
      {"1000", false},
      {"3000", false},
      {"1000:0", false},
      {"+1", false},
      {"0001", false},
      {"2147483647", false},
      {"app", false},
      {"app:root", false},
      {"a-long-user-name", false},
      {"Root", false},
      {"0x0", false},
      {"rooty", false},
      {"+", false},
  }));
  CAPTURE(row.user);
  ImageConfig changed = config();
  changed.user = row.user;
  CHECK(reason_of(judge({.not_root = true}, changed)) ==
        (row.root ? std::optional(Code::image_user) : std::nullopt));
  CHECK_FALSE(reason_of(judge({}, changed)));
}

TEST_CASE("secrets are found in history and environment, and not shown", "[judge-configuration]") {
  ImageConfig in_env = config();
  in_env.env.push_back("DB_PASSWORD=hunter2");
  ImageConfig in_history = config();
  in_history.history.push_back("RUN DB_PASSWORD=hunter2 ./deploy");
  for (const ImageConfig& changed : {in_env, in_history}) {
    const Judgement judgement = judge({.no_secrets = true}, changed);
    CHECK(reason_of(judgement) == Code::image_secret);
    CHECK(judgement.reason->message.find("hunter2") == std::string::npos);
    CHECK_FALSE(reason_of(judge({}, changed)));
  }
  CHECK(judge({.no_secrets = true}, in_env).reason->message ==
        "the variable \"DB_PASSWORD\" seems to hold the value of a name for secrets");
  CHECK(judge({.no_secrets = true}, in_history).reason->message ==
        "step 2 of the history seems to hold the value of a name for secrets");
}

TEST_CASE("texts that are too long are not looked through", "[judge-configuration]") {
  ImageConfig long_env = config();
  long_env.env.emplace_back(limits::max_searched_bytes, 'a');
  ImageConfig long_history = config();
  long_history.history.emplace_back(limits::max_searched_bytes, 'a');
  for (const ImageConfig& changed : {long_env, long_history}) {
    CHECK(reason_of(judge({.no_secrets = true}, changed)) == Code::limit_size);
    CHECK_FALSE(reason_of(judge({}, changed)));
  }
}

TEST_CASE("each thing that is asked of a configuration has its refusal", "[judge-configuration]") {
  struct Row {
    const char* why;
    policy::ImageConfiguration wanted;
    Code code;
  };
  const auto row = GENERATE(values<Row>({
      {"a label that is missing", {.labels = {{"team"}, {"owner"}}}, Code::image_label},
      {"a label of another value",
       {.labels = {{"team", verify::TextMatch::exact("sho")}}},
       Code::image_label},
      {"another architecture",
       {.platforms = {*formats::Platform::parse("linux/amd64")}},
       Code::rule_platform},
      {"another system",
       {.platforms = {*formats::Platform::parse("windows/arm64")}},
       Code::rule_platform},
      {"another variant",
       {.platforms = {*formats::Platform::parse("linux/arm64/v9")}},
       Code::rule_platform},
      {"too old", {.max_age = 59min}, Code::time_too_old},
  }));
  CAPTURE(row.why);
  CHECK(reason_of(judge(row.wanted, config())) == row.code);
}

TEST_CASE("a variant that is asked for is the image's", "[judge-configuration]") {
  CHECK_FALSE(
      reason_of(judge({.platforms = {*formats::Platform::parse("linux/arm64/v8")}}, config())));
}

TEST_CASE("a configuration without a time is infinitely old", "[judge-configuration]") {
  ImageConfig undated = config();
  undated.created.reset();
  CHECK(reason_of(judge({.max_age = 24h}, undated)) == Code::time_too_old);
  ImageConfig future = config();
  future.created = now + 1h;
  CHECK(reason_of(judge({.max_age = 24h}, future)) == Code::time_future);
}

TEST_CASE("a configuration that is not there or could not be had", "[judge-configuration]") {
  CHECK(reason_of(judge({}, std::nullopt)) == Code::image_configuration);
  const Judgement judgement = judge({}, Result<ImageConfig>(Error{Code::network_timeout, "x", ""}));
  CHECK(reason_of(judgement) == Code::network_timeout);
  CHECK(judgement.outcome == Outcome::error);
}

}  // namespace touchstone::judge
