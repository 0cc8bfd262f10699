#include "tests/support/pretend_services.h"

#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "base/time.h"
#include "crypto/openssl.h"
#include "crypto/pem.h"

namespace touchstone::test {
namespace {

using formats::Json;

constexpr int created = 201;
constexpr int bad_request = 400;
constexpr int not_found = 404;
constexpr int conflict = 409;

Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json out{Json::Object()};
  for (const auto& [name, value] : members) out.set(name, value);
  return out;
}

Reply json_reply(int status, const Json& value) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body = to_text(value);
  return reply;
}

Reply refusal(int status, const std::string& why) {
  return json_reply(status, object({{"code", Json(std::uint64_t{3})}, {"message", Json(why)}}));
}

// The value at a path of members; a null when there is none.
Json at(const Json& value, std::initializer_list<std::string_view> path) {
  const Json* here = &value;
  for (const std::string_view name : path) {
    here = here->find(name);
    if (here == nullptr) return Json();
  }
  return *here;
}

std::string text_at(const Json& value, std::initializer_list<std::string_view> path) {
  const Json found = at(value, path);
  return found.string() == nullptr ? "" : *found.string();
}

Bytes base64_at(const Json& value, std::initializer_list<std::string_view> path) {
  return from_base64(text_at(value, path)).value_or(Bytes());
}

Bytes from_base64url(std::string_view text) {
  return from_base64(text, Base64::either).value_or(Bytes());
}

std::string base64url(std::string_view text) {
  std::string out = to_base64(as_bytes(text));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

// A holder whose private key nobody here has.
Entity holder_of(ByteView spki) {
  const std::uint8_t* cursor = spki.data();
  Entity holder;
  holder.key = std::shared_ptr<EVP_PKEY>(
      d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())), EVP_PKEY_free);
  return holder;
}

// A signer as Rekor v1 takes it: PEM.
void read_signer(ByteView pem, Logged& logged) {
  const auto block = crypto::parse_pem(pem);
  if (!block) return;
  logged.by_certificate = block->type == "CERTIFICATE";
  logged.signer = block->der;
}

Json hex_hashes(const std::vector<Bytes>& hashes) {
  Json::Array out;
  for (const Bytes& hash : hashes) out.emplace_back(to_hex(hash));
  return Json(std::move(out));
}

Json answer_of_version_1(const formats::LogEntry& entry) {
  Json verification = object({{"signedEntryTimestamp", Json(to_base64(entry.promise))}});
  if (entry.proof) {
    verification.set("inclusionProof", object({{"checkpoint", Json(entry.proof->checkpoint)},
                                               {"hashes", hex_hashes(entry.proof->hashes)},
                                               {"logIndex", Json(entry.proof->index)},
                                               {"rootHash", Json(to_hex(entry.proof->root_hash))},
                                               {"treeSize", Json(entry.proof->tree_size)}}));
  }
  return object({{std::string(64, 'a'), object({{"body", Json(to_base64(entry.body))},
                                                {"integratedTime", Json(entry.integrated_time)},
                                                {"logID", Json(to_hex(entry.log_id))},
                                                {"logIndex", Json(entry.index)},
                                                {"verification", std::move(verification)}})}});
}

}  // namespace

std::string identity_token(const std::string& claims) {
  return base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64url(claims) + "." +
         base64url("signature");
}

std::string identity_token() {
  const auto end = (PretendSigstore::now + std::chrono::hours(1)).time_since_epoch().count();
  return identity_token(
      R"({"iss":"https://issuer.example","sub":"1","email":"release@shop.example",)"
      R"("email_verified":true,"exp":)" +
      std::to_string(end) + "}");
}

PretendServices::PretendServices(PretendSigstore& sigstore)
    : sigstore_(sigstore),
      server_([this](const ServedRequest& request) { return answer(request); }) {
  faults.entry.later = std::chrono::seconds(3);
}

std::string PretendServices::log(PretendLog::Kind kind) const {
  return server_.url(kind == PretendLog::Kind::rekor1 ? "/one" : "/two");
}

Reply PretendServices::answer(const ServedRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::string path = request.path();
  if (path == "/api/v2/signingCert") return certificate(request);
  if (path == "/one/api/v1/log") return json_reply(200, object({{"treeSize", Json("1")}}));
  if (path == "/one/api/v1/log/entries") return entry_1(request);
  if (path.starts_with("/one/api/v1/log/entries/") && !existing_.empty()) {
    Reply reply;
    reply.body = existing_;
    return reply;
  }
  if (path == "/two/api/v2/log/entries") return entry_2(request);
  if (path == "/api/v1/timestamp") return stamp(request);
  return refusal(not_found, "nothing is here");
}

Reply PretendServices::certificate(const ServedRequest& request) {
  const auto document = formats::parse_json(as_bytes(request.body), request.body.size());
  const std::string authorization = request.header("authorization");
  const std::size_t dot = authorization.find('.');
  const std::string claims_part =
      dot == std::string::npos ? ""
                               : authorization.substr(dot + 1, authorization.rfind('.') - dot - 1);
  const Bytes claims_bytes = from_base64url(claims_part);
  const auto claims = formats::parse_json(claims_bytes, claims_bytes.size());
  if (!document || !claims || !authorization.starts_with("Bearer ")) {
    return refusal(bad_request, "There was an error processing the identity token");
  }
  const auto block =
      crypto::parse_pem(as_bytes(text_at(*document, {"publicKeyRequest", "publicKey", "content"})));
  const auto key =
      block ? crypto::PublicKey::from_der(block->der) : Result<crypto::PublicKey>(block.error());
  std::string subject = text_at(*claims, {"email"});
  if (subject.empty()) subject = text_at(*claims, {"sub"});
  if (!key || !key->verify(key->signing_scheme(), as_bytes(subject),
                           base64_at(*document, {"publicKeyRequest", "proofOfPossession"}))) {
    return refusal(bad_request, "The signature supplied in the request could not be verified");
  }
  const Entity holder = holder_of(key->der());
  CertificateChoice choice = faults.identity;
  choice.names = "email:" + subject + faults.more_names;
  choice.issuer = choice.old_issuer = text_at(*claims, {"iss"});
  const Entity made = sigstore_.certify(choice, faults.certify_other_key ? nullptr : &holder);
  Json::Array chain = {Json(made.pem()), Json(sigstore_.issuing_certificate().pem()),
                       Json(sigstore_.root_certificate().pem())};
  Reply reply = json_reply(
      200, object({{"signedCertificateEmbeddedSct",
                    object({{"chain", object({{"certificates", Json(std::move(chain))}})}})}}));
  if (faults.certificate) faults.certificate(reply);
  return reply;
}

Reply PretendServices::entry_1(const ServedRequest& request) {
  const auto document = formats::parse_json(as_bytes(request.body), request.body.size());
  if (!document) return refusal(bad_request, "no JSON");
  const bool envelope = text_at(*document, {"kind"}) == "dsse";
  Logged logged;
  if (envelope) {
    const std::string text = text_at(*document, {"spec", "proposedContent", "envelope"});
    const auto parsed = formats::parse_json(as_bytes(text), text.size());
    const Json verifiers = at(*document, {"spec", "proposedContent", "verifiers"});
    if (!parsed || verifiers.array() == nullptr || verifiers.array()->empty()) {
      return refusal(bad_request, "no envelope");
    }
    const Json signatures = at(*parsed, {"signatures"});
    logged.digest = crypto::hash(crypto::Hash::sha256, base64_at(*parsed, {"payload"}));
    logged.signature = base64_at(signatures.array()->front(), {"sig"});
    read_signer(from_base64(*verifiers.array()->front().string()).value_or(Bytes()), logged);
  } else {
    const std::string algorithm = text_at(*document, {"spec", "data", "hash", "algorithm"});
    logged.hash = algorithm == "sha384"   ? crypto::Hash::sha384
                  : algorithm == "sha512" ? crypto::Hash::sha512
                                          : crypto::Hash::sha256;
    logged.digest =
        from_hex(text_at(*document, {"spec", "data", "hash", "value"})).value_or(Bytes());
    logged.signature = base64_at(*document, {"spec", "signature", "content"});
    read_signer(base64_at(*document, {"spec", "signature", "publicKey", "content"}), logged);
  }
  LogChoice choice = faults.entry;
  choice.log = PretendLog::Kind::rekor1;
  const auto entry = sigstore_.entry(choice, logged, logged, envelope);
  Reply reply = json_reply(created, answer_of_version_1(entry));
  if (faults.log_holds_it) {
    existing_ = reply.body;
    reply = refusal(conflict, "an equivalent entry already exists");
    reply.headers.push_back({"Location", "/api/v1/log/entries/" + std::string(64, 'a')});
  }
  if (faults.log) faults.log(reply);
  return reply;
}

Reply PretendServices::entry_2(const ServedRequest& request) {
  const auto document = formats::parse_json(as_bytes(request.body), request.body.size());
  if (!document) return refusal(bad_request, "no JSON");
  const Json asked = at(*document, {"hashedRekordRequestV002"});
  const Json verifier = at(asked, {"signature", "verifier"});
  Logged logged;
  logged.digest = base64_at(asked, {"digest"});
  logged.hash = logged.digest.size() == 48   ? crypto::Hash::sha384
                : logged.digest.size() == 64 ? crypto::Hash::sha512
                                             : crypto::Hash::sha256;
  logged.signature = base64_at(asked, {"signature", "content"});
  logged.key_details = text_at(verifier, {"keyDetails"});
  logged.by_certificate = verifier.find("x509Certificate") != nullptr;
  logged.signer =
      base64_at(verifier, {logged.by_certificate ? "x509Certificate" : "publicKey", "rawBytes"});
  LogChoice choice = faults.entry;
  choice.log = PretendLog::Kind::rekor2;
  Reply reply = json_reply(created, entry_json(sigstore_.entry(choice, logged, logged, false)));
  if (faults.log) faults.log(reply);
  return reply;
}

Reply PretendServices::stamp(const ServedRequest& request) {
  const TimestampAuthority& authority = sigstore_.timestamp_authority(0);
  std::string time = to_compact_utc(PretendSigstore::now + faults.stamp.later);
  time.erase(time.find('T'), 1);
  Bytes asked = to_bytes(request.body);
  // The nonce is the last but one element, its content before the three bytes of certReq.
  if (faults.other_nonce) asked[asked.size() - 4] ^= 1;
  const Bytes response = faults.stamp.of
                             ? authority.stamp(*faults.stamp.of, time, faults.stamp.change)
                             : authority.answer(asked, time, faults.stamp.change);
  Reply reply;
  reply.status = created;
  reply.headers = {{"Content-Type", "application/timestamp-reply"}};
  reply.body = std::string(as_text(response));
  if (faults.timestamp) faults.timestamp(reply);
  return reply;
}

}  // namespace touchstone::test
