// An envelope as JSON: what DsseEnvelope::parse() reads, and what stands in a sigstore bundle.
#pragma once

#include "formats/dsse.h"
#include "formats/json.h"

namespace touchstone::formats {

Json to_json(const DsseEnvelope& envelope);

}  // namespace touchstone::formats
