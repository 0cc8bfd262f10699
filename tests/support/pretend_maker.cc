#include "tests/support/pretend_maker.h"

namespace touchstone::test {
namespace {

const std::string yubico = "1.3.6.1.4.1.41482.";

}  // namespace

AttestationText AttestationText::with(const std::string& number, const std::string& hex) const {
  AttestationText changed = *this;
  if (hex.empty()) {
    changed.extensions.erase(number);
  } else {
    changed.extensions[number] = hex;
  }
  return changed;
}

CertificateText AttestationText::certificate() const {
  CertificateText text;
  text.subject = subject;
  text.key = key;
  for (const auto& [number, hex] : extensions) {
    text.extensions[yubico + arc + "." + number] = "DER:" + hex;
  }
  return text;
}

AttestationText AttestationText::hsm() {
  AttestationText text;
  text.subject = "YubiHSM Attestation id:0x0102";
  text.arc = "4";
  text.extensions = {{"1", "0403020401"}, {"2", "02032A3B4C"},
                     {"3", "03020001"},   {"5", "0309000000000000000080"},
                     {"6", "02020102"},   {"9", "0C0772656C65617365"}};
  return text;
}

CertificateText PretendMaker::authority(const std::string& subject, int path_length) {
  CertificateText text;
  text.subject = subject;
  text.extensions["basicConstraints"] = "critical,CA:TRUE,pathlen:" + std::to_string(path_length);
  return text;
}

}  // namespace touchstone::test
