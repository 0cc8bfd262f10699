#include "judge/decide.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "judge/evaluate.h"
#include "judge/exceptions.h"
#include "judge/leaf.h"
#include "judge/needs.h"

namespace touchstone::judge {
namespace {

using std::chrono::sys_seconds;
using About = std::vector<const ManifestEvidence*>;

// One judgement of the whole requirement: over which evidence, and for which platform.
struct Look {
  About about;
  const ManifestEvidence* platform = nullptr;
};

// What `subject` asks for. Empty: an index without an image that could be judged.
std::vector<Look> looks(const policy::Rule& rule, const Evidence& evidence) {
  const ManifestEvidence* image = &evidence.image;
  if (!evidence.is_index || rule.subject == policy::Subject::index) return {{{image}}};
  std::vector<Look> all;
  if (rule.subject == policy::Subject::both) all.push_back({{image}});
  for (const ManifestEvidence& platform : evidence.platforms) {
    About about = {&platform};
    if (rule.subject == policy::Subject::either) about.insert(about.begin(), image);
    all.push_back({std::move(about), &platform});
  }
  return evidence.platforms.empty() ? std::vector<Look>() : all;
}

std::string name_of(const Look& look) {
  if (look.platform == nullptr) return "the index";
  const std::string digest = look.platform->digest.to_string();
  if (!look.platform->platform) return digest;
  return printable(look.platform->platform->to_string()) + " (" + digest + ")";
}

// Whether the evidence would do, wherever in the image it lies: looked at once.
class Anywhere {
 public:
  Anywhere(const policy::Rule& rule, const Evidence& evidence, sys_seconds now)
      : rule_(rule), evidence_(evidence), now_(now) {}

  // A refusal that another part of the image would have passed: evidence lies in the wrong place.
  void note_misplaced(Judgement& tree) {
    if (!evidence_.is_index || tree.outcome != Outcome::deny || !tree.reason) return;
    if (tree.reason->code != Code::evidence_none || evidence_.platforms.empty()) return;
    if (!does_) does_ = look();
    if (!*does_) return;
    tree.reason =
        Error{Code::rule_subject,
              "the evidence is about another part of the image: " + tree.reason->message, ""};
  }

 private:
  bool look() const {
    About all = {&evidence_.image};
    for (const ManifestEvidence& platform : evidence_.platforms) all.push_back(&platform);
    return evaluate(rule_, evidence_, all, now_).outcome == Outcome::allow;
  }

  const policy::Rule& rule_;
  const Evidence& evidence_;
  sys_seconds now_;
  std::optional<bool> does_;
};

Judgement judge_requirement(const policy::Rule& rule, const Evidence& evidence, sys_seconds now) {
  const auto wanted = looks(rule, evidence);
  if (wanted.empty()) {
    return not_met("platform", "an image for a platform",
                   {Code::rule_platform, "the index holds no image for a platform that counts", ""},
                   {}, rule.place);
  }
  Anywhere anywhere(rule, evidence, now);
  if (wanted.size() == 1) {
    Judgement tree = evaluate(rule, evidence, wanted.front().about, now);
    anywhere.note_misplaced(tree);
    return tree;
  }
  std::vector<Judgement> parts;
  for (const Look& look : wanted) {
    std::vector<Judgement> whole;
    whole.push_back(evaluate(rule, evidence, look.about, now));
    anywhere.note_misplaced(whole.front());
    parts.push_back(all_met("platform", name_of(look), std::move(whole), rule.place));
  }
  return all_met("all_of", "each of these parts of the image", std::move(parts), rule.place);
}

Judgement judge_tag(const policy::Rule& rule) {
  return not_met(
      "tag", "an image named by its digest",
      {Code::rule_digest, "the image was named by a tag, and the rule asks for a digest", ""}, {},
      rule.place);
}

// The whole tree but for exceptions.
Judgement judge_rule(const policy::Rule& rule, const Evidence& evidence, sys_seconds now) {
  Judgement tree = judge_requirement(rule, evidence, now);
  if (rule.tags != policy::Tags::require_digest || evidence.reference.digest()) return tree;
  std::vector<Judgement> parts;
  parts.push_back(judge_tag(rule));
  parts.push_back(std::move(tree));
  return all_met("all_of", "all of these", std::move(parts), rule.place);
}

// An exception that is there and does not count is what people ask about.
void add_exceptions(const policy::Rule& rule, const Evidence& evidence, sys_seconds now,
                    Verdict& verdict) {
  if (!rule.exceptions || verdict.tree->outcome == Outcome::allow) return;
  const LeafContext context{evidence, evidence.image, rule, now};
  std::vector<Judgement> parts;
  parts.push_back(*std::move(verdict.tree));
  parts.push_back(judge_exceptions(*rule.exceptions, evidence.image.findings.back(), context));
  const Judgement& requirement = parts.front();
  const Judgement& exception = parts.back();
  verdict.excepted = exception.outcome == Outcome::allow;
  const bool tells = exception.reason && (exception.reason->code == Code::rule_exception ||
                                          exception.outcome == Outcome::error);
  std::optional<Error> reason =
      tells && requirement.outcome == Outcome::deny ? exception.reason : requirement.reason;
  verdict.tree =
      any_met("any_of", "the rule, or an exception from it", std::move(parts), rule.place);
  if (!verdict.excepted) verdict.tree->reason = std::move(reason);
}

// What may let an image pass that would not.
void settle(const policy::Rule& rule, Verdict& verdict) {
  const bool passes = verdict.outcome == Outcome::deny    ? rule.mode == policy::Mode::audit
                      : verdict.outcome == Outcome::error ? rule.on_error == policy::OnError::allow
                                                          : false;
  if (!passes) return;
  verdict.outcome = Outcome::allow;
  verdict.would_deny = true;
}

// Findings of the same content under several needs are one piece of evidence: that which counts.
class Notes {
 public:
  explicit Notes(std::vector<EvidenceNote>& notes) : notes_(notes) {}

  void add(const verify::Finding& finding, std::string_view kind, const NeedView& need,
           const LeafContext& context) {
    Status status = ok();
    if (const verify::Evidence* evidence = finding.evidence()) {
      status = check_evidence(*evidence, need.signer.demand, context);
    }
    const auto [known, is_new] =
        places_.emplace(std::pair(finding.origin, &context.manifest), notes_.size());
    if (!is_new && (notes_[known->second].result == "ok" || finding.evidence() == nullptr)) return;
    EvidenceNote note = note_of(finding, kind, context.manifest.digest);
    if (!status) {
      note.result = slug(status.error().code);
      note.message = printable(status.error().message);
    }
    if (is_new) {
      notes_.push_back(std::move(note));
    } else {
      notes_[known->second] = std::move(note);
    }
  }

 private:
  std::vector<EvidenceNote>& notes_;
  std::map<std::pair<std::string, const ManifestEvidence*>, std::size_t> places_;
};

std::string_view note_kind(const NeedView& need) {
  if (need.requirement == nullptr) return "exception";
  return std::holds_alternative<policy::Signatures>(need.requirement->kind) ? "signature"
                                                                            : "attestation";
}

std::vector<EvidenceNote> notes_of(const policy::Rule& rule, const Evidence& evidence,
                                   sys_seconds now) {
  std::vector<EvidenceNote> notes;
  Notes findings(notes);
  const auto add = [&](const ManifestEvidence& manifest) {
    const LeafContext context{evidence, manifest, rule, now};
    std::size_t place = 0;
    each_need(rule, [&](const NeedView& need) {
      if (place >= manifest.findings.size()) return;
      for (const verify::Finding& finding : manifest.findings[place]) {
        findings.add(finding, note_kind(need), need, context);
      }
      ++place;
    });
    if (!manifest.config) return;
    EvidenceNote note{.kind = "configuration"};
    note.subject = manifest.digest;
    if (!*manifest.config) note.result = slug(manifest.config->error().code);
    notes.push_back(std::move(note));
  };
  add(evidence.image);
  for (const ManifestEvidence& platform : evidence.platforms) add(platform);
  for (const BaseEvidence& base : evidence.bases) {
    EvidenceNote note{.kind = "base"};
    note.origin = printable(base.reference);
    note.subject = base.digest;
    if (base.verdict && base.verdict->reason) note.result = slug(base.verdict->reason->code);
    notes.push_back(std::move(note));
  }
  return notes;
}

// Whether there are findings for each need, be they none.
bool is_complete(const policy::Rule& rule, const Evidence& evidence) {
  std::size_t needs = 0;
  each_need(rule, [&](const NeedView&) { ++needs; });
  const auto fits = [&](const ManifestEvidence& manifest) {
    return manifest.findings.size() == needs;
  };
  return fits(evidence.image) && std::ranges::all_of(evidence.platforms, fits);
}

}  // namespace

Verdict decide(const policy::Rule& rule, const Evidence& evidence, sys_seconds now) {
  if (!is_complete(rule, evidence)) {
    return undecided(rule, {Code::internal_error, "evidence that is not that of the rule", ""});
  }
  Verdict verdict{.rule = rule.name, .mode = rule.mode};
  verdict.tree = judge_rule(rule, evidence, now);
  add_exceptions(rule, evidence, now, verdict);
  verdict.outcome = verdict.tree->outcome;
  if (verdict.outcome == Outcome::allow) {
    verdict.valid_until = verdict.tree->valid_until;
  } else {
    verdict.reason = verdict.tree->reason;
  }
  verdict.evidence = notes_of(rule, evidence, now);
  settle(rule, verdict);
  return verdict;
}

Verdict undecided(const policy::Rule& rule, Error error) {
  Verdict verdict{.rule = rule.name, .mode = rule.mode};
  verdict.reason = std::move(error);
  settle(rule, verdict);
  return verdict;
}

}  // namespace touchstone::judge
