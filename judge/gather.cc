#include "judge/gather.h"

#include <algorithm>

#include "formats/sigstore_bundle.h"
#include "formats/statement.h"

namespace touchstone::judge {
namespace {

using Kind = verify::WantedContent::Kind;

template <class T, class Same>
bool same_all(const std::vector<T>& a, const std::vector<T>& b, Same same) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

// What a candidate says that it is; nothing in it is believed. It tells only to which needs a
// failure belongs.
std::optional<std::string> claimed_type(const verify::Candidate& candidate) {
  std::optional<formats::DsseEnvelope> envelope;
  if (const auto* bytes = std::get_if<Bytes>(&candidate.content)) {
    auto bundle = formats::SigstoreBundle::parse(*bytes);
    if (!bundle) return std::nullopt;
    if (auto* found = std::get_if<formats::DsseEnvelope>(&bundle->content)) {
      envelope = std::move(*found);
    }
  } else if (const auto* layer = std::get_if<verify::EnvelopeLayer>(&candidate.content)) {
    auto found = formats::DsseEnvelope::parse(layer->envelope);
    if (found) envelope = *std::move(found);
  }
  if (!envelope) return std::nullopt;
  auto statement = formats::Statement::parse(envelope->payload);
  if (!statement) return std::nullopt;
  return std::move(statement->predicate_type);
}

// Legacy forms hold one kind of content each.
bool may_hold(const verify::Candidate& candidate, Kind kind) {
  if (std::holds_alternative<verify::SimpleSigningLayer>(candidate.content)) {
    return kind == Kind::image_signature;
  }
  return kind == Kind::attestation ||
         !std::holds_alternative<verify::EnvelopeLayer>(candidate.content);
}

}  // namespace

bool same_signers(const verify::Demand& a, const verify::Demand& b) {
  const auto same_signer = [](const verify::TrustedSigner& one,
                              const verify::TrustedSigner& other) {
    return one.trusted.key == other.trusted.key && one.source == other.source;
  };
  const auto same_authority = [](const verify::TrustedAuthority& one,
                                 const verify::TrustedAuthority& other) {
    return one.trusted.certificate == other.trusted.certificate && one.source == other.source;
  };
  const auto same_instance = [](const verify::TrustedInstance& one,
                                const verify::TrustedInstance& other) {
    return one.root == other.root && one.source == other.source;
  };
  const auto same_vendor = [](const trust::HardwareVendor& one,
                              const trust::HardwareVendor& other) {
    return one.name == other.name && one.source == other.source;
  };
  return same_all(a.signers, b.signers, same_signer) &&
         same_all(a.authorities, b.authorities, same_authority) &&
         same_all(a.instances, b.instances, same_instance) && a.identities == b.identities &&
         a.annotations == b.annotations && a.require_log == b.require_log &&
         a.thresholds == b.thresholds && a.hardware == b.hardware &&
         same_all(a.vendors, b.vendors, same_vendor);
}

NeedGroups::NeedGroups(const policy::Rule& rule) : needs_(needs_of(rule)) {
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    const verify::Demand& demand = needs_[i].demand;
    const auto known = std::ranges::find_if(groups_, [&](const Group& group) {
      return group.demand.content.kind == demand.content.kind && same_signers(group.demand, demand);
    });
    if (known == groups_.end()) {
      groups_.push_back({demand, {i}});
    } else {
      known->members.push_back(i);
    }
  }
}

bool NeedGroups::newest_counts() const { return std::ranges::any_of(needs_, &Need::newest_counts); }

bool NeedGroups::wants_hardware() const {
  return std::ranges::any_of(needs_,
                             [](const Need& need) { return need.demand.hardware.has_value(); });
}

verify::WantedContent NeedGroups::content() const {
  const auto wants = [&](Kind kind) {
    return std::ranges::any_of(
        groups_, [&](const Group& group) { return group.demand.content.kind == kind; });
  };
  if (!wants(Kind::attestation)) return {Kind::image_signature};
  return {wants(Kind::image_signature) ? Kind::any : Kind::attestation};
}

bool NeedGroups::takes(std::size_t need, std::string_view predicate_type) const {
  if (needs_[need].takes) return needs_[need].takes(predicate_type);
  return predicate_type == formats::image_signature_predicate;
}

bool NeedGroups::look_at(const verify::Candidate& candidate, const verify::Artifact& artifact,
                         const verify::AttachedAttestations& attached, std::chrono::sys_seconds now,
                         std::span<std::vector<verify::Finding>> findings) const {
  std::optional<std::optional<std::string>> claimed;  // once it is needed
  bool holds = false;
  for (const Group& group : groups_) {
    if (!may_hold(candidate, group.demand.content.kind)) continue;
    const verify::Finding finding =
        verify::look_at(candidate, artifact, group.demand, attached, now);
    std::optional<std::string> type;
    if (const verify::Evidence* evidence = finding.evidence()) {
      holds = true;
      if (evidence->statement) type = evidence->statement->predicate_type;
    } else {
      if (finding.error()->code == Code::binding_type) continue;
      if (!claimed) claimed = claimed_type(candidate);
      if (exit_status(finding.error()->code) != 3) type = *claimed;
    }
    for (const std::size_t need : group.members) {
      if (!type || takes(need, *type)) findings[need].push_back(finding);
    }
  }
  return holds;
}

}  // namespace touchstone::judge
