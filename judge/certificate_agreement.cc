#include "judge/certificate_agreement.h"

#include "base/text.h"
#include "formats/source_uri.h"

namespace touchstone::judge {
namespace {

constexpr std::string_view workflows = "/.github/workflows/";

// The first of the names that the certificate has; empty without any.
std::string claim(const CertificateClaims& claims, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto found = claims.find(name); found != claims.end()) return found->second;
  }
  return "";
}

// The repository, in one spelling. Old certificates have "acme/app", of GitHub's.
std::string repository_of(const CertificateClaims& claims) {
  const std::string uri = claim(claims, {"source-repository-uri"});
  const std::string old = claim(claims, {"github-workflow-repository"});
  const std::string text = uri.empty() && !old.empty() ? "github.com/" + old : uri;
  const auto place = formats::SourceUri::parse(text);
  return place ? place->place : text;
}

Status check_same(std::string_view what, std::string_view said, std::string_view certified) {
  if (said.empty() || certified.empty() || said == certified) return ok();
  return Error{Code::provenance_mismatch,
               "the provenance names the " + std::string(what) + " \"" + printable(said) +
                   "\", the certificate of its signer \"" + printable(certified) + "\"",
               ""};
}

// The workflow's file stands in the certificate as "https://HOST/OWNER/NAME/PATH@REF".
std::string workflow_path(const CertificateClaims& claims) {
  std::string uri = claim(claims, {"build-config-uri"});
  uri = uri.substr(0, uri.find('@'));
  const std::size_t begin = uri.find(workflows);
  return begin == uri.npos ? "" : uri.substr(begin + 1);
}

// A builder that is a workflow is the one that signs.
Status check_builder(const CertificateClaims& claims, const std::string& builder_id) {
  if (builder_id.find(workflows) == builder_id.npos) return ok();
  return check_same("builder", builder_id, claim(claims, {"build-signer-uri"}));
}

}  // namespace

Status agree(const CertificateClaims& claims, formats::Provenance& provenance) {
  formats::Provenance::Source& source = provenance.source;
  const std::string repository = repository_of(claims);
  const std::string ref = claim(claims, {"source-repository-ref", "github-workflow-ref"});
  const std::string commit = claim(claims, {"source-repository-digest", "github-workflow-sha"});
  TS_CHECK(check_same("source", source.uri, repository));
  TS_CHECK(check_same("ref", source.ref, ref));
  TS_CHECK(check_same("commit", source.commit, commit));
  if (source.path.starts_with(workflows.substr(1))) {
    TS_CHECK(check_same("workflow", source.path, workflow_path(claims)));
  }
  TS_CHECK(check_builder(claims, provenance.builder_id));
  if (!source.uri.empty() && source.uri == repository) {
    if (source.ref.empty()) source.ref = ref;
    if (source.commit.empty()) source.commit = commit;
  }
  return ok();
}

}  // namespace touchstone::judge
