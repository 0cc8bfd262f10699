#include "verify/check_statement.h"

#include "base/text.h"
#include "formats/predicate_types.h"
#include "formats/statement.h"

namespace touchstone::verify {

using formats::Statement;

Status check_payload_type(const formats::DsseEnvelope& envelope) {
  if (envelope.payload_type == formats::in_toto_payload_type) return ok();
  return Error{
      Code::binding_payload,
      "the envelope holds \"" + printable(envelope.payload_type) + "\", not an in-toto statement",
      ""};
}

Status check_statement(const formats::DsseEnvelope& envelope, const Artifact& artifact,
                       const WantedContent& wanted, Evidence& evidence) {
  TS_TRY(Statement statement, Statement::parse(envelope.payload));
  const formats::Subject* subject = statement.find(artifact.names());
  if (subject == nullptr) {
    return Error{Code::binding_digest, "the signed statement is about another artifact", ""};
  }
  const std::string& type = statement.predicate_type;
  const std::string shown = "\"" + printable(type) + "\"";
  if (wanted.kind == WantedContent::Kind::image_signature &&
      type != formats::image_signature_predicate) {
    return Error{Code::binding_type, "an attestation of type " + shown + ", not an image signature",
                 ""};
  }
  if (wanted.kind == WantedContent::Kind::attestation && !wanted.predicate_type.empty() &&
      !formats::is_predicate(wanted.predicate_type, type)) {
    return Error{
        Code::binding_type,
        "an attestation of type " + shown + ", not \"" + printable(wanted.predicate_type) + "\"",
        "`touchstone attest` makes one"};
  }
  evidence.annotations = subject->annotations;
  evidence.statement = std::move(statement);
  return ok();
}

}  // namespace touchstone::verify
