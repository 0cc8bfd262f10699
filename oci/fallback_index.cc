#include "oci/fallback_index.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/limits.h"
#include "crypto/hash.h"
#include "formats/json.h"

namespace touchstone::oci {
namespace {

using formats::Json;

Json entry_json(const formats::Descriptor& entry) {
  Json json;
  json.set("mediaType", Json(entry.media_type));
  json.set("size", Json(entry.size));
  json.set("digest", Json(entry.digest.to_string()));
  if (!entry.artifact_type.empty()) json.set("artifactType", Json(entry.artifact_type));
  if (!entry.annotations.empty()) {
    Json annotations;
    for (const auto& [name, value] : entry.annotations) annotations.set(name, Json(value));
    json.set("annotations", std::move(annotations));
  }
  return json;
}

Json empty_index() {
  Json index;
  index.set("schemaVersion", Json(std::uint64_t{2}));
  index.set("mediaType", Json(formats::media_type::oci_index));
  index.set("manifests", Json(Json::Array()));
  return index;
}

bool names(const Json& entry, const std::string& digest) {
  const Json* member = entry.find("digest");
  return member != nullptr && member->string() != nullptr && *member->string() == digest;
}

}  // namespace

std::string fallback_tag(const Digest& subject) {
  return std::string(subject.algorithm_name()) + "-" + subject.hex();
}

Result<std::optional<std::string>> with_entry(const std::optional<Bytes>& index,
                                              const formats::Descriptor& entry) {
  Json document = empty_index();
  if (index) {
    const auto readable = formats::ReferrersList::parse(*index);
    if (!readable) return readable.error();
    TS_TRY(document, formats::parse_json(*index, limits::max_referrers_page_bytes));
  }
  Json manifests = *document.find("manifests");
  const std::string digest = entry.digest.to_string();
  if (std::ranges::any_of(*manifests.array(), [&](const Json& e) { return names(e, digest); })) {
    return std::optional<std::string>();
  }
  manifests.array()->push_back(entry_json(entry));
  document.set("manifests", std::move(manifests));
  std::string text = to_text(document);
  if (text.size() > limits::max_referrers_page_bytes) {
    return Error{Code::limit_size, "the list of signatures would be larger than 4 MiB", ""};
  }
  return std::optional<std::string>(std::move(text));
}

Descriptor lock_writers(const std::string& folder, const std::string& repository) {
  if (folder.empty()) return Descriptor();
  const std::string path = folder + "/" + crypto::digest_of(as_bytes(repository)).hex() + ".lock";
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return file;
  const auto give_up = std::chrono::steady_clock::now() + limits::lock_timeout;
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() > give_up) return Descriptor();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return file;
}

}  // namespace touchstone::oci
