// A pretend maker of key devices: its root, a device, and the attestations that this gives of keys,
// with any defect one names.
#pragma once

#include <string>
#include <vector>

#include "tests/support/authority.h"
#include "trust/hardware_vendor.h"

namespace touchstone::test {

// What an attestation says, as it stands in the certificate: extensions in hexadecimal, empty for
// none, by their numbers under Yubico's arc.
struct AttestationText {
  std::string subject = "YubiKey PIV Attestation 9c";
  std::string arc = "3";
  std::map<std::string, std::string> extensions = {
      {"3", "050701"}, {"7", "02032A3B4C"}, {"8", "0202"}, {"9", "01"}};
  std::string key = "P-256";

  AttestationText with(const std::string& number, const std::string& hex) const;
  CertificateText certificate() const;

  static AttestationText hsm();  // a YubiHSM 2's, of a key made inside that cannot be exported
};

struct PretendMaker {
  Entity root = issue(authority("Pretend PIV Root", 1), nullptr);
  Entity device = issue(authority("Pretend PIV Attestation", 0).with(fips, "DER:020103"), &root);

  static constexpr const char* fips = "1.3.6.1.4.1.41482.3.10";

  // An authority that is not as careful as a certificate authority's, like makers' are.
  static CertificateText authority(const std::string& subject, int path_length);

  Entity attest(const AttestationText& text = {}) const {
    return issue(text.certificate(), &device);
  }
  std::vector<crypto::Certificate> chain(const Entity& attestation) const {
    return {attestation.certificate(), device.certificate()};
  }
  trust::HardwareVendor vendor() const {
    return {"pretend", "a pretend maker", {root.certificate()}};
  }
};

}  // namespace touchstone::test
