#include "formats/sigstore_bundle.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/limits.h"

namespace touchstone::formats {
namespace {

const std::string good = write_bundle("aGludA==", "application/vnd.in-toto+json",
                                      as_bytes("payload"), as_bytes("signature"));

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = good;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string key = R"("publicKey":{"hint":"aGludA=="})";
const std::string signatures = R"("signatures":[{"sig":"c2lnbmF0dXJl"}])";
const std::string media_type_v03 = "application/vnd.dev.sigstore.bundle.v0.3+json";
const std::string certificate = R"({"rawBytes":"MAA="})";
const std::string message =
    R"("messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAAA"},"signature":"AAAA"})";

std::string repeated(const std::string& item, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + item;
  return text;
}

}  // namespace

TEST_CASE("a bundle that is written reads back the same", "[bundle]") {
  const auto bundle = SigstoreBundle::parse(as_bytes(good));
  REQUIRE(bundle);
  CHECK(bundle->minor_version == 3);
  CHECK(std::get<KeyHint>(bundle->material).hint == "aGludA==");
  const auto& envelope = std::get<DsseEnvelope>(bundle->content);
  CHECK(envelope.payload_type == "application/vnd.in-toto+json");
  CHECK(envelope.payload == to_bytes("payload"));
  CHECK(envelope.signatures.front().signature == to_bytes("signature"));
}

TEST_CASE("whatever a bundle holds reads back the same", "[bundle]") {
  LogEntry entry;
  entry.index = 7;
  entry.log_id = Bytes(32, 1);
  entry.kind = "hashedrekord";
  entry.version = "0.0.1";
  entry.integrated_time = 1'800'000'000;
  entry.promise = {2};
  entry.body = {3};
  entry.proof = InclusionProof{5, 9, Bytes(32, 4), {Bytes(32, 5), Bytes(32, 6)}, "log\n9\n"};
  LogEntry second;  // with nothing that may be left out
  second.log_id = {9};
  second.kind = "dsse";
  second.body = {1};
  SigstoreBundle bundle;
  bundle.material = CertificateChain{{{0x30, 0x00}}};
  bundle.log_entries = {entry, second};
  bundle.timestamps = {{0x30, 0x01}, {0x30, 0x02}};
  bundle.content = MessageSignature{crypto::Hash::sha384, Bytes(48, 7), {8}};

  const auto parsed = SigstoreBundle::parse(as_bytes(write_bundle(bundle)));
  REQUIRE(parsed);
  CHECK(std::get<CertificateChain>(parsed->material).certificates.size() == 1);
  CHECK(parsed->timestamps == bundle.timestamps);
  const auto& message_signature = std::get<MessageSignature>(parsed->content);
  CHECK(message_signature.hash == crypto::Hash::sha384);
  CHECK(message_signature.digest == Bytes(48, 7));
  CHECK(message_signature.signature == Bytes{8});
  REQUIRE(parsed->log_entries.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const LogEntry& wanted = bundle.log_entries[i];
    const LogEntry& found = parsed->log_entries[i];
    CHECK(found.index == wanted.index);
    CHECK(found.log_id == wanted.log_id);
    CHECK(found.kind == wanted.kind);
    CHECK(found.version == wanted.version);
    CHECK(found.integrated_time == wanted.integrated_time);
    CHECK(found.promise == wanted.promise);
    CHECK(found.body == wanted.body);
    CHECK(found.proof.has_value() == wanted.proof.has_value());
  }
  const InclusionProof& proof = *parsed->log_entries.front().proof;
  CHECK(proof.index == 5);
  CHECK(proof.tree_size == 9);
  CHECK(proof.root_hash == Bytes(32, 4));
  CHECK(proof.hashes == std::vector<Bytes>{Bytes(32, 5), Bytes(32, 6)});
  CHECK(proof.checkpoint == "log\n9\n");

  for (const auto hash : {crypto::Hash::sha256, crypto::Hash::sha512}) {
    bundle.content = MessageSignature{hash, Bytes(32, 7), {8}};
    const auto other = SigstoreBundle::parse(as_bytes(write_bundle(bundle)));
    CHECK(std::get<MessageSignature>(other->content).hash == hash);
  }
  bundle.content = MessageSignature{{}, {}, {8}};
  CHECK(write_bundle(bundle).contains(R"("messageDigest":{})"));
  CHECK(SigstoreBundle::parse(as_bytes(write_bundle(bundle))));
}

TEST_CASE("bundles are read in every spelling the mapping allows", "[bundle]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"version 0.3, older spelling",
       replaced(media_type_v03, "application/vnd.dev.sigstore.bundle+json;version=0.3")},
      {"version 0.2",
       replaced(media_type_v03, "application/vnd.dev.sigstore.bundle+json;version=0.2")},
      {"version 0.1",
       replaced(media_type_v03, "application/vnd.dev.sigstore.bundle+json;version=0.1")},
      {"snake case", replaced("payloadType", "payload_type")},
      {"snake case with digits",
       replaced(key, R"("x509_certificate_chain":{"certificates":[)" + certificate + "]}")},
      {"a keyid beside an empty hint",
       [] {
         std::string text = replaced("\"aGludA==\"", "\"\"");
         const std::size_t at = text.find(R"("sig":)");
         return text.insert(at, R"("keyid":"other",)");
       }()},
      {"a message signature without digest",
       replaced(good.substr(good.find("\"dsseEnvelope\"")),
                R"("messageSignature":{"signature":"AAAA"}})")},
      {"null counts as absent", replaced(key, key + R"(,"certificate":null)")},
      {"unpadded base64", replaced("cGF5bG9hZA==", "cGF5bG9hZA")},
      {"the same hint twice", replaced(R"("sig":)", R"("keyid":"aGludA==","sig":)")},
      {"a single certificate", replaced(key, R"("certificate":)" + certificate)},
      {"a bare message signature",
       replaced(good.substr(good.find("\"dsseEnvelope\"")), message + "}")},
  }));
  CAPTURE(row.why, row.text);
  const auto bundle = SigstoreBundle::parse(as_bytes(row.text));
  CAPTURE(bundle ? "" : bundle.error().message);
  CHECK(bundle);
}

TEST_CASE("malformed chains are refused", "[bundle][SIG-27]") {
  const std::string chain = R"("x509CertificateChain":{"certificates":[)" + certificate + "]}";
  std::string old = replaced(key, chain);
  old.replace(old.find(media_type_v03), media_type_v03.size(),
              "application/vnd.dev.sigstore.bundle+json;version=0.2");
  const auto bundle = SigstoreBundle::parse(as_bytes(old));
  REQUIRE(bundle);
  CHECK(std::get<CertificateChain>(bundle->material).certificates.size() == 1);
  for (const std::string wrong : {"[]", "{}", R"([{"rawBytes":""}])", R"([{"x":"MAA="}])", "7"}) {
    std::string text = old;
    text.replace(text.find("[" + certificate + "]"), certificate.size() + 2, wrong);
    CHECK(SigstoreBundle::parse(as_bytes(text)).error().code == Code::format_bundle);
  }
  std::string many = old;
  many.replace(many.find(certificate), certificate.size(), repeated(certificate, 17));
  CHECK(SigstoreBundle::parse(as_bytes(many)).error().code == Code::limit_count);
  old.insert(old.find("\"certificates\""), "\"x\":1,");
  CHECK(SigstoreBundle::parse(as_bytes(old)).error().code == Code::format_bundle);
}

TEST_CASE("certificates come in their order, in every version", "[bundle]") {
  const std::string two = R"({"rawBytes":"MAE="})";
  const std::string text =
      replaced(key, R"("x509CertificateChain":{"certificates":[)" + certificate + "," + two + "]}");
  for (const std::string& type :
       {media_type_v03, std::string("application/vnd.dev.sigstore.bundle+json;version=0.2")}) {
    std::string old = text;
    old.replace(old.find(media_type_v03), media_type_v03.size(), type);
    const auto bundle = SigstoreBundle::parse(as_bytes(old));
    REQUIRE(bundle);
    CHECK(std::get<CertificateChain>(bundle->material).certificates ==
          std::vector<Bytes>{{0x30, 0x00}, {0x30, 0x01}});
  }
}

TEST_CASE("what is written with certificates reads back", "[bundle]") {
  for (const std::vector<Bytes>& certificates :
       {std::vector<Bytes>{{1}}, std::vector<Bytes>{{1}, {2}, {3}}}) {
    const std::string text = write_bundle(CertificateChain{certificates}, "type", {}, Bytes{9});
    const auto bundle = SigstoreBundle::parse(as_bytes(text));
    REQUIRE(bundle);
    CHECK(bundle->minor_version == 3);
    CHECK(std::get<CertificateChain>(bundle->material).certificates == certificates);
    CHECK(text.contains("x509CertificateChain") == (certificates.size() > 1));
  }
}

TEST_CASE("malformed bundles are refused",
          "[bundle][SIG-26][SIG-27][SIG-29][SIG-32][JSON-01][JSON-10]") {
  struct Row {
    const char* why;
    std::string text;
    Code code = Code::format_bundle;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"no JSON", "{"},
      {"an array", "[]"},
      {"trailing text", good + "x"},
      {"no media type", replaced("\"mediaType\":\"" + media_type_v03 + "\",", "")},
      {"version 0.4", replaced("v0.3", "v0.4")},
      {"version 99.9",
       replaced(media_type_v03, "application/vnd.dev.sigstore.bundle+json;version=99.9")},
      {"an unknown member", replaced("{\"mediaType\"", "{\"x\":1,\"mediaType\"")},
      {"a member twice", replaced("{\"mediaType\"", "{\"mediaType\":\"x\",\"mediaType\"")},
      {"a member in two spellings",
       replaced("{\"mediaType\"", "{\"media_type\":\"x\",\"mediaType\"")},
      {"no material", replaced("{" + key + "}", "{}")},
      {"material is null", replaced("{" + key + "}", "null")},
      {"material is a list", replaced("{" + key + "}", "[]")},
      {"a key that is a string", replaced(R"({"hint":"aGludA=="})", R"("aGludA==")")},
      {"a hint that is a number", replaced(R"("aGludA==")", "7")},
      {"an unknown member of the key", replaced(R"({"hint")", R"({"x":1,"hint")")},
      {"an unknown member of the material", replaced(key, key + R"(,"x":1)")},
      {"log entries that are no list", replaced(key, key + R"(,"tlogEntries":{})")},
      {"timestamps that are no list",
       replaced(key, key + R"(,"timestampVerificationData":{"rfc3161Timestamps":{}})")},
      {"an unknown member beside the timestamps",
       replaced(key, key + R"(,"timestampVerificationData":{"x":[]})")},
      {"a certificate with an unknown member",
       replaced(key, R"("certificate":{"rawBytes":"MAA=","x":1})")},
      {"an unknown member of the envelope", replaced(signatures, signatures + R"(,"x":1)")},
      {"an unknown member of a signature", replaced(R"("sig":)", R"("x":1,"sig":)")},
      {"a payload type that is a number", replaced("\"application/vnd.in-toto+json\"", "1")},
      {"signatures that are no list", replaced(signatures, R"("signatures":{})")},
      {"a signature that is null", replaced(signatures, R"("signatures":[null])")},
      {"SIG-32 100,000 log entries",
       replaced(key, key + R"(,"tlogEntries":[)" + repeated("{}", 100'000) + "]"),
       Code::limit_count},
      {"SIG-32 100,000 signatures",
       replaced(signatures, "\"signatures\":[" + repeated("{}", 100'000) + "]"), Code::limit_count},
      {"nested past the limit", std::string(100, '['), Code::limit_depth},
      {"two materials", replaced(key, key + R"(,"certificate":)" + certificate)},
      {"an empty chain", replaced(key, R"("x509CertificateChain":{"certificates":[]})")},
      {"an empty certificate", replaced(key, R"("certificate":{"rawBytes":""})")},
      {"no signature", replaced(signatures, R"("signatures":[])")},
      {"two signatures", replaced(signatures, R"("signatures":[{"sig":"AAAA"},{"sig":"AAAA"}])")},
      {"an empty signature", replaced("c2lnbmF0dXJl", "")},
      {"a keyid that is not the hint", replaced(R"("sig":)", R"("keyid":"other","sig":)")},
      {"base64 with a line break", replaced("c2lnbmF0dXJl", "c2lnb\\nmF0dXJl")},
      {"base64 with a blank", replaced("c2lnbmF0dXJl", "c2ln bmF0dXJl")},
      {"base64 with wrong padding", replaced("c2lnbmF0dXJl", "c2lnbmF0dXJl=")},
      {"base64 with bits to spare", replaced("cGF5bG9hZA==", "cGF5bG9hZB==")},
      {"base64 of two alphabets", replaced("c2lnbmF0dXJl", "-_+/")},
      {"a payload that is a number", replaced("\"cGF5bG9hZA==\"", "7")},
      {"no content", replaced("," + good.substr(good.find("\"dsseEnvelope\"")), "}")},
      {"two contents", replaced("\"dsseEnvelope\"", message + ",\"dsseEnvelope\"")},
      {"an unknown member of a message signature",
       replaced(good.substr(good.find("\"dsseEnvelope\"")),
                R"("messageSignature":{"signature":"AAAA","x":1}})")},
      {"an unknown member of a message digest",
       replaced(good.substr(good.find("\"dsseEnvelope\"")),
                R"("messageSignature":{"messageDigest":{"x":1},"signature":"AAAA"}})")},
      {"an empty message signature", replaced(good.substr(good.find("\"dsseEnvelope\"")),
                                              R"("messageSignature":{"signature":""}})")},
      {"a digest without algorithm",
       replaced(good.substr(good.find("\"dsseEnvelope\"")),
                R"("messageSignature":{"messageDigest":{"digest":"AAAA"},"signature":"AAAA"}})")},
      {"an algorithm without digest",
       replaced(
           good.substr(good.find("\"dsseEnvelope\"")),
           R"("messageSignature":{"messageDigest":{"algorithm":"SHA2_256"},"signature":"AAAA"}})")},
      {"an empty timestamp",
       replaced(key, key + R"(,"timestampVerificationData":{"rfc3161Timestamps":[{}]})")},
      {"a huge timestamp",
       replaced(key,
                key + R"(,"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":")" +
                    to_base64(Bytes(limits::max_timestamp_bytes + 1, 0)) + R"("}]})"),
       Code::limit_size},
      {"too many log entries",
       replaced(key,
                key + R"(,"tlogEntries":[)" + repeated("{}", limits::max_log_entries + 1) + "]"),
       Code::limit_count},
      {"too many timestamps",
       replaced(key, key + R"(,"timestampVerificationData":{"rfc3161Timestamps":[)" +
                         repeated("{}", limits::max_timestamps + 1) + "]}"),
       Code::limit_count},
  }));
  CAPTURE(row.why, row.text);
  const auto bundle = SigstoreBundle::parse(as_bytes(row.text));
  REQUIRE_FALSE(bundle);
  CHECK(bundle.error().code == row.code);
}

TEST_CASE("the pre-authentication encoding counts bytes", "[dsse]") {
  // The example of the specification, and a type of two bytes in one character.
  CHECK(as_text(pre_authentication_encoding("http://example.com/HelloWorld",
                                            as_bytes("hello world"))) ==
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  CHECK(as_text(pre_authentication_encoding("\xC3\xA9", {})) == "DSSEv1 2 \xC3\xA9 0 ");
}

}  // namespace touchstone::formats
