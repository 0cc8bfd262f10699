// What is known against an image, by its scanner.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "formats/vulnerability_report.h"
#include "judge/attested.h"
#include "judge/requirements.h"
#include "judge/vex_excuses.h"

namespace touchstone::judge {
namespace {

using formats::Vulnerability;
using formats::VulnerabilityReport;
using AttestedReport = Attested<VulnerabilityReport>;

constexpr std::string_view kind = "vulnerabilities";

std::vector<formats::VexDocument> read_vex(const Counted& counted) {
  std::vector<formats::VexDocument> documents;
  for (const verify::Evidence* evidence : counted.good) {
    if (!evidence->statement) continue;
    if (!formats::VexDocument::is_type(evidence->statement->predicate_type)) continue;
    auto document = formats::VexDocument::parse(evidence->statement->predicate);
    if (document) documents.push_back(*std::move(document));  // what is malformed excuses nothing
  }
  return documents;
}

// Judges one vulnerability after another, and remembers on what it relied.
class Sieve {
 public:
  Sieve(const policy::Vulnerabilities& wanted, std::span<const formats::VexDocument> vex,
        const LeafContext& context)
      : wanted_(wanted),
        vex_(vex),
        digests_{context.manifest.digest, context.evidence.image.digest},
        now_(context.now) {}

  // Those that count against the image.
  std::vector<const Vulnerability*> left_of(const std::vector<AttestedReport>& scans) {
    std::vector<const Vulnerability*> left;
    for (const AttestedReport& scan : scans) {
      for (const Vulnerability& vulnerability : scan.content.found) {
        if (!lets_pass(vulnerability)) left.push_back(&vulnerability);
      }
    }
    return left;
  }

  // When the first of the `ignore` entries that were relied on ends.
  std::optional<std::chrono::sys_seconds> valid_until() const { return valid_until_; }

 private:
  bool lets_pass(const Vulnerability& vulnerability) {
    if (!wanted_.denied_from || vulnerability.effective_severity() < *wanted_.denied_from) {
      return true;
    }
    if (wanted_.fixable_only && vulnerability.fix == Vulnerability::Fix::none) return true;
    return is_ignored(vulnerability) || is_excused(vulnerability);
  }

  bool is_ignored(const Vulnerability& vulnerability) {
    for (const policy::IgnoredVulnerability& ignored : wanted_.ignored) {
      if (ignored.id != vulnerability.id || now_ >= ignored.until) continue;
      valid_until_ = earlier(valid_until_, ignored.until);
      return true;
    }
    return false;
  }

  bool is_excused(const Vulnerability& vulnerability) const {
    using Status = formats::VexStatement::Status;
    const auto* statement = holding_statement(vex_, vulnerability, digests_, now_);
    if (statement == nullptr) return false;
    return (statement->status == Status::not_affected && wanted_.vex->not_affected) ||
           (statement->status == Status::fixed && wanted_.vex->fixed);
  }

  const policy::Vulnerabilities& wanted_;
  std::span<const formats::VexDocument> vex_;
  std::array<Digest, 2> digests_;
  std::chrono::sys_seconds now_;
  std::optional<std::chrono::sys_seconds> valid_until_;
};

std::string shown(const Vulnerability& vulnerability) {
  std::string text =
      printable(vulnerability.id) + " (" +
      std::string(vulnerability.severity ? formats::severity_name(*vulnerability.severity)
                                         : "of unknown severity") +
      ")";
  if (!vulnerability.package.empty()) {
    text += " in " + printable(vulnerability.package) + " " + printable(vulnerability.version);
  }
  if (!vulnerability.fixed_version.empty()) {
    text += ", fixed in " + printable(vulnerability.fixed_version);
  }
  return text;
}

Status check_ages(const policy::Vulnerabilities& wanted, const std::vector<AttestedReport>& scans,
                  std::chrono::sys_seconds now) {
  for (const AttestedReport& scan : scans) {
    TS_CHECK(check_age(scan.time, wanted.max_age, now, "the scan"));
    if (!wanted.database_max_age) continue;
    TS_CHECK(
        check_age(scan.content.database, *wanted.database_max_age, now, "the scanner's database"));
  }
  return ok();
}

Error refused(const std::vector<const Vulnerability*>& left) {
  return {
      Code::vulnerability_found,
      std::to_string(left.size()) + " that the rule does not accept, first " + shown(*left.front()),
      ""};
}

std::vector<std::string> lines(const std::vector<AttestedReport>& scans,
                               const std::vector<const Vulnerability*>& left) {
  std::vector<std::string> found;
  for (const AttestedReport& scan : scans) {
    found.push_back(std::to_string(scan.content.found.size()) + " vulnerabilities found by " +
                    printable(scan.content.scanner));
  }
  for (const Vulnerability* vulnerability : left) {
    if (found.size() > max_found_lines) break;
    found.push_back(shown(*vulnerability));
  }
  return found;
}

std::string wanted_text(const policy::Vulnerabilities& wanted) {
  std::string text = "a scan signed under " + signer_text(wanted.signer) + ", at most " +
                     duration_text(wanted.max_age) + " old";
  if (!wanted.denied_from) return text;
  text += ", without " + std::string(wanted.fixable_only ? "fixable " : "") +
          "vulnerabilities that are " + std::string(formats::severity_name(*wanted.denied_from));
  return text + (*wanted.denied_from == formats::Severity::critical ? "" : " or worse");
}

std::optional<Result<AttestedReport>> read_report(const verify::Evidence& evidence) {
  if (!evidence.statement) return std::nullopt;
  const std::string& type = evidence.statement->predicate_type;
  if (!VulnerabilityReport::is_type(type)) return std::nullopt;
  auto report = VulnerabilityReport::parse(type, evidence.statement->predicate);
  if (!report) return std::move(report).error();
  const auto finished = report->finished;
  return AttestedReport{&evidence, *std::move(report), finished};
}

}  // namespace

Judgement judge_vulnerabilities(const policy::Vulnerabilities& wanted, Findings scans, Findings vex,
                                const LeafContext& context, policy::Place place) {
  const Counted counted = count(scans, wanted.signer.demand, context);
  const auto refuse = [&](const Error& reason, std::vector<std::string> found) {
    return not_met(kind, wanted_text(wanted), counted.unseen.value_or(reason), std::move(found),
                   place);
  };
  const auto newest_scans =
      newest<VulnerabilityReport>(counted, context.now, "the scan", read_report);
  if (!newest_scans) return refuse(newest_scans.error(), counted.found);
  if (const Status ages = check_ages(wanted, *newest_scans, context.now); !ages) {
    return refuse(ages.error(), counted.found);
  }
  Counted excuses;
  if (wanted.vex) excuses = count(vex, wanted.vex->signer.demand, context);
  const auto documents = read_vex(excuses);
  Sieve sieve(wanted, documents, context);
  const auto left = sieve.left_of(*newest_scans);
  if (!left.empty()) {
    return refuse(excuses.unseen.value_or(refused(left)), lines(*newest_scans, left));
  }
  Judgement judgement =
      met(kind, wanted_text(wanted), lines(*newest_scans, left), place, evidence_of(*newest_scans));
  judgement.valid_until = earlier(counted.valid_until, excuses.valid_until);
  judgement.valid_until = earlier(judgement.valid_until, sieve.valid_until());
  for (const AttestedReport& scan : *newest_scans) {
    judgement.valid_until = earlier(judgement.valid_until, good_until(scan.time, wanted.max_age));
    judgement.valid_until =
        earlier(judgement.valid_until, good_until(scan.content.database, wanted.database_max_age));
  }
  return judgement;
}

}  // namespace touchstone::judge
