// Break-glass: statements by which people except an image from a rule, for a short time.
//
// An in-toto statement about the image's digest, signed by one of those whom the rule names, of the
// predicate type formats::policy_exception_predicate, docs/reference/policy-decisions.md:
//   {"reason": "SEV-1 4711: ...", "createdOn": "2026-01-31T20:00:00Z", "expiresOn": "..."}
// Refused: no reason, an end that is past, a beginning yet to come, more between the two than the
// rule allows (also from the time that a log or a timestamp establishes).
#pragma once

#include "judge/leaf.h"

namespace touchstone::judge {

// The findings are those of the rule's last need, about the image's own manifest. Each signer makes
// a statement; enough different ones have to stand at once.
// Reasons: rule.exception; evidence.none and others where no statement of a signer is there.
Judgement judge_exceptions(const policy::Exceptions& wanted, Findings findings,
                           const LeafContext& context);

}  // namespace touchstone::judge
