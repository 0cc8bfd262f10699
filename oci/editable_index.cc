#include "oci/editable_index.h"

#include <algorithm>

#include "base/limits.h"

namespace touchstone::oci {
namespace {

using formats::Json;

Json entry_json(const formats::Descriptor& entry) {
  Json json;
  json.set("mediaType", Json(entry.media_type));
  json.set("digest", Json(entry.digest.to_string()));
  json.set("size", Json(entry.size));
  if (!entry.artifact_type.empty()) json.set("artifactType", Json(entry.artifact_type));
  Json annotations;
  for (const auto& [name, value] : entry.annotations) annotations.set(name, Json(value));
  if (!annotations.is_null()) json.set("annotations", std::move(annotations));
  return json;
}

std::string_view string_member(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  if (member == nullptr || member->string() == nullptr) return "";
  return *member->string();
}

std::string_view digest_of(const Json& entry) { return string_member(entry, "digest"); }

std::string_view tag_of(const Json& entry) {
  const Json* annotations = entry.find("annotations");
  return annotations == nullptr ? "" : string_member(*annotations, tag_annotation);
}

void set_tag(Json& entry, std::string_view tag) {
  const Json* found = entry.find("annotations");
  Json annotations = found != nullptr && found->object() != nullptr ? *found : Json();
  annotations.set(tag_annotation, Json(tag));
  entry.set("annotations", std::move(annotations));
}

void remove_tag(Json& entry) {
  Json annotations = *entry.find("annotations");
  std::erase_if(*annotations.object(),
                [](const Json::Member& member) { return member.first == tag_annotation; });
  entry.set("annotations", std::move(annotations));
}

}  // namespace

EditableIndex::EditableIndex() {
  document_.set("schemaVersion", Json(std::uint64_t{2}));
  document_.set("mediaType", Json(formats::media_type::oci_index));
  document_.set("manifests", Json(Json::Array()));
}

Result<EditableIndex> EditableIndex::parse(ByteView bytes) {
  const auto readable = formats::ReferrersList::parse(bytes);
  if (!readable) return readable.error();
  TS_TRY(Json document, formats::parse_json(bytes, limits::max_referrers_page_bytes));
  return EditableIndex(std::move(document));
}

Json::Array& EditableIndex::entries() {
  Json::Object& members = *document_.object();
  return *std::ranges::find(members, "manifests", &Json::Member::first)->second.array();
}

bool EditableIndex::lists(const Digest& digest) const {
  const std::string text = digest.to_string();
  return std::ranges::any_of(*document_.find("manifests")->array(),
                             [&](const Json& entry) { return digest_of(entry) == text; });
}

void EditableIndex::add(const formats::Descriptor& entry) {
  if (!lists(entry.digest)) entries().push_back(entry_json(entry));
}

void EditableIndex::tag(const formats::Descriptor& entry, std::string_view tag) {
  const std::string digest = entry.digest.to_string();
  bool tagged = false;
  for (Json& there : entries()) {
    if (tag_of(there) != tag) continue;
    if (digest_of(there) == digest) {
      tagged = true;
    } else {
      remove_tag(there);
    }
  }
  if (tagged) return;
  const auto bare = std::ranges::find_if(entries(), [&](const Json& there) {
    return digest_of(there) == digest && tag_of(there).empty();
  });
  if (bare != entries().end()) {
    set_tag(*bare, tag);
  } else {
    entries().push_back(entry_json(entry));
    set_tag(entries().back(), tag);
  }
}

void EditableIndex::remove_tagged(std::string_view tag) {
  std::erase_if(entries(), [&](const Json& entry) { return tag_of(entry) == tag; });
}

void EditableIndex::remove_untagged(const std::set<std::string>& digests) {
  std::erase_if(entries(), [&](const Json& entry) {
    return tag_of(entry).empty() && digests.contains(std::string(digest_of(entry)));
  });
}

Result<std::string> EditableIndex::text() const {
  std::string text = to_text(document_);
  if (text.size() > limits::max_referrers_page_bytes) {
    return Error{Code::limit_size, "the index would be larger than 4 MiB", ""};
  }
  return text;
}

}  // namespace touchstone::oci
