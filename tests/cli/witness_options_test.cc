// Whose certificate a run of signatures has, how long, and who must accept what is made.
#include "cli/witness_options.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "sign/ephemeral_key.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/pretend_services.h"
#include "tests/support/temporary_folder.h"
#include "trust/folder_store.h"
#include "trust/trust_store.h"

namespace touchstone::cli {
namespace {

using namespace std::chrono_literals;
using test::FixedClock;
using test::PretendLog;
using test::PretendSigstore;

PretendSigstore& sigstore() {
  static PretendSigstore instance;
  return instance;
}

std::string token(std::chrono::seconds lasts, const std::string& subject = "release") {
  const auto end = (PretendSigstore::now + lasts).time_since_epoch().count();
  return test::identity_token(R"({"iss":"https://issuer.example","sub":")" + subject +
                              R"(","exp":)" + std::to_string(end) + "}");
}

// Standard input is this file meanwhile.
class StandardInput {
 public:
  explicit StandardInput(const std::string& file) : before_(dup(STDIN_FILENO)) {
    const int opened = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(opened >= 0);
    REQUIRE(dup2(opened, STDIN_FILENO) == STDIN_FILENO);
    close(opened);
  }
  ~StandardInput() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

struct World {
  test::TemporaryFolder folder;
  test::PretendServices services{sigstore()};
  sign::EphemeralKey device;
  crypto::PublicKey key = *crypto::PublicKey::from_der(*device.public_key());
  CLI::App app;
  WitnessOptions options;
  const FixedClock start{PretendSigstore::now};

  World() { options.declare(app); }

  // Certified with the token that `source` leads to.
  explicit World(const std::string& source) : World() {
    const auto opened =
        open(source, {"--trusted-root", folder.write("root.json", sigstore().root_text())});
    if (!opened) FAIL(opened.error().message);
    REQUIRE(options.certify(device, key, true));
  }

  Status open(const std::string& source, const std::vector<std::string>& root) {
    std::vector<std::string> arguments = {
        "--identity-token",   source,  "--fulcio",
        services.authority(), "--log", services.log(PretendLog::Kind::rekor1)};
    arguments.insert(arguments.end(), root.begin(), root.end());
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app.parse(arguments);
    return options.open({}, start);
  }

  auto certificates() const {
    return std::ranges::count(services.requests(), "/api/v2/signingCert",
                              &test::ServedRequest::target);
  }
  Status again_at(std::chrono::seconds later) {
    const FixedClock clock(PretendSigstore::now + later);
    CHECK_FALSE(options.certificate_lasts(clock));
    return options.certify_again(device, key, clock);
  }
};

std::string code_of(const Status& status) {
  return status ? "none" : std::string(slug(status.error().code));
}

trust::TrustedInstanceRoot instance(const test::RootChoice& choice) {
  auto parsed = trust::TrustedInstanceRoot::parse(as_bytes(sigstore().root_text(choice)));
  REQUIRE(parsed);
  return *std::move(parsed);
}

}  // namespace

TEST_CASE("a certificate that is about to end is had anew", "[witness-options]") {
  const test::TemporaryFolder folder;
  const std::string file = folder.write("token", token(1h));
  World world(file);
  CHECK(world.options.certificate_lasts(world.start));
  CHECK(world.certificates() == 1);
  unlink(file.c_str());  // the token that was read is not over
  CHECK(world.again_at(9min));
  CHECK(world.certificates() == 2);
}

TEST_CASE("a token that is over is read again, and is of the same holder", "[witness-options]") {
  struct Row {
    const char* why;
    std::string next;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"a new one", token(1h), "none"},
      {"the same one", token(9min), "auth.identity-token"},
      {"somebody else's", token(1h, "other"), "auth.identity-token"},
      {"none", "", "auth.identity-token"},
  }));
  CAPTURE(row.why);
  const test::TemporaryFolder folder;
  World world(folder.write("token", token(9min)));
  folder.write("token", row.next);
  CHECK(code_of(world.again_at(9min)) == row.code);
  CHECK(world.certificates() == (std::string_view(row.code) == "none" ? 2 : 1));
}

TEST_CASE("standard input gives one token", "[witness-options]") {
  const test::TemporaryFolder folder;
  const StandardInput input(folder.write("token", token(9min)));
  World world("-");
  CHECK(world.again_at(8min + 1s));
  const Status over = world.again_at(9min);
  CHECK(code_of(over) == "auth.identity-token");
  CHECK(over.error().message.contains("ended"));
  CHECK(world.certificates() == 2);
}

TEST_CASE("what is made satisfies the named root", "[witness-options]") {
  const test::TemporaryFolder folder;
  World world;
  trust::FolderStore files(folder / "trust", world.start);
  trust::TrustStore store(files, world.start);
  test::RootChoice without_log;
  without_log.rekor1.listed = false;
  REQUIRE(store.add("own", std::vector{instance({})}));
  REQUIRE(store.add("other", std::vector{instance(without_log)}));
  REQUIRE(store.add("both", std::vector{instance({}), instance(without_log)}));
  const std::string file = folder.write("token", token(1h));
  const auto open = [&](const char* name) {
    return world.open(file, {"--root", name, "--trust", folder / "trust"});
  };
  SECTION("of several instances none is chosen") {
    CHECK(code_of(open("both")) == "policy.root-kind");
  }
  SECTION("one decides") {
    const bool own = GENERATE(true, false);
    REQUIRE(open(own ? "own" : "other"));
    REQUIRE(world.options.certify(world.device, world.key, true));
    const Bytes contents = to_bytes("contents");
    const verify::Artifact file_of_them = verify::Artifact::of(contents);
    const auto made =
        sign::make_bundle({world.device, world.key, {}, world.options.witnesses()},
                          {file_of_them, {verify::WantedContent::Kind::file_signature, {}}, {}});
    CHECK(static_cast<bool>(made) == own);
    if (!made) CHECK(made.error().code == Code::signature_log_missing);
  }
}

TEST_CASE("without a certificate there is none to renew", "[witness-options]") {
  CHECK(WitnessOptions().certificate_lasts(FixedClock()));
}

}  // namespace touchstone::cli
