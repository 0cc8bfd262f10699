#include "judge/signers.h"

#include <utility>

namespace touchstone::judge {
namespace {

using policy::Distinct;
using policy::Requirement;

// Labels that only one signer has. Those of one piece of evidence are the same signer's.
std::string name_label(const crypto::Certificate& certificate) {
  const auto& names = certificate.alternative_names();
  return "name " + (names.empty() ? certificate.subject() : names.front().value);
}

std::string name_label(const verify::Evidence& evidence) {
  if (evidence.keyless) return name_label(evidence.keyless->signer.path.certificates.front());
  if (evidence.certified) return name_label(evidence.certified->path.certificates.front());
  const std::string& owner = evidence.signer.trusted.owner;
  return owner.empty() ? "" : "name " + owner;
}

std::string device_label(const verify::Evidence& evidence) {
  if (!evidence.hardware || !*evidence.hardware || !(*evidence.hardware)->facts.serial) return "";
  const verify::AttestedKey& attested = **evidence.hardware;
  return "device " + attested.vendor + " " + attested.facts.device_name() + " " +
         std::to_string(*attested.facts.serial);
}

// Sets that grow together.
class Groups {
 public:
  std::size_t of(const std::string& label) {
    const auto [entry, is_new] = places_.emplace(label, parents_.size());
    if (is_new) parents_.push_back(entry->second);
    return root(entry->second);
  }
  void join(const std::string& a, const std::string& b) { parents_[of(a)] = of(b); }

 private:
  std::size_t root(std::size_t place) const {
    while (parents_[place] != place) place = parents_[place];
    return place;
  }
  std::map<std::string, std::size_t> places_;
  std::vector<std::size_t> parents_;
};

void add_ways(const Requirement& requirement, std::set<Distinct>& ways) {
  const auto add_all = [&](const std::vector<Requirement>& parts) {
    for (const Requirement& part : parts) add_ways(part, ways);
  };
  if (const auto* all = std::get_if<policy::AllOf>(&requirement.kind)) add_all(all->parts);
  if (const auto* any = std::get_if<policy::AnyOf>(&requirement.kind)) add_all(any->parts);
  if (const auto* inner = std::get_if<policy::Threshold>(&requirement.kind)) {
    ways.insert(inner->distinct);
    add_all(inner->parts);
  }
  if (const auto* leaf = std::get_if<policy::Signatures>(&requirement.kind)) {
    if (leaf->count > 1) ways.insert(leaf->distinct);
  }
}

bool is_signed(const Requirement& requirement) {
  return !std::holds_alternative<policy::Allow>(requirement.kind) &&
         !std::holds_alternative<policy::BaseImage>(requirement.kind) &&
         !std::holds_alternative<policy::ImageConfiguration>(requirement.kind);
}

// Signers, one bit each; and the sets of them that would do.
using SignerSet = std::uint64_t;
using Ways = std::set<SignerSet>;
constexpr std::size_t max_signers = 64;
constexpr std::size_t max_ways = 20'000;

// All in which sets of both can be put together. `apart`: without a signer in common.
Ways combine(const Ways& a, const Ways& b, bool apart) {
  Ways combined;
  for (const SignerSet one : a) {
    for (const SignerSet other : b) {
      if (!apart || (one & other) == 0) combined.insert(one | other);
      if (combined.size() > max_ways) return combined;
    }
  }
  return combined;
}

class Matching {
 public:
  explicit Matching(const Signers& signers) : signers_(signers) {}

  // The sets of signers by whom `count` of the parts are met, none counting for two of them.
  Ways threshold(const policy::Threshold& wanted, std::span<const Judgement> judged) {
    std::vector<Ways> reached(wanted.count + 1);  // by so many parts
    reached[0] = {0};
    for (std::size_t i = 0; i < wanted.parts.size(); ++i) {
      Ways part = of(wanted.parts[i], judged[i]);
      part.erase(0);  // met, and by nobody
      for (std::size_t n = wanted.count; n > 0; --n) {
        reached[n].merge(combine(reached[n - 1], part, true));
        if (reached[n].size() > max_ways) exhausted_ = true;
      }
      if (exhausted_) break;
    }
    return reached[wanted.count];
  }

  bool exhausted() const { return exhausted_; }

 private:
  Ways of(const Requirement& requirement, const Judgement& judged) {
    if (judged.outcome != Outcome::allow || exhausted_) return {};
    if (const auto* all = std::get_if<policy::AllOf>(&requirement.kind)) {
      Ways ways = {0};
      for (std::size_t i = 0; i < all->parts.size(); ++i) {
        ways = combine(ways, of(all->parts[i], judged.parts[i]), false);
        if (ways.size() > max_ways) exhausted_ = true;
      }
      return ways;
    }
    if (const auto* any = std::get_if<policy::AnyOf>(&requirement.kind)) {
      Ways ways;
      for (std::size_t i = 0; i < any->parts.size(); ++i) {
        ways.merge(of(any->parts[i], judged.parts[i]));
      }
      return ways;
    }
    if (const auto* inner = std::get_if<policy::Threshold>(&requirement.kind)) {
      return threshold(*inner, judged.parts);
    }
    if (!is_signed(requirement)) return {0};
    const auto* signatures = std::get_if<policy::Signatures>(&requirement.kind);
    return choose(signatures == nullptr ? 1 : signatures->count, judged.by);
  }

  // So many of those who signed.
  Ways choose(std::size_t count, const std::vector<std::string>& keys) {
    Ways single;
    for (const std::string& key : keys) {
      if (const auto signer = signers_.of(key)) single.insert(SignerSet{1} << *signer);
    }
    Ways chosen = {0};
    for (std::size_t n = 0; n < count; ++n) {
      chosen = combine(chosen, single, true);
      if (chosen.size() > max_ways) exhausted_ = true;
      if (exhausted_) return {};
    }
    return chosen;
  }

  const Signers& signers_;
  bool exhausted_ = false;
};

}  // namespace

Signers::Signers(std::span<const verify::Evidence* const> evidence,
                 const std::set<Distinct>& ways) {
  Groups groups;
  std::vector<std::string> keys;
  for (const verify::Evidence* piece : evidence) {
    const std::string device = device_label(*piece);
    if (ways.contains(Distinct::device) && device.empty()) continue;
    keys.push_back(piece->signer.trusted.key.fingerprint());
    const std::string key = "key " + keys.back();
    groups.of(key);
    const std::string name = name_label(*piece);
    if (!name.empty() && (piece->keyless || ways.contains(Distinct::identity))) {
      groups.join(key, name);
    }
    if (ways.contains(Distinct::device)) groups.join(key, device);
  }
  std::map<std::size_t, std::size_t> numbers;
  for (const std::string& key : keys) {
    by_key_[key] = numbers.emplace(groups.of("key " + key), numbers.size()).first->second;
  }
  count_ = numbers.size();
}

std::optional<std::size_t> Signers::of(const std::string& key_fingerprint) const {
  const auto found = by_key_.find(key_fingerprint);
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

std::set<Distinct> ways_of(const policy::Threshold& threshold) {
  std::set<Distinct> ways = {threshold.distinct};
  for (const Requirement& part : threshold.parts) add_ways(part, ways);
  return ways;
}

Result<bool> reaches(const policy::Threshold& threshold, std::span<const Judgement> parts,
                     const Signers& signers) {
  const Error too_many{Code::limit_count, "too many signers to tell who counts for what", ""};
  if (signers.count() > max_signers) return too_many;
  Matching matching(signers);
  const bool reached = !matching.threshold(threshold, parts).empty();
  if (!reached && matching.exhausted()) return too_many;
  return reached;
}

}  // namespace touchstone::judge
