#include "cli/shared/certificate_files.h"

#include "base/files.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::cli {

Result<std::vector<crypto::Certificate>> read_certificate_file(const std::string& name) {
  TS_TRY(const Bytes contents, read_file(name, limits::max_certificate_file_bytes));
  auto certificates = crypto::Certificate::from_file(contents);
  if (certificates) return certificates;
  const bool weak = certificates.error().code == Code::certificate_weak;
  return in_context(std::move(certificates).error(),
                    weak ? Code::policy_weak_key : Code::format_certificate,
                    "\"" + printable(name) + "\"");
}

}  // namespace touchstone::cli
