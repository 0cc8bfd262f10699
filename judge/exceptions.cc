#include "judge/exceptions.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "judge/signers.h"
#include "verify/decide.h"

namespace touchstone::judge {
namespace {

using std::chrono::sys_seconds;

struct Exception {
  std::string reason;
  sys_seconds created;
  sys_seconds expires;
};

Result<sys_seconds> time_of(const formats::Json& predicate, std::string_view name) {
  const formats::Json* member = predicate.find(name);
  const std::string* text = member == nullptr ? nullptr : member->string();
  const auto time = text == nullptr ? std::nullopt : parse_rfc3339(*text);
  if (time) return *time;
  return Error{Code::rule_exception, "an exception without a time in " + std::string(name), ""};
}

Result<Exception> read(const verify::Evidence& evidence) {
  if (!evidence.statement) return Error{Code::rule_exception, "a signature, and no statement", ""};
  const formats::Json& predicate = evidence.statement->predicate;
  const formats::Json* member = predicate.find("reason");
  const std::string* reason = member == nullptr ? nullptr : member->string();
  if (reason == nullptr || reason->empty()) {
    return Error{Code::rule_exception, "an exception without a reason", ""};
  }
  TS_TRY(const sys_seconds created, time_of(predicate, "createdOn"));
  TS_TRY(const sys_seconds expires, time_of(predicate, "expiresOn"));
  return Exception{printable(*reason), created, expires};
}

Status check(const Exception& exception, std::optional<sys_seconds> established,
             std::chrono::seconds longest, sys_seconds now) {
  if (now >= exception.expires) {
    return Error{Code::rule_exception, "the exception ended at " + to_rfc3339(exception.expires),
                 ""};
  }
  if (exception.created > now + limits::clock_skew) {
    return Error{Code::rule_exception, "the exception begins at " + to_rfc3339(exception.created),
                 ""};
  }
  const sys_seconds begin =
      established ? std::min(*established, exception.created) : exception.created;
  if (exception.expires - begin > longest) {
    return Error{Code::rule_exception, "the exception is for longer than " + duration_text(longest),
                 ""};
  }
  return ok();
}

}  // namespace

Judgement judge_exceptions(const policy::Exceptions& wanted, Findings findings,
                           const LeafContext& context) {
  const std::string text =
      "an exception by " + (wanted.count == 1 ? "" : std::to_string(wanted.count) + " of ") +
      signer_text(wanted.signer) + ", for at most " + duration_text(wanted.max_duration);
  std::vector<const verify::Evidence*> standing;
  std::vector<std::string> found;
  std::optional<sys_seconds> until;
  std::optional<Error> refused;
  std::optional<Error> reason = context.manifest.failure;
  for (const verify::Finding& finding : findings) {
    const verify::Evidence* evidence = finding.evidence();
    if (evidence == nullptr) {
      if (!reason || exit_status(finding.error()->code) == 3) reason = *finding.error();
      continue;
    }
    if (const auto signer = verify::satisfies(wanted.signer.demand, *evidence, context.now);
        !signer) {
      if (!reason) reason = signer.error();
      continue;
    }
    const auto exception = read(*evidence);
    const Status stands =
        exception ? check(*exception, signing_time(*evidence), wanted.max_duration, context.now)
                  : Status(exception.error());
    if (!stands) {
      refused = stands.error();
      found.push_back("by " + signer_name(*evidence) + ": " + stands.error().message);
      continue;
    }
    standing.push_back(evidence);
    until = earlier(until, exception->expires);
    found.push_back("by " + signer_name(*evidence) + " until " + to_rfc3339(exception->expires) +
                    ": " + exception->reason);
  }
  const std::size_t different = standing.empty() ? 0 : Signers(standing, {wanted.distinct}).count();
  if (different >= wanted.count) {
    Judgement judged = met("exceptions", text, std::move(found), {}, standing);
    judged.valid_until = until;
    return judged;
  }
  if (reason && exit_status(reason->code) == 3) refused = reason;
  if (!refused && !standing.empty()) {
    refused = Error{Code::rule_exception,
                    std::to_string(different) + " of " + std::to_string(wanted.count) +
                        " signers have excepted the image",
                    ""};
  }
  if (!refused) refused = reason;
  if (!refused) refused = Error{Code::evidence_none, "no exception is attached", ""};
  return not_met("exceptions", text, *std::move(refused), std::move(found), {});
}

}  // namespace touchstone::judge
