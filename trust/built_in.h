// The trusted roots and the signing configuration that come with the program (trust/data/README.md
// says from where).
#pragma once

#include <optional>
#include <string_view>

#include "formats/trusted_root.h"

namespace touchstone::trust {

// trusted_root.json of sigstore's public-good instance.
extern const std::string_view sigstore_trusted_root;

// signing_config.json of the same: whom its signers ask.
extern const std::string_view sigstore_signing_config;

// Yubico's certificates right above those of the PIV applications of its devices, in PEM, those
// above YubiHSMs, and those that are above others of its applications.
extern const std::string_view yubico_piv;
extern const std::string_view yubico_yubihsm;
extern const std::string_view yubico_other_applications;

// The trusted root of that name, as a trusted_root.json; absent when none such comes with the
// program.
std::optional<std::string_view> built_in_root(std::string_view name);

// Such a root, read. The signatures in its authorities' chains are taken for good: it is the file
// whose chains a test checks, and each P-384 signature takes as long as all else that starts.
Result<formats::TrustedRoot> read_built_in(std::string_view root);

}  // namespace touchstone::trust
