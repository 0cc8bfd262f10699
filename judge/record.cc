#include "judge/record.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"

namespace touchstone::judge {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::uint64_t version = 1;

Result<Outcome> parse_outcome(const std::string& text) {
  for (const Outcome outcome : {Outcome::allow, Outcome::deny, Outcome::error}) {
    if (outcome_name(outcome) == text) return outcome;
  }
  return Error{Code::format_json, "expected.outcome: \"" + printable(text) + "\" is none", ""};
}

Json to_json(const formats::Descriptor& descriptor) {
  Json json;
  json.set("mediaType", Json(descriptor.media_type));
  json.set("digest", Json(descriptor.digest.to_string()));
  json.set("size", Json(descriptor.size));
  if (!descriptor.artifact_type.empty()) json.set("artifactType", Json(descriptor.artifact_type));
  if (!descriptor.annotations.empty()) {
    Json annotations;
    for (const auto& [name, value] : descriptor.annotations) annotations.set(name, Json(value));
    json.set("annotations", std::move(annotations));
  }
  return json;
}

// As the referrers API lists them.
Json to_json(const std::vector<formats::Descriptor>& descriptors) {
  Json::Array entries;
  for (const formats::Descriptor& descriptor : descriptors) entries.push_back(to_json(descriptor));
  Json list;
  list.set("schemaVersion", Json(std::uint64_t{2}));
  list.set("mediaType", Json(formats::media_type::oci_index));
  list.set("manifests", Json(std::move(entries)));
  return list;
}

Json to_json(const Expected& expected) {
  Json json;
  json.set("outcome", Json(outcome_name(expected.outcome)));
  if (!expected.code.empty()) json.set("code", Json(expected.code));
  if (expected.would_deny) json.set("wouldDeny", Json(true));
  return json;
}

Json to_json(const Error& error) {
  Json json;
  json.set("code", Json(slug(error.code)));
  json.set("message", Json(error.message));
  return json;
}

Result<Expected> read_expected(const Fields& record) {
  TS_TRY(const Fields fields, record.object("expected"));
  TS_CHECK(fields.only({"outcome", "code", "wouldDeny"}));
  Expected expected;
  TS_TRY(const std::string outcome, fields.string("outcome"));
  TS_TRY(expected.outcome, parse_outcome(outcome));
  TS_TRY(expected.code, fields.string_or("code", ""));
  const Json* would_deny = fields.json().find("wouldDeny");
  expected.would_deny = would_deny != nullptr && *would_deny == Json(true);
  return expected;
}

// Calls `read` with each member of an object that may be absent.
template <class Read>
Status each_member(const Fields& record, std::string_view name, Read read) {
  TS_TRY(const auto fields, record.optional_object(name));
  if (!fields) return ok();
  for (const auto& [key, value] : *fields->json().object()) TS_CHECK(read(key, value));
  return ok();
}

Status read_contents(const Fields& fields, Record& record) {
  TS_CHECK(each_member(fields, "content", [&](const std::string& key, const Json& value) -> Status {
    auto bytes = value.string() == nullptr ? std::nullopt : from_base64(*value.string());
    if (!bytes) return fields.error("content", "base64 is wanted for " + printable(key));
    record.content.emplace(key, *std::move(bytes));
    return ok();
  }));
  TS_CHECK(
      each_member(fields, "referrers", [&](const std::string& key, const Json& value) -> Status {
        TS_TRY(auto list, formats::ReferrersList::parse(as_bytes(to_text(value))));
        record.referrers.emplace(key, std::move(list.entries));
        return ok();
      }));
  return each_member(fields, "failures", [&](const std::string& key, const Json& value) -> Status {
    TS_TRY(const Fields failure, Fields::of(value, "failures"));
    TS_TRY(const std::string code, failure.string("code"));
    TS_TRY(std::string message, failure.string("message"));
    const auto known = code_by_slug(code);
    if (!known) return failure.error("code", "no code");
    record.failures.emplace(key, Error{*known, printable(message), ""});
    return ok();
  });
}

Result<Record> read_record(ByteView text) {
  TS_TRY(const Json json, formats::parse_json(text, max_record_bytes));
  TS_TRY(const Fields fields, Fields::of(json));
  TS_CHECK(fields.only({"version", "image", "platform", "time", "expected", "tags", "referrers",
                        "content", "failures"}));
  TS_TRY(const std::uint64_t written, fields.unsigned_integer("version"));
  if (written != version) return fields.error("version", "a version that is not known");
  TS_TRY(const std::string image, fields.string("image"));
  TS_TRY(Reference reference, Reference::parse(image));
  TS_TRY(const std::string when, fields.string("time"));
  const auto time = parse_rfc3339(when);
  if (!time) return fields.error("time", "no time");
  Record record{std::move(reference), {}, *time};
  TS_TRY(const std::string platform, fields.string_or("platform", ""));
  if (!platform.empty()) {
    TS_TRY(record.platform, formats::Platform::parse(platform));
  }
  TS_TRY(record.expected, read_expected(fields));
  TS_TRY(record.tags, fields.string_map_or_empty("tags"));
  TS_CHECK(read_contents(fields, record));
  return record;
}

class StoppedClock : public Clock {
 public:
  explicit StoppedClock(std::chrono::sys_seconds time) : time_(time) {}
  std::chrono::sys_seconds now() const override { return time_; }
  std::chrono::steady_clock::time_point monotonic() const override { return {}; }

 private:
  std::chrono::sys_seconds time_;
};

// What all have that are only read.
class ReadOnlyRepository : public oci::Repository {
 public:
  std::vector<Result<std::optional<oci::FetchedManifest>>> manifests_by_tag(
      std::span<const std::string> tags) override {
    return {tags.size(), Result<std::optional<oci::FetchedManifest>>(refused())};
  }
  Status read_blob(const formats::Descriptor&, ByteSink&) override { return refused(); }
  Result<std::unique_ptr<ByteSource>> blob_source(const formats::Descriptor&) override {
    return refused();
  }
  Result<std::vector<bool>> holds(std::span<const formats::Descriptor>) override {
    return refused();
  }
  Status push_blob(const Digest&, ByteView) override { return refused(); }
  Status push_manifest(std::string_view, ByteView, std::string_view) override { return refused(); }
  Status write_blob(oci::IncomingBlob) override { return refused(); }
  Status push_part(const oci::FetchedManifest&) override { return refused(); }
  Status attach(const formats::Descriptor&, ByteView, const Digest&) override { return refused(); }
  Status change_tagged(std::string_view, const ManifestChange&) override { return refused(); }

 private:
  static Error refused() { return {Code::internal_error, "records are judged alone", ""}; }
};

class Recording : public ReadOnlyRepository {
 public:
  Recording(std::shared_ptr<oci::Repository> inner, std::string name, Record& record)
      : inner_(std::move(inner)), name_(std::move(name)), record_(record) {}

  oci::Place place() const override { return inner_->place(); }

  Result<oci::FetchedManifest> manifest_by_tag(std::string_view tag) override {
    auto found = inner_->manifest_by_tag(tag);
    note_tag(std::string(tag), found);
    return found;
  }

  std::vector<Result<oci::FetchedManifest>> manifests(
      std::span<const formats::Descriptor> wanted) override {
    auto found = inner_->manifests(wanted);
    for (std::size_t i = 0; i < found.size(); ++i) note(wanted[i].digest, found[i]);
    return found;
  }

  oci::ImageAndReferrers image_and_referrers(const Digest& image, std::string_view type,
                                             oci::Tagged tagged) override {
    auto found = inner_->image_and_referrers(image, type, tagged);
    note(image, found.image);
    const std::string key = name_ + "@" + image.to_string();
    if (found.referrers) {
      record_.referrers[key] = *found.referrers;
    } else {
      record_.failures.insert_or_assign(key, found.referrers.error());
    }
    note_tagged(image, tagged, found.tagged);
    if (tagged == oci::Tagged::both) {
      note_tagged(image, oci::Tagged::attestations, found.also_tagged);
    }
    return found;
  }

  std::vector<Result<Bytes>> blobs(std::span<const formats::Descriptor> wanted,
                                   std::uint64_t max_bytes) override {
    auto found = inner_->blobs(wanted, max_bytes);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string key = wanted[i].digest.to_string();
      if (found[i]) {
        record_.content[key] = *found[i];
      } else {
        record_.failures.insert_or_assign(key, found[i].error());
      }
    }
    return found;
  }

 private:
  void note(const Digest& digest, const Result<oci::FetchedManifest>& found) {
    if (found) {
      record_.content[found->digest.to_string()] = found->bytes;
    } else {
      record_.failures.insert_or_assign(digest.to_string(), found.error());
    }
  }
  void note_tag(const std::string& tag, const Result<oci::FetchedManifest>& found) {
    const std::string key = name_ + ":" + tag;
    if (!found) {
      record_.failures.insert_or_assign(key, found.error());
      return;
    }
    record_.tags[key] = found->digest.to_string();
    note(found->digest, found);
  }
  void note_tagged(const Digest& image, oci::Tagged form,
                   const Result<std::optional<oci::FetchedManifest>>& found) {
    const auto tag = oci::cosign_tag(image, form);
    if (!tag) return;
    if (!found) {
      note_tag(*tag, found.error());
    } else if (*found) {
      note_tag(*tag, **found);
    } else {
      record_.tags[name_ + ":" + *tag] = "";
    }
  }

  std::shared_ptr<oci::Repository> inner_;
  std::string name_;
  Record& record_;
};

class Recorded : public ReadOnlyRepository {
 public:
  Recorded(const Record& record, std::string name) : record_(record), name_(std::move(name)) {}

  oci::Place place() const override { return {"", name_}; }

  Result<oci::FetchedManifest> manifest_by_tag(std::string_view tag) override {
    TS_TRY(auto found, tagged(std::string(tag)));
    if (!found) return absent("tag " + std::string(tag));
    return *std::move(found);
  }

  std::vector<Result<oci::FetchedManifest>> manifests(
      std::span<const formats::Descriptor> wanted) override {
    std::vector<Result<oci::FetchedManifest>> found;
    for (const auto& descriptor : wanted) found.push_back(manifest(descriptor.digest));
    return found;
  }

  oci::ImageAndReferrers image_and_referrers(const Digest& image, std::string_view,
                                             oci::Tagged form) override {
    auto under = [&](oci::Tagged one) -> Result<std::optional<oci::FetchedManifest>> {
      const auto tag = oci::cosign_tag(image, one);
      return tag ? tagged(*tag) : std::optional<oci::FetchedManifest>();
    };
    auto second = form == oci::Tagged::both ? under(oci::Tagged::attestations)
                                            : std::optional<oci::FetchedManifest>();
    return {manifest(image), referrers(image), "", under(form), std::move(second)};
  }

  std::vector<Result<Bytes>> blobs(std::span<const formats::Descriptor> wanted,
                                   std::uint64_t max_bytes) override {
    std::vector<Result<Bytes>> found;
    for (const auto& descriptor : wanted) {
      auto blob = bytes(descriptor.digest);
      if (blob && blob->size() > max_bytes) {
        blob =
            Error{Code::limit_size, "a blob of over " + std::to_string(max_bytes) + " bytes", ""};
      }
      found.push_back(std::move(blob));
    }
    return found;
  }

 private:
  static Error absent(const std::string& what) {
    return {Code::image_not_found, what + " is not in the record", "record the case anew"};
  }

  // What stands under a digest is checked as what comes from a registry is.
  Result<Bytes> bytes(const Digest& digest) const {
    const std::string key = digest.to_string();
    if (const auto found = record_.content.find(key); found != record_.content.end()) {
      if (crypto::digest_of(found->second, digest.algorithm()) == digest) return found->second;
      return Error{Code::digest_mismatch, "the record holds something else under " + key, ""};
    }
    const auto failure = record_.failures.find(key);
    return failure == record_.failures.end() ? absent(key) : failure->second;
  }

  Result<oci::FetchedManifest> manifest(const Digest& digest) const {
    TS_TRY(Bytes text, bytes(digest));
    TS_TRY(formats::Manifest parsed, formats::Manifest::parse(text, ""));
    return oci::FetchedManifest{digest, std::move(text), std::move(parsed)};
  }

  Result<std::optional<oci::FetchedManifest>> tagged(const std::string& tag) const {
    const std::string key = name_ + ":" + tag;
    if (const auto failure = record_.failures.find(key); failure != record_.failures.end()) {
      return failure->second;
    }
    const auto found = record_.tags.find(key);
    if (found == record_.tags.end()) return absent("tag " + tag);
    if (found->second.empty()) return std::optional<oci::FetchedManifest>();
    TS_TRY(const Digest digest, Digest::parse(found->second));
    TS_TRY(oci::FetchedManifest had, manifest(digest));
    return std::optional(std::move(had));
  }

  Result<std::vector<formats::Descriptor>> referrers(const Digest& image) const {
    const std::string key = name_ + "@" + image.to_string();
    if (const auto found = record_.referrers.find(key); found != record_.referrers.end()) {
      return found->second;
    }
    const auto failure = record_.failures.find(key);
    return failure == record_.failures.end() ? absent("the list of what is attached to " + key)
                                             : failure->second;
  }

  const Record& record_;
  std::string name_;
};

// The layers of what is attached, as far as they are signatures or small.
void read_attached(oci::Repository& recording, const oci::ImageAndReferrers& found) {
  std::vector<formats::Descriptor> layers;
  const auto add = [&](const formats::Manifest& manifest) {
    const formats::ImageManifest* image = manifest.image();
    if (image == nullptr) return;
    for (const formats::Descriptor& layer : image->layers) {
      if (layer.size <= limits::max_bundle_bytes) layers.push_back(layer);
    }
  };
  if (found.referrers) {
    std::vector<formats::Descriptor> wanted = *found.referrers;
    if (wanted.size() > limits::max_candidates) {
      wanted.erase(wanted.begin() + limits::max_candidates, wanted.end());
    }
    for (const auto& manifest : recording.manifests(wanted)) {
      if (manifest) add(manifest->manifest);
    }
  }
  for (const auto* tagged : {&found.tagged, &found.also_tagged}) {
    if (*tagged && **tagged) add((**tagged)->manifest);
  }
  (void)recording.blobs(layers, limits::max_bundle_bytes);
}

void read_image(oci::Repository& recording, const oci::FetchedManifest& image) {
  if (const formats::ImageManifest* single = image.manifest.image()) {
    (void)recording.blobs({&single->config, 1}, limits::max_image_config_bytes);
  }
}

}  // namespace

Expected Expected::of(const Verdict& verdict) {
  return {verdict.outcome, verdict.reason ? std::string(slug(verdict.reason->code)) : "",
          verdict.would_deny};
}

std::string Expected::to_string() const {
  if (outcome == Outcome::allow && !would_deny) return "allow";
  return std::string(outcome_name(outcome)) + (would_deny ? ", would not: " : " ") +
         printable(code);
}

std::optional<Digest> Record::top() const {
  if (image.digest()) return image.digest();
  const auto found = tags.find(image.name() + ":" + image.tag().value_or("latest"));
  if (found == tags.end()) return std::nullopt;
  const auto digest = Digest::parse(found->second);
  return digest ? std::optional(*digest) : std::nullopt;
}

Result<Record> Record::parse(ByteView text) {
  auto record = read_record(text);
  if (!record) return in_context(std::move(record).error(), Code::format_file, "record");
  return record;
}

std::string Record::to_text() const {
  Json json;
  json.set("version", Json(version));
  json.set("image", Json(image.to_string()));
  if (platform) json.set("platform", Json(platform->to_string()));
  json.set("time", Json(to_rfc3339(time)));
  json.set("expected", to_json(expected));
  Json::Object tag_members;
  for (const auto& [tag, digest] : tags) tag_members.emplace_back(tag, Json(digest));
  json.set("tags", Json(std::move(tag_members)));
  Json::Object lists;
  for (const auto& [key, list] : referrers) lists.emplace_back(key, to_json(list));
  json.set("referrers", Json(std::move(lists)));
  Json::Object failed;
  for (const auto& [key, error] : failures) failed.emplace_back(key, to_json(error));
  json.set("failures", Json(std::move(failed)));
  Json::Object contents;
  for (const auto& [digest, bytes] : content) contents.emplace_back(digest, Json(to_base64(bytes)));
  json.set("content", Json(std::move(contents)));
  return formats::to_text(json) + "\n";
}

std::unique_ptr<oci::Repository> recording(std::shared_ptr<oci::Repository> inner,
                                           const Reference& name, Record& record) {
  return std::make_unique<Recording>(std::move(inner), name.name(), record);
}

void read_all(oci::Repository& recording, const Digest& image) {
  const auto found = recording.image_and_referrers(image, "", oci::Tagged::both);
  if (!found.image) return;
  read_attached(recording, found);
  read_image(recording, *found.image);
  const formats::ImageIndex* index = found.image->manifest.index();
  if (index == nullptr) return;
  std::size_t read = 0;
  for (const formats::Descriptor& entry : index->manifests) {
    if (read++ == limits::max_judged_platforms) break;
    const auto platform = recording.image_and_referrers(entry.digest, "", oci::Tagged::both);
    if (!platform.image) continue;
    read_attached(recording, platform);
    read_image(recording, *platform.image);
  }
}

ImageVerdict judge_record(const Record& record, const policy::Document& document) {
  const StoppedClock clock(record.time);
  const auto repository = recorded(record, record.image);
  const OpenRepository open = [&](const Reference& name) { return recorded(record, name); };
  return judge_image(*repository, record.image, document, {record.platform}, open, clock);
}

std::shared_ptr<oci::Repository> recorded(const Record& record, const Reference& name) {
  return std::make_shared<Recorded>(record, name.name());
}

}  // namespace touchstone::judge
