// Which base images are named by what is signed.
#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/text.h"
#include "judge/counted_provenance.h"
#include "judge/needs.h"
#include "judge/requirements.h"
#include "verify/decide.h"

namespace touchstone::judge {
namespace {

using formats::ResourceDescriptor;

constexpr const char* name_label = "org.opencontainers.image.base.name";
constexpr const char* digest_label = "org.opencontainers.image.base.digest";

// The digits of %XX in URLs.
std::optional<char> escaped(std::string_view digits) {
  unsigned code = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, failed] = std::from_chars(digits.data(), end, code, 16);
  if (failed != std::errc() || last != end || digits.size() != 2) return std::nullopt;
  return static_cast<char>(code);
}

// What is no escape stays, and is no reference then.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto character = text[i] == '%' ? escaped(text.substr(i + 1, 2)) : std::nullopt;
    plain += character.value_or(text[i]);
    if (character) i += 2;
  }
  return plain;
}

// "repository_url" of "pkg:oci/app@...?repository_url=r.example/app&tag=1"; empty without it.
std::string qualifier(std::string_view purl, std::string_view name) {
  const std::size_t mark = purl.find('?');
  if (mark == purl.npos) return "";
  for (const std::string_view pair : split(purl.substr(mark + 1), '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != pair.npos) {
      return decoded(pair.substr(equals + 1));
    }
  }
  return "";
}

// The image that a material is, as a reference; empty for what is no image. BuildKit writes
// "pkg:docker/alpine@3.20?platform=..." and "docker-image://docker.io/library/alpine:3.20", others
// "pkg:oci/alpine@sha256:...?repository_url=docker.io/library/alpine&tag=3.20".
std::string image_of(std::string_view uri) {
  constexpr std::string_view image = "docker-image://";
  if (uri.starts_with(image)) return std::string(uri.substr(image.size()));
  std::string_view path = uri.substr(0, uri.find_first_of("?#"));
  const std::string version =
      path.rfind('@') == path.npos ? "" : decoded(path.substr(path.rfind('@') + 1));
  const std::string tag = version.find(':') == version.npos ? version : qualifier(uri, "tag");
  path = path.substr(0, path.rfind('@'));
  std::string name;
  if (path.starts_with("pkg:docker/")) name = decoded(path.substr(path.find('/') + 1));
  if (path.starts_with("pkg:oci/")) name = qualifier(uri, "repository_url");
  return name.empty() || tag.empty() ? name : name + ":" + tag;
}

std::optional<NamedBase> named(std::string_view image, const std::string& digest) {
  const auto reference = Reference::parse(image);
  const auto parsed = Digest::parse(digest);
  if (!reference || !parsed || reference->is_layout()) return std::nullopt;
  if (reference->digest() && *reference->digest() != *parsed) return std::nullopt;
  return NamedBase{reference->to_string(), *parsed};
}

std::optional<NamedBase> of_labels(const ManifestEvidence& manifest) {
  if (!manifest.config || !*manifest.config) return std::nullopt;
  const auto& labels = (*manifest.config)->labels;
  const auto name = labels.find(name_label);
  const auto digest = labels.find(digest_label);
  if (name == labels.end() || digest == labels.end()) return std::nullopt;
  return named(name->second, digest->second);
}

std::optional<NamedBase> of_material(const ResourceDescriptor& material) {
  const std::string image = image_of(material.uri);
  for (const char* algorithm : {"sha256", "sha512"}) {
    const auto hex = material.digest.find(algorithm);
    if (hex == material.digest.end()) continue;
    return named(image, std::string(algorithm) + ":" + hex->second);
  }
  return std::nullopt;
}

void add(std::vector<NamedBase>& bases, std::optional<NamedBase> base) {
  if (!base) return;
  const auto same = [&](const NamedBase& other) {
    return other.reference == base->reference && other.digest == base->digest;
  };
  // One more than are judged is enough to know that there are too many.
  if (bases.size() > limits::max_judged_bases) return;
  if (std::ranges::none_of(bases, same)) bases.push_back(*std::move(base));
}

// Those of the findings whose signer is the one asked for. How fresh they are does not matter: what
// an image was built from does not change.
std::vector<const verify::Evidence*> evidence_of(const verify::Demand& demand, Findings findings,
                                                 std::chrono::sys_seconds now) {
  std::vector<const verify::Evidence*> good;
  for (const verify::Finding& finding : findings) {
    const verify::Evidence* evidence = finding.evidence();
    if (evidence != nullptr && verify::satisfies(demand, *evidence, now)) good.push_back(evidence);
  }
  return good;
}

// Those that a builder of the rule says it has used.
std::vector<NamedBase> of_provenance(const policy::Rule& rule, const ManifestEvidence& manifest,
                                     std::chrono::sys_seconds now) {
  std::vector<NamedBase> bases;
  std::size_t need = 0;
  each_need(rule, [&](const NeedView& view) {
    const std::size_t place = need++;
    if (view.builder == nullptr || place >= manifest.findings.size()) return;
    const auto signed_by_it = evidence_of(view.signer.demand, manifest.findings[place], now);
    Reasons reasons;
    for (const auto& one : counted_provenance(signed_by_it, *view.builder, reasons)) {
      for (const auto& material : one.provenance.materials) add(bases, of_material(material));
    }
  });
  return bases;
}

// Whatever tags are said beside the digest.
bool is_same_image(const NamedBase& a, const NamedBase& b) {
  return a.digest == b.digest &&
         Reference::parse(a.reference)->name() == Reference::parse(b.reference)->name();
}

}  // namespace

std::vector<NamedBase> named_bases(const policy::Rule& rule, const ManifestEvidence& manifest,
                                   std::chrono::sys_seconds now) {
  std::vector<NamedBase> used = of_provenance(rule, manifest, now);
  const auto label = of_labels(manifest);
  if (!label) return used;
  const auto is_label = [&](const NamedBase& base) { return is_same_image(base, *label); };
  if (!used.empty() && std::ranges::none_of(used, is_label)) return used;
  return {*label};
}

}  // namespace touchstone::judge
