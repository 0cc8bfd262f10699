// Where an image was built, by whom and from what.
#include "formats/provenance.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "formats/source_uri.h"
#include "judge/attested.h"
#include "judge/certificate_agreement.h"
#include "judge/counted_provenance.h"
#include "judge/requirements.h"
#include "judge/versioned_tag.h"

namespace touchstone::judge {
namespace {

using formats::Provenance;

constexpr std::string_view kind = "provenance";
constexpr std::string_view tags = "refs/tags/";

std::string quoted(std::string_view text) {
  return text.empty() ? "none" : "\"" + printable(text) + "\"";
}

Error unlike(Code code, std::string_view what, std::string_view found, const std::string& wanted) {
  return {code, "the " + std::string(what) + " is " + quoted(found) + ", not " + printable(wanted),
          ""};
}

// What is looked at, in order: the first that is not as wanted is the reason.
struct Check {
  const policy::Provenance& wanted;
  const policy::Builder& builder;
  const Provenance& provenance;
  std::optional<std::chrono::sys_seconds> ended;
  std::chrono::sys_seconds now;

  Status level() const {
    if (builder.level >= wanted.min_level) return ok();
    return Error{Code::provenance_level,
                 "builder \"" + printable(builder.name) + "\" is trusted up to SLSA level " +
                     std::to_string(builder.level) + "; level " + std::to_string(wanted.min_level) +
                     " is asked for",
                 ""};
  }

  Status source() const {
    const std::string& uri = provenance.source.uri;
    if (!wanted.source || (!uri.empty() && wanted.source->matches(uri))) return ok();
    return unlike(Code::provenance_source, "source", uri, wanted.source->describe());
  }

  Status ref() const {
    const std::string& found = provenance.source.ref;
    if (!wanted.ref || (!found.empty() && wanted.ref->matches(found))) return ok();
    return unlike(Code::provenance_ref, "ref", found, wanted.ref->describe());
  }

  Status versioned_tag() const {
    if (!wanted.versioned_tag) return ok();
    const std::string_view found = provenance.source.ref;
    if (found.starts_with(tags) && fits_version(*wanted.versioned_tag, found.substr(tags.size()))) {
      return ok();
    }
    return unlike(Code::provenance_ref, "ref", found, "a tag of " + *wanted.versioned_tag);
  }

  Status commit() const {
    if (!wanted.commit || provenance.source.commit == *wanted.commit) return ok();
    return unlike(Code::provenance_source, "commit", provenance.source.commit,
                  "\"" + *wanted.commit + "\"");
  }

  Status build_type() const {
    const auto fits = [&](const auto& type) { return type.matches(provenance.build_type); };
    if (wanted.build_types.empty() || std::ranges::any_of(wanted.build_types, fits)) return ok();
    return unlike(Code::provenance_build_type, "build type", provenance.build_type,
                  wanted.build_types.front().describe());
  }

  Status parameters() const {
    for (const auto& [name, value] : wanted.parameters) {
      const formats::Json* found = provenance.parameters.find(name);
      if (found != nullptr && *found == value) continue;
      return unlike(Code::provenance_parameters, "parameter \"" + printable(name) + "\"",
                    found == nullptr ? "" : formats::to_text(*found), formats::to_text(value));
    }
    if (wanted.allow_extra_parameters) return ok();
    for (const auto& [name, value] : *provenance.parameters.object()) {
      const bool named =
          wanted.parameters.contains(name) ||
          std::ranges::find(wanted.ignored_parameters, name) != wanted.ignored_parameters.end();
      if (!named) {
        return Error{
            Code::provenance_parameters,
            "the build had a parameter \"" + printable(name) + "\", which the rule does not name",
            ""};
      }
    }
    return ok();
  }

  Status age() const {
    if (!wanted.max_age) return ok();
    return check_age(ended, *wanted.max_age, now, "the build");
  }
};

// GitHub's does not say when the build ended: not after it was signed.
std::optional<std::chrono::sys_seconds> end_of(const CountedProvenance& one) {
  return one.provenance.finished ? one.provenance.finished : signing_time(*one.evidence);
}

using Step = Status (Check::*)() const;
constexpr std::array<Step, 8> steps = {&Check::level,         &Check::source, &Check::ref,
                                       &Check::versioned_tag, &Check::commit, &Check::build_type,
                                       &Check::parameters,    &Check::age};

// So many checks has provenance passed that counts: those of counted_provenance().
constexpr std::size_t counts = 2;

// Whether all is as wanted; else the reason is added.
bool satisfies(const Check& check, Reasons& reasons) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (Status status = (check.*steps[i])(); !status) {
      reasons.add(std::move(status).error(), counts + i);
      return false;
    }
  }
  return true;
}

std::string wanted_text(const policy::Provenance& wanted) {
  std::vector<std::string> parts;
  for (const auto& builder : wanted.builders) {
    parts.push_back((parts.empty() ? "of builder \"" : "or \"") + printable(builder->name) + "\"");
  }
  if (wanted.min_level > 1) parts.push_back("at level " + std::to_string(wanted.min_level));
  if (wanted.source) parts.push_back("from " + printable(wanted.source->describe()));
  if (wanted.ref) parts.push_back("at " + printable(wanted.ref->describe()));
  if (wanted.versioned_tag) parts.push_back("at a tag of " + printable(*wanted.versioned_tag));
  if (wanted.commit) parts.push_back("at commit " + printable(*wanted.commit));
  if (wanted.max_age) parts.push_back("at most " + duration_text(*wanted.max_age) + " old");
  return "provenance " + join(parts, " ");
}

std::string found_text(const Provenance& provenance) {
  return "built by " + quoted(provenance.builder_id) + " from " + quoted(provenance.source.uri) +
         " at " + quoted(provenance.source.ref);
}

// That the provenance is of the builder, and agrees with the certificate of its signer.
Status check_builder(const policy::Builder& builder, const verify::Evidence& evidence,
                     Provenance& provenance) {
  if (!builder.id.matches(provenance.builder_id)) {
    return unlike(Code::provenance_builder, "builder", provenance.builder_id,
                  builder.id.describe());
  }
  return evidence.keyless ? agree(evidence.keyless->signer.fields.values, provenance) : ok();
}

// Of several builders' evidence, none of which is good enough: what could not be looked at, else
// what came nearest.
Counted nearest_of(std::vector<Counted> all) {
  Counted nearest;
  for (Counted& counted : all) {
    const bool nearer =
        counted.reason && (!nearest.reason || reason_distance(counted.reason->code) <
                                                  reason_distance(nearest.reason->code));
    if (!nearest.unseen && (counted.unseen || nearer)) nearest = std::move(counted);
  }
  return nearest;
}

}  // namespace

std::vector<CountedProvenance> counted_provenance(std::span<const verify::Evidence* const> evidence,
                                                  const policy::Builder& builder,
                                                  Reasons& reasons) {
  std::vector<CountedProvenance> all;
  for (const verify::Evidence* one : evidence) {
    if (!one->statement || !Provenance::is_type(one->statement->predicate_type)) continue;
    auto provenance = Provenance::parse(one->statement->predicate_type, one->statement->predicate);
    if (!provenance) {
      reasons.add(std::move(provenance).error(), 0);
      continue;
    }
    if (Status status = check_builder(builder, *one, *provenance); !status) {
      reasons.add(std::move(status).error(), 1);
      continue;
    }
    all.push_back({one, *std::move(provenance)});
  }
  return all;
}

Judgement judge_provenance(const policy::Provenance& wanted,
                           std::span<const std::vector<verify::Finding>> of_builders,
                           const LeafContext& context, policy::Place place) {
  Judgement judgement = met(kind, wanted_text(wanted), {}, place);
  std::vector<const verify::Evidence*> by;
  std::vector<Counted> all_counted;
  Reasons reasons;
  for (std::size_t i = 0; i < wanted.builders.size() && i < of_builders.size(); ++i) {
    const policy::Builder& builder = *wanted.builders[i];
    const Counted& counted =
        all_counted.emplace_back(count(of_builders[i], builder.signer.demand, context));
    for (const CountedProvenance& one : counted_provenance(counted.good, builder, reasons)) {
      judgement.found.push_back(found_text(one.provenance));
      const auto ended = end_of(one);
      if (!satisfies({wanted, builder, one.provenance, ended, context.now}, reasons)) continue;
      by.push_back(one.evidence);
      judgement.build_level = std::max(judgement.build_level, builder.level);
      judgement.valid_until = earlier(judgement.valid_until, counted.valid_until);
      judgement.valid_until = earlier(judgement.valid_until, good_until(ended, wanted.max_age));
    }
  }
  if (by.empty()) {
    const Counted nearest = nearest_of(std::move(all_counted));
    if (judgement.found.empty()) judgement.found = nearest.found;
    return not_met(kind, std::move(judgement.wanted), std::move(reasons).take(nearest),
                   std::move(judgement.found), place);
  }
  name_signers(judgement, by);
  return judgement;
}

}  // namespace touchstone::judge
