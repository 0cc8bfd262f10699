// in-toto statements: what a signed envelope says about which artifacts.
//
// Spec: in-toto Attestation Framework v1, statement.md and resource_descriptor.md; version 0.1 is
// read too. Refused: other types, no subject, a predicateType that is missing or empty, subjects
// and digests over the limits. Names of subjects are decoration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "formats/json.h"

namespace touchstone::formats {

inline constexpr std::string_view in_toto_payload_type = "application/vnd.in-toto+json";

// The predicate by which cosign v3 says that a statement is a signature of an image.
inline constexpr std::string_view image_signature_predicate = "https://sigstore.dev/cosign/sign/v1";

struct Subject {
  std::string name;
  std::map<std::string, std::string> digests;      // algorithm to hex, as written
  std::map<std::string, std::string> annotations;  // those whose values are strings
};

struct Statement {
  std::vector<Subject> subjects;
  std::string predicate_type;
  Json predicate;

  // Errors: format.statement, limit.count, limit.depth, limit.size.
  static Result<Statement> parse(ByteView payload);

  // The first subject that is the artifact with these digests (of the same bytes, by different
  // algorithms); null when there is none. A subject is the artifact when it has one of these
  // algorithms at least and none of them with another value.
  const Subject* find(const std::vector<Digest>& artifact) const;
};

// The statement of an image signature as cosign v3 writes it, with the annotations on each subject.
// cosign writes one subject, without a name, and accepts a statement of several.
std::string write_image_signature_statement(const std::vector<Digest>& images,
                                            const std::map<std::string, std::string>& annotations);
std::string write_image_signature_statement(const Digest& image,
                                            const std::map<std::string, std::string>& annotations);

// A statement, of version 1, about one artifact, with a name where one is given. `predicate` is
// JSON, and stands there letter for letter.
std::string write_statement(const Digest& artifact, std::string_view name,
                            std::string_view predicate_type, std::string_view predicate);

}  // namespace touchstone::formats
