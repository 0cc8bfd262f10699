#include "judge/vex_excuses.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::judge {
namespace {

using formats::VexProduct;
using formats::VexStatement;
using formats::Vulnerability;
using Names = std::vector<std::string>;

std::string_view without_qualifiers(std::string_view purl) {
  return purl.substr(0, purl.find_first_of("?#"));
}

// "arch=amd64", "distro=debian-12" of "pkg:deb/debian/curl@1?arch=amd64&distro=debian-12#sub".
std::vector<std::string_view> qualifiers(std::string_view purl) {
  purl = purl.substr(0, purl.find('#'));
  const std::size_t mark = purl.find('?');
  return mark == purl.npos ? std::vector<std::string_view>() : split(purl.substr(mark + 1), '&');
}

// A package URL without a version stands for all versions; with qualifiers, for packages that have
// them all.
bool is_package(std::string_view name, const Vulnerability& vulnerability) {
  const std::string_view actual = without_qualifiers(vulnerability.purl);
  const std::string_view wanted = without_qualifiers(name);
  if (actual.empty()) return false;
  if (wanted != actual && wanted != actual.substr(0, actual.rfind('@'))) return false;
  const auto has = qualifiers(vulnerability.purl);
  return std::ranges::all_of(qualifiers(name), [&](std::string_view qualifier) {
    return std::ranges::find(has, qualifier) != has.end();
  });
}

bool names_package(const Names& names, const Vulnerability& vulnerability) {
  return std::ranges::any_of(
      names, [&](const std::string& name) { return is_package(name, vulnerability); });
}

// "pkg:oci/app@sha256:HEX", the colon percent-encoded or not; never a part of the hex.
bool names_digest(const VexProduct& product, const Digest& digest) {
  const std::string algorithm(digest.algorithm_name());
  const auto holds = [&](const std::string& name) {
    const std::string_view plain = without_qualifiers(name);
    return plain.ends_with(algorithm + ":" + digest.hex()) ||
           plain.ends_with(algorithm + "%3A" + digest.hex()) ||
           plain.ends_with(algorithm + "%3a" + digest.hex());
  };
  return std::ranges::any_of(product.names, holds) ||
         std::ranges::find(product.hashes, digest.hex()) != product.hashes.end();
}

bool is_about(const VexProduct& product, const Vulnerability& vulnerability,
              std::span<const Digest> digests) {
  const bool is_image = std::ranges::any_of(
      digests, [&](const Digest& digest) { return names_digest(product, digest); });
  if (!is_image && !names_package(product.names, vulnerability)) return false;
  const auto fits = [&](const Names& names) { return names_package(names, vulnerability); };
  return product.subcomponents.empty() || std::ranges::any_of(product.subcomponents, fits);
}

bool is_about(const VexStatement& statement, const Vulnerability& vulnerability,
              std::span<const Digest> digests) {
  if (std::ranges::find(statement.vulnerabilities, vulnerability.id) ==
      statement.vulnerabilities.end()) {
    return false;
  }
  const auto fits = [&](const VexProduct& product) {
    return is_about(product, vulnerability, digests);
  };
  return statement.products.empty() || std::ranges::any_of(statement.products, fits);
}

bool may_excuse(const VexStatement& statement) {
  return statement.status == VexStatement::Status::not_affected ||
         statement.status == VexStatement::Status::fixed;
}

}  // namespace

const VexStatement* holding_statement(std::span<const formats::VexDocument> documents,
                                      const Vulnerability& vulnerability,
                                      std::span<const Digest> digests,
                                      std::chrono::sys_seconds now) {
  const VexStatement* holding = nullptr;
  for (const formats::VexDocument& document : documents) {
    const VexStatement* latest = nullptr;
    for (const VexStatement& statement : document.statements) {
      if (statement.time && *statement.time > now + limits::clock_skew) continue;
      if (!is_about(statement, vulnerability, digests)) continue;
      if (latest == nullptr || statement.time >= latest->time) latest = &statement;
    }
    if (latest == nullptr) continue;
    const bool later = holding == nullptr || latest->time > holding->time ||
                       (latest->time == holding->time && !may_excuse(*latest));
    if (later) holding = latest;
  }
  return holding;
}

}  // namespace touchstone::judge
