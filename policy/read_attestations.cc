#include "policy/read_attestations.h"

#include <algorithm>

#include "base/text.h"
#include "formats/predicate_types.h"

namespace touchstone::policy {
namespace {

using formats::Yaml;

// Of `uri`, the text in whatever form it stands.
std::string pattern_text(const Yaml& value) {
  const Yaml::Mapping* form = value.mapping();
  const Yaml& text = form == nullptr ? value : form->front().value;
  return text.string() == nullptr ? "" : *text.string();
}

// Sources are compared without a scheme and ".git", so that a pattern with either matches none.
Status check_source_uri(const Fields& source) {
  if (!source.has("uri")) return ok();
  const std::string text = pattern_text(*source.find("uri"));
  std::string bare = text;
  if (bare.starts_with("git+")) bare = bare.substr(4);
  if (const std::size_t scheme = bare.find("://"); scheme != bare.npos)
    bare = bare.substr(scheme + 3);
  if (bare.ends_with(".git")) bare.resize(bare.size() - 4);
  if (bare == text) return ok();
  return source.error("uri", Code::policy_value, "a source has no scheme and no \".git\"",
                      "write \"" + printable(bare) + "\"");
}

bool is_versioned_tag(std::string_view tag) {
  if (!tag.starts_with('v')) return false;
  const auto parts = split(tag.substr(1), '.');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == part.npos;
  };
  return parts.size() <= 3 && std::ranges::all_of(parts, is_number);
}

Status read_source(const Fields& fields, Provenance& provenance) {
  TS_TRY(const auto source, fields.object("source"));
  if (!source) return ok();
  TS_CHECK(check_source_uri(*source));
  TS_TRY(provenance.source, source->match("uri"));
  TS_TRY(provenance.ref, source->match("ref"));
  TS_TRY(provenance.versioned_tag, source->optional_text("versioned_tag"));
  if (provenance.versioned_tag && !is_versioned_tag(*provenance.versioned_tag)) {
    return source->error("versioned_tag", Code::policy_value, "expected a version",
                         "write v1, v1.2 or v1.2.3");
  }
  TS_TRY(provenance.commit, source->optional_text("commit"));
  const bool hex = !provenance.commit ||
                   provenance.commit->find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex ||
      (provenance.commit && provenance.commit->size() != 40 && provenance.commit->size() != 64)) {
    return source->error("commit", Code::policy_value, "expected 40 or 64 lower-case hex digits");
  }
  return ok();
}

Status read_parameters(const Fields& fields, Provenance& provenance) {
  TS_TRY(const auto parameters, fields.object("external_parameters"));
  if (!parameters) return ok();
  TS_TRY(const auto expected, parameters->members("expect"));
  for (const formats::YamlMember* member : expected) {
    provenance.parameters.emplace(member->key, member->value.to_json());
  }
  TS_TRY(provenance.ignored_parameters, parameters->texts("ignore"));
  for (const std::string& name : provenance.ignored_parameters) {
    if (!provenance.parameters.contains(name)) continue;
    return parameters->error("ignore", Code::policy_value,
                             "\"" + printable(name) + "\" is expected and ignored");
  }
  TS_TRY(provenance.allow_extra_parameters, parameters->boolean("allow_extra", true));
  return ok();
}

Result<std::vector<PackagePattern>> read_packages(const Fields& packages, std::string_view key) {
  std::vector<PackagePattern> patterns;
  TS_TRY(const auto texts, packages.texts(key));
  for (const std::string& text : texts) {
    auto name = text.contains('*') ? verify::TextMatch::glob(text)
                                   : Result<verify::TextMatch>(verify::TextMatch::exact(text));
    if (!name) return packages.error(key, name.error().code, name.error().message);
    patterns.push_back({text, *std::move(name)});
  }
  return patterns;
}

Result<std::vector<IgnoredVulnerability>> read_ignored(const Fields& fields) {
  std::vector<IgnoredVulnerability> ignored;
  TS_TRY(const auto listed, fields.objects("ignore"));
  for (const Fields& each : listed) {
    TS_TRY(const std::string id, each.text("id"));
    TS_TRY(const auto until, each.time("until"));
    TS_TRY(const std::string reason, each.text("reason"));
    if (std::ranges::find(ignored, id, &IgnoredVulnerability::id) != ignored.end()) {
      return each.error("id", Code::policy_duplicate, "\"" + printable(id) + "\" stands twice");
    }
    ignored.push_back({id, *until, reason, each.place()});
  }
  return ignored;
}

Result<std::optional<Vex>> read_vex(const Fields& fields, const Reading& reading) {
  TS_TRY(const auto vex, fields.object("vex"));
  if (!vex) return std::optional<Vex>();
  TS_TRY(Signer signer, read_signer_of(*vex, "signer", reading));
  TS_TRY(const auto accepted, vex->choices("accept"));
  const auto accepts = [&](std::size_t state) {
    return accepted.empty() || std::ranges::find(accepted, state) != accepted.end();
  };
  return std::optional(Vex{std::move(signer), accepts(0), accepts(1)});
}

}  // namespace

Result<Provenance> read_provenance(const Fields& fields, const Reading& reading) {
  Provenance provenance;
  TS_TRY(const auto names, fields.texts("builder"));
  std::vector<std::string> known;
  for (const auto& [name, builder] : reading.builders) known.push_back(name);
  for (const std::string& name : names) {
    const auto found = reading.builders.find(name);
    if (found == reading.builders.end()) {
      return fields.error("builder", Code::policy_reference,
                          "no builder \"" + printable(name) + "\"", meant(name, known));
    }
    provenance.builders.push_back(found->second);
  }
  TS_TRY(const std::uint64_t level, fields.integer("min_level", 1, 3, 1));
  provenance.min_level = static_cast<unsigned>(level);
  const auto reaches = [&](const auto& builder) { return builder->level >= provenance.min_level; };
  if (std::ranges::none_of(provenance.builders, reaches)) {
    return fields.error("min_level", Code::policy_value,
                        "none of the builders reaches level " + std::to_string(level));
  }
  TS_CHECK(read_source(fields, provenance));
  TS_TRY(provenance.build_types, fields.matches("build_type"));
  TS_CHECK(read_parameters(fields, provenance));
  TS_TRY(provenance.max_age, fields.age("max_age"));
  return provenance;
}

// SPDX 2.3, annex D: identifiers are compared without case.
Result<std::vector<verify::TextMatch>> read_licenses(const Fields& fields, std::string_view key) {
  TS_TRY(std::vector<verify::TextMatch> names, fields.matches(key));
  for (verify::TextMatch& name : names) name = name.without_case();
  return names;
}

Result<Sbom> read_sbom(const Fields& fields, const Reading& reading) {
  TS_TRY(Signer signer, read_signer_of(fields, "signer", reading));
  Sbom sbom{std::move(signer)};
  TS_TRY(const auto formats, fields.choices("formats"));
  if (!formats.empty()) {
    sbom.spdx = std::ranges::find(formats, 0U) != formats.end();
    sbom.cyclonedx = std::ranges::find(formats, 1U) != formats.end();
  }
  TS_TRY(sbom.max_age, fields.age("max_age"));
  TS_TRY(const auto packages, fields.object("packages"));
  if (packages) {
    TS_TRY(sbom.required, read_packages(*packages, "require"));
    TS_TRY(sbom.denied, read_packages(*packages, "deny"));
  }
  TS_TRY(const auto licenses, fields.object("licenses"));
  if (licenses) {
    TS_TRY(sbom.allowed_licenses, read_licenses(*licenses, "allow"));
    TS_TRY(sbom.denied_licenses, read_licenses(*licenses, "deny"));
  }
  return sbom;
}

Result<Vulnerabilities> read_vulnerabilities(const Fields& fields, const Reading& reading) {
  TS_TRY(Signer signer, read_signer_of(fields, "signer", reading));
  TS_TRY(const auto max_age, fields.age("max_age"));
  Vulnerabilities scan{std::move(signer), *max_age};
  TS_TRY(scan.database_max_age, fields.age("database_max_age"));
  TS_TRY(const auto denied, fields.object("deny"));
  if (denied) {
    TS_TRY(scan.denied_from, denied->choice("severity", Severity::critical));
    TS_TRY(scan.fixable_only, denied->boolean("fixable_only"));
  }
  TS_TRY(scan.ignored, read_ignored(fields));
  TS_TRY(scan.vex, read_vex(fields, reading));
  return scan;
}

Result<PredicateCheck> read_predicate(const Fields& fields, const Reading& reading) {
  TS_TRY(Signer signer, read_signer_of(fields, "signer", reading));
  TS_TRY(const std::string type, fields.text("type"));
  auto uri = formats::predicate_type(type);
  if (!uri) return fields.error("type", Code::policy_value, uri.error().message, uri.error().hint);
  TS_TRY(const std::string text, fields.text("expression"));
  auto expression = Expression::parse(text);
  if (!expression) {
    return fields.error("expression", expression.error().code, expression.error().message,
                        expression.error().hint);
  }
  PredicateCheck check{std::move(signer), *std::move(uri), *std::move(expression)};
  TS_TRY(check.max_age, fields.age("max_age"));
  return check;
}

Result<Summary> read_summary(const Fields& fields, const Reading& reading) {
  TS_TRY(Signer signer, read_signer_of(fields, "signer", reading));
  TS_TRY(const std::string verifier, fields.text("verifier"));
  Summary summary{std::move(signer), verifier, {}};
  TS_TRY(summary.levels, fields.texts("levels"));
  TS_TRY(summary.max_age, fields.age("max_age"));
  TS_TRY(summary.policy_digest, fields.optional_text("policy_digest"));
  if (summary.policy_digest && !Digest::parse(*summary.policy_digest)) {
    return fields.error("policy_digest", Code::policy_value, "expected a digest",
                        "write sha256:<64 hex digits>");
  }
  return summary;
}

}  // namespace touchstone::policy
