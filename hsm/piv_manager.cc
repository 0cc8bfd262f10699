#include "hsm/piv_manager.h"

#include <functional>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/certificate_fields.h"
#include "crypto/hash.h"
#include "hsm/piv_algorithm.h"
#include "hsm/piv_changes.h"
#include "hsm/piv_choice.h"
#include "hsm/piv_description.h"
#include "hsm/piv_hold.h"
#include "hsm/piv_management.h"

namespace touchstone::hsm {
namespace {

constexpr Firmware first_with_policies{4, 0, 0};
constexpr Firmware first_with_cached_touch{4, 3, 0};
constexpr Firmware first_with_long_keys{5, 7, 0};  // RSA-3072 and -4096, Ed25519
constexpr Firmware first_with_delete{5, 7, 0};
constexpr std::size_t challenge_bytes = 32;

constexpr std::uint16_t status_wrong_data = 0x6A80;
constexpr std::uint16_t status_no_function = 0x6A81;
constexpr std::uint16_t status_wrong_parameters = 0x6A86;
constexpr std::uint16_t status_no_instruction = 0x6D00;

bool says_unsupported(std::uint16_t status) {
  return status == status_wrong_data || status == status_no_function ||
         status == status_wrong_parameters || status == status_no_instruction;
}

// What a slot holds, as far as the card tells.
struct SlotContent {
  bool told = true;  // false: there may be a key that nothing is told of
  std::optional<SlotKey> key;
  std::optional<StoredCertificate> certificate;
  bool malformed_certificate = false;

  bool has_certificate() const { return certificate || malformed_certificate; }
  bool empty() const { return told && !key && !has_certificate(); }
};

// How a key comes into a slot.
struct Making {
  PivAlgorithm algorithm;
  KeyPolicies policies;
  SlotMetadata::Origin origin;
  std::function<Result<CardAnswer>()> run;
  std::function<Result<crypto::PublicKey>(const CardAnswer&)> public_key;
};

class PivManager : public KeyManager {
 public:
  PivManager(std::shared_ptr<CardReaders> readers, PivCard card, std::uint8_t slot,
             ManagementAccess access)
      : readers_(std::move(readers)),
        card_(std::move(card)),
        slot_(slot),
        access_(std::move(access)) {}

  Status prepare() {
    TS_TRY(const auto pin, card_.tries());
    TS_TRY(const auto puk, card_.tries(PinReference::puk));
    place_.device = card_.name();
    place_.hardware = true;
    place_.tries = tries_level(pin);
    place_.warnings = factory_warnings(card_, pin, puk, access_.facts());
    place_.factory_values = !place_.warnings.empty();
    return ok();
  }

  const KeyPlace& place() const override { return place_; }

  Credential needed_for(Change) const override { return access_.needed(); }

  Status authorize(Secret credential) override {
    return held([&]() -> Status {
      TS_CHECK(start_afresh(card_));
      return access_.take(card_, credential);
    });
  }

  Result<Holding> holding() override {
    return held([&]() -> Result<Holding> {
      TS_CHECK(start_afresh(card_));
      TS_TRY(const SlotContent content, look());
      TS_TRY(seen_, card_.public_key_now(slot_));
      Holding holding;
      holding.things = names_of(content);
      holding.key = content.key.has_value();
      if (content.key) holding.public_key = content.key->public_key;
      if (content.certificate && !content.certificate->compressed) {
        holding.certificate = content.certificate->der;
      }
      holding.fixed = why_fixed(content);
      return holding;
    });
  }

  Result<MadeKey> generate(const KeySpec& spec, Existing existing) override {
    TS_TRY(const PivAlgorithm algorithm, algorithm_for(spec.kind, spec.rsa_bits));
    TS_CHECK(check_policies(spec.policies));
    if (spec.kind == crypto::KeyKind::rsa && makes_roca(card_)) {
      return Error{Code::device_firmware,
                   card_.name() + " has firmware " + card_.firmware()->to_string() +
                       ", which makes RSA keys that can be factored (CVE-2017-15361)",
                   ""};
    }
    const auto run = [&] { return make_card_key(card_, slot_, algorithm, spec.policies); };
    const auto public_key = [&](const CardAnswer& answer) -> Result<crypto::PublicKey> {
      const auto spki = spki_of_made_key(algorithm.id, answer.data);
      if (!spki) {
        return Error{Code::device_failed, card_.name() + " does not tell the new public key", ""};
      }
      return crypto::PublicKey::from_der(*spki);
    };
    return replace_by({algorithm, spec.policies, SlotMetadata::Origin::generated, run, public_key},
                      existing);
  }

  Result<MadeKey> import_key(const crypto::PrivateKey& key, const KeyPolicies& policies,
                             Existing existing) override {
    const crypto::PublicKey& half = key.public_key();
    TS_TRY(const PivAlgorithm algorithm, algorithm_for(half.kind(), half.bits()));
    TS_CHECK(check_policies(policies));
    TS_TRY(const crypto::KeyNumbers numbers, key.numbers());
    const auto run = [&] { return give_card_key(card_, slot_, algorithm, numbers, policies); };
    const auto public_key = [&](const CardAnswer&) -> Result<crypto::PublicKey> { return half; };
    return replace_by({algorithm, policies, SlotMetadata::Origin::imported, run, public_key},
                      existing);
  }

  Status remove() override {
    return held([&]() -> Status {
      TS_CHECK(start());
      TS_TRY(const SlotContent content, look());
      if (content.empty()) return no_key();
      if (auto why = why_fixed(content)) return *std::move(why);
      TS_CHECK(access_.prove(card_));
      if (content.key) TS_CHECK(remove_key());
      if (!content.has_certificate()) return ok();
      return remove_certificate(content.key ? "the key is removed" : "");
    });
  }

  Status store_certificate(ByteView der, Existing existing) override {
    auto fields = crypto::CertificateFields::parse(der);
    if (!fields) return in_context(fields.error(), Code::device_certificate, "the certificate");
    if (StoredCertificate::content(der).size() > limits::max_card_object_bytes) {
      return Error{Code::device_certificate,
                   "the certificate is longer than the " +
                       std::to_string(limits::max_card_object_bytes) + " bytes that a card takes",
                   ""};
    }
    return held([&] { return store(*fields, existing); });
  }

 private:
  // The card for ourselves, and unlocked for nobody afterwards.
  template <class Action>
  auto held(Action action) -> decltype(action()) {
    TS_CHECK(hold_same_card(*readers_, card_));  // nothing is kept in the card between two calls
    auto done = action();
    (void)card_.select();  // a card that does not answer has forgotten by itself
    card_.link()->unlock();
    return done;
  }

  std::string slot_name() const { return "slot " + slot_text(slot_); }

  Error no_key() const {
    return Error{Code::device_key_not_found, card_.name() + " has no key in " + slot_name(), ""};
  }

  // HW-07: the same card, with the key that was shown, as far as it tells.
  Status start() {
    TS_CHECK(start_afresh(card_));
    if (!seen_) return ok();
    TS_TRY(const auto now, card_.public_key_now(slot_));
    if (!now || *now == *seen_) return ok();
    return Error{Code::device_failed,
                 slot_name() + " of " + card_.name() + " holds another key than before", ""};
  }

  Result<SlotContent> look() {
    SlotContent content;
    TS_TRY(content.key, card_.key(slot_));
    if (!content.key) {
      TS_TRY(const auto metadata, card_.public_key_now(slot_));
      content.told = metadata.has_value();
    }
    auto certificate = card_.certificate(slot_);
    if (certificate) {
      content.certificate = *std::move(certificate);
    } else if (certificate.error().code == Code::device_removed) {
      return std::move(certificate).error();
    } else {
      content.malformed_certificate = true;
    }
    return content;
  }

  std::string key_text(const SlotKey& key) const {
    const std::string what =
        key.public_key ? key.public_key->kind_name() + ", " + key.public_key->fingerprint()
                       : printable(key.unusable);
    return "key in " + slot_name() + " (" + what + ")";
  }

  std::string certificate_text(const SlotContent& content) const {
    std::string what = "malformed";
    if (content.certificate) {
      const auto facts = CertificateFacts::parse(content.certificate->der);
      if (facts) what = facts->subject;
      if (content.certificate->compressed) what = "compressed";
    }
    return "certificate in " + slot_name() + " (" + what + ")";
  }

  std::vector<std::string> names_of(const SlotContent& content) const {
    std::vector<std::string> names;
    if (content.key) names.push_back(key_text(*content.key));
    if (!content.told) {
      names.push_back("whatever key may be in " + slot_name() + ": the card does not tell");
    }
    if (content.has_certificate()) names.push_back(certificate_text(content));
    return names;
  }

  bool can_delete() const { return card_.firmware() && *card_.firmware() >= first_with_delete; }

  std::optional<Error> why_fixed(const SlotContent& content) const {
    if (can_delete() || (!content.key && content.told)) return std::nullopt;
    return Error{Code::device_unsupported,
                 card_.name() + " cannot delete a key: YubiKeys can from firmware 5.7 on",
                 "replace it with `touchstone key generate --overwrite`, or reset the card's PIV "
                 "application with its maker's tool, which removes all its keys"};
  }

  Result<PivAlgorithm> algorithm_for(crypto::KeyKind kind, int rsa_bits) const {
    const PivAlgorithm* found = find_piv_algorithm(kind, rsa_bits);
    if (found == nullptr) {
      return Error{Code::device_unsupported, "PIV cards have no keys of this kind",
                   "p256, p384, rsa2048; with firmware 5.7 also rsa3072, rsa4096, ed25519"};
    }
    const bool late =
        kind == crypto::KeyKind::ed25519 || (kind == crypto::KeyKind::rsa && rsa_bits > 2048);
    if (late && card_.firmware() && *card_.firmware() < first_with_long_keys) {
      return Error{Code::device_unsupported,
                   card_.name() + " has firmware " + card_.firmware()->to_string() +
                       "; keys of this kind come with 5.7",
                   "p256, p384 or rsa2048"};
    }
    return *found;
  }

  Status check_policies(const KeyPolicies& policies) const {
    const bool touch = policies.touch != TouchPolicy::unknown;
    if (policies.pin == PinPolicy::unspecified && !touch) return ok();
    if (!card_.firmware() || *card_.firmware() < first_with_policies) {
      return Error{Code::device_unsupported, card_.name() + " takes no policies with a new key",
                   "leave out --pin and --touch"};
    }
    if (policies.touch == TouchPolicy::cached && *card_.firmware() < first_with_cached_touch) {
      return Error{Code::device_unsupported,
                   card_.name() + " has firmware " + card_.firmware()->to_string() +
                       "; touches are remembered from 4.3 on",
                   "use --touch always"};
    }
    return ok();
  }

  Result<MadeKey> replace_by(const Making& making, Existing existing) {
    return held([&]() -> Result<MadeKey> {
      TS_CHECK(start());
      TS_TRY(const SlotContent old, look());
      if (!old.empty() && existing == Existing::refuse) {
        return Error{Code::device_key_exists,
                     card_.name() + " has that already: " + join(names_of(old), ", "), ""};
      }
      TS_CHECK(access_.prove(card_));
      const auto answer = making.run();
      // Unsupported: nothing was sent.
      if (!answer && answer.error().code == Code::device_unsupported) return answer.error();
      if (!answer) return unseen(answer.error());
      if (!answer->good()) return refused(*answer);
      auto key = inspect(making, *answer);
      if (!key) return undo(key.error(), old);
      seen_.reset();
      const std::string name = card_.key_name(slot_).to_string();
      if (old.has_certificate()) {
        TS_CHECK(remove_certificate("the new key is made (" + name + ")"));
      }
      return MadeKey{name, *std::move(key)};
    });
  }

  // Whether the card says of the slot what was wanted and what it said it made.
  Result<crypto::PublicKey> inspect(const Making& making, const CardAnswer& answer) {
    TS_TRY(auto key, making.public_key(answer));
    TS_TRY(const auto now, card_.public_key_now(slot_));
    if (now && *now != key.der()) {
      return Error{Code::device_failed,
                   card_.name() + " tells another public key of " + slot_name() +
                       " than the one that was made",
                   ""};
    }
    TS_TRY(const auto metadata, card_.metadata(slot_));
    if (!metadata) return key;
    const auto differs = [](auto told, auto wanted, auto unknown) {
      return told != unknown && wanted != unknown && told != wanted;
    };
    if (differs(metadata->origin, making.origin, SlotMetadata::Origin::unknown)) {
      return Error{Code::device_failed,
                   card_.name() + " tells another origin of the new key than it has", ""};
    }
    if (differs(metadata->pin, making.policies.pin, PinPolicy::unspecified) ||
        differs(metadata->touch, making.policies.touch, TouchPolicy::unknown)) {
      return Error{Code::device_failed,
                   card_.name() + " gave the new key other policies than were asked for", ""};
    }
    if (metadata->pin == PinPolicy::never && metadata->touch == TouchPolicy::never) {
      TS_CHECK(test_signature(making.algorithm, key));
    }
    return key;
  }

  Status test_signature(const PivAlgorithm& algorithm, const crypto::PublicKey& key) {
    const Bytes challenge = crypto::random_bytes(challenge_bytes);
    TS_TRY(const Bytes input, card_input(key, key.signing_scheme(), {challenge}));
    TS_TRY(const CardAnswer answer, card_.authenticate(slot_, algorithm.id, input));
    const auto signature = answer.good() ? signature_of_answer(answer.data) : std::nullopt;
    if (signature && key.verify(key.signing_scheme(), challenge, *signature)) return ok();
    return Error{Code::device_signature,
                 "the new key in " + slot_name() + " of " + card_.name() +
                     " does not sign as its public half says",
                 ""};
  }

  Error unseen(const Error& why) const {
    return Error{Code::device_half_done,
                 why.message + "; whether " + slot_name() +
                     " holds its old key, a new one or none " + "could not be seen",
                 "put the card back, and look with `touchstone key show`"};
  }

  Error refused(const CardAnswer& answer) const {
    const std::string status = " (" + status_text(answer.status) + ")";
    if (says_unsupported(answer.status)) {
      return Error{
          Code::device_unsupported,
          card_.name() + " does not take a key of this kind, or with these policies" + status, ""};
    }
    return Error{Code::device_failed, card_.name() + " does not make the key" + status, ""};
  }

  // A key that must not be used does not stay where it can be removed; the old one cannot come
  // back.
  Error undo(const Error& why, const SlotContent& old) {
    if (why.code == Code::device_removed) return unseen(why);
    const auto deleted = can_delete() ? delete_card_key(card_, slot_) : Result<CardAnswer>(why);
    const bool removed = deleted && deleted->good();
    std::vector<std::string> left;
    if (!removed) left.push_back("the new key in " + slot_name() + ", which must not be used");
    if (old.has_certificate()) left.push_back(certificate_text(old));
    const bool nothing_lost = old.told && !old.key;
    if (removed && nothing_lost) return why;
    std::string message = why.message;
    if (!nothing_lost) message += "; the old key is gone";
    if (!left.empty()) message += "; left is: " + join(left, ", ");
    return Error{Code::device_half_done, message, ""};
  }

  Status remove_key() {
    const auto answer = delete_card_key(card_, slot_);
    if (!answer) return unseen(answer.error());
    if (!answer->good()) {
      return Error{Code::device_failed,
                   card_.name() + " does not remove the key (" + status_text(answer->status) + ")",
                   ""};
    }
    seen_.reset();
    const auto now = card_.public_key_now(slot_);
    if (!now) return unseen(now.error());
    if (!*now || (*now)->empty()) return ok();
    return Error{Code::device_failed,
                 card_.name() + " says that it removed the key, and still has it", ""};
  }

  // `done`: what was done before, for the error; nothing when that is empty.
  Status remove_certificate(const std::string& done) {
    const auto answer = put_object(card_, certificate_object(slot_), {});
    if (answer && answer->good()) return ok();
    const std::string why =
        answer ? "the card answers " + status_text(answer->status) : answer.error().message;
    if (done.empty() && answer) {
      return Error{Code::device_failed, "the certificate is not removed: " + why, ""};
    }
    return Error{Code::device_half_done,
                 (done.empty() ? "" : done + "; ") + "left is: the old certificate in " +
                     slot_name() + " (" + why + ")",
                 ""};
  }

  Status store(const crypto::CertificateFields& certificate, Existing existing) {
    TS_CHECK(start());
    TS_TRY(const SlotContent content, look());
    if (!content.key && content.told) return no_key();
    if (content.key &&
        (!content.key->public_key || !(*content.key->public_key == certificate.public_key))) {
      return Error{Code::device_certificate,
                   "the certificate of " + certificate.subject_text + " is for another key", ""};
    }
    if (content.certificate && content.certificate->der == certificate.der) return ok();
    if (content.has_certificate() && existing == Existing::refuse) {
      return Error{Code::device_key_exists,
                   card_.name() + " has that already: " + certificate_text(content), ""};
    }
    TS_CHECK(access_.prove(card_));
    const Bytes object = StoredCertificate::content(certificate.der);
    const auto answer = put_object(card_, certificate_object(slot_), object);
    if (answer && !answer->good()) {
      return Error{
          Code::device_failed,
          card_.name() + " does not store the certificate (" + status_text(answer->status) + ")",
          ""};
    }
    const auto stored = answer ? card_.certificate(slot_) : answer.error();
    if (!stored && stored.error().code == Code::device_removed) {
      return Error{Code::device_half_done,
                   stored.error().message + "; whether the certificate is stored could not be seen",
                   "put the card back, and look with `touchstone key show`"};
    }
    if (stored && *stored && (*stored)->der == certificate.der && !(*stored)->compressed) {
      return ok();
    }
    return Error{Code::device_half_done,
                 card_.name() + " holds a certificate that is not the one it was given", ""};
  }

  std::shared_ptr<CardReaders> readers_;
  PivCard card_;
  std::uint8_t slot_;
  ManagementAccess access_;
  KeyPlace place_;
  std::optional<Bytes> seen_;  // the public key that holding() told of; empty: no key
};

}  // namespace

Result<std::unique_ptr<KeyManager>> open_piv_manager(std::shared_ptr<CardReaders> readers,
                                                     const PivName& name, bool management_key_given,
                                                     OnTouch on_touch) {
  TS_TRY(auto card, only_card(*readers, name));
  TS_TRY(auto facts, management_facts(card));
  auto manager = std::make_unique<PivManager>(
      std::move(readers), std::move(card), name.slot,
      ManagementAccess(std::move(facts), management_key_given, std::move(on_touch)));
  TS_CHECK(manager->prepare());
  return std::unique_ptr<KeyManager>(std::move(manager));
}

}  // namespace touchstone::hsm
