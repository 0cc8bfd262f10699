#include "hsm/key_file.h"

#include <string.h>  // explicit_bzero

#include <optional>

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/pem.h"
#include "crypto/private_key.h"
#include "formats/cosign_key_file.h"
#include "hsm/signature_input.h"

namespace touchstone::hsm {
namespace {

class FileKey : public KeyDevice {
 public:
  FileKey(std::string_view path, Bytes pem) : pem_(std::move(pem)) {
    description_.name = std::string(path);
    description_.device = "file \"" + printable(path) + "\"";
  }
  ~FileKey() override { wipe(); }
  FileKey(const FileKey&) = delete;
  FileKey& operator=(const FileKey&) = delete;

  Status prepare() {
    description_.needs_pin = is_encrypted_key(pem_);
    description_.cosign_file = is_cosign_key(pem_);
    return description_.needs_pin ? ok() : load(nullptr);
  }

  const KeyDescription& describe() const override { return description_; }

  Status unlock(Secret pin) override { return key_ ? ok() : load(&pin); }

  Result<Bytes> public_key() override {
    if (!key_) return still_encrypted();
    return key_->public_key().der();
  }

  Result<Bytes> sign(Scheme scheme, ByteView message) override {
    return sign_content(scheme, {message});
  }

  Result<Bytes> sign_digest(Scheme scheme, ByteView digest) override {
    return sign_content(scheme, {digest, true});
  }

 private:
  Result<Bytes> sign_content(Scheme scheme, const Content& content) {
    if (!key_) return still_encrypted();
    TS_CHECK(check_scheme(key_->public_key(), scheme));
    TS_TRY(Bytes signature, content.is_digest ? key_->sign_digest(scheme, content.bytes)
                                              : key_->sign(scheme, content.bytes));
    if (!content.is_signed_by(key_->public_key(), scheme, signature)) {
      return Error{Code::device_signature, "the signature does not verify with the key's own half",
                   ""};
    }
    return signature;
  }

  Status load(const Secret* passphrase) {
    auto key = read_private_key(pem_, passphrase);
    if (!key) {
      const Code code = key.error().code;
      return in_context(key.error(), code == Code::format_key ? Code::device_key_file : code,
                        description_.device);
    }
    key_ = *std::move(key);
    description_.public_key = key_->public_key().der();
    wipe();
    return ok();
  }

  Error still_encrypted() const {
    return Error{Code::device_pin_needed, description_.device + " needs its passphrase first", ""};
  }

  void wipe() {
    if (!pem_.empty()) explicit_bzero(pem_.data(), pem_.size());
    pem_.clear();
  }

  KeyDescription description_;
  Bytes pem_;
  std::optional<crypto::PrivateKey> key_;
};

}  // namespace

bool is_cosign_key(ByteView pem) {
  const auto block = crypto::parse_pem(pem);
  return block && formats::is_cosign_key_type(block->type);
}

bool is_encrypted_key(ByteView pem) {
  return crypto::PrivateKey::is_encrypted(pem) || is_cosign_key(pem);
}

Result<crypto::PrivateKey> read_private_key(ByteView pem, const Secret* passphrase) {
  if (!is_cosign_key(pem)) return crypto::PrivateKey::from_pem(pem, passphrase);
  if (passphrase == nullptr) {
    return Error{Code::device_pin_needed, "the key file is encrypted", ""};
  }
  TS_TRY(const crypto::PemBlock block, crypto::parse_pem(pem));
  TS_TRY(const crypto::EncryptedKey key, formats::parse_cosign_key(block.der));
  return crypto::decrypt_key(key, *passphrase);
}

Result<std::unique_ptr<KeyDevice>> open_key_file(std::string_view path) {
  TS_TRY(Bytes pem, read_file(path, limits::max_key_file_bytes));
  auto key = std::make_unique<FileKey>(path, std::move(pem));
  TS_CHECK(key->prepare());
  return std::unique_ptr<KeyDevice>(std::move(key));
}

}  // namespace touchstone::hsm
