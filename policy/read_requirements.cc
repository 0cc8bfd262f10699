#include "policy/read_requirements.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "policy/read_attestations.h"

namespace touchstone::policy {
namespace {

using formats::Yaml;

// What a requirement is read with: how deep it lies.
struct Nesting {
  const Reading& reading;
  std::size_t depth = 0;
};

Result<Requirement> read_nested(const Yaml& value, const Nesting& nesting);

Result<std::vector<Requirement>> read_parts(const Yaml& list, const Nesting& nesting) {
  const std::string& source = nesting.reading.source;
  if (nesting.depth >= limits::max_requirement_depth) {
    return error_at(source, list.place(), Code::policy_value,
                    "all_of, any_of and threshold nest deeper than " +
                        std::to_string(limits::max_requirement_depth));
  }
  if (list.sequence() == nullptr) {
    return error_at(source, list.place(), Code::policy_value,
                    "expected a list, found " + list.describe());
  }
  if (list.sequence()->empty())
    return error_at(source, list.place(), Code::policy_empty, "an empty list");
  std::vector<Requirement> parts;
  for (const Yaml& item : *list.sequence()) {
    TS_TRY(Requirement part, read_nested(item, {nesting.reading, nesting.depth + 1}));
    parts.push_back(std::move(part));
  }
  return parts;
}

// A device is told by what its maker attests, which nobody asks for without `hardware`.
Status check_distinct(const Fields& fields, Distinct distinct, const Signer& signer) {
  if (distinct != Distinct::device || signer.demand.hardware) return ok();
  return fields.error("distinct", Code::policy_value,
                      "devices are told apart by their attestations, and none is asked for",
                      "add `hardware: {}`");
}

// Whether as many keys exist as are asked for.
Status check_reachable(const Fields& fields, std::uint64_t count, const Signer& signer) {
  const verify::Demand& demand = signer.demand;
  if (!demand.authorities.empty() || !demand.identities.empty() || count <= demand.signers.size())
    return ok();
  return fields.error("count", Code::policy_value,
                      "wants " + std::to_string(count) + " different keys of " +
                          std::to_string(demand.signers.size()));
}

Result<Signatures> read_signatures(const Fields& fields, const Reading& reading) {
  TS_TRY(Signer signer, read_signer(fields, reading));
  TS_TRY(const std::uint64_t count, fields.integer("count", 1, limits::max_candidates, 1));
  TS_TRY(const Distinct distinct, fields.choice("distinct", Distinct::key));
  TS_CHECK(check_distinct(fields, distinct, signer));
  TS_CHECK(check_reachable(fields, count, signer));
  TS_TRY(const auto formats, fields.choices("formats"));
  Signatures signatures{std::move(signer), {}, count, distinct};
  for (const std::size_t format : formats) {
    signatures.formats.push_back(static_cast<verify::SignatureFormat>(format));
  }
  return signatures;
}

Result<Threshold> read_threshold(const Fields& fields, const Nesting& nesting) {
  Threshold threshold;
  TS_TRY(threshold.parts, read_parts(*fields.find("of"), nesting));
  TS_TRY(threshold.count, fields.integer("count", 1, threshold.parts.size(), 1));
  TS_TRY(threshold.distinct, fields.choice("distinct", Distinct::key));
  return threshold;
}

Result<BaseImage> read_base_image(const Fields& fields) {
  BaseImage base;
  TS_TRY(base.images, fields.images("images"));
  TS_TRY(base.verified, fields.boolean("verified"));
  if (base.images.empty() && !base.verified) {
    return fields.error("verified", Code::policy_empty, "it asks for nothing",
                        "give `images`, or `verified: true`");
  }
  return base;
}

Result<std::vector<Label>> read_labels(const Fields& fields) {
  std::vector<Label> labels;
  TS_TRY(const auto members, fields.members("labels"));
  for (const formats::YamlMember* member : members) {
    Label label{member->key};
    if (!member->value.is_null()) {
      TS_TRY(label.value, match_of(member->value, fields.source()));
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

Result<ImageConfiguration> read_image(const Fields& fields) {
  ImageConfiguration image;
  TS_TRY(image.not_root, fields.boolean("not_root"));
  TS_TRY(image.no_secrets, fields.boolean("no_secrets"));
  TS_TRY(image.labels, read_labels(fields));
  TS_TRY(image.platforms, fields.platforms("platforms"));
  TS_TRY(image.max_age, fields.age("max_age"));
  if (!image.not_root && !image.no_secrets && image.labels.empty() && image.platforms.empty() &&
      !image.max_age) {
    return error_at(fields.source(), fields.place(), Code::policy_empty, "it asks for nothing");
  }
  return image;
}

template <class T>
Result<Requirement> placed(Result<T> kind, Place place) {
  if (!kind) return std::move(kind).error();
  return Requirement{*std::move(kind), place};
}

template <class T>
Result<Requirement> list_of(const Yaml& value, const Nesting& nesting, Place place) {
  TS_TRY(auto parts, read_parts(value, nesting));
  return Requirement{T{std::move(parts)}, place};
}

// What stands under one of the keys of requirement_keys() that hold an object.
Result<Requirement> read_object(std::string_view key, const Fields& fields, const Nesting& nesting,
                                Place place) {
  const Reading& reading = nesting.reading;
  if (key == "threshold") return placed(read_threshold(fields, nesting), place);
  if (key == "signatures") return placed(read_signatures(fields, reading), place);
  if (key == "provenance") return placed(read_provenance(fields, reading), place);
  if (key == "sbom") return placed(read_sbom(fields, reading), place);
  if (key == "vulnerabilities") return placed(read_vulnerabilities(fields, reading), place);
  if (key == "predicate") return placed(read_predicate(fields, reading), place);
  if (key == "vsa") return placed(read_summary(fields, reading), place);
  if (key == "base_image") return placed(read_base_image(fields), place);
  return placed(read_image(fields), place);
}

Error no_requirement(const Yaml& value, const std::string& source) {
  std::vector<std::string> names;
  for (const Key& key : requirement_keys()) names.emplace_back(key.name);
  const std::string wanted = "one of " + join(names, ", ") + ", or the word deny or allow";
  if (const Yaml::Mapping* mapping = value.mapping(); mapping != nullptr && mapping->size() == 1) {
    const formats::YamlMember& only = mapping->front();
    const std::string hint = meant(only.key, names);
    return error_at(source, only.place, Code::policy_unknown_key,
                    "unknown requirement \"" + printable(only.key) + "\"",
                    hint.empty() ? "expected " + wanted : hint);
  }
  const bool several = value.mapping() != nullptr && value.mapping()->size() > 1;
  return error_at(source, value.place(), Code::policy_value,
                  several ? "several requirements in one mapping"
                          : "expected " + wanted + ", found " + value.describe(),
                  several ? "put each into a list, under all_of or any_of" : "");
}

Result<Requirement> read_nested(const Yaml& value, const Nesting& nesting) {
  const std::string& source = nesting.reading.source;
  if (const std::string* word = value.string()) {
    if (*word == "deny") return Requirement{Deny{}, value.place()};
    if (*word == "allow") return Requirement{Allow{}, value.place()};
  }
  const Yaml::Mapping* mapping = value.mapping();
  if (mapping == nullptr || mapping->size() != 1) return no_requirement(value, source);
  const formats::YamlMember& only = mapping->front();
  const auto known = std::ranges::find(requirement_keys(), only.key, &Key::name);
  if (known == requirement_keys().end()) return no_requirement(value, source);
  if (only.key == "all_of") return list_of<AllOf>(only.value, nesting, only.place);
  if (only.key == "any_of") return list_of<AnyOf>(only.value, nesting, only.place);
  TS_TRY(const Fields fields, Fields::of(only.value, known->of, source));
  return read_object(only.key, fields, nesting, only.place);
}

}  // namespace

Result<Requirement> read_requirement(const Yaml& value, const Reading& reading) {
  return read_nested(value, {reading});
}

Result<Freshness> read_freshness(const Fields& rule) {
  Freshness freshness;
  TS_TRY(const auto fields, rule.object("freshness"));
  if (!fields) return freshness;
  TS_TRY(freshness.max_signature_age, fields->age("max_signature_age"));
  TS_TRY(freshness.require_timestamp, fields->boolean("require_timestamp"));
  return freshness;
}

Result<std::optional<Exceptions>> read_exceptions(const Fields& rule, const Reading& reading) {
  constexpr std::chrono::seconds longest = std::chrono::hours(72);
  TS_TRY(const auto fields, rule.object("exceptions"));
  if (!fields) return std::optional<Exceptions>();
  TS_TRY(Signer signer, read_signer_of(*fields, "signer", reading));
  TS_TRY(const std::uint64_t count, fields->integer("count", 1, limits::max_candidates, 1));
  TS_TRY(const Distinct distinct, fields->choice("distinct", Distinct::key));
  TS_CHECK(check_distinct(*fields, distinct, signer));
  TS_CHECK(check_reachable(*fields, count, signer));
  TS_TRY(const auto duration, fields->age("max_duration"));
  if (duration && *duration > longest) {
    return fields->error("max_duration", Code::policy_value, "an exception lasts 72h at most");
  }
  return std::optional(Exceptions{std::move(signer), count, distinct, duration.value_or(longest)});
}

}  // namespace touchstone::policy
