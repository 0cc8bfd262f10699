// Entries of transparency logs in bundles and annotations, and what a log recorded.
#include "formats/log_entry.h"

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/pem.h"

namespace touchstone::formats {
namespace {

const std::string hash = to_base64(Bytes(32, 7));
const std::string good = R"({"logIndex":"5","logId":{"keyId":"AQID"},)"
                         R"("kindVersion":{"kind":"hashedrekord","version":"0.0.1"},)"
                         R"("integratedTime":"1700000000",)"
                         R"("inclusionPromise":{"signedEntryTimestamp":"BAUG"},)"
                         R"("inclusionProof":{"logIndex":"4","rootHash":")" +
                         hash + R"(","treeSize":"9","hashes":[")" + hash +
                         R"("],"checkpoint":{"envelope":"note"}},"canonicalizedBody":"Ym9keQ=="})";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

Result<std::vector<LogEntry>> entries(const std::string& list) {
  TS_TRY(const Json document, parse_json(as_bytes("{\"entries\":[" + list + "]}"), 1 << 20));
  TS_TRY(const Message message, Message::of(document, "", {"entries"}));
  return LogEntry::read_all(message, "entries");
}

const std::string digest(64, 'a');
const std::string pem = to_base64(as_bytes(crypto::to_pem("PUBLIC KEY", Bytes{1, 2, 3})));

LogEntry entry_of(std::string_view kind, std::string_view version, std::string_view spec) {
  LogEntry entry;
  entry.kind = kind;
  entry.version = version;
  entry.body = to_bytes(R"({"apiVersion":")" + std::string(version) + R"(","kind":")" +
                        std::string(kind) + R"(","spec":)" + std::string(spec) + "}");
  return entry;
}

const std::string hashedrekord = R"({"data":{"hash":{"algorithm":"sha256","value":")" + digest +
                                 R"("}},"signature":{"content":"c2ln","publicKey":{"content":")" +
                                 pem + R"("}}})";
const std::string dsse = R"({"payloadHash":{"algorithm":"sha256","value":")" + digest +
                         R"("},"signatures":[{"signature":"c2ln","verifier":")" + pem + R"("}]})";
const std::string intoto = R"({"content":{"payloadHash":{"algorithm":"sha256","value":")" + digest +
                           R"("},"envelope":{"signatures":[{"sig":"YzJsbg==","publicKey":")" + pem +
                           R"("}]}}})";
const std::string intoto_1 = R"({"content":{"hash":{"algorithm":"sha256","value":")" + digest +
                             R"("}},"publicKey":")" + pem + R"("})";
const std::string hashedrekord_2 =
    R"({"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":")" + hash +
    R"("},"signature":{"content":"c2ln","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256",)"
    R"("publicKey":{"rawBytes":"AQID"}}}}})";

}  // namespace

TEST_CASE("an entry is read as it stands in a bundle", "[log_entry]") {
  const auto read = entries(good);
  REQUIRE(read);
  const LogEntry& entry = read->front();
  CHECK(entry.index == 5);
  CHECK(entry.log_id == Bytes{1, 2, 3});
  CHECK(entry.integrated_time == 1700000000);
  CHECK(entry.promise == Bytes{4, 5, 6});
  REQUIRE(entry.proof);
  CHECK(entry.proof->index == 4);
  CHECK(entry.proof->tree_size == 9);
  CHECK(entry.proof->hashes == std::vector<Bytes>{Bytes(32, 7)});
  CHECK(entry.proof->checkpoint == "note");
  CHECK(entry.body == to_bytes("body"));
  // Numbers for strings, and members at their default left out.
  const auto plain = entries(R"({"logIndex":5,"logId":{"keyId":"AQID"},"kindVersion":{"kind":"x"},)"
                             R"("integratedTime":null,"canonicalizedBody":"Ym9keQ"})");
  REQUIRE(plain);
  CHECK(plain->front().index == 5);
  CHECK(plain->front().integrated_time == 0);
  CHECK_FALSE(plain->front().proof);
  const auto rootless = entries(replaced(good, R"("rootHash":")" + hash + "\",", ""));
  REQUIRE(rootless);
  CHECK(rootless->front().proof->root_hash.empty());
  // Others of the same log, and of another.
  CHECK(entries(good + "," + replaced(good, "\"5\"", "\"6\"")));
  CHECK(entries(good + "," + replaced(good, "AQID", "AQIE")));
}

TEST_CASE("what is no entry is refused", "[log_entry]") {
  struct Row {
    const char* why;
    std::string list;
    Code code = Code::format_json;
  };
  std::string hashes = "\"" + hash + "\"";
  for (std::size_t i = 0; i < limits::max_proof_hashes; ++i) hashes += ",\"" + hash + "\"";
  const auto row = GENERATE_COPY(values<Row>({
      {"an unknown member", replaced(good, "\"logIndex\"", "\"x\":1,\"logIndex\"")},
      {"no log", replaced(good, R"("logId":{"keyId":"AQID"},)", "")},
      {"a log without identifier", replaced(good, "AQID", "")},
      {"no kind", replaced(good, "\"kindVersion\"", "\"kind_versions\"")},
      {"no kind at all",
       replaced(good, R"("kindVersion":{"kind":"hashedrekord","version":"0.0.1"},)", "")},
      {"no body", replaced(good, "Ym9keQ==", "")},
      {"SIG-18 a negative index", replaced(good, "\"5\"", "\"-5\"")},
      {"a negative number", replaced(good, "\"5\"", "-5")},
      {"SIG-18 an index of 2^63", replaced(good, "\"5\"", "\"9223372036854775808\"")},
      {"an index with a leading zero", replaced(good, "\"5\"", "\"05\"")},
      {"an index with a fraction", replaced(good, "\"5\"", "5.0")},
      {"an index in words", replaced(good, "\"5\"", "\"five\"")},
      {"an empty promise", replaced(good, "BAUG", "")},
      {"a root hash of 31 bytes", replaced(good, hash, to_base64(Bytes(31, 7)))},
      {"a proof's hash of 33 bytes", replaced(good, "[\"" + hash, "[\"" + to_base64(Bytes(33, 7)))},
      {"a proof's hash that is a number", replaced(good, "[\"" + hash + "\"", "[1")},
      {"SIG-18 too many hashes", replaced(good, "[\"" + hash + "\"", "[" + hashes),
       Code::limit_count},
      {"a checkpoint over its limit",
       replaced(good, "\"note\"", "\"" + std::string(limits::max_note_bytes + 1, 'x') + "\""),
       Code::limit_size},
      {"the same entry twice", good + "," + good},
      {"no object", "1"},
  }));
  CAPTURE(row.why);
  const auto read = entries(row.list);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == row.code);
}

TEST_CASE("cosign's annotation holds an entry without proof", "[log_entry]") {
  const std::string text = R"({"SignedEntryTimestamp":"BAUG","Payload":{"body":")" +
                           to_base64(entry_of("hashedrekord", "0.0.1", hashedrekord).body) +
                           R"(","integratedTime":1700000000,"logIndex":5,"logID":"010203"}})";
  const auto entry = LogEntry::parse_annotation(text);
  REQUIRE(entry);
  CHECK(entry->kind == "hashedrekord");
  CHECK(entry->version == "0.0.1");
  CHECK(entry->index == 5);
  CHECK(entry->log_id == Bytes{1, 2, 3});
  CHECK_FALSE(entry->proof);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"BAUG", ""},
                                                        {"\"010203\"", "\"\""},
                                                        {"\"010203\"", "\"0102AB\""},
                                                        {"\"logIndex\":5", "\"logIndex\":-5"},
                                                        {"\"logIndex\":5", "\"logIndex\":\"5\""},
                                                        {"\"body\":\"", "\"body\":\"*"},
                                                        {"\"Payload\"", "\"x\":1,\"Payload\""},
                                                        {"\"logIndex\"", "\"x\":1,\"logIndex\""}}) {
    CAPTURE(from, to);
    CHECK_FALSE(LogEntry::parse_annotation(replaced(text, from, to)));
  }
}

TEST_CASE("each kind of body says what was logged", "[log_entry]") {
  const Bytes signature = to_bytes("sig");
  const auto first = LogBody::parse(entry_of("hashedrekord", "0.0.1", hashedrekord));
  REQUIRE(first);
  CHECK(first->kind == LogBody::Kind::hashed_artifact);
  CHECK(to_hex(first->digest) == digest);
  CHECK(first->signature == signature);
  CHECK(first->signer == Bytes{1, 2, 3});
  CHECK_FALSE(first->by_certificate);
  const std::string certificate =
      to_base64(as_bytes(crypto::to_pem("CERTIFICATE", Bytes{1, 2, 3})));
  CHECK(LogBody::parse(entry_of("rekord", "0.0.1", replaced(hashedrekord, pem, certificate)))
            ->by_certificate);
  const auto envelope = LogBody::parse(entry_of("dsse", "0.0.1", dsse));
  REQUIRE(envelope);
  CHECK(envelope->kind == LogBody::Kind::envelope);
  CHECK(envelope->signature == signature);
  const auto twice = LogBody::parse(entry_of("intoto", "0.0.2", intoto));
  REQUIRE(twice);
  CHECK(twice->kind == LogBody::Kind::envelope);
  CHECK(twice->signature == signature);
  const auto file = LogBody::parse(entry_of("intoto", "0.0.1", intoto_1));
  REQUIRE(file);
  CHECK(file->kind == LogBody::Kind::envelope_file);
  const auto second = LogBody::parse(entry_of("hashedrekord", "0.0.2", hashedrekord_2));
  REQUIRE(second);
  CHECK(second->kind == LogBody::Kind::hashed_artifact_2);
  CHECK(second->digest == Bytes(32, 7));
  CHECK(second->key_details == "PKIX_ECDSA_P256_SHA_256");
}

TEST_CASE("a body that is none of these is refused", "[log_entry]") {
  struct Row {
    const char* why;
    LogEntry entry;
  };
  LogEntry other_kind = entry_of("hashedrekord", "0.0.1", hashedrekord);
  other_kind.kind = "dsse";
  LogEntry other_version = entry_of("hashedrekord", "0.0.1", hashedrekord);
  other_version.version = "0.0.2";
  LogEntry no_json;
  no_json.body = to_bytes("body");
  const std::string signer = R"("publicKey":{"rawBytes":"AQID"})";
  const std::string data = R"({"algorithm":"SHA2_256","digest":")" + hash + "\"}";
  const auto row = GENERATE_COPY(values<Row>({
      {"no JSON", no_json},
      {"another kind than the entry says", other_kind},
      {"another version than the entry says", other_version},
      {"an unknown kind", entry_of("tuf", "0.0.1", "{}")},
      {"an unknown version", entry_of("dsse", "0.0.2", dsse)},
      {"an unknown hash",
       entry_of("hashedrekord", "0.0.1", replaced(hashedrekord, "sha256", "sha1"))},
      {"a digest that is too short",
       entry_of("hashedrekord", "0.0.1", replaced(hashedrekord, digest, "aa"))},
      {"a digest in capitals",
       entry_of("hashedrekord", "0.0.1", replaced(hashedrekord, digest, std::string(64, 'A')))},
      {"no signature", entry_of("hashedrekord", "0.0.1", replaced(hashedrekord, "c2ln", ""))},
      {"a signer that is no PEM",
       entry_of("hashedrekord", "0.0.1", replaced(hashedrekord, pem, "AAAA"))},
      {"a signer of another type",
       entry_of("hashedrekord", "0.0.1",
                replaced(hashedrekord, pem,
                         to_base64(as_bytes(crypto::to_pem("PRIVATE KEY", Bytes{1})))))},
      {"two signatures",
       entry_of("dsse", "0.0.1",
                replaced(dsse, "\"signatures\":[", "\"signatures\":[{\"signature\":\"c2ln\"},"))},
      {"none", entry_of("dsse", "0.0.1",
                        R"({"payloadHash":{"algorithm":"sha256","value":")" + digest +
                            R"("},"signatures":[]})")},
      {"a signature that is encoded once",
       entry_of("intoto", "0.0.2", replaced(intoto, "YzJsbg==", "c2ln*"))},
      {"a signature that is no base64 once decoded",
       entry_of("intoto", "0.0.2", replaced(intoto, "YzJsbg==", "Kg=="))},
      {"an unknown hash of an envelope",
       entry_of("dsse", "0.0.1", replaced(dsse, "sha256", "sha1"))},
      {"an envelope's signer that is no PEM",
       entry_of("dsse", "0.0.1", replaced(dsse, pem, "AAAA"))},
      {"an unknown hash of a statement",
       entry_of("intoto", "0.0.2", replaced(intoto, "sha256", "sha1"))},
      {"a statement's signer that is no PEM",
       entry_of("intoto", "0.0.2", replaced(intoto, pem, "AAAA"))},
      {"an unknown hash of an envelope's text",
       entry_of("intoto", "0.0.1", replaced(intoto_1, "sha256", "sha1"))},
      {"a text's signer that is no PEM",
       entry_of("intoto", "0.0.1", replaced(intoto_1, pem, "AAAA"))},
      {"Rekor v2 without entry", entry_of("hashedrekord", "0.0.2", "{}")},
      {"Rekor v2 without data",
       entry_of(
           "hashedrekord", "0.0.2",
           R"({"hashedRekordV002":{"signature":{"content":"c2ln","verifier":{)" + signer + "}}}}")},
      {"Rekor v2 without signature",
       entry_of("hashedrekord", "0.0.2", R"({"hashedRekordV002":{"data":)" + data + "}}")},
      {"Rekor v2 without verifier",
       entry_of("hashedrekord", "0.0.2",
                R"({"hashedRekordV002":{"data":)" + data + R"(,"signature":{"content":"c2ln"}}})")},
      {"Rekor v2 with an unknown hash",
       entry_of("hashedrekord", "0.0.2", replaced(hashedrekord_2, "SHA2_256", "SHA1"))},
      {"Rekor v2 with an unknown member",
       entry_of("hashedrekord", "0.0.2", replaced(hashedrekord_2, "\"data\"", "\"x\":1,\"data\""))},
      {"Rekor v2 with another unknown member",
       entry_of("hashedrekord", "0.0.2",
                replaced(hashedrekord_2, "\"hashedRekordV002\"", "\"x\":1,\"hashedRekordV002\""))},
      {"Rekor v2 with a digest of another length",
       entry_of("hashedrekord", "0.0.2", replaced(hashedrekord_2, "SHA2_256", "SHA2_512"))},
      {"Rekor v2 with two signers",
       entry_of(
           "hashedrekord", "0.0.2",
           replaced(hashedrekord_2, signer, signer + R"(,"x509Certificate":{"rawBytes":"AQID"})"))},
      {"Rekor v2 without signer",
       entry_of("hashedrekord", "0.0.2", replaced(hashedrekord_2, "," + signer, ""))},
  }));
  CAPTURE(row.why);
  const auto body = LogBody::parse(row.entry);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == Code::format_json);
}

}  // namespace touchstone::formats
