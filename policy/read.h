// From a policy's text to the policy.
#pragma once

#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "policy/document.h"
#include "trust/trust_store.h"

namespace touchstone::policy {

// Where the files come from that a policy names, and roots of the trust store.
struct Materials {
  // A path as it stands in the policy, relative to the policy's own folder.
  // Errors: policy.unsafe-file, usage.file, limit.size.
  std::function<Result<Bytes>(const std::string& path)> file;
  // Errors: policy.unknown-root, trust.*.
  std::function<Result<trust::Root>(const std::string& name)> root;
};

// The text alone, as a tree. Errors: policy.syntax, limit.*.
Result<formats::Yaml> parse_text(ByteView text, const std::string& source);

// `source` is the file's name, for messages: "policy.yaml:12:5: unknown key \"allof\" ...". Takes
// the restricted YAML or JSON; refuses, with line and column and what may have been meant, what
// docs/reference/policy.md does not have. Whether it has expired is not looked at here.
// Errors: policy.*, format.key, format.certificate, trust.*, hardware.*, usage.file, limit.*.
Result<Document> read(ByteView text, std::string source, const Materials& materials,
                      std::chrono::sys_seconds now);

}  // namespace touchstone::policy
