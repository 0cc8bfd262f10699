#include "judge/evaluate.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "judge/leaf.h"
#include "judge/requirements.h"
#include "judge/signers.h"

namespace touchstone::judge {
namespace {

using policy::Place;
using policy::Requirement;
using std::chrono::sys_seconds;

std::string_view distinct_name(policy::Distinct distinct) {
  switch (distinct) {
    case policy::Distinct::key:
      return "keys";
    case policy::Distinct::identity:
      return "identities";
    case policy::Distinct::device:
      return "devices";
  }
  return "";
}

const Judgement* first_with(const std::vector<Judgement>& parts, Outcome outcome) {
  const auto found = std::ranges::find(parts, outcome, &Judgement::outcome);
  return found == parts.end() ? nullptr : &*found;
}

std::size_t count_with(std::span<const Judgement> parts, Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count(parts, outcome, &Judgement::outcome));
}

Judgement group(std::string kind, std::string wanted, std::vector<Judgement> parts, Place place) {
  Judgement whole{.kind = std::move(kind), .wanted = std::move(wanted), .place = place};
  whole.parts = std::move(parts);
  return whole;
}

void allow(Judgement& whole) {
  whole.outcome = Outcome::allow;
  for (const Judgement& part : whole.parts) {
    if (part.outcome != Outcome::allow) continue;
    whole.valid_until = earlier(whole.valid_until, part.valid_until);
    whole.build_level = std::max(whole.build_level, part.build_level);
  }
}

void refuse(Judgement& whole, Error reason) {
  whole.outcome = exit_status(reason.code) == 3 ? Outcome::error : Outcome::deny;
  whole.reason = std::move(reason);
}

// What several alternatives lack, in one line.
std::string reasons_of(const std::vector<Judgement>& parts) {
  std::vector<std::string> reasons;
  for (const Judgement& part : parts) {
    if (part.reason) reasons.push_back(part.reason->message);
  }
  return join(reasons, "; or ");
}

class Evaluation {
 public:
  Evaluation(const policy::Rule& rule, const Evidence& evidence,
             std::span<const ManifestEvidence* const> about, sys_seconds now)
      : rule_(rule), evidence_(evidence), about_(about), now_(now) {}

  Judgement judge(const Requirement& requirement) {
    return std::visit([&](const auto& wanted) { return judge(wanted, requirement.place); },
                      requirement.kind);
  }

 private:
  Judgement judge(const policy::Deny&, Place place) {
    return not_met("deny", "nothing", {Code::rule_denied, "the rule allows no image", ""}, {},
                   place);
  }
  Judgement judge(const policy::Allow&, Place place) { return met("allow", "anything", {}, place); }

  Judgement judge(const policy::AllOf& wanted, Place place) {
    return all_met("all_of", "all of these", judge_all(wanted.parts), place);
  }
  Judgement judge(const policy::AnyOf& wanted, Place place) {
    return any_met("any_of", "one of these", judge_all(wanted.parts), place);
  }
  Judgement judge(const policy::Threshold& wanted, Place place);
  Judgement judge(const policy::Signatures& wanted, Place place);

  Judgement judge(const policy::Provenance& wanted, Place place) {
    const std::size_t first = take_needs(wanted.builders.size());
    return about_any([&](const LeafContext& context) {
      const std::span findings(context.manifest.findings);
      return judge_provenance(wanted, findings.subspan(first, wanted.builders.size()), context,
                              place);
    });
  }
  Judgement judge(const policy::Sbom& wanted, Place place) {
    const std::size_t need = take_needs(1);
    return about_any([&](const LeafContext& context) {
      return judge_sbom(wanted, context.manifest.findings[need], context, place);
    });
  }
  Judgement judge(const policy::Vulnerabilities& wanted, Place place) {
    const std::size_t need = take_needs(wanted.vex ? 2 : 1);
    return about_any([&](const LeafContext& context) {
      const auto& findings = context.manifest.findings;
      return judge_vulnerabilities(wanted, findings[need],
                                   wanted.vex ? Findings(findings[need + 1]) : Findings(), context,
                                   place);
    });
  }
  Judgement judge(const policy::PredicateCheck& wanted, Place place) {
    const std::size_t need = take_needs(1);
    return about_any([&](const LeafContext& context) {
      return judge_predicate(wanted, context.manifest.findings[need], context, place);
    });
  }
  Judgement judge(const policy::Summary& wanted, Place place) {
    const std::size_t need = take_needs(1);
    return about_any([&](const LeafContext& context) {
      return judge_summary(wanted, context.manifest.findings[need], context, place);
    });
  }
  Judgement judge(const policy::ImageConfiguration& wanted, Place place);
  Judgement judge(const policy::BaseImage& wanted, Place place);
  Judgement judge_base(const policy::BaseImage& wanted, const NamedBase& base, Place place) const;

  std::vector<Judgement> judge_all(const std::vector<Requirement>& parts) {
    std::vector<Judgement> judged;
    judged.reserve(parts.size());
    for (const Requirement& part : parts) judged.push_back(judge(part));
    return judged;
  }

  // The place of the next needs, as needs_of() has them.
  std::size_t take_needs(std::size_t count) {
    const std::size_t first = next_need_;
    next_need_ += count;
    return first;
  }

  LeafContext context(const ManifestEvidence& manifest) const {
    return {evidence_, manifest, rule_, now_};
  }

  // Judged about each manifest, of which one is enough: the best of the judgements.
  template <class Judge>
  Judgement about_any(Judge judge_one) const {
    std::optional<Judgement> best;
    for (const ManifestEvidence* manifest : about_) {
      Judgement judged = judge_one(context(*manifest));
      if (judged.outcome == Outcome::allow) return judged;
      if (!best || (best->outcome == Outcome::deny && judged.outcome == Outcome::error) ||
          (best->reason->code == Code::evidence_none && judged.outcome == best->outcome)) {
        best = std::move(judged);
      }
    }
    return *std::move(best);
  }

  // The single images that are judged: configurations lie there, and not at an index.
  std::vector<const ManifestEvidence*> single_images() const {
    std::vector<const ManifestEvidence*> images;
    for (const ManifestEvidence* manifest : about_) {
      if (!evidence_.is_index || manifest != &evidence_.image) images.push_back(manifest);
    }
    if (!images.empty()) return images;
    for (const ManifestEvidence& platform : evidence_.platforms) images.push_back(&platform);
    return images;
  }

  std::vector<const verify::Evidence*> signed_by(std::span<const Judgement> judged) const;

  const policy::Rule& rule_;
  const Evidence& evidence_;
  std::span<const ManifestEvidence* const> about_;
  sys_seconds now_;
  std::size_t next_need_ = 0;
};

std::string threshold_text(std::size_t count, policy::Distinct distinct) {
  return std::to_string(count) + " different " + std::string(distinct_name(distinct));
}

Judgement Evaluation::judge(const policy::Signatures& wanted, Place place) {
  const std::size_t need = take_needs(1);
  const verify::Demand& demand = wanted.signer.demand;
  Counted all;
  for (const ManifestEvidence* manifest : about_) {
    Counted counted = count(manifest->findings[need], demand, context(*manifest), wanted.formats);
    all.good.insert(all.good.end(), counted.good.begin(), counted.good.end());
    all.found.insert(all.found.end(), counted.found.begin(), counted.found.end());
    all.valid_until = earlier(all.valid_until, counted.valid_until);
    if (!all.unseen) all.unseen = std::move(counted.unseen);
    if (!all.reason || all.reason->code == Code::evidence_none) all.reason = counted.reason;
  }
  const std::string who = signer_text(wanted.signer);
  std::string text =
      wanted.count == 1
          ? "a signature by " + who
          : "signatures by " + threshold_text(wanted.count, wanted.distinct) + " of " + who;
  if (all.good.empty()) {
    if (all.unseen) all.reason = std::move(all.unseen);
    return not_met("signatures", std::move(text), *std::move(all.reason), std::move(all.found),
                   place);
  }
  if (wanted.count > 1) {
    const std::size_t different = Signers(all.good, {wanted.distinct}).count();
    if (different < wanted.count) {
      Error few{Code::rule_threshold,
                std::to_string(different) + " of " + threshold_text(wanted.count, wanted.distinct) +
                    " signed",
                ""};
      return not_met("signatures", std::move(text), all.unseen ? *all.unseen : std::move(few),
                     std::move(all.found), place);
    }
  }
  Judgement judged = met("signatures", std::move(text), std::move(all.found), place, all.good);
  judged.valid_until = all.valid_until;
  return judged;
}

// All evidence by the keys by which requirements are met: the same key may be known in several
// ways.
std::vector<const verify::Evidence*> Evaluation::signed_by(
    std::span<const Judgement> judged) const {
  std::set<std::string> keys;
  const auto add = [&](const auto& self, std::span<const Judgement> parts) -> void {
    for (const Judgement& part : parts) {
      keys.insert(part.by.begin(), part.by.end());
      self(self, part.parts);
    }
  };
  add(add, judged);
  std::vector<const verify::Evidence*> evidence;
  for (const ManifestEvidence* manifest : about_) {
    for (const auto& findings : manifest->findings) {
      for (const verify::Finding& finding : findings) {
        const verify::Evidence* piece = finding.evidence();
        if (piece != nullptr && keys.contains(piece->signer.trusted.key.fingerprint())) {
          evidence.push_back(piece);
        }
      }
    }
  }
  return evidence;
}

Judgement Evaluation::judge(const policy::Threshold& wanted, Place place) {
  Judgement whole = group("threshold",
                          std::to_string(wanted.count) + " of these, by different " +
                              std::string(distinct_name(wanted.distinct)),
                          judge_all(wanted.parts), place);
  const std::size_t allowed = count_with(whole.parts, Outcome::allow);
  const std::size_t unseen = count_with(whole.parts, Outcome::error);
  const auto reached =
      reaches(wanted, whole.parts, Signers(signed_by(whole.parts), ways_of(wanted)));
  if (!reached) {
    refuse(whole, reached.error());
  } else if (*reached) {
    allow(whole);
  } else if (unseen > 0 && allowed + unseen >= wanted.count) {
    refuse(whole, *first_with(whole.parts, Outcome::error)->reason);
  } else {
    refuse(whole, {Code::rule_threshold,
                   std::to_string(allowed) + " of " + std::to_string(whole.parts.size()) +
                       " are met, and " + std::to_string(wanted.count) +
                       " have to be, by different " + std::string(distinct_name(wanted.distinct)),
                   ""});
  }
  return whole;
}

Judgement Evaluation::judge(const policy::ImageConfiguration& wanted, Place place) {
  std::vector<Judgement> judged;
  for (const ManifestEvidence* image : single_images()) {
    judged.push_back(judge_configuration(wanted, context(*image), place));
  }
  if (judged.size() == 1) return std::move(judged.front());
  if (judged.empty()) {
    return not_met("image", "a configuration",
                   {Code::rule_platform, "the index holds no image that could be looked at", ""},
                   {}, place);
  }
  std::string text = judged.front().wanted;
  return all_met("image", std::move(text), std::move(judged), place);
}

Judgement Evaluation::judge_base(const policy::BaseImage& wanted, const NamedBase& base,
                                 Place place) const {
  const std::string shown = printable(base.reference) + "@" + base.digest.to_string();
  const auto refused = [&](Error reason) {
    return not_met("base_image", "a base image that fits", std::move(reason), {shown}, place);
  };
  const auto reference = Reference::parse(base.reference);
  const bool fits = reference && (wanted.images.empty() ||
                                  std::ranges::any_of(wanted.images, [&](const auto& pattern) {
                                    return pattern.matches(*reference, base.digest);
                                  }));
  if (!fits) {
    return refused(
        {Code::base_refused, "the base image " + shown + " is none of those allowed", ""});
  }
  if (!wanted.verified) return met("base_image", "a base image that fits", {shown}, place);
  const auto had = std::ranges::find_if(evidence_.bases, [&](const BaseEvidence& known) {
    return known.digest == base.digest && known.reference == base.reference;
  });
  if (had == evidence_.bases.end() || !had->verdict) {
    return refused(
        {Code::base_refused,
         "the base image " + shown + " was not looked at: the image would not pass with any", ""});
  }
  // That a rule only watches, or lets pass what nobody could look at, verifies nothing.
  const Verdict& verdict = *had->verdict;
  if (verdict.outcome != Outcome::allow || verdict.would_deny) {
    const Error& reason = *verdict.reason;
    const bool unseen = verdict.outcome == Outcome::error || exit_status(reason.code) == 3;
    return refused({unseen ? reason.code : Code::base_refused,
                    "the base image " + shown + ": " + reason.message, reason.hint});
  }
  Judgement judged = met("base_image", "a base image that fits", {shown}, place);
  judged.valid_until = verdict.valid_until;
  return judged;
}

Judgement Evaluation::judge(const policy::BaseImage& wanted, Place place) {
  std::vector<Judgement> judged;
  std::optional<Error> unseen;
  std::vector<const ManifestEvidence*> places = single_images();
  for (const ManifestEvidence* manifest : about_) {
    if (std::ranges::find(places, manifest) == places.end()) places.push_back(manifest);
  }
  for (const ManifestEvidence* manifest : places) {
    const auto bases = named_bases(rule_, *manifest, now_);
    if (bases.size() > limits::max_judged_bases) {
      return not_met("base_image", "a base image that fits",
                     {Code::limit_count, "too many base images are named", ""}, {}, place);
    }
    for (const NamedBase& base : bases) judged.push_back(judge_base(wanted, base, place));
    if (manifest->config && !*manifest->config && !unseen) unseen = manifest->config->error();
    if (manifest->failure && !unseen) unseen = manifest->failure;
  }
  if (!judged.empty()) {
    return all_met("base_image", "a base image that fits", std::move(judged), place);
  }
  if (unseen && exit_status(unseen->code) == 3) {
    return not_met("base_image", "a base image that fits", *unseen, {}, place);
  }
  return not_met("base_image", "a base image that fits",
                 {Code::base_unknown, "nothing that is signed names the base image", ""}, {},
                 place);
}

}  // namespace

Judgement evaluate(const policy::Rule& rule, const Evidence& evidence,
                   std::span<const ManifestEvidence* const> about, sys_seconds now) {
  return Evaluation(rule, evidence, about, now).judge(rule.require);
}

Judgement all_met(std::string kind, std::string wanted, std::vector<Judgement> parts, Place place) {
  Judgement whole = group(std::move(kind), std::move(wanted), std::move(parts), place);
  if (const Judgement* denied = first_with(whole.parts, Outcome::deny)) {
    refuse(whole, *denied->reason);
  } else if (const Judgement* unseen = first_with(whole.parts, Outcome::error)) {
    refuse(whole, *unseen->reason);
  } else {
    allow(whole);
  }
  return whole;
}

Judgement any_met(std::string kind, std::string wanted, std::vector<Judgement> parts, Place place) {
  Judgement whole = group(std::move(kind), std::move(wanted), std::move(parts), place);
  if (first_with(whole.parts, Outcome::allow) != nullptr) {
    allow(whole);
  } else if (const Judgement* unseen = first_with(whole.parts, Outcome::error)) {
    refuse(whole, *unseen->reason);
  } else if (whole.parts.size() == 1) {
    refuse(whole, *whole.parts.front().reason);
  } else {
    refuse(whole, {Code::rule_alternatives,
                   "none of the alternatives is met: " + reasons_of(whole.parts), ""});
  }
  return whole;
}

}  // namespace touchstone::judge
