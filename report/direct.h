// Images that were judged by keys and roots, without a policy, as the report has them.
#pragma once

#include <chrono>

#include "judge/verdict.h"
#include "verify/verify_image.h"

namespace touchstone::report {

// The verdict on one image, with what was asked for as its one requirement, and its signatures as
// evidence. No rule and no policy is named.
judge::ImageVerdict image_verdict(const verify::ImageReport& report, const verify::Demand& demand);

}  // namespace touchstone::report
