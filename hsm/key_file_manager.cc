#include "hsm/key_file_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>  // explicit_bzero
#include <unistd.h>

#include "base/files.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/text.h"
#include "crypto/certificate_fields.h"
#include "crypto/pem.h"
#include "hsm/key_file.h"

namespace touchstone::hsm {
namespace {

constexpr unsigned private_mode = 0600;
constexpr unsigned public_mode = 0644;

std::string quoted(std::string_view path) { return "\"" + printable(path) + "\""; }

Error file_error(std::string_view path, int number) {
  return Error{Code::usage_file, quoted(path) + ": " + system_message(number), ""};
}

// Private bytes that were read or will be written, wiped at the end.
struct Wiped {
  Bytes bytes;
  explicit Wiped(Bytes value) : bytes(std::move(value)) {}
  ~Wiped() {
    if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
  }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
};

// A key or certificate replaces none.
Status create_key_file(const std::string& path, ByteView bytes, unsigned mode) {
  const Status created = create_file(path, bytes, mode);
  if (created || !is_there(path)) return created;
  return Error{Code::device_key_exists, "the file " + quoted(path) + " is there already", ""};
}

Error unusable(std::string_view path, Error error) {
  const Code code = error.code == Code::format_key ? Code::device_key_file : error.code;
  return in_context(std::move(error), code, "file " + quoted(path));
}

Result<Bytes> read_key(const std::string& path) {
  TS_TRY(Bytes pem, read_file(path, limits::max_key_file_bytes));
  const auto block = crypto::parse_pem(pem);
  if (!block) return unusable(path, block.error());
  if (!block->type.ends_with("PRIVATE KEY")) {
    return Error{Code::device_key_file, "file " + quoted(path) + " holds no private key", ""};
  }
  return pem;
}

class FileKeyManager : public KeyManager {
 public:
  explicit FileKeyManager(std::string_view path) : path_(path), certificate_path_(path_ + ".crt") {
    place_.device = "file " + quoted(path_);
  }

  Status prepare() {
    there_ = is_there(path_);
    if (!there_) return ok();
    TS_TRY(Bytes pem, read_key(path_));
    const Wiped contents(std::move(pem));
    encrypted_ = is_encrypted_key(contents.bytes);
    return encrypted_ ? ok() : load(nullptr);
  }

  const KeyPlace& place() const override { return place_; }

  Credential needed_for(Change change) const override {
    if (change == Change::make_key) return Credential::new_passphrase;
    // Whose certificate it is, only the decrypted key tells.
    const bool closed = encrypted_ && !public_key_;
    return change == Change::certificate && closed ? Credential::pin : Credential::none;
  }

  // For a certificate the passphrase of the key that is there; else the new one, which write_key()
  // wants to be there. An empty one opens files of cosign's only.
  Status authorize(Secret credential) override {
    passphrase_ = std::move(credential);
    return ok();
  }

  Result<Holding> holding() override {
    Holding holding;
    holding.key = there_;
    if (there_) holding.things.push_back("key file " + quoted(path_));
    holding.public_key = public_key_;
    if (is_there(certificate_path_)) {
      holding.things.push_back("certificate file " + quoted(certificate_path_));
      const auto contents = read_file(certificate_path_, limits::max_key_file_bytes);
      const auto fields = contents ? crypto::CertificateFields::from_file(*contents)
                                   : Result<crypto::CertificateFields>(contents.error());
      if (fields) holding.certificate = fields->der;
    }
    return holding;
  }

  Result<MadeKey> generate(const KeySpec& spec, Existing existing) override {
    return write_key([&] { return crypto::PrivateKey::generate(spec.kind, spec.rsa_bits); },
                     spec.policies, existing);
  }

  Result<MadeKey> import_key(const crypto::PrivateKey& key, const KeyPolicies& policies,
                             Existing existing) override {
    return write_key([&] { return key; }, policies, existing);
  }

  Status remove() override {
    if (!there_) return no_key();
    if (unlink(path_.c_str()) != 0) return file_error(path_, errno);
    there_ = false;
    return remove_certificate("the key file is removed");
  }

  Status store_certificate(ByteView der, Existing existing) override {
    const auto fields = crypto::CertificateFields::parse(der);
    if (!fields) return in_context(fields.error(), Code::device_certificate, "the certificate");
    if (!there_) return no_key();
    if (!public_key_) TS_CHECK(load(&passphrase_));
    if (!(*public_key_ == fields->public_key)) {
      return Error{Code::device_certificate,
                   "the certificate of " + fields->subject_text + " is for another key", ""};
    }
    const std::string pem = fields->pem();
    if (existing == Existing::replace) {
      return replace_file(certificate_path_, as_bytes(pem), public_mode);
    }
    return create_key_file(certificate_path_, as_bytes(pem), public_mode);
  }

 private:
  Error no_key() const {
    return Error{Code::device_key_not_found, "there is no file " + quoted(path_), ""};
  }

  Status load(const Secret* passphrase) {
    TS_TRY(Bytes pem, read_key(path_));
    const Wiped contents(std::move(pem));
    const auto key = read_private_key(contents.bytes, passphrase);
    if (!key) return unusable(path_, key.error());
    public_key_ = key->public_key();
    return ok();
  }

  // The certificate was for a key that is gone.
  Status remove_certificate(const std::string& done) {
    if (unlink(certificate_path_.c_str()) == 0 || errno == ENOENT) return ok();
    return Error{Code::device_half_done,
                 done + "; left is: certificate file " + quoted(certificate_path_) + " (" +
                     system_message(errno) + ")",
                 ""};
  }

  template <class Make>
  Result<MadeKey> write_key(Make make, const KeyPolicies& policies, Existing existing) {
    if (policies.touch == TouchPolicy::always || policies.touch == TouchPolicy::cached) {
      return Error{Code::device_unsupported, "a key file knows no touch policy",
                   "a YubiKey fixes one when the key is made in a PIV slot"};
    }
    if (policies.pin == PinPolicy::never || policies.pin == PinPolicy::always) {
      return Error{Code::device_unsupported, "a key file wants its passphrase once",
                   "leave out --pin"};
    }
    if (passphrase_.empty()) {
      return Error{Code::device_pin_needed, "a key file needs a passphrase", ""};
    }
    if (existing == Existing::refuse && is_there(certificate_path_)) {
      return Error{Code::device_key_exists,
                   "the file " + quoted(certificate_path_) + " is there already", ""};
    }
    const crypto::PrivateKey key = make();
    const std::string pem = key.encrypted_pem(passphrase_);
    if (existing == Existing::refuse) {
      TS_CHECK(create_key_file(path_, as_bytes(pem), private_mode));
    } else {
      TS_CHECK(replace_file(path_, as_bytes(pem), private_mode));
      TS_CHECK(remove_certificate("the new key file is written"));
    }
    there_ = true;
    encrypted_ = true;
    public_key_ = key.public_key();
    return MadeKey{path_, key.public_key()};
  }

  std::string path_;
  std::string certificate_path_;
  KeyPlace place_;
  Secret passphrase_;
  bool there_ = false;
  bool encrypted_ = false;
  std::optional<crypto::PublicKey> public_key_;
};

class FilePassphrase : public PinManager {
 public:
  explicit FilePassphrase(std::string_view path) : path_(path) {
    state_.device = "file " + quoted(path_);
    state_.pin_noun = "passphrase";
    state_.has_puk = false;
  }

  const PinState& state() const override { return state_; }

  Status change_pin(const Secret& current, const Secret& next) override {
    TS_CHECK(check_new_pin(state_, state_.pin_noun, next));
    TS_TRY(Bytes pem, read_key(path_));
    const Wiped contents(std::move(pem));
    const auto key = crypto::PrivateKey::from_pem(contents.bytes, &current);
    if (!key) return unusable(path_, key.error());
    return replace_file(path_, as_bytes(key->encrypted_pem(next)), private_mode);
  }

  Status unblock_pin(const Secret&, const Secret&) override { return only_a_passphrase(); }
  Status change_puk(const Secret&, const Secret&) override { return only_a_passphrase(); }
  Status change_management_key(const Secret&, const Secret&) override {
    return only_a_passphrase();
  }

 private:
  static Error only_a_passphrase() {
    return Error{Code::device_unsupported, "a key file has a passphrase and nothing else",
                 "change it with `touchstone key pin change`"};
  }

  std::string path_;
  PinState state_;
};

}  // namespace

Result<std::unique_ptr<KeyManager>> open_key_file_manager(std::string_view path) {
  auto manager = std::make_unique<FileKeyManager>(path);
  TS_CHECK(manager->prepare());
  return std::unique_ptr<KeyManager>(std::move(manager));
}

Result<std::unique_ptr<PinManager>> open_key_file_pins(std::string_view path) {
  TS_TRY(Bytes pem, read_key(std::string(path)));
  const Wiped contents(std::move(pem));
  if (is_cosign_key(contents.bytes)) {
    return Error{Code::device_unsupported,
                 "file " + quoted(path) + " is a key file of cosign's, which only cosign writes",
                 "make an encrypted copy with `touchstone key import NEW FILE`"};
  }
  if (!is_encrypted_key(contents.bytes)) {
    return Error{Code::device_unsupported,
                 "file " + quoted(path) + " is not encrypted: there is no passphrase to change",
                 "make an encrypted copy with `touchstone key import NEW FILE`"};
  }
  return std::unique_ptr<PinManager>(std::make_unique<FilePassphrase>(path));
}

}  // namespace touchstone::hsm
