// Who may sign: the policy's `roots` and `builders`, and the signers of its requirements.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy/fields.h"
#include "policy/read.h"
#include "trust/hardware_vendor.h"

namespace touchstone::policy {

// A root that the policy defines, with all that its files hold.
struct DefinedRoot {
  trust::Root root;              // of a built-in maker: empty
  std::vector<std::string> ids;  // of its keys, in their order; of the trust store's: none
  std::optional<trust::HardwareVendor> vendor = {};  // of kind hardware
};

// What has been read so far, and with what. Refers to what it was given.
struct Reading {
  const std::string& source;
  const Materials& materials;
  std::chrono::sys_seconds now;
  std::map<std::string, DefinedRoot> roots = {};
  std::map<std::string, std::shared_ptr<const Builder>> builders = {};
};

// Errors: policy.*, format.key, format.certificate, trust.*, hardware.*, usage.file, limit.*.
Status read_roots(const Fields& policy, Reading& reading);
Status read_builders(const Fields& policy, Reading& reading);

// `fields` is a signer, or `signatures`, whose first keys are a signer's. The kind of content is
// the requirement's to set.
// Errors: policy.*.
Result<Signer> read_signer(const Fields& fields, const Reading& reading);

// The signer under the key of that name. `kind`: what is to be signed.
Result<Signer> read_signer_of(const Fields& fields, std::string_view key, const Reading& reading);

// "sha256:..." over the keys, authorities and instances of all roots.
Digest material_digest(const Reading& reading);

}  // namespace touchstone::policy
