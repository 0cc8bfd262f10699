#include "oci/fallback_index.h"

#include <fcntl.h>

#include <set>

#include "crypto/hash.h"
#include "oci/editable_index.h"
#include "oci/file_lock.h"

namespace touchstone::oci {

std::string fallback_tag(const Digest& subject) {
  return std::string(subject.algorithm_name()) + "-" + subject.hex();
}

Result<std::optional<std::string>> with_entry(const std::optional<Bytes>& index,
                                              const formats::Descriptor& entry) {
  EditableIndex document;
  if (index) {
    TS_TRY(document, EditableIndex::parse(*index));
  }
  if (document.lists(entry.digest)) return std::optional<std::string>();
  document.add(entry);
  TS_TRY(std::string text, document.text());
  return std::optional<std::string>(std::move(text));
}

void tidy_referrers(std::vector<formats::Descriptor>& entries, std::string_view artifact_type) {
  std::set<Digest> seen;
  std::erase_if(entries, [&](const formats::Descriptor& entry) {
    const bool other_type = !artifact_type.empty() && !entry.artifact_type.empty() &&
                            entry.artifact_type != artifact_type;
    return other_type || !seen.insert(entry.digest).second;
  });
}

Descriptor lock_writers(const std::string& folder, const std::string& repository) {
  if (folder.empty()) return Descriptor();
  const std::string path = folder + "/" + crypto::digest_of(as_bytes(repository)).hex() + ".lock";
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file || !lock_in_time(file.get())) return Descriptor();
  return file;
}

}  // namespace touchstone::oci
