#include "cli/shared/attestation_files.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::cli {

Result<std::vector<crypto::Certificate>> read_attestation_file(const std::string& name) {
  TS_TRY(const Bytes contents, read_file(name, limits::max_attestation_bytes));
  auto chain = crypto::read_attestation_file(contents);
  if (chain) return chain;
  const Code code = chain.error().code;
  return in_context(std::move(chain).error(), code, "\"" + printable(name) + "\"");
}

}  // namespace touchstone::cli
