#include "judge/verdict.h"

#include <algorithm>

namespace touchstone::judge {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::allow:
      return "allow";
    case Outcome::deny:
      return "deny";
    case Outcome::error:
      return "error";
  }
  return "";
}

PolicyNote PolicyNote::of(const policy::Document& document) {
  return {document.name,   document.source,   document.serial,
          document.digest, document.material, document.expires};
}

int exit_status(const Report& report) {
  int undecided = 0;
  for (const ImageVerdict& image : report.images) {
    const Verdict& verdict = image.verdict;
    if (verdict.outcome == Outcome::deny) return 1;
    if (verdict.outcome == Outcome::allow) continue;
    const int status = exit_status(verdict.reason->code);
    undecided = undecided == 0 ? status : std::min(undecided, status);
  }
  return undecided;
}

}  // namespace touchstone::judge
