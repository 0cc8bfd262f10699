#include "judge/needs.h"

#include "formats/predicate_types.h"
#include "formats/provenance.h"
#include "formats/sbom.h"
#include "formats/verification_summary.h"
#include "formats/vex.h"
#include "formats/vulnerability_report.h"

namespace touchstone::judge {
namespace {

using policy::Requirement;
using Visit = std::function<void(const NeedView&)>;

bool is_exception(std::string_view type) { return type == formats::policy_exception_predicate; }
bool is_spdx(std::string_view type) {
  return formats::Sbom::form_of(type) == formats::Sbom::Form::spdx;
}
bool is_cyclonedx(std::string_view type) {
  return formats::Sbom::form_of(type) == formats::Sbom::Form::cyclonedx;
}
bool is_sbom(std::string_view type) { return formats::Sbom::form_of(type).has_value(); }

void walk(const Requirement& requirement, const Visit& visit);

void walk_all(const std::vector<Requirement>& parts, const Visit& visit) {
  for (const Requirement& part : parts) walk(part, visit);
}

// One overload a kind: a kind that is added without one does not compile.
struct Walk {
  const Requirement& whole;
  const Visit& visit;

  void operator()(const policy::Deny&) const {}
  void operator()(const policy::Allow&) const {}
  void operator()(const policy::BaseImage&) const {}
  void operator()(const policy::ImageConfiguration&) const {}
  void operator()(const policy::AllOf& all) const { walk_all(all.parts, visit); }
  void operator()(const policy::AnyOf& any) const { walk_all(any.parts, visit); }
  void operator()(const policy::Threshold& threshold) const { walk_all(threshold.parts, visit); }
  void operator()(const policy::Signatures& wanted) const {
    visit({wanted.signer, "signatures", nullptr, false, &whole});
  }
  void operator()(const policy::Provenance& wanted) const {
    for (const auto& builder : wanted.builders) {
      visit({builder->signer, "provenance", formats::Provenance::is_type, false, &whole,
             builder.get()});
    }
  }
  void operator()(const policy::Sbom& wanted) const {
    const auto takes = !wanted.cyclonedx ? is_spdx : !wanted.spdx ? is_cyclonedx : is_sbom;
    visit({wanted.signer, "sbom", takes, true, &whole});
  }
  void operator()(const policy::Vulnerabilities& wanted) const {
    visit({wanted.signer, "vulnerabilities", formats::VulnerabilityReport::is_type, true, &whole});
    if (wanted.vex) visit({wanted.vex->signer, "vex", formats::VexDocument::is_type, true, &whole});
  }
  void operator()(const policy::PredicateCheck& wanted) const {
    visit({wanted.signer, "predicate", nullptr, false, &whole});
  }
  void operator()(const policy::Summary& wanted) const {
    visit({wanted.signer, "vsa", formats::VerificationSummary::is_type, true, &whole});
  }
};

void walk(const Requirement& requirement, const Visit& visit) {
  std::visit(Walk{requirement, visit}, requirement.kind);
}

std::function<bool(std::string_view)> taken(const NeedView& view) {
  if (view.takes != nullptr) return view.takes;
  const auto* check = view.requirement == nullptr
                          ? nullptr
                          : std::get_if<policy::PredicateCheck>(&view.requirement->kind);
  if (check == nullptr) return {};
  return
      [wanted = check->type](std::string_view type) { return formats::is_predicate(wanted, type); };
}

}  // namespace

void each_need(const policy::Rule& rule, const Visit& visit) {
  walk(rule.require, visit);
  if (rule.exceptions) visit({rule.exceptions->signer, "exceptions", is_exception});
}

std::vector<Need> needs_of(const policy::Rule& rule) {
  std::vector<Need> needs;
  each_need(rule, [&](const NeedView& view) {
    Need need{view.signer.demand, std::string(view.purpose), taken(view)};
    need.demand.content.kind = need.takes ? verify::WantedContent::Kind::attestation
                                          : verify::WantedContent::Kind::image_signature;
    need.newest_counts = view.newest_counts;
    need.requirement = view.requirement;
    need.builder = view.builder;
    needs.push_back(std::move(need));
  });
  return needs;
}

}  // namespace touchstone::judge
