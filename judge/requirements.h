// The requirements on what attestations and the image's configuration say, one function each. Pure.
//
// Where several attestations of a kind count, one that satisfies the requirement is enough, but for
// what grows old: of scans, bills of materials and verification summaries the newest decides, for
// an older one may hide what is known today; of several of one time each has to do. What is
// malformed, of a time to come or of another type counts for nothing. Where a requirement is not
// met and something could not be looked at, that is the reason.
//
// Specifications: SLSA v1.0 "Verifying artifacts" and v0.2, in-toto's predicates, SPDX 2.3,
// CycloneDX 1.4 to 1.6, OpenVEX v0.2.0, cosign's vulnerability predicate, SARIF 2.1.0.
#pragma once

#include "judge/leaf.h"

namespace touchstone::judge {

// `of_builders`: the findings for each of the requirement's builders, in their order. Provenance
// counts for a builder when its signer is the builder's, and names the builder's id.
// Reasons: identity.mismatch and the like (no signer), provenance.*, predicate.malformed, time.*.
Judgement judge_provenance(const policy::Provenance& wanted,
                           std::span<const std::vector<verify::Finding>> of_builders,
                           const LeafContext& context, policy::Place place);

// Reasons: sbom.*, predicate.malformed, time.*.
Judgement judge_sbom(const policy::Sbom& wanted, Findings findings, const LeafContext& context,
                     policy::Place place);

// Reasons: vulnerability.found, predicate.malformed, time.*.
Judgement judge_vulnerabilities(const policy::Vulnerabilities& wanted, Findings scans, Findings vex,
                                const LeafContext& context, policy::Place place);

// Reasons: expression.*, limit.expression, time.*.
Judgement judge_predicate(const policy::PredicateCheck& wanted, Findings findings,
                          const LeafContext& context, policy::Place place);

// Reasons: summary.*, predicate.malformed, time.*.
Judgement judge_summary(const policy::Summary& wanted, Findings findings,
                        const LeafContext& context, policy::Place place);

// Reasons: image.* (image.configuration: there is none), rule.platform, time.*; the error of having
// the configuration.
Judgement judge_configuration(const policy::ImageConfiguration& wanted, const LeafContext& context,
                              policy::Place place);

// A base image that something signed names: the images among the materials of provenance that
// counts for a builder of the rule, and the image's own labels (which its signature covers). Labels
// pick one of several materials, the last stage's. They decide alone only where no builder names an
// image: an image has the labels of its base, too, unless it sets its own. Where there are more
// than limits::max_judged_bases, one more than that.
struct NamedBase {
  std::string reference;  // normalised
  Digest digest;
};
std::vector<NamedBase> named_bases(const policy::Rule& rule, const ManifestEvidence& manifest,
                                   std::chrono::sys_seconds now);

}  // namespace touchstone::judge
