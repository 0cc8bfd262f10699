#include "policy/lint.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "base/time.h"

namespace touchstone::policy {
namespace {

constexpr std::chrono::seconds soon = std::chrono::days(14);

constexpr std::array kinds = {
    FindingKind{"loose-pattern", "a pattern for names matches those of strangers as well"},
    FindingKind{"unreachable-rule", "more specific rules take every image that the rule matches"},
    FindingKind{"unreachable-threshold", "fewer different keys are there than are asked for"},
    FindingKind{"always-met", "an alternative asks for nothing"},
    FindingKind{"never-met", "a requirement denies beside others"},
    FindingKind{"allow", "a rule lets every image pass"},
    FindingKind{"audit-mode", "a rule tells, and lets pass"},
    FindingKind{"fail-open", "a rule lets images pass when nobody could look"},
    FindingKind{"ignore-expired", "an ignored vulnerability counts again"},
    FindingKind{"ignore-ends-soon", "an ignored vulnerability counts again within two weeks"},
    FindingKind{"key-in-two-roots", "one key stands in two roots"},
    FindingKind{"no-expiry", "a policy with a serial number, as signed ones have, holds for ever"},
    FindingKind{"expired", "the policy decides nothing any more"},
    FindingKind{"expires-soon", "the policy expires within two weeks"},
};

class Linter {
 public:
  Linter(const Document& document, std::chrono::sys_seconds now) : document_(document), now_(now) {}

  std::vector<Finding> run() {
    check_document();
    for (const Rule& rule : document_.rules) check_rule(rule);
    check_shared_keys();
    std::ranges::sort(findings_, [](const Finding& a, const Finding& b) {
      return std::tie(a.place, a.name, a.message) < std::tie(b.place, b.name, b.message);
    });
    // A rule's requirement is seen again by those that inherit it.
    const auto same = std::ranges::unique(findings_, [](const Finding& a, const Finding& b) {
      return a.place == b.place && a.name == b.name && a.message == b.message;
    });
    findings_.erase(same.begin(), same.end());
    return std::move(findings_);
  }

 private:
  void add(std::string_view name, Place place, std::string message) {
    findings_.push_back({name, place, std::move(message)});
  }

  void check_document() {
    if (document_.serial != 0 && !document_.expires) {
      add("no-expiry", {}, "the policy has a serial number, as signed ones do, and never expires");
    }
    if (!document_.expires) return;
    const std::string when = to_rfc3339(*document_.expires);
    if (*document_.expires <= now_) {
      add("expired", {}, "the policy expired at " + when);
    } else if (*document_.expires <= now_ + soon) {
      add("expires-soon", {}, "the policy expires at " + when);
    }
  }

  void check_rule(const Rule& rule) {
    const std::string named = "the rule \"" + printable(rule.name) + "\" ";
    if (rule.mode == Mode::audit)
      add("audit-mode", rule.place, named + "lets pass what it would refuse");
    if (rule.on_error == OnError::allow) {
      add("fail-open", rule.place, named + "lets images pass when nobody could look");
    }
    if (std::holds_alternative<Allow>(rule.require.kind)) {
      add("allow", rule.place, named + "lets every image pass");
    }
    if (std::ranges::all_of(rule.images,
                            [&](const ImagePattern& p) { return is_taken(p, rule); })) {
      add("unreachable-rule", rule.place,
          named + "never applies: more specific rules take all that it matches");
    }
    if (rule.exceptions) check_signer(rule.exceptions->signer, rule.place);
    check(rule.require);
  }

  // Whether more specific rules take every image that the pattern matches.
  bool is_taken(const ImagePattern& pattern, const Rule& rule) const {
    const auto cases = pattern.cases();
    const auto taken = [&](const ImagePattern& each) { return is_covered(each, pattern, rule); };
    return !cases.empty() && std::ranges::all_of(cases, taken);
  }

  bool is_covered(const ImagePattern& part, const ImagePattern& pattern, const Rule& rule) const {
    for (const Rule& other : document_.rules) {
      if (&other == &rule) continue;
      for (const ImagePattern& by : other.images) {
        if (by.compare_specificity(pattern) > 0 && by.covers(part)) return true;
      }
    }
    return false;
  }

  void check(const Requirement& requirement) {
    std::visit([&](const auto& kind) { check_kind(kind, requirement.place); }, requirement.kind);
  }

  void check_kind(const Deny&, Place) {}
  void check_kind(const Allow&, Place) {}
  void check_kind(const BaseImage&, Place) {}
  void check_kind(const ImageConfiguration&, Place) {}
  void check_kind(const Sbom& sbom, Place place) { check_signer(sbom.signer, place); }
  void check_kind(const PredicateCheck& check, Place place) { check_signer(check.signer, place); }
  void check_kind(const Summary& summary, Place place) { check_signer(summary.signer, place); }
  void check_kind(const Signatures& signatures, Place place) {
    check_signer(signatures.signer, place);
  }

  void check_kind(const AllOf& all, Place place) {
    for (const Requirement& part : all.parts) {
      if (std::holds_alternative<Deny>(part.kind))
        add("never-met", place, "deny beside others refuses every image");
      check(part);
    }
  }

  void check_kind(const AnyOf& any, Place place) {
    for (const Requirement& part : any.parts) {
      if (std::holds_alternative<Allow>(part.kind))
        add("always-met", place, "the alternative allow makes all others idle");
      check(part);
    }
  }

  void check_kind(const Threshold& threshold, Place place) {
    for (const Requirement& part : threshold.parts) check(part);
    const auto keys = keys_of(threshold);
    if (keys && keys->size() < threshold.count) {
      add("unreachable-threshold", place,
          "wants " + std::to_string(threshold.count) + " different signers of " +
              std::to_string(keys->size()));
    }
  }

  // The keys of a threshold's parts; absent when others than keys may sign for one.
  static std::optional<std::set<std::string>> keys_of(const Threshold& threshold) {
    std::set<std::string> keys;
    for (const Requirement& part : threshold.parts) {
      const auto* signatures = std::get_if<Signatures>(&part.kind);
      if (signatures == nullptr) return std::nullopt;
      const verify::Demand& demand = signatures->signer.demand;
      if (!demand.authorities.empty() || !demand.identities.empty()) return std::nullopt;
      for (const verify::TrustedSigner& each : demand.signers)
        keys.insert(each.trusted.key.fingerprint());
    }
    return keys;
  }

  void check_kind(const Provenance& provenance, Place) {
    for (const auto& builder : provenance.builders) {
      check_signer(builder->signer, builder->place);
      check_pattern(builder->id, builder->place, "the builder's id");
    }
  }

  void check_kind(const Vulnerabilities& scan, Place place) {
    check_signer(scan.signer, place);
    if (scan.vex) check_signer(scan.vex->signer, place);
    for (const IgnoredVulnerability& each : scan.ignored) {
      const std::string when = printable(each.id) + " is ignored until " + to_rfc3339(each.until);
      if (each.until <= now_) {
        add("ignore-expired", each.place, when + ", and counts again");
      } else if (each.until <= now_ + soon) {
        add("ignore-ends-soon", each.place, when);
      }
    }
  }

  void check_signer(const Signer& signer, Place place) {
    for (const verify::WantedIdentity& identity : signer.demand.identities) {
      check_pattern(identity.subject, place, "the subject");
      if (identity.issuer) check_pattern(*identity.issuer, place, "the issuer");
    }
    for (const verify::TrustedSigner& each : signer.demand.signers) {
      roots_of_keys_[each.trusted.key.fingerprint()].insert(each.source);
      places_of_keys_.try_emplace(each.trusted.key.fingerprint(), place);
    }
  }

  void check_pattern(const verify::TextMatch& pattern, Place place, const std::string& what) {
    const auto looseness = pattern.looseness();
    if (looseness) add("loose-pattern", place, what + " " + pattern.describe() + ": " + *looseness);
  }

  void check_shared_keys() {
    for (const auto& [key, roots] : roots_of_keys_) {
      if (roots.size() < 2) continue;
      const std::vector<std::string> names(roots.begin(), roots.end());
      add("key-in-two-roots", places_of_keys_.at(key),
          "the key " + key + " is in " + join(names, " and in "));
    }
  }

  const Document& document_;
  std::chrono::sys_seconds now_;
  std::vector<Finding> findings_;
  std::map<std::string, std::set<std::string>> roots_of_keys_;
  std::map<std::string, Place> places_of_keys_;
};

}  // namespace

std::span<const FindingKind> finding_kinds() { return kinds; }

std::string to_line(const Finding& finding, const std::string& file) {
  return printable(file) + ":" + formats::to_string(finding.place) + ": " + finding.message + " [" +
         std::string(finding.name) + "]";
}

std::vector<Finding> lint(const Document& document, std::chrono::sys_seconds now) {
  return Linter(document, now).run();
}

}  // namespace touchstone::policy
