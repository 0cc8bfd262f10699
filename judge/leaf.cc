#include "judge/leaf.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "verify/decide.h"
#include "verify/find_signer.h"

namespace touchstone::judge {
namespace {

using std::chrono::sys_seconds;

// The rule's own demand on the age of signatures.
Status check_freshness(const policy::Freshness& freshness, const verify::Evidence& evidence,
                       sys_seconds now) {
  const auto time = signing_time(evidence);
  if (freshness.require_timestamp && !time) {
    return Error{Code::time_missing, "nothing that is trusted says when the signature was made",
                 ""};
  }
  if (!freshness.max_signature_age) return ok();
  return check_age(time, *freshness.max_signature_age, now, "the signature");
}

void add_line(const verify::Finding& finding, const Status& status,
              std::vector<std::string>& lines) {
  if (lines.size() >= max_found_lines) return;
  std::string line;
  if (const verify::Evidence* evidence = finding.evidence()) line = "by " + signer_name(*evidence);
  if (!status) {
    line += (line.empty() ? "" : ": ") + printable(status.error().message) + " (" +
            std::string(slug(status.error().code)) + ")";
  }
  lines.push_back(std::move(line));
}

bool is_one_of(verify::SignatureFormat format, std::span<const verify::SignatureFormat> formats) {
  return formats.empty() || std::ranges::find(formats, format) != formats.end();
}

Error other_format(verify::SignatureFormat format) {
  return {Code::binding_type,
          "of the format " + std::string(verify::format_name(format)) +
              ", which the rule does not take",
          ""};
}

// Until when evidence that counts now goes on counting.
std::optional<sys_seconds> counts_until(const verify::Evidence& evidence,
                                        const policy::Freshness& freshness) {
  std::optional<sys_seconds> until;
  if (evidence.certified) {
    until = earlier(evidence.certified->path.not_after,
                    evidence.certified->authority.trusted.not_after);
  } else if (!evidence.keyless) {
    until = evidence.signer.trusted.not_after;
  }
  if (evidence.hardware && *evidence.hardware) {
    until = earlier(until, (*evidence.hardware)->not_after);
  }
  const auto time = signing_time(evidence);
  if (freshness.max_signature_age && time) {
    until = earlier(until, *time + *freshness.max_signature_age);
  }
  return until;
}

Error nothing_found(const verify::Demand& demand) {
  const bool attestation = demand.content.kind == verify::WantedContent::Kind::attestation;
  return {
      Code::evidence_none,
      attestation ? "no attestation of this type is attached" : "no image signature is attached",
      attestation ? "`touchstone attest` makes one" : ""};
}

}  // namespace

// Evidence whose signer is the right one and that is merely stale came nearest of all.
std::size_t reason_distance(Code code) {
  constexpr std::array stale = {Code::time_too_old, Code::time_future};
  if (std::ranges::find(stale, code) != stale.end()) return 0;
  return 1 + verify::distance(code);
}

Status check_evidence(const verify::Evidence& evidence, const verify::Demand& demand,
                      const LeafContext& context) {
  TS_CHECK(verify::satisfies(demand, evidence, context.now));
  return check_freshness(context.rule.freshness, evidence, context.now);
}

Counted count(Findings findings, const verify::Demand& demand, const LeafContext& context,
              std::span<const verify::SignatureFormat> formats) {
  Counted counted;
  counted.unseen = context.manifest.failure;
  for (const verify::Finding& finding : findings) {
    const verify::Evidence* evidence = finding.evidence();
    const Status status = evidence == nullptr ? Status(*finding.error())
                          : !is_one_of(finding.format, formats)
                              ? Status(other_format(finding.format))
                              : check_evidence(*evidence, demand, context);
    add_line(finding, status, counted.found);
    if (status) {
      counted.good.push_back(evidence);
      counted.valid_until =
          earlier(counted.valid_until, counts_until(*evidence, context.rule.freshness));
      continue;
    }
    const Error& reason = status.error();
    if (exit_status(reason.code) == 3 && !counted.unseen) counted.unseen = reason;
    if (!counted.reason || reason_distance(reason.code) < reason_distance(counted.reason->code)) {
      counted.reason = reason;
    }
  }
  if (findings.size() > max_found_lines) {
    counted.found.push_back("... and " + std::to_string(findings.size() - max_found_lines) +
                            " more");
  }
  if (!counted.good.empty()) {
    counted.reason.reset();
  } else if (counted.unseen) {
    counted.reason = counted.unseen;
  } else if (!counted.reason) {
    counted.reason = nothing_found(demand);
  }
  return counted;
}

std::string signer_text(const policy::Signer& signer) {
  std::vector<std::string> roots;
  for (const std::string& name : signer.roots) roots.push_back("\"" + printable(name) + "\"");
  std::string text = (roots.size() > 1 ? "roots " : "root ") + join(roots, " or ");
  std::vector<std::string> holders;
  for (const verify::WantedIdentity& wanted : signer.demand.identities) {
    holders.push_back(printable(wanted.subject.describe()) +
                      (wanted.issuer ? " by " + printable(wanted.issuer->describe()) : ""));
  }
  if (!holders.empty()) text += ", " + join(holders, " or ");
  if (!signer.demand.hardware) return text;
  const std::string asked = printable(signer.demand.hardware->describe());
  return text + ", with a key in hardware" + (asked.empty() ? "" : " (" + asked + ")");
}

Status check_age(std::optional<sys_seconds> time, std::chrono::seconds max_age, sys_seconds now,
                 std::string_view what) {
  if (!time) {
    return Error{Code::time_too_old,
                 "nothing says of what time " + std::string(what) + " is; at most " +
                     duration_text(max_age) + " is allowed",
                 ""};
  }
  if (*time > now + limits::clock_skew) {
    return Error{Code::time_future,
                 std::string(what) + " is of " + to_rfc3339(*time) + ", which is yet to come", ""};
  }
  if (now - *time > max_age) {
    return Error{Code::time_too_old,
                 std::string(what) + " is of " + to_rfc3339(*time) + ", older than " +
                     duration_text(max_age),
                 ""};
  }
  return ok();
}

std::string duration_text(std::chrono::seconds duration) {
  using namespace std::chrono_literals;
  struct Unit {
    std::chrono::seconds length;
    std::chrono::seconds from;  // in smaller units below this
    std::string_view name;
  };
  constexpr std::array<Unit, 3> units = {{{24h, 48h, " d"}, {1h, 1h, " h"}, {1min, 1min, " min"}}};
  for (const Unit& unit : units) {
    if (duration >= unit.from && duration % unit.length == 0s) {
      return std::to_string(duration / unit.length) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + " s";
}

std::optional<sys_seconds> earlier(std::optional<sys_seconds> a, std::optional<sys_seconds> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

void name_signers(Judgement& judgement, std::span<const verify::Evidence* const> by) {
  for (const verify::Evidence* evidence : by) {
    judgement.by.push_back(evidence->signer.trusted.key.fingerprint());
  }
}

Judgement met(std::string_view kind, std::string wanted, std::vector<std::string> found,
              policy::Place place, std::span<const verify::Evidence* const> by) {
  Judgement judgement{.kind = std::string(kind),
                      .wanted = std::move(wanted),
                      .outcome = Outcome::allow,
                      .found = std::move(found),
                      .place = place};
  name_signers(judgement, by);
  return judgement;
}

Judgement not_met(std::string_view kind, std::string wanted, Error reason,
                  std::vector<std::string> found, policy::Place place) {
  const Outcome outcome = exit_status(reason.code) == 3 ? Outcome::error : Outcome::deny;
  return {.kind = std::string(kind),
          .wanted = std::move(wanted),
          .outcome = outcome,
          .reason = std::move(reason),
          .found = std::move(found),
          .place = place};
}

}  // namespace touchstone::judge
