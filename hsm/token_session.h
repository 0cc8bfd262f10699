// One session with a token: finding objects, reading attributes, signing, making and removing
// objects, changing PINs. What the module answers is not believed: lengths and counts are bounded,
// and a length that changes between two calls is refused.
//
// Spec: PKCS#11 v2.40 sections 5.5 (PINs), 5.6, 5.7, 5.11 and 5.13.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "hsm/cryptoki.h"
#include "hsm/module.h"

namespace touchstone::hsm {

// A key or certificate as it stands on the token.
struct TokenObject {
  ck::Object handle = 0;
  Bytes id;           // CKA_ID; may be empty
  std::string label;  // CKA_LABEL; may be empty
};

enum class Access : std::uint8_t { read, write };

struct KeyPair {
  ck::Object public_key = 0;
  ck::Object private_key = 0;
};

class TokenSession {
 public:
  // Errors: device.removed, device.unsupported (write-protected), device.failed.
  static Result<std::unique_ptr<TokenSession>> open(std::shared_ptr<Module> module,
                                                    ck::SlotId slot_id,
                                                    Access access = Access::read);
  ~TokenSession();
  TokenSession(const TokenSession&) = delete;
  TokenSession& operator=(const TokenSession&) = delete;

  // Logs the user in, by one attempt. Null: the token has a keypad of its own.
  // Errors: device.pin-wrong, device.pin-locked, device.removed, device.failed.
  Status log_in(const Secret* pin);
  void log_out();

  // Logs the security officer in, by one attempt; out again when the session ends.
  // Errors: device.puk-wrong, device.puk-locked, device.removed, device.failed.
  Status log_in_officer(const Secret& pin);

  // The objects of a class that can be seen now, with exactly that label and id where given.
  // Errors: device.module (more than limits::max_token_objects, absurd lengths), device.*.
  Result<std::vector<TokenObject>> find(ck::Ulong object_class,
                                        const std::optional<std::string>& label,
                                        const std::optional<Bytes>& id);

  // Absent when the object has no such attribute or keeps it to itself.
  // Errors: device.module (over limits::max_token_attribute_bytes), device.*.
  Result<std::optional<Bytes>> attribute(ck::Object object, ck::Ulong type);
  Result<std::optional<ck::Ulong>> number(ck::Object object, ck::Ulong type);
  Result<bool> flag(ck::Object object, ck::Ulong type);  // false when absent

  // Signs once. `pin` is for keys that want it before each signature (CKU_CONTEXT_SPECIFIC). After
  // any failure the session is replaced, because a half-begun signature would block the next one.
  // Errors: device.*.
  Result<Bytes> sign(ck::Object key, ck::Mechanism mechanism, ByteView input, const Secret* pin);

  // Objects of the token, for sessions with Access::write.
  // Errors: device.unsupported (the token refuses the mechanism or the template), device.*.
  Result<KeyPair> generate(ck::Mechanism mechanism, std::vector<ck::Attribute> public_half,
                           std::vector<ck::Attribute> private_half);
  Result<ck::Object> create(std::vector<ck::Attribute> object);
  Status destroy(ck::Object object);

  // The user's PIN when nobody is logged in, the officer's when the officer is.
  // Errors: device.pin-wrong, device.pin-locked, device.pin-unfit, device.*.
  Status set_pin(const Secret& current, const Secret& next);

  // The user's PIN anew, set by the officer.
  // Errors: device.pin-unfit, device.*.
  Status init_pin(const Secret& next);

 private:
  TokenSession(std::shared_ptr<Module> module, ck::SlotId slot_id, Access access)
      : module_(std::move(module)), slot_id_(slot_id), access_(access) {}
  Status start();
  void stop();
  void restart();
  ck::Rv present(ck::Ulong user, const Secret* pin);
  Result<std::vector<ck::Object>> find_handles(std::vector<ck::Attribute> wanted);
  Result<Bytes> sign_started(ByteView input, const Secret* pin);
  const ck::FunctionList& functions() const { return module_->functions(); }

  std::shared_ptr<Module> module_;
  ck::SlotId slot_id_;
  Access access_;
  std::optional<ck::Session> session_;
};

}  // namespace touchstone::hsm
