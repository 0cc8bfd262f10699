#include "cli/key_text.h"

#include "base/key_policy.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/certificate_fields.h"
#include "crypto/public_key.h"
#include "formats/json.h"

namespace touchstone::cli {
namespace {

using formats::Json;

// A word for programs, words for people.
struct Wording {
  const char* word;
  const char* text;
};

Wording tries_wording(KeyDescription::Tries tries) {
  switch (tries) {
    case KeyDescription::Tries::unknown:
      return {"unknown", "unknown"};
    case KeyDescription::Tries::normal:
      return {"all", "all left"};
    case KeyDescription::Tries::low:
      return {"low", "not all left"};
    case KeyDescription::Tries::last:
      return {"last", "one left"};
    case KeyDescription::Tries::locked:
      return {"none", "none left, the PIN is blocked"};
  }
  return {"", ""};
}

std::string tries_text(const KeyDescription& key) {
  if (key.tries_left && *key.tries_left > 1) return std::to_string(*key.tries_left) + " left";
  return tries_wording(key.tries).text;
}

std::string touch_text(TouchPolicy touch) {
  if (touch == TouchPolicy::always) return "for each signature";
  if (touch == TouchPolicy::cached) return "for each signature, unless one was seconds ago";
  return std::string(word(touch));
}

PinPolicy pin_policy_of(const KeyDescription& key) {
  if (!key.needs_pin) return PinPolicy::never;
  return key.pin_for_each_signature ? PinPolicy::always : PinPolicy::once;
}

Result<crypto::CertificateFields> certificate_of(const KeyDescription& key) {
  return crypto::CertificateFields::parse(key.certificate);
}

// Whether the certificate is for the key it lies beside; a key that was made anew may have the old
// one's.
bool is_for(const crypto::CertificateFields& certificate, const KeyDescription& key) {
  return certificate.public_key.der() == key.public_key;
}

std::string certificate_text(const KeyDescription& key) {
  if (key.certificate.empty()) return "";
  const auto fields = certificate_of(key);
  if (!fields) return "  certificate: unusable: " + fields.error().message + "\n";
  std::string text =
      "  certificate: " + fields->subject_text + ", until " + to_rfc3339(fields->not_after) + "\n";
  if (fields->issuer != fields->subject) text += "  issued by:   " + fields->issuer_text + "\n";
  if (!key.public_key.empty() && !is_for(*fields, key)) {
    text += "  warning:     the certificate is for another key\n";
  }
  return text;
}

Json certificate_json(const KeyDescription& key) {
  const auto fields = certificate_of(key);
  if (!fields) return Json();
  Json json;
  json.set("subject", Json(fields->subject_text));
  json.set("issuer", Json(fields->issuer_text));
  json.set("notBefore", Json(to_rfc3339(fields->not_before)));
  json.set("notAfter", Json(to_rfc3339(fields->not_after)));
  json.set("fingerprint", Json(crypto::digest_of(fields->der).to_string()));
  json.set("forThisKey", key.public_key.empty() ? Json() : Json(is_for(*fields, key)));
  return json;
}

Json key_json(const KeyDescription& key) {
  const auto parsed = crypto::PublicKey::from_der(key.public_key);
  Json json;
  json.set("name", Json(key.name));
  json.set("device", Json(key.device));
  json.set("hardware", Json(key.hardware));
  json.set("kind", parsed ? Json(parsed->kind_name()) : Json());
  json.set("fingerprint", parsed ? Json(parsed->fingerprint()) : Json());
  json.set("pin", Json(word(pin_policy_of(key))));
  json.set("pinTries", Json(tries_wording(key.tries).word));
  json.set("touch", Json(word(key.touch)));
  json.set("certificate", certificate_json(key));
  return json;
}

Json attestation_json(const Result<verify::AttestedKey>& attested) {
  if (attested) return verify::to_json(*attested);
  Json json;
  json.set("code", Json(slug(attested.error().code)));
  json.set("message", Json(attested.error().message));
  return json;
}

}  // namespace

std::string describe(const KeyDescription& key) {
  std::string text = printable(key.name) + "\n  device:      " + key.device + "\n";
  const auto parsed = crypto::PublicKey::from_der(key.public_key);
  if (parsed) {
    text += "  kind:        " + parsed->kind_name() + "\n";
    text += "  fingerprint: " + parsed->fingerprint() + "\n";
  } else {
    text += "  kind:        " +
            (key.public_key.empty() ? "known only after the PIN" : parsed.error().message) + "\n";
  }
  if (key.needs_pin) {
    text += std::string("  PIN:         ") +
            (key.pin_for_each_signature ? "for each signature" : "once") +
            ", tries: " + tries_text(key) + "\n";
  }
  if (key.touch != TouchPolicy::unknown) {
    text += "  touch:       " + touch_text(key.touch) + "\n";
  }
  for (const KeyDescription::Fact& fact : key.facts) {
    const std::string padding(fact.name.size() < 12 ? 12 - fact.name.size() : 1, ' ');
    text += "  " + fact.name + ":" + padding + fact.value + "\n";
  }
  return text + certificate_text(key);
}

std::string describe(const Result<verify::AttestedKey>& attested) {
  if (attested) return "  attested:    yes: " + verify::summary(*attested) + "\n";
  return "  attested:    no: " + attested.error().message + " (" +
         std::string(slug(attested.error().code)) + ")\n";
}

std::string to_json(std::span<const KeyDescription> keys,
                    const Result<verify::AttestedKey>* attested) {
  Json::Array list;
  for (const KeyDescription& key : keys) {
    Json json = key_json(key);
    if (attested != nullptr) json.set("attestation", attestation_json(*attested));
    list.push_back(std::move(json));
  }
  Json document;
  document.set("version", Json(std::uint64_t{1}));
  document.set("keys", Json(std::move(list)));
  return formats::to_text(document) + "\n";
}

}  // namespace touchstone::cli
