#include "verify/report.h"

#include "base/text.h"
#include "base/time.h"
#include "formats/shown_json.h"

namespace touchstone::verify {
namespace {

using formats::Json;

constexpr std::size_t max_listed = 10;  // people read no further; JSON has them all

std::string name_of(const TrustedSigner& signer) {
  const trust::TrustedKey& trusted = signer.trusted;
  std::string name = signer.source + ", " + trusted.key.kind_name();
  if (!trusted.owner.empty()) name += ", " + printable(trusted.owner);
  return name;
}

std::string name_of(const TrustedAuthority& authority) {
  std::string name = authority.source + ", " + authority.trusted.certificate.subject();
  if (!authority.trusted.owner.empty()) name += ", " + printable(authority.trusted.owner);
  return name;
}

// The one alternative name when there is one, else the subject.
std::string holder_of(const crypto::Certificate& certificate) {
  const auto& names = certificate.alternative_names();
  if (names.size() == 1 && !names.front().value.empty()) return printable(names.front().value);
  return certificate.subject().empty() ? certificate.fingerprint() : certificate.subject();
}

std::string name_of(const Evidence& evidence) {
  if (evidence.keyless) {
    const Keyless& keyless = *evidence.keyless;
    return holder_of(keyless.signer.path.certificates.front()) + ", vouched for by " +
           printable(keyless.signer.fields.issuer) + " under " + keyless.source;
  }
  if (!evidence.certified) return name_of(evidence.signer);
  const crypto::Certificate& leaf = evidence.certified->path.certificates.front();
  return holder_of(leaf) + ", certified by " + leaf.issuer() + " until " +
         to_rfc3339(leaf.not_after()) + " under " + name_of(evidence.certified->authority);
}

// "logged by a as entry 7, timestamped by b at 2026-01-31T23:59:59Z".
std::string witnessed(const Witnesses& witnesses) {
  std::vector<std::string> parts;
  for (const LogFact& fact : witnesses.logs) {
    parts.push_back("logged by " + printable(fact.log) + " as entry " + std::to_string(fact.index) +
                    (fact.promised ? " at " + to_rfc3339(*fact.promised) : ""));
  }
  for (const TimeFact& fact : witnesses.times) {
    if (fact.by_log) continue;  // said above
    parts.push_back("timestamped by " + printable(fact.authority) + " at " +
                    to_rfc3339(std::chrono::floor<std::chrono::seconds>(fact.time)));
  }
  return parts.empty() ? "no transparency log was consulted" : join(parts, ", ");
}

std::string wanted_holder(const Demand& demand) {
  std::vector<std::string> parts;
  for (const WantedIdentity& wanted : demand.identities) {
    parts.push_back(wanted.subject.describe() +
                    (wanted.issuer ? " vouched for by " + wanted.issuer->describe() : ""));
  }
  return parts.empty() ? "anybody" : join(parts, " or ");
}

std::string_view decision_name(Decision decision) {
  switch (decision) {
    case Decision::accepted:
      return "accepted";
    case Decision::refused:
      return "refused";
    case Decision::undecided:
      return "undecided";
  }
  return "";
}

void describe_found(const ImageReport& report, std::vector<std::string>& lines) {
  std::size_t listed = 0;
  for (const Finding& finding : report.findings) {
    if (listed++ == max_listed) {
      lines.push_back("  ... and " + std::to_string(report.findings.size() - max_listed) + " more");
      break;
    }
    const Error* error = finding.error();
    lines.push_back("  signature " + std::to_string(listed) + " of " +
                    std::to_string(report.findings.size()) + ": " +
                    (error != nullptr ? error->message + " (" + std::string(slug(error->code)) + ")"
                                      : "by " + name_of(*finding.evidence())));
  }
}

Json to_json(const Error& error) {
  const CodeInfo& info = code_info(error.code);
  Json json;
  json.set("code", Json(info.slug));
  json.set("message", Json(error.message));
  json.set("hint", Json(error.hint.empty() ? std::string(info.hint) : error.hint));
  return json;
}

Json to_json(const TrustedSigner& signer) {
  Json json;
  json.set("source", Json(signer.source));
  json.set("owner", Json(signer.trusted.owner));
  json.set("kind", Json(signer.trusted.key.kind_name()));
  json.set("fingerprint", Json(signer.trusted.key.fingerprint()));
  return json;
}

Json to_json(const TrustedAuthority& authority) {
  Json json;
  json.set("source", Json(authority.source));
  json.set("owner", Json(authority.trusted.owner));
  json.set("subject", Json(authority.trusted.certificate.subject()));
  json.set("fingerprint", Json(authority.trusted.certificate.fingerprint()));
  return json;
}

Json to_json(const Certified& certified) {
  const crypto::Certificate& leaf = certified.path.certificates.front();
  Json::Array names;
  for (const crypto::AlternativeName& name : leaf.alternative_names()) {
    if (!name.value.empty()) names.push_back(Json(name.value));
  }
  Json json;
  json.set("subject", Json(leaf.subject()));
  json.set("issuer", Json(leaf.issuer()));
  json.set("alternativeNames", Json(std::move(names)));
  json.set("fingerprint", Json(leaf.fingerprint()));
  json.set("notBefore", Json(to_rfc3339(leaf.not_before())));
  json.set("notAfter", Json(to_rfc3339(leaf.not_after())));
  json.set("authority", to_json(certified.authority));
  return json;
}

Json to_json(const Keyless& keyless) {
  const crypto::Certificate& leaf = keyless.signer.path.certificates.front();
  Json fields{Json::Object()};
  for (const auto& [name, value] : keyless.signer.fields.values) fields.set(name, Json(value));
  Json json;
  json.set("subject",
           Json(leaf.alternative_names().size() == 1 ? leaf.alternative_names().front().value
                                                     : std::string()));
  json.set("issuer", Json(keyless.signer.fields.issuer));
  json.set("instance", Json(keyless.source));
  json.set("fingerprint", Json(leaf.fingerprint()));
  json.set("notBefore", Json(to_rfc3339(leaf.not_before())));
  json.set("notAfter", Json(to_rfc3339(leaf.not_after())));
  json.set("fields", std::move(fields));
  return json;
}

void add_witnesses(const Witnesses& witnesses, Json& json) {
  Json::Array logs;
  for (const LogFact& fact : witnesses.logs) {
    Json log;
    log.set("log", Json(fact.log));
    log.set("index", Json(fact.index));
    log.set("promised", fact.promised ? Json(to_rfc3339(*fact.promised)) : Json());
    logs.push_back(std::move(log));
  }
  Json::Array times;
  for (const TimeFact& fact : witnesses.times) {
    if (fact.by_log) continue;
    Json time;
    time.set("authority", Json(fact.authority));
    time.set("time", Json(to_rfc3339(std::chrono::floor<std::chrono::seconds>(fact.time))));
    times.push_back(std::move(time));
  }
  json.set("logs", Json(std::move(logs)));
  json.set("timestamps", Json(std::move(times)));
}

Json to_json(const Finding& finding) {
  Json json;
  json.set("origin", Json(finding.origin));
  const Evidence* evidence = finding.evidence();
  json.set("format", Json(format_name(finding.format)));
  json.set("verified", Json(evidence != nullptr));
  if (evidence == nullptr) {
    json.set("reason", to_json(*finding.error()));
    return json;
  }
  json.set("signer", to_json(evidence->signer));
  if (evidence->certified) json.set("certificate", to_json(*evidence->certified));
  json.set("algorithm", Json(crypto::scheme_name(evidence->scheme)));
  if (evidence->hardware) {
    const Result<AttestedKey>& hardware = *evidence->hardware;
    json.set("hardware", hardware ? to_json(*hardware) : Json());
    json.set("hardwareReason", hardware ? Json() : to_json(hardware.error()));
  }
  Json::Object annotations;
  for (const auto& [name, value] : evidence->annotations) {
    annotations.emplace_back(name, Json(value));
  }
  json.set("annotations", Json(std::move(annotations)));
  if (evidence->keyless) json.set("keyless", to_json(*evidence->keyless));
  add_witnesses(evidence->witnesses, json);
  if (evidence->statement) json.set("predicateType", Json(evidence->statement->predicate_type));
  return json;
}

// What the accepted attestation says; null when none was wanted or accepted.
Json accepted_statement(const ImageReport& report, const Demand& demand) {
  if (report.decision != Decision::accepted ||
      demand.content.kind != WantedContent::Kind::attestation) {
    return Json();
  }
  const auto& statement = report.findings[report.accepted_finding].evidence()->statement;
  Json json;
  json.set("predicateType", Json(statement->predicate_type));
  json.set("predicate", statement->predicate);
  return json;
}

Json to_json(const ImageReport& report, const Demand& demand) {
  Json json;
  json.set("reference", Json(report.reference));
  json.set("image", report.pinned.empty() ? Json() : Json(report.pinned));
  json.set("digest", report.digest ? Json(report.digest->to_string()) : Json());
  json.set("decision", Json(decision_name(report.decision)));
  json.set("reason", report.reason ? to_json(*report.reason) : Json());
  Json::Array findings;
  for (const Finding& finding : report.findings) findings.push_back(to_json(finding));
  json.set("candidates", Json(static_cast<std::uint64_t>(report.candidates)));
  json.set("signatures", Json(std::move(findings)));
  json.set("statement", accepted_statement(report, demand));
  return json;
}

}  // namespace

std::vector<std::string> describe_signers(const Demand& demand) {
  std::vector<std::string> lines;
  for (const TrustedSigner& signer : demand.signers) {
    if (lines.size() == max_listed) return lines;
    lines.push_back("a signature by " + name_of(signer));
  }
  for (const TrustedAuthority& authority : demand.authorities) {
    if (lines.size() == max_listed) return lines;
    lines.push_back("a signature by " + wanted_holder(demand) + " certified under " +
                    name_of(authority));
  }
  for (const TrustedInstance& instance : demand.instances) {
    if (lines.size() == max_listed || demand.identities.empty()) return lines;
    lines.push_back("a signature by " + wanted_holder(demand) + " under " + instance.source);
  }
  return lines;
}

std::optional<std::string> describe_hardware(const Demand& demand) {
  if (!demand.hardware) return std::nullopt;
  const std::string asked = demand.hardware->describe();
  return "a key attested to be in hardware" + (asked.empty() ? "" : ", and " + printable(asked));
}

std::vector<std::string> describe(const ImageReport& report, const Demand& demand) {
  const std::string& subject = report.pinned.empty() ? report.reference : report.pinned;
  std::vector<std::string> lines = {std::string(decision_name(report.decision)) + ": " + subject};
  if (!report.notice.empty()) lines.push_back("  note: " + report.notice);
  if (report.decision == Decision::accepted) {
    const Finding& finding = report.findings[report.accepted_finding];
    const Evidence& evidence = *finding.evidence();
    lines.push_back("  signed by " + name_of(evidence) + " (format " +
                    std::string(format_name(finding.format)) + "); " +
                    witnessed(evidence.witnesses));
    if (evidence.hardware) {
      const AttestedKey& attested = **evidence.hardware;
      lines.push_back("  with a key that stays in a " + summary(attested));
      for (const std::string& warning : attested.warnings()) {
        lines.push_back("  warning: " + warning);
      }
    }
    if (demand.content.kind == WantedContent::Kind::attestation) {
      lines.push_back("  attestation of type \"" + printable(evidence.statement->predicate_type) +
                      "\"");
    }
    return lines;
  }
  const Error& reason = *report.reason;
  lines.push_back("  " + reason.message);
  if (report.decision == Decision::refused) {
    for (const std::string& signer : describe_signers(demand)) {
      lines.push_back("  wanted: " + signer);
    }
  }
  if (const auto hardware = describe_hardware(demand)) lines.push_back("  wanted: " + *hardware);
  describe_found(report, lines);
  const std::string hint =
      reason.hint.empty() ? std::string(code_info(reason.code).hint) : reason.hint;
  if (!hint.empty()) lines.push_back("hint: " + hint);
  lines.push_back("code: " + std::string(slug(reason.code)));
  return lines;
}

Json to_document(const std::vector<ImageReport>& reports, const Demand& demand,
                 std::chrono::sys_seconds now) {
  Json::Array signers;
  for (const TrustedSigner& signer : demand.signers) signers.push_back(to_json(signer));
  Json::Array authorities;
  for (const TrustedAuthority& authority : demand.authorities) {
    authorities.push_back(to_json(authority));
  }
  Json::Array images;
  for (const ImageReport& report : reports) images.push_back(to_json(report, demand));
  Json json;
  json.set("version", Json(std::uint64_t{1}));
  json.set("time", Json(to_rfc3339(now)));
  json.set("exitStatus", Json(static_cast<std::uint64_t>(exit_status(reports))));
  json.set("signers", Json(std::move(signers)));
  json.set("authorities", Json(std::move(authorities)));
  Json::Array instances;
  for (const TrustedInstance& instance : demand.instances)
    instances.push_back(Json(instance.source));
  json.set("instances", Json(std::move(instances)));
  Json::Array identities;
  for (const WantedIdentity& wanted : demand.identities) {
    Json identity;
    identity.set("subject", Json(wanted.subject.describe()));
    identity.set("issuer", wanted.issuer ? Json(wanted.issuer->describe()) : Json());
    identities.push_back(std::move(identity));
  }
  json.set("identities", Json(std::move(identities)));
  json.set("images", Json(std::move(images)));
  return json;
}

std::string to_json(const std::vector<ImageReport>& reports, const Demand& demand,
                    std::chrono::sys_seconds now) {
  return formats::to_shown_text(to_document(reports, demand, now)) + "\n";
}

}  // namespace touchstone::verify
