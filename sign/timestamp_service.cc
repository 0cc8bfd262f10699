#include "sign/timestamp_service.h"

#include <algorithm>

#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/timestamp_token.h"

namespace touchstone::sign {
namespace {

std::uint64_t fresh_nonce() {
  std::uint64_t nonce = 0;
  for (const std::uint8_t byte : crypto::random_bytes(sizeof nonce)) nonce = nonce << 8 | byte;
  return nonce;
}

}  // namespace

Result<Bytes> ask_for_timestamp(HttpClient& http, const ServiceAddress& authority,
                                ByteView signature) {
  const std::string who = "the timestamp authority at " + authority.host();
  const std::uint64_t nonce = fresh_nonce();
  HttpRequest request = service_request(authority.url(), "application/timestamp-query",
                                        crypto::write_timestamp_request(signature, nonce));
  request.headers.push_back({"Accept", "application/timestamp-reply"});
  request.max_body_bytes = limits::max_timestamp_bytes;
  TS_TRY(HttpResponse response, ask_service(http, request, who));
  auto token = crypto::TimestampToken::parse(response.body);
  if (!token) {
    Error error = std::move(token).error();
    error.message = who + ": " + error.message;
    return error;
  }
  if (token->hash_algorithm() != crypto::Hash::sha256 ||
      !std::ranges::equal(token->imprint(), crypto::hash(crypto::Hash::sha256, signature))) {
    return Error{Code::binding_timestamp, who + " stamped other bytes than the signature", ""};
  }
  if (token->nonce() != nonce) {
    return Error{Code::binding_timestamp, who + " answered another question", ""};
  }
  return std::move(response.body);
}

}  // namespace touchstone::sign
