// An in-toto statement that somebody else wrote, to be signed as it stands.
//
// Spec: in-toto Attestation Framework v1, statement.md, as formats/statement.h reads it.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/result.h"

namespace touchstone::sign {

// A bundle is that large at most, and holds it in base64.
inline constexpr std::uint64_t max_statement_bytes = limits::max_bundle_bytes / 2;

class GivenStatement {
 public:
  // What `contents` says may be of several artifacts; one of them at least has a sha256 or sha512.
  // Errors: format.file, limit.*, and policy.image-signature for a statement that is the signature
  // of an image.
  static Result<GivenStatement> create(Bytes contents);

  const Bytes& contents() const { return contents_; }
  const std::string& predicate_type() const { return predicate_type_; }
  const Digest& subject() const { return subject_; }  // the first that verifiers can know
  std::size_t subjects() const { return subjects_; }  // of how many things it speaks

 private:
  GivenStatement(Bytes contents, std::string predicate_type, Digest subject, std::size_t subjects)
      : contents_(std::move(contents)),
        predicate_type_(std::move(predicate_type)),
        subject_(std::move(subject)),
        subjects_(subjects) {}

  Bytes contents_;
  std::string predicate_type_;
  Digest subject_;
  std::size_t subjects_;
};

}  // namespace touchstone::sign
