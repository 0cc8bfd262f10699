// What an image holds, by its bill of materials.
#include "formats/sbom.h"

#include <algorithm>

#include "base/text.h"
#include "formats/license_expression.h"
#include "judge/attested.h"
#include "judge/requirements.h"

namespace touchstone::judge {
namespace {

using formats::Package;
using formats::Sbom;
using AttestedSbom = Attested<Sbom>;

constexpr std::string_view kind = "sbom";
constexpr std::string_view unknown_license = "NOASSERTION";  // SPDX's word for it

// A package URL without what follows the version, and without the version.
std::vector<std::string_view> purl_forms(std::string_view purl) {
  const std::string_view versioned = purl.substr(0, purl.find_first_of("?#"));
  return {purl, versioned, versioned.substr(0, versioned.rfind('@'))};
}

// All the ways in which a pattern can name a package.
bool is_named_by(const Package& package, const policy::PackagePattern& pattern) {
  const auto fits = [&](std::string_view name) { return pattern.name.matches(name); };
  if (pattern.text.starts_with("pkg:")) {
    return std::ranges::any_of(package.purls, [&](const std::string& purl) {
      return std::ranges::any_of(purl_forms(purl), fits);
    });
  }
  std::vector<std::string> names = {package.name};
  if (!package.group.empty()) names.push_back(package.group + "/" + package.name);
  return std::ranges::any_of(names, [&](const std::string& name) {
    return fits(name) || (!package.version.empty() && fits(name + "@" + package.version));
  });
}

std::string shown(const Package& package) {
  return "\"" + printable(package.name) + "\"" +
         (package.version.empty() ? "" : " " + printable(package.version));
}

Status check_packages(const policy::Sbom& wanted, const std::vector<Package>& packages) {
  for (const policy::PackagePattern& denied : wanted.denied) {
    for (const Package& package : packages) {
      if (!is_named_by(package, denied)) continue;
      return Error{Code::sbom_package,
                   "package " + shown(package) + " is denied as \"" + printable(denied.text) + "\"",
                   ""};
    }
  }
  for (const policy::PackagePattern& required : wanted.required) {
    const auto fits = [&](const Package& package) { return is_named_by(package, required); };
    if (std::ranges::any_of(packages, fits)) continue;
    return Error{Code::sbom_package, "no package is \"" + printable(required.text) + "\"", ""};
  }
  return ok();
}

bool is_one_of(std::string_view id, std::string_view exception,
               const std::vector<verify::TextMatch>& patterns) {
  const std::string whole = std::string(id) + " WITH " + std::string(exception);
  return std::ranges::any_of(patterns, [&](const verify::TextMatch& pattern) {
    return pattern.matches(id) || (!exception.empty() && pattern.matches(whole));
  });
}

// A package of which no licence is known has to be allowed as such, where only some are.
Status check_licenses(const policy::Sbom& wanted, const std::vector<Package>& packages) {
  const formats::LicenseTest denied = [&](std::string_view id, std::string_view exception) {
    return is_one_of(id, exception, wanted.denied_licenses);
  };
  const formats::LicenseTest allowed = [&](std::string_view id, std::string_view exception) {
    return wanted.allowed_licenses.empty() || is_one_of(id, exception, wanted.allowed_licenses);
  };
  for (const Package& package : packages) {
    std::vector<std::string> licenses = package.licenses;
    if (licenses.empty()) licenses.emplace_back(unknown_license);
    for (const std::string& license : licenses) {
      if (formats::is_acceptable(license, denied, allowed)) continue;
      return Error{Code::sbom_license,
                   "package " + shown(package) + " is under \"" + printable(license) + "\"", ""};
    }
  }
  return ok();
}

Status check(const policy::Sbom& wanted, const std::vector<AttestedSbom>& sboms,
             std::chrono::sys_seconds now) {
  for (const AttestedSbom& sbom : sboms) {
    if (wanted.max_age) {
      TS_CHECK(check_age(sbom.time, *wanted.max_age, now, "the bill of materials"));
    }
    TS_CHECK(check_packages(wanted, sbom.content.packages));
    TS_CHECK(check_licenses(wanted, sbom.content.packages));
  }
  return ok();
}

std::string wanted_text(const policy::Sbom& wanted) {
  std::string text = "a bill of materials signed under " + signer_text(wanted.signer);
  if (wanted.max_age) text += ", at most " + duration_text(*wanted.max_age) + " old";
  return text;
}

}  // namespace

Judgement judge_sbom(const policy::Sbom& wanted, Findings findings, const LeafContext& context,
                     policy::Place place) {
  const Counted counted = count(findings, wanted.signer.demand, context);
  const auto read = [&](const verify::Evidence& evidence) -> std::optional<Result<AttestedSbom>> {
    if (!evidence.statement) return std::nullopt;
    const auto form = Sbom::form_of(evidence.statement->predicate_type);
    if (!form || !(*form == Sbom::Form::spdx ? wanted.spdx : wanted.cyclonedx)) return std::nullopt;
    auto sbom = Sbom::parse(*form, evidence.statement->predicate);
    if (!sbom) return std::move(sbom).error();
    const auto time = sbom->created ? sbom->created : signing_time(evidence);
    return AttestedSbom{&evidence, *std::move(sbom), time};
  };
  const auto sboms = newest<Sbom>(counted, context.now, "the bill of materials", read);
  const Status status = sboms ? check(wanted, *sboms, context.now) : Status(sboms.error());
  if (!status) {
    return not_met(kind, wanted_text(wanted), counted.unseen.value_or(status.error()),
                   counted.found, place);
  }
  const AttestedSbom& newest_one = sboms->front();
  std::vector<std::string> found = {std::to_string(newest_one.content.packages.size()) +
                                    " packages, by " + signer_name(*newest_one.evidence)};
  Judgement judgement =
      met(kind, wanted_text(wanted), std::move(found), place, evidence_of(*sboms));
  judgement.valid_until = earlier(counted.valid_until, good_until(newest_one.time, wanted.max_age));
  return judgement;
}

}  // namespace touchstone::judge
