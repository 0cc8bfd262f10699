#include "inspect/show.h"

#include <array>

#include "base/text.h"
#include "base/time.h"
#include "formats/json.h"
#include "formats/shown_json.h"
#include "formats/simple_signing.h"
#include "formats/statement.h"

namespace touchstone::inspect {
namespace {

using formats::Json;

constexpr std::size_t max_listed = 10;  // subjects; JSON has them all

struct KindWords {
  std::string_view slug;
  std::string_view words;
};
constexpr std::array<KindWords, 7> kinds = {{
    {"sigstore-bundle", "sigstore bundle"},
    {"cosign-signature", "cosign signatures"},
    {"cosign-attestation", "cosign attestations"},
    {"notary-signature", "Notary Project signature"},
    {"build-attestation", "BuildKit attestations, not signed"},
    {"sbom", "SBOM"},
    {"other", "other artifact"},
}};

const KindWords& words(Attached::Kind kind) { return kinds[static_cast<std::size_t>(kind)]; }

// What is shown in a better form, or is only bytes.
bool is_material(std::string_view annotation) {
  return annotation == formats::signature_annotation ||
         annotation == formats::certificate_annotation || annotation == formats::chain_annotation ||
         annotation == formats::log_annotation || annotation == formats::timestamp_annotation;
}

std::string said(const Error& error) {
  return printable(error.message) + " (" + std::string(slug(error.code)) + ")";
}

class Tree {
 public:
  std::string text;

  // `what` begins with a word of ours: "::" at the beginning of a line commands a GitHub job.
  void line(std::size_t level, std::string_view what) {
    text += std::string(2 * level, ' ') + std::string(what) + "\n";
  }

  void show(std::size_t level, const Manifest& manifest, const std::string& name) {
    std::string head = name;
    if (const auto& platform = manifest.manifest.platform) {
      head = "platform " + printable(platform->to_string()) + "  " + name;
    }
    line(level, head + (manifest.is_index ? "  (index)" : ""));
    for (const Error& fault : manifest.faults) line(level + 1, "fault: " + said(fault));
    for (const std::string& notice : manifest.notices) line(level + 1, "left out: " + notice);
    if (manifest.attached.empty() && manifest.faults.empty()) {
      line(level + 1, "nothing is attached");
    }
    for (const Attached& attached : manifest.attached) show(level + 1, attached);
  }

 private:
  void show(std::size_t level, const Attached& attached) {
    const formats::Descriptor& manifest = attached.manifest;
    std::string head(words(attached.kind).words);
    if (attached.has_digest) head += "  " + manifest.digest.to_string();
    line(level, head);
    if (!attached.tag.empty()) line(level + 1, "tag: " + attached.tag);
    if (!manifest.artifact_type.empty()) {
      line(level + 1, "artifact type: " + printable(manifest.artifact_type));
    }
    for (const Error& fault : attached.faults) line(level + 1, "fault: " + said(fault));
    show_annotations(level + 1, manifest.annotations);
    for (const Content& content : attached.contents) show(level + 1, content);
    for (const Attached& inner : attached.attached) show(level + 1, inner);
  }

  void show_annotations(std::size_t level, const std::map<std::string, std::string>& annotations,
                        std::string_view what = "annotation: ") {
    for (const auto& [name, value] : annotations) {
      if (!is_material(name))
        line(level, std::string(what) + printable(name) + "=" + printable(value));
    }
  }

  void show(std::size_t level, const Content& content) {
    const std::string size = ", " + std::to_string(content.layer.size) + " bytes";
    if (content.claims) {
      line(level, content.claims->form + size);
    } else {
      line(level, "content " + printable(content.layer.media_type) + size);
    }
    show_annotations(level + 1, content.layer.annotations);
    if (content.fault) line(level + 1, "fault: " + said(*content.fault));
    if (content.claims) show(level + 1, *content.claims);
  }

  void show(std::size_t level, const Claims& claims) {
    for (const Error& fault : claims.faults) line(level, "malformed: " + said(fault));
    if (claims.key_hint) line(level, "key: hint " + printable(*claims.key_hint));
    for (const CertificateClaim& certificate : claims.certificates) show(level, certificate);
    if (!claims.payload_type.empty() && claims.payload_type != formats::in_toto_payload_type) {
      line(level, "payload: " + printable(claims.payload_type));
    }
    if (claims.statement) show(level, *claims.statement);
    if (claims.message) line(level, "signs: bytes" + digests_of(*claims.message));
    for (const LogClaim& log : claims.logs) show(level, log);
    for (const auto& time : claims.timestamps) line(level, "timestamp: " + to_rfc3339(time));
  }

  void show(std::size_t level, const CertificateClaim& certificate) {
    line(level,
         "certificate: " + (certificate.names.empty() ? certificate.subject
                                                      : printable(join(certificate.names, ", "))));
    if (!certificate.vouched_by.empty()) {
      line(level + 1, "vouched for by " + printable(certificate.vouched_by));
    }
    line(level + 1, "issued by " + certificate.issuer + ", valid " +
                        to_rfc3339(certificate.not_before) + " to " +
                        to_rfc3339(certificate.not_after));
  }

  void show(std::size_t level, const StatementClaim& statement) {
    line(level, "says: " + printable(statement.type) +
                    (statement.about_subject ? ", about this" : ", about something else"));
    std::size_t listed = 0;
    for (const SubjectClaim& subject : statement.subjects) {
      if (listed++ == max_listed) {
        line(level + 1, "and " + std::to_string(statement.subjects.size() - max_listed) + " more");
        break;
      }
      line(level + 1, "subject:" + (subject.name.empty() ? "" : " " + printable(subject.name)) +
                          digests_of(subject));
    }
    show_annotations(level + 1, statement.annotations, "says annotation: ");
  }

  void show(std::size_t level, const LogClaim& log) {
    std::string what = "log entry: " + std::to_string(log.index) + " (" + printable(log.kind) + ")";
    if (log.integrated) what += " at " + to_rfc3339(*log.integrated);
    if (log.has_promise) what += ", with a promise";
    if (log.has_proof) what += ", with a proof";
    line(level, what);
    line(level + 1, "of log " + log.log_id);
  }

  static std::string digests_of(const SubjectClaim& subject) {
    std::string text;
    for (const auto& [algorithm, hex] : subject.digests) {
      text += " " + printable(algorithm) + ":" + printable(hex);
    }
    return text;
  }
};

Json json_of(const Error& error) {
  Json json;
  json.set("code", Json(slug(error.code)));
  json.set("message", Json(error.message));
  return json;
}

Json json_of(const std::map<std::string, std::string>& members) {
  Json json{Json::Object()};
  for (const auto& [name, value] : members) json.set(name, Json(value));
  return json;
}

Json json_of(const CertificateClaim& certificate);
Json json_of(const LogClaim& log);
Json json_of(const SubjectClaim& subject);
Json json_of(const Content& content);
Json json_of(const Attached& attached);
Json json_of(const Manifest& manifest);
Json json_of(const std::string& text) { return Json(text); }
Json json_of(std::chrono::sys_seconds time) { return Json(to_rfc3339(time)); }

template <class T>
Json list_of(const std::vector<T>& items) {
  Json::Array list;
  for (const T& item : items) list.push_back(json_of(item));
  return Json(std::move(list));
}

Json json_of(const CertificateClaim& certificate) {
  Json json;
  json.set("subject", Json(certificate.subject));
  json.set("issuer", Json(certificate.issuer));
  json.set("alternativeNames", list_of(certificate.names));
  json.set("vouchedForBy", certificate.vouched_by.empty() ? Json() : Json(certificate.vouched_by));
  json.set("notBefore", json_of(certificate.not_before));
  json.set("notAfter", json_of(certificate.not_after));
  json.set("fingerprint", Json(certificate.fingerprint));
  return json;
}

Json json_of(const LogClaim& log) {
  Json json;
  json.set("index", Json(log.index));
  json.set("logId", Json(log.log_id));
  json.set("kind", Json(log.kind));
  json.set("integratedTime", log.integrated ? json_of(*log.integrated) : Json());
  json.set("promise", Json(log.has_promise));
  json.set("proof", Json(log.has_proof));
  return json;
}

Json json_of(const SubjectClaim& subject) {
  Json json;
  json.set("name", Json(subject.name));
  json.set("digests", json_of(subject.digests));
  return json;
}

Json json_of(const StatementClaim& statement) {
  Json json;
  json.set("type", Json(statement.type));
  json.set("aboutThis", Json(statement.about_subject));
  json.set("subjects", list_of(statement.subjects));
  json.set("annotations", json_of(statement.annotations));
  return json;
}

Json json_of(const Claims& claims) {
  Json json;
  json.set("form", Json(claims.form));
  json.set("malformed", list_of(claims.faults));
  json.set("keyHint", claims.key_hint ? Json(*claims.key_hint) : Json());
  json.set("certificates", list_of(claims.certificates));
  json.set("payloadType", claims.payload_type.empty() ? Json() : Json(claims.payload_type));
  json.set("statement", claims.statement ? json_of(*claims.statement) : Json());
  json.set("message", claims.message ? json_of(claims.message->digests) : Json());
  json.set("logEntries", list_of(claims.logs));
  json.set("timestamps", list_of(claims.timestamps));
  return json;
}

Json json_of(const Content& content) {
  Json json;
  json.set("mediaType", Json(content.layer.media_type));
  json.set("digest", Json(content.layer.digest.to_string()));
  json.set("size", Json(content.layer.size));
  json.set("annotations", json_of(content.layer.annotations));
  json.set("fault", content.fault ? json_of(*content.fault) : Json());
  json.set("claims", content.claims ? json_of(*content.claims) : Json());
  return json;
}

Json json_of(const Attached& attached) {
  const formats::Descriptor& manifest = attached.manifest;
  Json json;
  json.set("kind", Json(words(attached.kind).slug));
  json.set("tag", attached.tag.empty() ? Json() : Json(attached.tag));
  json.set("digest", attached.has_digest ? Json(manifest.digest.to_string()) : Json());
  json.set("mediaType", Json(manifest.media_type));
  json.set("artifactType", Json(manifest.artifact_type));
  json.set("size", Json(manifest.size));
  json.set("annotations", json_of(manifest.annotations));
  json.set("faults", list_of(attached.faults));
  json.set("contents", list_of(attached.contents));
  json.set("attached", list_of(attached.attached));
  return json;
}

Json json_of(const Manifest& manifest) {
  const auto& platform = manifest.manifest.platform;
  Json json;
  json.set("digest", Json(manifest.manifest.digest.to_string()));
  json.set("mediaType", Json(manifest.manifest.media_type));
  json.set("size", Json(manifest.manifest.size));
  json.set("platform", platform ? Json(platform->to_string()) : Json());
  json.set("faults", list_of(manifest.faults));
  json.set("notices", list_of(manifest.notices));
  json.set("attached", list_of(manifest.attached));
  return json;
}

}  // namespace

std::string describe(const Inspection& inspection, const Reference& reference) {
  Tree tree;
  tree.line(0, "nothing here was verified: whoever can write there can claim it");
  std::size_t level = 0;
  for (const Manifest& manifest : inspection.manifests) {
    const std::string digest = manifest.manifest.digest.to_string();
    tree.show(level, manifest, level == 0 ? reference.pinned(manifest.manifest.digest) : digest);
    level = 1;
  }
  return tree.text;
}

std::string to_json(const Inspection& inspection, const Reference& reference) {
  const formats::Descriptor& image = inspection.manifests.front().manifest;
  Json document;
  document.set("version", Json(std::uint64_t{1}));
  document.set("verified", Json(false));
  document.set("reference", Json(reference.to_string()));
  document.set("image", Json(reference.pinned(image.digest)));
  document.set("manifests", list_of(inspection.manifests));
  return formats::to_shown_text(document) + "\n";
}

}  // namespace touchstone::inspect
