#include "sign/look_alike.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "formats/dsse.h"
#include "formats/simple_signing.h"
#include "formats/statement.h"
#include "tests/support/memory_repository.h"

namespace touchstone::sign {
namespace {

const Digest image = crypto::digest_of(as_bytes("image"));
const std::string payload = formats::write_simple_signing(image, "registry.example/app", {});

}  // namespace

TEST_CASE("what a signature of an image is over is known", "[sign][XP-01]") {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const std::string statement = formats::write_image_signature_statement(image, {});
  const Bytes encoding =
      formats::pre_authentication_encoding(formats::in_toto_payload_type, as_bytes(statement));
  const auto row = GENERATE_COPY(values<Row>({
      {"a DSSE encoding", std::string(as_text(encoding))},
      {"one of another type", "DSSEv1 1 x 1 y"},
      {"a payload", payload},
      {"a payload in capitals",
       R"({"Critical":{"Identity":{},"Image":{"Docker-manifest-digest":"x"},"Type":"y"}})"},
      {"a payload with blanks before", "\n \t" + payload},
      {"a payload that we would not read: a name twice", "{\"critical\":1," + payload.substr(1)},
      {"a payload behind a byte order mark", "\xEF\xBB\xBF" + payload},
      {"a payload with text behind", payload + "x"},
      {"a payload with escapes that we would not read",
       R"({"\u0063ritical":{"\u0069mage":{}},"\u0063ritical":{"\u0069mage":{}}})"},
      {"a manifest", test::MemoryRepository::manifest_text("", "a", {}, nullptr)},
      {"an index", R"({"schemaVersion":2,"manifests":[]})"},
      {"a manifest of Docker's schema 1", R"({"schemaVersion":1,"fsLayers":[],"name":"x"})"},
      {"a manifest with its configuration alone", R"({"schemaversion":2,"config":{}})"},
      {"a manifest by its type",
       R"({"mediaType":"application/vnd.oci.artifact.manifest.v1+json"})"},
      {"a list by its type",
       R"({"MEDIATYPE":"application/vnd.docker.distribution.manifest.list.v2+json"})"},
      {"an OCI index by its type", R"({"mediaType":"application/vnd.oci.image.index.v1+json"})"},
      {"a manifest that we would not read", R"({"schemaVersion":2,"layers":[],"layers":[]})"},
      {"what a JWS signs", to_base64(as_bytes(R"({"alg":"ES256"})")) + "." + "e30"},
      {"what COSE signs", "\x84\x6ASignature1\x43"},
  }));
  CAPTURE(row.why, row.bytes);
  CHECK(passes_for(as_bytes(row.bytes)));
}

TEST_CASE("other files are files", "[sign]") {
  const auto text = GENERATE(values<std::string>(
      {"", "a file", "{}", "[]", "{", R"({"schemaVersion":2})", R"({"layers":[]})",
       R"({"critical":true})", R"({"critical":{"severity":9}})",
       R"({"mediaType":"application/vnd.cyclonedx+json"})", "DSSEv2", "www.example.org",
       "header.payload", "e30.e30", "#!/bin/sh\necho schemaVersion layers critical image\n",
       R"({"spdxVersion":"SPDX-2.3","packages":[{"name":"critical"}]})",
       R"({"_type":"https://in-toto.io/Statement/v1"})", R"({"mediaType":7})",
       // What we do not read, with one of two names, or with letters that only look like it.
       R"({"image":1,"image":2})", R"({"critical":1,"critical":2})", R"({"layers":[],"layers":[]})",
       R"({"schemaVersion":2,"schemaVersion":2})", R"({"\u1063ritical":1,"image":1,"image":2})",
       R"(echo {"schemaVersion":2,"layers":[]})",
       // A header alone, and a longer one than any.
       to_base64(as_bytes(R"({"alg":"ES256"})")),
       to_base64(as_bytes(R"({"alg":"ES256"})" + std::string(60'000, ' '))) + ".e30"}));
  CAPTURE(text);
  CHECK_FALSE(passes_for(as_bytes(text)));
}

}  // namespace touchstone::sign
