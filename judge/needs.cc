#include "judge/needs.h"

#include "formats/predicate_types.h"

namespace touchstone::judge {
namespace {

using policy::Requirement;
using Visit = std::function<void(const NeedView&)>;

bool is_exception(std::string_view type) { return type == exception_predicate; }
bool is_provenance(std::string_view type) {
  return type == "https://slsa.dev/provenance/v1" || type == "https://slsa.dev/provenance/v0.2";
}
bool is_below(std::string_view base, std::string_view type) {
  return type.starts_with(base) && (type.size() == base.size() || type[base.size()] == '/');
}
bool is_spdx(std::string_view type) { return is_below("https://spdx.dev/Document", type); }
bool is_cyclonedx(std::string_view type) { return is_below("https://cyclonedx.org/bom", type); }
bool is_sbom(std::string_view type) { return is_spdx(type) || is_cyclonedx(type); }
bool is_scan(std::string_view type) {
  return type == "https://cosign.sigstore.dev/attestation/vuln/v1" ||
         type == "https://in-toto.io/attestation/vulns/v0.1" ||
         type == "https://in-toto.io/attestation/vulns/v0.2" ||
         is_below("https://docs.oasis-open.org/sarif/sarif/v2.1.0", type);
}
bool is_vex(std::string_view type) { return is_below("https://openvex.dev/ns", type); }
bool is_summary(std::string_view type) {
  return type == "https://slsa.dev/verification_summary/v1";
}

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
      visit({builder->signer, "provenance", is_provenance, false, &whole, builder.get()});
    }
  }
  void operator()(const policy::Sbom& wanted) const {
    const auto takes = !wanted.cyclonedx ? is_spdx : !wanted.spdx ? is_cyclonedx : is_sbom;
    visit({wanted.signer, "sbom", takes, true, &whole});
  }
  void operator()(const policy::Vulnerabilities& wanted) const {
    visit({wanted.signer, "vulnerabilities", is_scan, true, &whole});
    if (wanted.vex) visit({wanted.vex->signer, "vex", is_vex, true, &whole});
  }
  void operator()(const policy::PredicateCheck& wanted) const {
    visit({wanted.signer, "predicate", nullptr, false, &whole});
  }
  void operator()(const policy::Summary& wanted) const {
    visit({wanted.signer, "vsa", is_summary, true, &whole});
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
