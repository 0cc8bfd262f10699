// Which base images something signed names.
#include <catch2/catch.hpp>

#include "base/limits.h"
#include "judge/requirements.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;

const PrivateKey key = make_key();
const PrivateKey stranger = make_key();
const std::string hex(64, 'a');

policy::Rule rule() {
  const auto builder = std::make_shared<policy::Builder>(policy::Builder{
      "ci", signer_of({&key}), verify::TextMatch::exact("https://example/builder"), 3});
  return rule_with({policy::AllOf{
      {signatures(signer_of({&key})), {policy::Provenance{.builders = {builder}}}}}});
}

verify::Finding built_from(const std::string& materials, const PrivateKey& by = key,
                           const std::string& id = "https://example/builder") {
  return states(
      by, "https://slsa.dev/provenance/v0.2",
      R"({"builder":{"id":")" + id + R"("},"buildType":"t","materials":[)" + materials + "]}");
}

std::string material(const std::string& uri, const std::string& algorithm = "sha256") {
  return R"({"uri":")" + uri + R"(","digest":{")" + algorithm + R"(":")" + hex + "\"}}";
}

std::vector<std::string> names(const ManifestEvidence& of_image) {
  std::vector<std::string> all;
  for (const NamedBase& base : named_bases(rule(), of_image, now)) {
    CHECK(base.digest.hex().substr(0, 64) == hex);
    all.push_back(base.reference);
  }
  return all;
}

std::vector<std::string> of_provenance(const verify::Finding& finding) {
  return names(manifest("image", {{}, {finding}}));
}

ManifestEvidence labelled(std::map<std::string, std::string> labels) {
  ManifestEvidence made = manifest("image", {{}, {}});
  made.config = formats::ImageConfig{.labels = std::move(labels)};
  return made;
}

}  // namespace

TEST_CASE("images among the materials of provenance are bases", "[named-bases]") {
  struct Row {
    std::string uri;
    std::string name;  // empty: none
  };
  const auto row = GENERATE(values<Row>({
      {"pkg:docker/alpine@3.20?platform=linux%2Famd64", "docker.io/library/alpine:3.20"},
      {"pkg:docker/alpine", "docker.io/library/alpine:latest"},
      {"pkg:docker/acme/base@v1", "docker.io/acme/base:v1"},
      {"pkg:docker/ghcr.io/acme/base@v1", "ghcr.io/acme/base:v1"},
      {"pkg:docker/r.example%3A5000/base@v1", "r.example:5000/base:v1"},
      {"pkg:oci/base@sha256%3A" + hex + "?repository_url=r.example/acme/base&tag=1",
       "r.example/acme/base:1"},
      {"pkg:oci/base@sha256:" + hex + "?tag=1&repository_url=r.example%2Facme%2Fbase",
       "r.example/acme/base:1"},
      {"docker-image://docker.io/library/alpine:3.20", "docker.io/library/alpine:3.20"},
      {"docker-image://docker.io/library/alpine:3.20@sha256:" + hex,
       "docker.io/library/alpine:3.20@sha256:" + hex},
      {"docker-image://alpine@sha256:" + std::string(64, 'b'), ""},
      {"pkg:oci/base@sha256:" + hex, ""},
      {"pkg:oci/base@sha256:" + hex + "?repository_url", ""},
      {"pkg:oci/base&repository_url=r.example/base", ""},
      {"pkg:docker/al%7zpine@1", ""},
      {"pkg:docker/al%-7pine@1", ""},
      {"pkg:docker/alp%69ne@1", "docker.io/library/alpine:1"},
      {"pkg:docker/", ""},
      {"pkg:docker/UPPER@1", ""},
      {"pkg:docker/oci-layout:x", ""},
      {"pkg:docker/al%zzpine@1", ""},
      {"pkg:docker/alpine%2", ""},
      {"pkg:deb/debian/openssl@1", ""},
      {"git+https://github.com/acme/app", ""},
      {"", ""},
  }));
  CAPTURE(row.uri);
  CHECK(of_provenance(built_from(material(row.uri))) ==
        (row.name.empty() ? std::vector<std::string>{} : std::vector{row.name}));
}

TEST_CASE("several bases are told, each once", "[named-bases]") {
  CHECK(of_provenance(built_from(material("pkg:docker/a@1") + "," + material("pkg:docker/b@1") +
                                 "," + material("pkg:docker/a@1"))) ==
        std::vector<std::string>{"docker.io/library/a:1", "docker.io/library/b:1"});
  CHECK(of_provenance(built_from(material("pkg:docker/a@1", "sha1"))).empty());
  const std::string other =
      R"({"uri":"pkg:docker/a@1","digest":{"sha256":")" + std::string(64, 'b') + "\"}}";
  CHECK(named_bases(rule(),
                    manifest("image", {{}, {built_from(material("pkg:docker/a@1") + "," + other)}}),
                    now)
            .size() == 2);
  CHECK(of_provenance(
            built_from(R"({"uri":"pkg:docker/a@1","digest":{"sha512":")" + hex + hex + "\"}}"))
            .size() == 1);
  CHECK(of_provenance(built_from(R"({"uri":"pkg:docker/a@1","digest":{"sha256":"x"}})")).empty());
}

TEST_CASE("so many bases are told that there are too many", "[named-bases]") {
  std::string materials = material("pkg:docker/a@1");
  for (std::size_t i = 0; i < 2 * limits::max_judged_bases; ++i) {
    materials += "," + material("pkg:docker/a" + std::to_string(i) + "@1");
  }
  const ManifestEvidence image = manifest("image", {{}, {built_from(materials)}});
  CHECK(named_bases(rule(), image, now).size() == limits::max_judged_bases + 1);
  policy::Rule with_base = rule();
  with_base.require.kind = policy::AllOf{{with_base.require, {policy::BaseImage{}}}};
  Evidence evidence = about_image({});
  evidence.image = image;
  evidence.image.findings = {{signed_by(key)}, image.findings[1]};
  const Verdict verdict = decide(with_base, evidence, now);
  CHECK(verdict.outcome == Outcome::error);
  REQUIRE(verdict.reason);
  CHECK(verdict.reason->code == Code::limit_count);
}

TEST_CASE("provenance that does not count names no base", "[named-bases]") {
  const std::string one = material("pkg:docker/a@1");
  CHECK(of_provenance(built_from(one, stranger)).empty());
  CHECK(of_provenance(built_from(one, key, "https://example/other")).empty());
  CHECK(of_provenance(failed(Code::network_timeout)).empty());
  CHECK(names(manifest("image", {{built_from(one)}, {}})).empty());  // found for another need
  CHECK(names(manifest("image", {})).empty());
}

TEST_CASE("labels name the base where no builder does", "[named-bases]") {
  const std::string name = "org.opencontainers.image.base.name";
  const std::string digest = "org.opencontainers.image.base.digest";
  CHECK(names(labelled({{name, "debian:12"}, {digest, "sha256:" + hex}})) ==
        std::vector<std::string>{"docker.io/library/debian:12"});
  CHECK(names(labelled({{name, "debian:12"}})).empty());
  CHECK(names(labelled({{digest, "sha256:" + hex}})).empty());
  CHECK(names(labelled({{name, "oci-layout:x"}, {digest, "sha256:" + hex}})).empty());
  CHECK(names(labelled({{name, "Debian"}, {digest, "sha256:" + hex}})).empty());
  CHECK(names(labelled({{name, "debian"}, {digest, "md5:x"}})).empty());
}

TEST_CASE("labels pick one of the images that the builder names", "[named-bases]") {
  ManifestEvidence image = labelled({{"org.opencontainers.image.base.name", "debian:12"},
                                     {"org.opencontainers.image.base.digest", "sha256:" + hex}});
  const auto with = [&](const std::string& materials) {
    image.findings = {{}, {built_from(materials)}};
    return names(image);
  };
  const std::string golang = material("pkg:docker/golang@1");
  const std::vector<std::string> label = {"docker.io/library/debian:12"};
  CHECK(with(golang + "," + material("pkg:docker/debian@12")) == label);
  CHECK(with(golang + "," + material("pkg:docker/debian@12.8")) == label);
  CHECK(with(material("pkg:deb/debian/openssl@1")) == label);
  CHECK(with(golang) == std::vector<std::string>{"docker.io/library/golang:1"});
  const std::string other =
      R"({"uri":"pkg:docker/debian@12","digest":{"sha256":")" + std::string(64, 'b') + "\"}}";
  image.findings = {{}, {built_from(other)}};
  const auto bases = named_bases(rule(), image, now);
  REQUIRE(bases.size() == 1);
  CHECK(bases.front().digest.hex() == std::string(64, 'b'));
  image.config = Result<formats::ImageConfig>(Error{Code::network_timeout, "x", ""});
  CHECK(with(golang) == std::vector<std::string>{"docker.io/library/golang:1"});
}

}  // namespace touchstone::judge
