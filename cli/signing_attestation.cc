#include "cli/signing_attestation.h"

#include "cli/image_signing.h"
#include "cli/shared/output.h"
#include "cli/shared/system.h"
#include "cli/shared/trust_loading.h"
#include "hsm/keys.h"
#include "trust/folder_store.h"
#include "verify/attestation.h"

namespace touchstone::cli {
namespace {

Result<std::vector<trust::HardwareVendor>> makers_known_here(const std::string& trust,
                                                             const Clock& clock) {
  trust::FolderStore folder(trust_folder(trust), clock);
  trust::TrustStore store(folder, clock);
  return known_vendors(store, clock);
}

// Whether the device's key made it, whoever made the device. That the device's certificate is not
// one of an authority is its maker's to allow.
Status check_made_by_device(const SigningAttestation& attestation, std::chrono::sys_seconds at) {
  const auto device = std::span(attestation.chain).subspan(1, 1);
  const auto path = crypto::find_attestation_path(attestation.chain, {device}, at);
  if (path || path.error().code == Code::hardware_path) return ok();
  return path.error();
}

Status judge(const SigningAttestation& attestation, std::chrono::sys_seconds at) {
  TS_CHECK(check_made_by_device(attestation, at));
  const auto judged = verify::judge_attestation(attestation.chain, attestation.makers, at);
  if (!judged && judged.error().code != Code::hardware_untrusted) return judged.error();
  if (!judged) {
    say("warning: " + judged.error().message +
        ": the attestation counts for those alone who have a root for it");
    return ok();
  }
  for (const std::string& warning : judged->warnings()) say("warning: " + warning);
  return ok();
}

}  // namespace

Result<SigningAttestation> read_signing_attestation(const std::string& key,
                                                    const std::string& trust, bool yes,
                                                    const Clock& clock) {
  SigningAttestation attestation;
  TS_TRY(attestation.chain, hsm::read_attestation(key));
  TS_TRY(const auto facts,
         crypto::read_key_attestation(attestation.chain[0], attestation.chain[1]));
  TS_TRY(attestation.makers, makers_known_here(trust, clock));
  TS_CHECK(judge(attestation, clock.now()));
  // Design section 11.16: it tells everybody which device signs.
  say("note: the attestation tells everybody that " + facts.device_name() +
      (facts.serial ? " (serial " + std::to_string(*facts.serial) + ")" : "") + " signs");
  TS_CHECK(ask("attach it", yes, "nothing was signed"));
  return attestation;
}

Status check_signing_attestation(const SigningAttestation& attestation, ByteView public_key) {
  if (attestation.chain.empty() || public_key.empty()) return ok();
  TS_TRY(const auto key, crypto::PublicKey::from_der(public_key));
  return verify::check_attested_key(attestation.chain.front().key(), key);
}

}  // namespace touchstone::cli
