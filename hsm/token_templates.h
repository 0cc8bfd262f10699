// What a token is told to make: the attributes of keys and certificates.
//
// Spec: PKCS#11 v2.40 sections 4.6 to 4.9, current mechanisms sections 2.1 and 2.3; v3.0 section
// 2.3.10 for Edwards curves. Private halves are private, sensitive, not extractable, and sign only.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/certificate_fields.h"
#include "crypto/private_key.h"
#include "hsm/cryptoki.h"
#include "hsm/key_manager.h"

namespace touchstone::hsm {

// Attributes and the storage of their values. Secrets are not copied: they must live as long.
class Template {
 public:
  Template& flag(ck::Ulong type, bool value);
  Template& number(ck::Ulong type, ck::Ulong value);
  Template& bytes(ck::Ulong type, ByteView value);
  Template& secret(ck::Ulong type, const Secret& value);
  std::vector<ck::Attribute> attributes() const { return attributes_; }

 private:
  std::vector<Bytes> values_;
  std::vector<ck::Attribute> attributes_;
};

// What a key on a token is called.
struct ObjectName {
  std::string label;
  Bytes id;
};

struct KeyTemplates {
  ck::Ulong mechanism = 0;  // for C_GenerateKeyPair
  Template public_half;
  Template private_half;
};

// Tokens spell the Edwards curve in one of two ways: each is tried in turn.
std::vector<KeyTemplates> templates_to_generate(const KeySpec& spec, const ObjectName& name);

// `numbers` must live as long as what comes back.
std::vector<KeyTemplates> templates_to_import(crypto::KeyKind kind,
                                              const crypto::KeyNumbers& numbers, PinPolicy pin,
                                              const ObjectName& name);

Template certificate_template(const crypto::CertificateFields& certificate, const ObjectName& name);

}  // namespace touchstone::hsm
