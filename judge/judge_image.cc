#include "judge/judge_image.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "judge/gather.h"
#include "judge/leaf.h"
#include "judge/requirements.h"

namespace touchstone::judge {
namespace {

using formats::Descriptor;
using oci::FetchedManifest;

// What of an image the rule looks at, besides what is attached.
struct Wanted {
  bool configurations = false;
  bool verified_bases = false;
};

void add_wanted(const policy::Requirement& requirement, Wanted& wanted) {
  const auto add_all = [&](const std::vector<policy::Requirement>& parts) {
    for (const policy::Requirement& part : parts) add_wanted(part, wanted);
  };
  if (const auto* all = std::get_if<policy::AllOf>(&requirement.kind)) add_all(all->parts);
  if (const auto* any = std::get_if<policy::AnyOf>(&requirement.kind)) add_all(any->parts);
  if (const auto* some = std::get_if<policy::Threshold>(&requirement.kind)) add_all(some->parts);
  if (std::holds_alternative<policy::ImageConfiguration>(requirement.kind)) {
    wanted.configurations = true;
  }
  if (const auto* base = std::get_if<policy::BaseImage>(&requirement.kind)) {
    wanted.configurations = true;
    wanted.verified_bases = wanted.verified_bases || base->verified;
  }
}

Wanted wanted_by(const policy::Rule& rule) {
  Wanted wanted;
  add_wanted(rule.require, wanted);
  return wanted;
}

bool is_platform(const formats::Platform& wanted, const formats::Platform& platform) {
  return wanted == platform || (wanted.variant.empty() && wanted.os == platform.os &&
                                wanted.architecture == platform.architecture);
}

// An entry without a platform may be started on any. BuildKit's attestations say "unknown", and
// nothing is started that does.
bool counts(const policy::Rule& rule, const Descriptor& entry) {
  if (!entry.platform) return true;
  if (entry.platform->os == "unknown") return false;
  return rule.platforms.empty() || std::ranges::any_of(rule.platforms, [&](const auto& wanted) {
           return is_platform(wanted, *entry.platform);
         });
}

// The images of an index that the rule looks at, each once.
Result<std::vector<Descriptor>> platforms_of(const policy::Rule& rule,
                                             const formats::ImageIndex& index) {
  std::vector<Descriptor> platforms;
  for (const Descriptor& entry : index.manifests) {
    const bool known = std::ranges::any_of(
        platforms, [&](const Descriptor& other) { return other.digest == entry.digest; });
    if (!known && counts(rule, entry)) platforms.push_back(entry);
  }
  if (platforms.size() > limits::max_judged_platforms) {
    return Error{Code::limit_count,
                 "the index holds " + std::to_string(platforms.size()) + " images", ""};
  }
  return platforms;
}

// With the digest where the reference has one: it is known, whatever else is not.
ImageVerdict asked_for(const Reference& reference) {
  ImageVerdict judged;
  judged.reference = reference.to_string();
  judged.digest = reference.digest();
  if (judged.digest) judged.pinned = reference.pinned(*judged.digest);
  return judged;
}

// One image under one rule.
class Judging {
 public:
  Judging(oci::Repository& repository, const Reference& reference, const policy::Document& document,
          const JudgeOptions& options, const OpenRepository& open, const Clock& clock,
          std::size_t& judged_bases, std::size_t depth)
      : repository_(repository),
        reference_(reference),
        document_(document),
        options_(options),
        open_(open),
        clock_(clock),
        judged_bases_(judged_bases),
        depth_(depth) {}

  ImageVerdict run() {
    const auto begun = clock_.monotonic();
    deadline_ = begun + limits::verification_timeout;
    judged_ = asked_for(reference_);
    judge();
    Verdict& verdict = judged_.verdict;
    if (verdict.outcome == Outcome::allow) {
      verdict.valid_until = earlier(verdict.valid_until, document_.expires);
    }
    judged_.latency =
        std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic() - begun);
    return std::move(judged_);
  }

 private:
  void judge();
  void fail(Error error);
  void pin(const Digest& digest, const FetchedManifest& manifest);
  Status choose_platforms(const FetchedManifest& image);
  void gather_all(verify::ResolvedImage image);
  void add_platform_manifests();
  void add_configurations(const FetchedManifest& image);
  bool gather(ManifestEvidence& evidence, const oci::ImageAndReferrers& found);
  bool gather_platforms();
  void name_bases();
  bool bases_matter();
  void judge_bases();
  Verdict judge_base(const Reference& base);
  bool decide_now();

  oci::ImageAndReferrers attached_to(const Digest& manifest) {
    return repository_.image_and_referrers(manifest, "", verify::tagged_form(needs_->content()));
  }
  bool looks_at_platforms() const {
    return evidence_->is_index && rule_->subject != policy::Subject::index;
  }

  oci::Repository& repository_;
  const Reference& reference_;
  const policy::Document& document_;
  JudgeOptions options_;
  const OpenRepository& open_;
  const Clock& clock_;
  std::size_t& judged_bases_;  // below the image that was asked for
  std::chrono::steady_clock::time_point deadline_;
  std::size_t depth_;

  ImageVerdict judged_;
  const policy::Rule* rule_ = nullptr;
  Wanted wanted_;
  std::optional<NeedGroups> needs_;
  std::optional<Evidence> evidence_;
  // Of an index, in the same order: the platforms that count, their manifests, and what is attached
  // to them, as far as they were asked for.
  std::vector<Descriptor> entries_;
  std::vector<Result<FetchedManifest>> manifests_;
  std::vector<oci::ImageAndReferrers> attached_;
};

verify::Attached attached_for(const NeedGroups& needs) {
  return needs.any() ? verify::attached_form(needs.content()) : verify::Attached::not_wanted;
}

void Judging::fail(Error error) {
  if (rule_ != nullptr) {
    judged_.verdict = undecided(*rule_, std::move(error));
  } else {
    judged_.verdict.reason = std::move(error);
  }
}

void Judging::judge() {
  // With the digest known beforehand, so is the rule, and what it needs is asked for at once.
  auto attached = verify::Attached::not_wanted;
  const auto choose_rule = [&](const Digest& digest) {
    rule_ = &policy::rule_for(document_, reference_, digest);
    needs_.emplace(*rule_);
    wanted_ = wanted_by(*rule_);
  };
  if (reference_.digest()) {
    choose_rule(*reference_.digest());
    attached = attached_for(*needs_);
  }
  auto image = verify::resolve(repository_, reference_, std::nullopt, attached);
  if (!image) return fail(std::move(image).error());
  if (rule_ == nullptr) choose_rule(image->digest);
  const bool is_index = image->manifest.manifest.index() != nullptr;
  evidence_ = Evidence{reference_, {image->digest}, is_index};
  evidence_->image.findings.resize(needs_->needs());
  pin(image->digest, image->manifest);
  if (const auto chosen = choose_platforms(image->manifest); !chosen) return fail(chosen.error());
  gather_all(*std::move(image));
}

void Judging::pin(const Digest& digest, const FetchedManifest& manifest) {
  judged_.digest = digest;
  judged_.pinned = reference_.pinned(digest);
  judged_.media_type = printable(manifest.manifest.media_type);
}

// All that are chosen are entries of the index that is judged: what is about them counts for it.
Status Judging::choose_platforms(const FetchedManifest& image) {
  const formats::ImageIndex* index = image.manifest.index();
  if (options_.platform) {
    if (index == nullptr) {
      return Error{Code::reference_platform,
                   "\"" + reference_.to_string() + "\" is one image, not an index of platforms",
                   "leave --platform out"};
    }
    TS_TRY(const Descriptor chosen, verify::pick_platform(*index, *options_.platform));
    entries_ = {chosen};
    judged_.digest = chosen.digest;
    judged_.pinned = reference_.pinned(chosen.digest);
    judged_.media_type = printable(chosen.media_type);
  } else if (index != nullptr && (looks_at_platforms() || wanted_.configurations)) {
    TS_TRY(entries_, platforms_of(*rule_, *index));
  }
  for (const Descriptor& entry : entries_) {
    evidence_->platforms.push_back({entry.digest, entry.platform});
    evidence_->platforms.back().findings.resize(needs_->needs());
  }
  return ok();
}

void Judging::gather_all(verify::ResolvedImage image) {
  const bool wants_image =
      !evidence_->is_index || rule_->exceptions || rule_->subject != policy::Subject::platform;
  if (needs_->any() && wants_image && !image.looked_up) {
    image.looked_up = attached_to(image.digest);
    if (!image.looked_up->image) return fail(image.looked_up->image.error());
  }
  add_platform_manifests();
  add_configurations(image.manifest);
  const bool decided =
      (needs_->any() && wants_image && gather(evidence_->image, *image.looked_up)) ||
      (needs_->any() && looks_at_platforms() && gather_platforms());
  if (decided) return;
  if (wanted_.verified_bases) {
    name_bases();
    if (bases_matter()) judge_bases();
  }
  decide_now();
}

// Each is fetched once: where what is attached to it is wanted as well, with that.
void Judging::add_platform_manifests() {
  if (!wanted_.configurations || entries_.empty()) return;
  if (!needs_->any() || !looks_at_platforms()) {
    manifests_ = repository_.manifests(entries_);
    return;
  }
  for (const ManifestEvidence& platform : evidence_->platforms) {
    attached_.push_back(attached_to(platform.digest));
    manifests_.push_back(attached_.back().image);
  }
}

void Judging::add_configurations(const FetchedManifest& image) {
  if (!wanted_.configurations) return;
  std::vector<ManifestEvidence*> whose;
  std::vector<Descriptor> configs;
  std::uint64_t bytes = 0;
  const auto add = [&](ManifestEvidence& evidence, const Result<FetchedManifest>& manifest) {
    const formats::ImageManifest* single = manifest ? manifest->manifest.image() : nullptr;
    if (single != nullptr) bytes += single->config.size;
    if (single != nullptr && bytes > limits::max_config_total_bytes) {
      evidence.config = Error{Code::limit_size, "the configurations are over 16 MiB in all", ""};
    } else if (single != nullptr) {
      whose.push_back(&evidence);
      configs.push_back(single->config);
    } else if (!manifest) {
      evidence.config = manifest.error();
    } else {
      evidence.config = Error{Code::format_manifest, "an index within an index", ""};
    }
  };
  if (!evidence_->is_index) add(evidence_->image, image);
  for (std::size_t i = 0; i < manifests_.size(); ++i) add(evidence_->platforms[i], manifests_[i]);
  if (configs.empty()) return;
  const auto blobs = repository_.blobs(configs, limits::max_image_config_bytes);
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    whose[i]->config = blobs[i] ? formats::ImageConfig::parse(*blobs[i])
                                : Result<formats::ImageConfig>(blobs[i].error());
  }
}

// Whether the image is decided on, and nothing more is to be looked at.
bool Judging::decide_now() {
  judged_.verdict = decide(*rule_, *evidence_, clock_.now());
  return judged_.verdict.outcome == Outcome::allow && !judged_.verdict.would_deny &&
         !needs_->newest_counts();
}

bool Judging::gather(ManifestEvidence& evidence, const oci::ImageAndReferrers& found) {
  if (!found.image) {
    evidence.failure = found.image.error();
    return false;
  }
  const verify::Artifact artifact = verify::Artifact::of(found.image->bytes);
  verify::AttachedAttestations attached;
  if (needs_->wants_hardware() && found.referrers) {
    attached = verify::fetch_attestations(repository_, evidence.digest, *found.referrers);
  }
  verify::CandidateReader reader(repository_, evidence.digest, needs_->content(), found);
  for (auto items = reader.next(); !items.empty(); items = reader.next()) {
    bool found_any = false;  // what does not hold allows nothing, however much of it there is
    for (const verify::CandidateReader::Item& item : items) {
      if (clock_.monotonic() > deadline_) {
        evidence.failure = Error{Code::limit_time, "too much is attached to look at all of it", ""};
        return decide_now();
      }
      if (item.candidate) {
        const bool holds =
            needs_->look_at(*item.candidate, artifact, attached, clock_.now(), evidence.findings);
        found_any = found_any || holds;
        continue;
      }
      for (auto& findings : evidence.findings) {
        findings.push_back({item.origin, item.candidate.error(), item.format});
      }
    }
    if (found_any && decide_now()) return true;
  }
  return false;
}

bool Judging::gather_platforms() {
  for (std::size_t i = 0; i < evidence_->platforms.size(); ++i) {
    ManifestEvidence& platform = evidence_->platforms[i];
    if (attached_.size() == i) attached_.push_back(attached_to(platform.digest));
    if (gather(platform, attached_[i])) return true;
  }
  return false;
}

void Judging::name_bases() {
  const auto add = [&](const ManifestEvidence& manifest) {
    for (const NamedBase& named : named_bases(*rule_, manifest, clock_.now())) {
      const bool known = std::ranges::any_of(evidence_->bases, [&](const BaseEvidence& base) {
        return base.reference == named.reference && base.digest == named.digest;
      });
      if (!known) evidence_->bases.push_back({named.reference, named.digest});
    }
  };
  add(evidence_->image);
  for (const ManifestEvidence& platform : evidence_->platforms) add(platform);
}

// Whether the image would pass if its bases did. An image that is refused anyway does not choose
// which registries are asked: its labels are its maker's.
bool Judging::bases_matter() {
  for (BaseEvidence& base : evidence_->bases) base.verdict = Verdict{.outcome = Outcome::allow};
  const Verdict verdict = decide(*rule_, *evidence_, clock_.now());
  for (BaseEvidence& base : evidence_->bases) base.verdict.reset();
  return verdict.outcome == Outcome::allow && !verdict.would_deny;
}

// Each base that is named is judged by the same policy, by its digest.
void Judging::judge_bases() {
  for (BaseEvidence& base : evidence_->bases) {
    const auto named = Reference::parse(base.reference);
    if (!named) continue;
    const auto pinned = Reference::parse(named->pinned(base.digest));
    if (pinned) base.verdict = judge_base(*pinned);
  }
}

Verdict Judging::judge_base(const Reference& base) {
  const auto unseen = [&](Error error) {
    return undecided_image(base, document_, std::move(error)).verdict;
  };
  if (depth_ == limits::max_base_depth) {
    return unseen({Code::limit_depth, "too many base images below one another", ""});
  }
  if (judged_bases_ == limits::max_judged_bases) {
    return unseen({Code::limit_count, "too many base images below one image", ""});
  }
  ++judged_bases_;
  auto repository = open_(base);
  if (!repository) return unseen(repository.error());
  return Judging(**repository, base, document_, {}, open_, clock_, judged_bases_, depth_ + 1)
      .run()
      .verdict;
}

}  // namespace

ImageVerdict judge_image(oci::Repository& repository, const Reference& reference,
                         const policy::Document& document, const JudgeOptions& options,
                         const OpenRepository& open, const Clock& clock) {
  std::size_t judged_bases = 0;
  return Judging(repository, reference, document, options, open, clock, judged_bases, 0).run();
}

ImageVerdict undecided_image(const Reference& reference, const policy::Document& document,
                             Error error) {
  ImageVerdict judged = asked_for(reference);
  if (!reference.digest()) {
    judged.verdict.reason = std::move(error);
    return judged;
  }
  const policy::Rule& rule = policy::rule_for(document, reference, *reference.digest());
  judged.verdict = undecided(rule, std::move(error));
  return judged;
}

}  // namespace touchstone::judge
