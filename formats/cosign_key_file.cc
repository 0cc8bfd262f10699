#include "formats/cosign_key_file.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "formats/json_fields.h"

namespace touchstone::formats {
namespace {

Result<Bytes> base64_member(const Fields &fields, std::string_view name) {
  TS_TRY(const std::string text, fields.string(name));
  auto bytes = from_base64(text);
  if (!bytes) return fields.error(name, "malformed base64");
  return *std::move(bytes);
}

Status named(const Fields &fields, std::string_view wanted) {
  TS_TRY(const std::string name, fields.string("name"));
  if (name != wanted) return fields.error("name", "is not \"" + std::string(wanted) + "\"");
  return ok();
}

Result<crypto::EncryptedKey> parse_members(const Json &document) {
  TS_TRY(const Fields root, Fields::of(document));
  TS_CHECK(root.only({"kdf", "cipher", "ciphertext"}));
  TS_TRY(const Fields kdf, root.object("kdf"));
  TS_CHECK(kdf.only({"name", "params", "salt"}));
  TS_CHECK(named(kdf, "scrypt"));
  TS_TRY(const Fields parameters, kdf.object("params"));
  TS_CHECK(parameters.only({"N", "r", "p"}));
  TS_TRY(const Fields cipher, root.object("cipher"));
  TS_CHECK(cipher.only({"name", "nonce"}));
  TS_CHECK(named(cipher, "nacl/secretbox"));
  crypto::EncryptedKey key;
  TS_TRY(key.n, parameters.unsigned_integer("N"));
  TS_TRY(key.r, parameters.unsigned_integer("r"));
  TS_TRY(key.p, parameters.unsigned_integer("p"));
  TS_TRY(key.salt, base64_member(kdf, "salt"));
  TS_TRY(key.nonce, base64_member(cipher, "nonce"));
  TS_TRY(key.ciphertext, base64_member(root, "ciphertext"));
  return key;
}

}  // namespace

bool is_cosign_key_type(std::string_view pem_type) {
  return pem_type == "ENCRYPTED SIGSTORE PRIVATE KEY" || pem_type == "ENCRYPTED COSIGN PRIVATE KEY";
}

Result<crypto::EncryptedKey> parse_cosign_key(ByteView content) {
  auto document = parse_json(content, limits::max_key_file_bytes);
  if (!document) return in_context(std::move(document).error(), Code::format_key, "encrypted key");
  auto key = parse_members(*document);
  if (!key) return in_context(std::move(key).error(), Code::format_key, "encrypted key");
  return key;
}

}  // namespace touchstone::formats
