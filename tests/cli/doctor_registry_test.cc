// What doctor makes of registries, right and wrong. The same against docker-registry:
// tests/cli/doctor.
#include <catch2/catch.hpp>

#include "base/time.h"
#include "cli/doctor/registry_checks.h"
#include "tests/support/oci_world.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tls_identity.h"

namespace touchstone::cli {
namespace {

using namespace std::chrono_literals;
using namespace touchstone::test;

// A login that is known for every registry.
struct OneLogin : oci::CredentialSource {
  oci::Credential credential{oci::Credential::Kind::password, "alice",
                             Secret(std::string_view("secret")), "test"};
  Result<const oci::Credential*> find(std::string_view, std::string_view) override {
    return &credential;
  }
};

struct Asker {
  RunningClock clock;
  net::CurlClient http;
  oci::Access access;
  net::Proxies proxies;

  explicit Asker(net::CurlOptions options = {}) : http(std::move(options)) {}

  Findings registry(const std::string& host) {
    const auto reference = Reference::parse(host + "/name");
    REQUIRE(reference);
    return check_registry(*reference, {http, clock, access, proxies});
  }
  Findings image(const std::string& name) {
    const auto reference = Reference::parse(name);
    REQUIRE(reference);
    return check_image(*reference, {http, clock, access, proxies});
  }
};

PretendRegistry::Change with_date(const std::string& date) {
  return [date](const ServedRequest&, Reply& reply) {
    if (!date.empty()) reply.headers.push_back({"Date", date});
  };
}

// The clock's finding about a registry that says this date.
Finding clock_against(const std::string& date) {
  PretendRegistry registry({}, nullptr, with_date(date));
  const Findings findings = Asker().registry(registry.host());
  REQUIRE(findings.size() == 2);
  CHECK(findings[1].check == "clock");
  return findings[1];
}

bool has(const Finding& finding, std::string_view text) {
  return finding.text.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a registry that wants no login is well", "[doctor]") {
  PretendRegistry registry;
  const Findings findings = Asker().registry(registry.host());
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].grade == Grade::ok);
  CHECK(has(findings[0], "demands no login"));
  CHECK(has(findings[0], "without TLS"));
  CHECK(has(findings[0], " ms"));
  CHECK(registry.count("GET", "/v2/") == 2);
  CHECK(registry.server().connections() == 1);
}

TEST_CASE("a registry that gives out tokens is well for an image that anybody may read",
          "[doctor]") {
  PretendRegistry::Options options;
  options.token = "good-token";
  PretendRegistry registry(options);
  registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  const Findings alone = Asker().registry(registry.host());
  const Findings image = Asker().image(registry.name("shop/api") + ":one");

  CHECK(alone.at(0).grade == Grade::warning);
  CHECK(alone.at(0).hint.find("touchstone login " + registry.host()) != std::string::npos);
  REQUIRE(image.size() == 3);
  CHECK(image[0].grade == Grade::ok);
  CHECK(image[2].grade == Grade::ok);
}

TEST_CASE("a login that is demanded and not known is a problem", "[doctor]") {
  PretendRegistry registry({}, [](const ServedRequest&) {
    return with_status(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
  });
  for (const Findings& findings :
       {Asker().registry(registry.host()), Asker().image(registry.name("app"))}) {
    CHECK(findings.at(0).grade == Grade::problem);
    CHECK(findings.at(0).code == Code::auth_refused);
    CHECK(findings.at(0).hint.find("touchstone login") != std::string::npos);
  }
}

TEST_CASE("a login is tried, and told by where it came from", "[doctor]") {
  OneLogin login;
  Asker asker;
  asker.access.credentials = &login;
  PretendRegistry registry({}, [](const ServedRequest& request) -> std::optional<Reply> {
    if (request.header("authorization") == "Basic YWxpY2U6c2VjcmV0") return with_status(200);
    return with_status(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
  });
  PretendRegistry refusing({}, [](const ServedRequest&) {
    return with_status(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
  });

  const Findings good = asker.registry(registry.host());
  const Findings bad = asker.registry(refusing.host());

  CHECK(good.at(0).grade == Grade::ok);
  CHECK(has(good.at(0), "takes the login from test"));
  CHECK(bad.at(0).code == Code::auth_refused);
  CHECK(describe(bad).find("secret") == std::string::npos);
}

TEST_CASE("a server that is no registry is a problem", "[doctor]") {
  for (const int status : {404, 403, 500, 302}) {
    CAPTURE(status);
    PretendRegistry registry({}, [&](const ServedRequest&) { return with_status(status); });
    const Findings findings = Asker().registry(registry.host());
    CHECK(findings.at(0).grade == Grade::problem);
    CHECK(exit_status(findings) == 3);
  }
}

TEST_CASE("a registry that cannot be reached is a problem, and no image is asked for", "[doctor]") {
  const std::string gone = [] { return PretendRegistry().host(); }();
  for (const Findings& findings : {Asker().registry(gone), Asker().image(gone + "/app")}) {
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == Code::network_unreachable);
  }
}

TEST_CASE("a certificate that is not trusted is a problem with a way out", "[doctor]") {
  const TlsIdentity identity = make_tls_identity();
  PretendRegistry::Options options;
  options.server.certificate = identity.certificate;
  options.server.key = identity.key;
  PretendRegistry registry(options);
  Asker asker;
  asker.access.tls_for_loopback = true;

  const Findings findings = asker.registry(registry.host());

  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == Code::network_tls);
  CHECK(findings[0].hint.find("--registry-ca") != std::string::npos);
  const TemporaryFolder folder;
  net::CurlOptions curl;
  curl.ca_file = folder.write("ca.pem", identity.certificate);
  Asker trusting(curl);
  trusting.access.tls_for_loopback = true;
  const Findings well = trusting.registry(registry.host());
  CHECK(well.at(0).grade == Grade::ok);
  CHECK(has(well.at(0), "over TLS"));
}

TEST_CASE("a registry without TLS where TLS is spoken is told how to reach it", "[doctor]") {
  PretendRegistry registry;
  Asker asker;
  asker.access.tls_for_loopback = true;
  const Findings findings = asker.registry(registry.host());
  CHECK(findings.at(0).code == Code::network_tls);
  CHECK(findings.at(0).hint.find("--plain-http " + registry.host()) != std::string::npos);
}

TEST_CASE("the clock is compared with the registry's", "[doctor]") {
  CHECK(clock_against("Sun, 06 Nov 1994 08:49:37 GMT").code == Code::time_clock);
  CHECK(clock_against("Fri, 31 Dec 9999 23:59:59 GMT").code == Code::time_clock);
  CHECK(clock_against("yesterday").grade == Grade::ok);
  CHECK(has(clock_against("yesterday"), "does not say"));
}

TEST_CASE("an image's attachments are counted, and who lists them is told", "[doctor]") {
  const bool api = GENERATE(true, false);
  PretendRegistry::Options options;
  options.referrers_api = api;
  PretendRegistry registry(options);
  const Digest digest =
      registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");

  for (const std::string& name : {std::string(":one"), "@" + digest.to_string()}) {
    const Findings findings = Asker().image(registry.name("shop/api") + name);
    REQUIRE(findings.size() == 3);
    const Finding& image = findings[2];
    CHECK(image.grade == Grade::ok);
    CHECK(has(image, digest.to_string()));
    CHECK(has(image, "attached artifacts: 0"));
    CHECK(has(image, api ? "listed by the registry" : "fallback tag"));
  }
}

TEST_CASE("an image that is not there, or whose list cannot be had, is a problem", "[doctor]") {
  PretendRegistry registry({}, [](const ServedRequest& request) -> std::optional<Reply> {
    if (request.target.find("/referrers/") != std::string::npos) return with_status(403);
    return std::nullopt;
  });
  registry.add_manifest(formats::media_type::oci_manifest, image_manifest(), "one");
  CHECK(Asker().image(registry.name("shop/api") + ":absent").at(2).code == Code::image_not_found);
  const Finding listed = Asker().image(registry.name("shop/api") + ":one").at(2);
  CHECK(listed.code == Code::auth_refused);
}

TEST_CASE("of a layout folder only the image is looked at", "[doctor]") {
  const TemporaryFolder folder;
  const Findings findings = Asker().image("oci-layout:" + (folder / "absent"));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].grade == Grade::problem);
  CHECK(exit_status(findings) == 3);
}

TEST_CASE("hints fit what failed, and none replaces one that is there", "[doctor]") {
  const auto hint = [](Code code, const std::string& message) {
    return with_hint({code, message, ""}, "r.example").hint;
  };
  CHECK(hint(Code::network_unreachable, "Could not resolve host: r.example").find("name servers") !=
        std::string::npos);
  CHECK(hint(Code::network_unreachable, "Could not resolve proxy: p").find("--proxy") !=
        std::string::npos);
  CHECK(hint(Code::network_tls, "certificate has expired").find("renew") != std::string::npos);
  CHECK(hint(Code::network_timeout, "slow").empty());
  CHECK(with_hint({Code::network_tls, "expired", "mine"}, "r.example").hint == "mine");
}

}  // namespace touchstone::cli
