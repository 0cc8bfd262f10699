// What was found of a signature, in words for records and reports.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "judge/verdict.h"
#include "verify/evidence.h"

namespace touchstone::judge {

// When a signature was made, by a log or a timestamp that is trusted: the earliest of the times
// that are established. Absent when nothing says.
std::optional<std::chrono::sys_seconds> signing_time(const verify::Evidence& evidence);

// Who signed, in words that are safe to show: the key's owner where one is known, whose
// certificate it is and who vouched for that; else the key's kind and fingerprint.
std::string signer_name(const verify::Evidence& evidence);

// `kind` as EvidenceNote has it; `subject` is the manifest that the finding is about.
EvidenceNote note_of(const verify::Finding& finding, std::string_view kind, const Digest& subject);

}  // namespace touchstone::judge
