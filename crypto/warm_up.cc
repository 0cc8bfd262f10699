#include "crypto/warm_up.h"

#include "base/encoding.h"
#include "crypto/public_key.h"

namespace touchstone::crypto {

void warm_up() {
  // Anybody's key does; this is the generator of P-256 (SEC 2 section 2.4.2).
  const auto spki = from_base64(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/"
      "m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==");
  const auto key = PublicKey::from_der(spki.value_or(Bytes{}));
  if (key) (void)key->verify(Scheme::ecdsa_sha256, *spki, *spki);
}

}  // namespace touchstone::crypto
