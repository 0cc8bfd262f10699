#include "sign/certificate_service.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/pem.h"
#include "formats/proto_json.h"

namespace touchstone::sign {
namespace {

using formats::Json;
using formats::Message;

std::string_view algorithm_of(const crypto::PublicKey& key) {
  switch (key.kind()) {
    case crypto::KeyKind::rsa:
      return "RSA";
    case crypto::KeyKind::ed25519:
      return "ED25519";
    case crypto::KeyKind::p256:
    case crypto::KeyKind::p384:
    case crypto::KeyKind::p521:
      break;
  }
  return "ECDSA";
}

Bytes request_body(const crypto::PublicKey& key, ByteView proof) {
  Json public_key;
  public_key.set("algorithm", Json(algorithm_of(key)));
  public_key.set("content", Json(key.pem()));
  Json request;
  request.set("publicKey", std::move(public_key));
  request.set("proofOfPossession", Json(to_base64(proof)));
  Json body;
  body.set("publicKeyRequest", std::move(request));
  return to_bytes(to_text(body));
}

// The authority says 401 or 403, or 400 with a word about the token.
bool is_about_token(const HttpResponse& response) {
  constexpr int unauthorized = 401;
  constexpr int forbidden = 403;
  if (response.status == unauthorized || response.status == forbidden) return true;
  return said_in(response).contains("token");
}

Result<std::string> first_certificate(const Json& document) {
  TS_TRY(const Message root,
         Message::of(document, "", {"signedCertificateEmbeddedSct", "signedCertificateDetachedSct"},
                     Message::Others::passed_over));
  if (root.has("signedCertificateDetachedSct")) {
    return Error{Code::format_json, "no log has seen the certificate", ""};
  }
  TS_TRY(const auto signed_one,
         root.message("signedCertificateEmbeddedSct", {"chain"}, Message::Others::passed_over));
  if (!signed_one) return root.error("signedCertificateEmbeddedSct", "missing");
  TS_TRY(const auto chain,
         signed_one->message("chain", {"certificates"}, Message::Others::passed_over));
  if (!chain) return signed_one->error("chain", "missing");
  TS_TRY(const Json::Array* all, chain->array("certificates", limits::max_chain_certificates));
  if (all->empty() || all->front().string() == nullptr) {
    return chain->error("certificates", "holds none");
  }
  return *all->front().string();
}

Result<crypto::Certificate> read_certificate(const Json& document, const std::string& who) {
  const auto pem = first_certificate(document);
  if (!pem) {
    return pem.error().code == Code::format_json ? strange_answer(who, pem.error().message)
                                                 : pem.error();
  }
  const auto block = crypto::parse_pem(as_bytes(*pem));
  if (!block || block->type != "CERTIFICATE") {
    return strange_answer(who, "its certificate is no PEM");
  }
  auto certificate = crypto::Certificate::from_der(block->der);
  if (!certificate) return strange_answer(who, certificate.error().message);
  return certificate;
}

}  // namespace

Result<crypto::Certificate> ask_for_certificate(HttpClient& http, const ServiceAddress& authority,
                                                const IdentityToken& token, KeyDevice& device,
                                                const crypto::PublicKey& key) {
  const std::string who = "the certificate authority at " + authority.host();
  TS_TRY(const Bytes proof, device.sign(key.signing_scheme(), as_bytes(token.subject())));
  HttpRequest request = service_request(authority.at("/api/v2/signingCert"), "application/json",
                                        request_body(key, proof));
  request.authorization = "Bearer " + std::string(token.text().reveal());
  constexpr std::array refusals = {400, 401, 403};
  const auto response = ask_service(http, request, who, refusals);
  wipe(request.authorization);
  if (!response) return response.error();
  if (std::ranges::count(refusals, response->status) != 0) {
    const std::string said = said_in(*response);
    return Error{
        is_about_token(*response) ? Code::auth_identity_token : Code::network_status,
        who + " answered " + std::to_string(response->status) + (said.empty() ? "" : ": " + said),
        ""};
  }
  TS_TRY(const Json document, json_in(*response, who));
  TS_TRY(crypto::Certificate certificate, read_certificate(document, who));
  if (certificate.key() != key) {
    return strange_answer(who, "its certificate is for another key");
  }
  return certificate;
}

}  // namespace touchstone::sign
