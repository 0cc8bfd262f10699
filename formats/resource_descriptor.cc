#include "formats/resource_descriptor.h"

#include "base/limits.h"

namespace touchstone::formats {

std::string ResourceDescriptor::commit() const {
  for (const char* algorithm : {"gitCommit", "sha1"}) {
    if (const auto found = digest.find(algorithm); found != digest.end()) return found->second;
  }
  return "";
}

Result<ResourceDescriptor> ResourceDescriptor::read(const Fields& fields) {
  ResourceDescriptor resource;
  TS_TRY(resource.uri, fields.string_or("uri", ""));
  TS_TRY(resource.digest, fields.string_map_or_empty("digest"));
  if (resource.digest.size() > limits::max_digests_per_subject) {
    return Error{Code::limit_count, fields.path() + ".digest: too many digests", ""};
  }
  return resource;
}

Result<std::vector<ResourceDescriptor>> ResourceDescriptor::read_list(const Fields& parent,
                                                                      std::string_view name) {
  TS_TRY(const auto entries, parent.objects_or_empty(name, limits::max_json_values));
  std::vector<ResourceDescriptor> resources;
  resources.reserve(entries.size());
  for (const Fields& entry : entries) {
    TS_TRY(ResourceDescriptor resource, read(entry));
    resources.push_back(std::move(resource));
  }
  return resources;
}

Json ResourceDescriptor::to_json() const {
  Json hashes{Json::Object()};
  for (const auto& [algorithm, hex] : digest) hashes.set(algorithm, Json(hex));
  Json json{Json::Object()};
  if (!uri.empty()) json.set("uri", Json(uri));
  if (!digest.empty()) json.set("digest", std::move(hashes));
  return json;
}

}  // namespace touchstone::formats
