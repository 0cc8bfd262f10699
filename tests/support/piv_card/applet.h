// The PIV application of a YubiKey: its state, and what it answers.
//
// Spec: NIST SP 800-73-4 part 2, and Yubico's extensions (version, serial, metadata, attestation,
// import, move, retries, management key, reset). A wrong PIN costs a try; selecting an application
// or a reset forgets the PIN; a PIN-always key signs only right after VERIFY; a new key leaves the
// old certificate where it is.
#pragma once

#include <chrono>
#include <map>
#include <set>

#include "tests/support/piv_card/apdu.h"
#include "tests/support/piv_card/card_key.h"

namespace touchstone::piv_card {

// A PIN or PUK with its tries.
struct Reference {
  Bytes value;
  unsigned total = 3;
  unsigned left = 3;
};

// How the finger on the card behaves.
struct Touch {
  std::chrono::milliseconds delay{0};
  bool never = false;  // after the delay: 6982
};

// What a card may say that is not so.
enum class Lie : std::uint8_t {
  made_key,        // GENERATE answers with another key than the slot has
  policies,        // a new key gets none of the policies that were asked for
  origin,          // metadata tells the wrong one
  deleted,         // keys are not deleted
  stored,          // objects are not stored
  manager,         // whoever asks is the manager, and is answered with noise
  management_key,  // the management key is not changed
  attested_key,    // another key than the slot's is attested
};

class Applet {
 public:
  Applet();

  // One whole command.
  Answer run(const Command& command);

  // Power or a reset of the card: forgets what this session proved.
  void power_cycle();

  // What tests arrange.
  void set_firmware(std::uint32_t firmware);     // 0x050403 is 5.4.3; factory values are set anew
  void forget_yubico() { other_maker_ = true; }  // until the next firmware
  void set_serial(std::uint32_t serial) { serial_ = serial; }
  void set_touch(Touch touch) { touch_ = touch; }
  void set_pin_tries(unsigned left) { pin_.left = left; }
  void leave_out_of_metadata(std::uint8_t tag) { metadata_without_.insert(tag); }
  void lie(Lie lie) { lies_.insert(lie); }
  void tell_the_truth() { lies_.clear(); }
  bool set_management(std::uint8_t algorithm, const Bytes& key);
  void put_management_key_behind_pin();
  void set_object(const Bytes& id, const Bytes& content) { objects_[id] = content; }
  void fault_signatures(bool fault) { fault_signatures_ = fault; }
  void repeat_nonces() { one_nonce_ = true; }
  void make_key(std::uint8_t slot, std::uint8_t algorithm, std::uint8_t pin_policy,
                std::uint8_t touch_policy, std::uint8_t origin);
  void make_certificate(std::uint8_t slot, const std::string& common_name, bool compressed);
  // A FIPS device, by its certificate, or not.
  void set_fips(bool fips);
  // Attested by an own key of the owner's, whose certificate is signed by itself.
  void replace_attester();
  const Attester& attester() const { return attester_; }

 private:
  enum class Selected : std::uint8_t { none, piv, management };

  Answer run_piv(const Command& command);
  Answer select(const Command& command);
  Answer verify(const Command& command);
  Answer change_reference(const Command& command);
  Answer reset_retry_counter(const Command& command);
  Answer metadata(std::uint8_t slot) const;
  Answer general_authenticate(const Command& command, bool right_after_verify);
  Answer sign(const CardKey& key, const Bytes& input, bool right_after_verify);
  Answer authenticate_manager(const Command& command);
  Answer generate(const Command& command);
  Answer import_key(const Command& command);
  Answer move_key(const Command& command);
  Answer get_data(const Command& command) const;
  Answer put_data(const Command& command);
  Answer attest(std::uint8_t slot) const;
  Answer set_management_key(const Command& command);
  Answer set_retries(const Command& command);
  Answer reset_to_factory();

  // True: right. Else a try is gone, and `refusal` says how many are left.
  bool present(Reference& reference, ByteView value, std::uint16_t& refusal) const;
  Bytes management_cipher(const Bytes& block) const;
  void store_key(std::uint8_t slot, std::uint8_t algorithm, std::uint8_t pin_policy,
                 std::uint8_t touch_policy, std::uint8_t origin, crypto::Pkey key);
  void store_attesting_certificate();
  void factory_values();
  bool touched() const;

  std::uint32_t firmware_ = 0x050403;
  bool other_maker_ = false;
  std::uint32_t serial_ = 12345678;
  Attester attester_;

  Reference pin_;
  Reference puk_;
  std::uint8_t management_algorithm_ = 0;
  Bytes management_key_;
  std::map<std::uint8_t, CardKey> keys_;
  std::map<Bytes, Bytes> objects_;

  Selected selected_ = Selected::none;
  bool pin_verified_ = false;
  bool right_after_verify_ = false;
  bool managed_ = false;
  Bytes witness_;
  bool witness_is_challenge_ = false;

  Touch touch_;
  std::set<std::uint8_t> metadata_without_;
  std::set<Lie> lies_;
  bool fault_signatures_ = false;
  bool one_nonce_ = false;
};

// The object that holds the certificate of a slot.
std::optional<Bytes> certificate_object(std::uint8_t slot);

}  // namespace touchstone::piv_card
