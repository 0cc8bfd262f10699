// Whether somebody who may say so says that a vulnerability does not matter in an image (VEX).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "formats/vex.h"
#include "formats/vulnerability_report.h"

namespace touchstone::judge {

// The statement that holds about a vulnerability of an image that is known under `digests`; null
// when nobody says anything. A statement is about the image when it names no product, or one of its
// digests in a product's names or hashes (and then about the package, where it names
// subcomponents), or when a product is the package itself, by its package URL. The latest holds; of
// two documents of one time, what excuses less. Those of a time after `now` do not hold yet.
const formats::VexStatement* holding_statement(std::span<const formats::VexDocument> documents,
                                               const formats::Vulnerability& vulnerability,
                                               std::span<const Digest> digests,
                                               std::chrono::sys_seconds now);

}  // namespace touchstone::judge
