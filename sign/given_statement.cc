#include "sign/given_statement.h"

#include <array>
#include <optional>

#include "formats/statement.h"

namespace touchstone::sign {
namespace {

std::optional<Digest> known_digest(const formats::Statement& statement) {
  for (const formats::Subject& subject : statement.subjects) {
    for (const char* algorithm : std::array{"sha256", "sha512"}) {
      const auto found = subject.digests.find(algorithm);
      if (found == subject.digests.end()) continue;
      if (const auto digest = Digest::parse(found->first + ":" + found->second)) return *digest;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<GivenStatement> GivenStatement::create(Bytes contents) {
  const auto statement = formats::Statement::parse(contents);
  if (!statement) {
    Error error = statement.error();
    if (!slug(error.code).starts_with("limit.")) error.code = Code::format_file;
    return error;
  }
  if (statement->predicate_type == formats::image_signature_predicate) {
    return Error{Code::policy_image_signature, "this statement is the signature of an image",
                 "sign the image with `touchstone sign`"};
  }
  auto subject = known_digest(*statement);
  if (!subject) {
    return Error{Code::format_file, "no subject of the statement has a sha256 or sha512",
                 "no verifier could tell what it is about"};
  }
  return GivenStatement(std::move(contents), statement->predicate_type, std::move(*subject),
                        statement->subjects.size());
}

}  // namespace touchstone::sign
