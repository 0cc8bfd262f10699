// What there is to say about keys, for people and for programs.
#pragma once

#include <span>
#include <string>

#include "base/key_device.h"
#include "verify/attestation.h"

namespace touchstone::cli {

// One thing a line.
std::string describe(const KeyDescription& key);

// docs/reference/json.md, "Keys". `attested` is about the one key there is.
std::string to_json(std::span<const KeyDescription> keys,
                    const Result<verify::AttestedKey>* attested = nullptr);

// Whether a key is attested, in the lines of describe().
std::string describe(const Result<verify::AttestedKey>& attested);

}  // namespace touchstone::cli
