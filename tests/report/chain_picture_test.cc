// The picture of how an image is trusted.
#include "report/chain_picture.h"

#include <catch2/catch.hpp>

#include "tests/report/sample.h"
#include "tests/support/strict_xml.h"

namespace touchstone::report {
namespace {

judge::EvidenceNote by_key() {
  judge::EvidenceNote note{"signature", "", "sigstore", "sha256:1"};
  note.signer = "release@shop.example";
  note.key = "sha256:beef";
  note.root = "root \"release\"";
  return note;
}

judge::EvidenceNote refused() {
  judge::EvidenceNote note{"signature", "", "sigstore", "sha256:2"};
  note.result = "identity.mismatch";
  note.message = "it is by somebody else";
  return note;
}

// What the boxes say, in the order in which they are drawn: "caption: texts".
std::vector<std::string> boxes(const std::vector<judge::EvidenceNote>& evidence) {
  judge::ImageVerdict image;
  image.pinned = "registry.example/app@sha256:1";
  image.verdict.outcome = judge::Outcome::allow;
  image.verdict.evidence = evidence;
  const auto svg = touchstone::test::StrictXml::parse(chain_picture(image));
  REQUIRE(svg);
  std::vector<std::string> texts;
  for (const auto& element : *svg) {
    if (element.name == "title") texts.push_back(element.text);
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a chain leads from the image to the root", "[picture]") {
  CHECK(boxes({by_key()}) == Texts{"image: registry.example/app@sha256:1",
                                   "signature: format sigstore",
                                   "key: release@shop.example; sha256:beef",
                                   "device: none is attested", "root: root \"release\""});
}

TEST_CASE("a device, a certificate and who vouched have their boxes", "[picture]") {
  judge::EvidenceNote with_device = by_key();
  with_device.device = "YubiKey (serial 12345678)";
  CHECK(boxes({with_device})[3] == "device: YubiKey (serial 12345678)");

  judge::EvidenceNote certified = by_key();
  certified.certificate = "ci@shop.example";
  certified.issuer = "https://issuer.example";
  CHECK(boxes({certified})[2] == "certificate: ci@shop.example");
  CHECK(boxes({certified})[3] == "issuer: https://issuer.example");

  certified.device = "YubiKey (serial 12345678)";
  CHECK(boxes({certified})[2] == "certificate: ci@shop.example; by https://issuer.example");
  CHECK(boxes({certified})[3] == "device: YubiKey (serial 12345678)");
}

TEST_CASE("a signature says when it was made and which log holds it", "[picture]") {
  judge::EvidenceNote note = by_key();
  note.type = "https://slsa.dev/provenance/v1";
  note.time = test::now;
  note.logs = {"rekor.example", "log2.example"};
  CHECK(boxes({note})[1] ==
        "signature: https://slsa.dev/provenance/v1; format sigstore; 2027-01-15T08:00:00Z; in log "
        "rekor.example, log2.example");
}

TEST_CASE("what does not count comes last and leads nowhere", "[picture]") {
  CHECK(boxes({refused(), by_key()}) ==
        Texts{"image: registry.example/app@sha256:1", "signature: format sigstore",
              "key: release@shop.example; sha256:beef", "device: none is attested",
              "root: root \"release\"", "signature: format sigstore; sha256:2",
              "does not count: identity.mismatch; it is by somebody else"});
}

TEST_CASE("there is no picture of nothing, and none of more than eight", "[picture]") {
  judge::ImageVerdict image;
  CHECK(chain_picture(image).empty());
  CHECK(boxes(std::vector(8, by_key())).size() == 1 + 8 * 4);
  CHECK(boxes(std::vector(9, by_key())).size() == 1 + 8 * 4);
}

TEST_CASE("long words are broken into lines, and never within a character", "[picture]") {
  judge::EvidenceNote note = by_key();
  note.signer = "";
  for (int i = 0; i < 300; ++i) note.signer += "é";
  judge::ImageVerdict image;
  image.pinned = "a";
  image.verdict.evidence = {note};
  const auto svg = touchstone::test::StrictXml::parse(chain_picture(image));
  REQUIRE(svg);
  std::size_t lines = 0;
  for (const auto& element : *svg) {
    if (element.name != "text" || !element.text.contains("é")) continue;
    ++lines;
    CHECK(element.text.size() <= 2 * 25 + std::string_view("…").size());
  }
  CHECK(lines == 4);
}

}  // namespace touchstone::report
