#include "tests/support/pretend_registry.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "formats/json_fields.h"

namespace touchstone::test {
namespace {

namespace media_type = formats::media_type;

Reply status(int code) {
  Reply reply;
  reply.status = code;
  reply.body = R"({"errors":[{"code":"PRETEND"}]})";
  return reply;
}

Reply content(std::string_view type, std::string bytes) {
  Reply reply;
  reply.headers = {{"Content-Type", std::string(type)}};
  reply.body = std::move(bytes);
  return reply;
}

Reply created(int code, std::vector<HttpHeader> headers) {
  Reply reply;
  reply.status = code;
  reply.headers = std::move(headers);
  return reply;
}

std::string digest_text(std::string_view bytes) {
  return crypto::digest_of(as_bytes(bytes)).to_string();
}

// The value of a query parameter, with %3A and %2F put back.
std::string parameter(const ServedRequest& request, std::string_view name) {
  const std::size_t query = request.target.find('?');
  if (query == std::string::npos) return "";
  for (const std::string_view pair :
       split(std::string_view(request.target).substr(query + 1), '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    std::string value;
    for (std::size_t i = equals + 1; i < pair.size(); ++i) {
      if (pair[i] == '%') {
        value += static_cast<char>(std::stoi(std::string(pair.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        value += pair[i];
      }
    }
    return value;
  }
  return "";
}

}  // namespace

PretendRegistry::PretendRegistry(Options options, Hook hook, Change change)
    : options_(std::move(options)),
      hook_(std::move(hook)),
      change_(std::move(change)),
      server_([this](const ServedRequest& request) { return handle(request); }, options_.server) {}

std::string PretendRegistry::name(std::string_view repository) const {
  return host() + "/" + std::string(repository);
}

Digest PretendRegistry::add_blob(std::string_view bytes) {
  const std::lock_guard guard(mutex_);
  blobs_[digest_text(bytes)] = bytes;
  return crypto::digest_of(as_bytes(bytes));
}

Digest PretendRegistry::add_manifest(std::string_view type, std::string_view bytes,
                                     std::string_view tag) {
  const std::lock_guard guard(mutex_);
  manifests_[digest_text(bytes)] = {std::string(type), std::string(bytes)};
  if (!tag.empty()) tags_[std::string(tag)] = digest_text(bytes);
  return crypto::digest_of(as_bytes(bytes));
}

void PretendRegistry::add_tag(std::string_view tag, const Digest& digest) {
  const std::lock_guard guard(mutex_);
  tags_[std::string(tag)] = digest.to_string();
}

std::optional<std::string> PretendRegistry::under_tag(std::string_view tag) const {
  const std::lock_guard guard(mutex_);
  const auto found = tags_.find(std::string(tag));
  if (found == tags_.end()) return std::nullopt;
  return manifests_.at(found->second).bytes;
}

bool PretendRegistry::holds(const Digest& digest) const {
  const std::lock_guard guard(mutex_);
  return blobs_.contains(digest.to_string()) || manifests_.contains(digest.to_string());
}

std::size_t PretendRegistry::count(std::string_view method, std::string_view part) const {
  const auto log = server_.log();
  return static_cast<std::size_t>(std::ranges::count_if(log, [&](const ServedRequest& request) {
    return request.method == method && request.target.find(part) != std::string::npos;
  }));
}

Reply PretendRegistry::handle(const ServedRequest& request) {
  std::optional<Reply> reply = hook_ ? hook_(request) : std::nullopt;
  if (!reply) {
    const std::lock_guard guard(mutex_);
    reply = own_answer(request);
  }
  if (change_) change_(request, *reply);
  if (reply->delay.count() == 0) reply->delay = options_.delay;
  return *std::move(reply);
}

Reply PretendRegistry::own_answer(const ServedRequest& request) {
  const std::string path = request.path();
  if (path == "/token")
    return content("application/json", R"({"token":")" + options_.token + "\"}");
  if (!options_.token.empty() && request.header("authorization") != "Bearer " + options_.token) {
    Reply reply = status(401);
    reply.headers = {
        {"WWW-Authenticate", "Bearer realm=\"" + server_.url("/token") + "\",service=\"pretend\""}};
    return reply;
  }
  if (!path.starts_with("/v2/")) return status(404);
  if (path == "/v2/") return content("application/json", "{}");
  const auto after = [&](std::string_view part) -> std::optional<std::string> {
    const std::size_t at = path.find(part);
    if (at == std::string::npos) return std::nullopt;
    return path.substr(at + part.size());
  };
  if (const auto id = after("/blobs/uploads/")) {
    return upload(request, path.substr(4, path.find("/blobs/") - 4));
  }
  if (const auto digest = after("/blobs/")) return blob(request, *digest);
  if (const auto reference = after("/manifests/")) return manifest(request, *reference);
  if (const auto subject = after("/referrers/")) return referrers(request, *subject);
  return status(404);
}

Reply PretendRegistry::manifest(const ServedRequest& request, const std::string& name) {
  if (request.method == "PUT") {
    const std::string digest = digest_text(request.body);
    manifests_[digest] = {request.header("content-type"), request.body};
    if (name.find(':') == std::string::npos) {
      tags_[name] = digest;
    } else if (name != digest) {
      return status(400);
    }
    std::vector<HttpHeader> headers = {{"Location", "/v2/x/manifests/" + digest}};
    const auto parsed = formats::Manifest::parse(as_bytes(request.body), "");
    if (options_.referrers_api && parsed && parsed->subject()) {
      headers.push_back({"OCI-Subject", parsed->subject()->digest.to_string()});
    }
    return created(201, std::move(headers));
  }
  const auto tag = tags_.find(name);
  const auto found = manifests_.find(tag == tags_.end() ? name : tag->second);
  if (found == manifests_.end()) return status(404);
  return content(found->second.media_type, found->second.bytes);
}

Reply PretendRegistry::blob(const ServedRequest&, const std::string& digest) const {
  const auto found = blobs_.find(digest);
  if (found == blobs_.end()) return status(404);
  return content("application/octet-stream", found->second);
}

Reply PretendRegistry::upload(const ServedRequest& request, const std::string& repository) {
  if (request.method == "POST") {
    return created(202, {{"Location", "/v2/" + repository + "/blobs/uploads/7?state=abc"}});
  }
  const bool kept_query = parameter(request, "state") == "abc";
  if (request.method != "PUT" || !kept_query ||
      parameter(request, "digest") != digest_text(request.body)) {
    return status(400);
  }
  blobs_[digest_text(request.body)] = request.body;
  return created(201, {});
}

Reply PretendRegistry::referrers(const ServedRequest& request, const std::string& subject) const {
  if (!options_.referrers_api) return status(options_.status_without_api);
  std::vector<std::string> entries;
  for (const auto& [digest, stored] : manifests_) {
    const auto parsed = formats::Manifest::parse(as_bytes(stored.bytes), "");
    if (!parsed || !parsed->subject() || parsed->subject()->digest.to_string() != subject) continue;
    formats::Descriptor entry = describe(stored.media_type, stored.bytes);
    if (const auto* image = parsed->image()) {
      entry.artifact_type = image->artifact_type;
      entry.annotations = image->annotations;
    }
    const std::string wanted = parameter(request, "artifactType");
    if (!wanted.empty() && entry.artifact_type != wanted) continue;
    entries.push_back(json_of(entry));
  }
  const std::string from = parameter(request, "from");
  const std::size_t first = from.empty() ? 0 : std::stoul(from);
  const std::size_t last = std::min(entries.size(), first + options_.page_size);
  Reply reply = content(media_type::oci_index,
                        index_of({entries.begin() + static_cast<std::ptrdiff_t>(first),
                                  entries.begin() + static_cast<std::ptrdiff_t>(last)}));
  if (last < entries.size()) {
    reply.headers.push_back(
        {"Link", "<" + request.path() + "?from=" + std::to_string(last) + ">; rel=\"next\""});
  }
  return reply;
}

formats::Descriptor describe(std::string_view type, std::string_view bytes) {
  return {std::string(type), crypto::digest_of(as_bytes(bytes)), bytes.size(), "", {}, {}, {}};
}

std::string json_of(const formats::Descriptor& descriptor) {
  using formats::Json;
  Json json;
  json.set("mediaType", Json(descriptor.media_type));
  json.set("digest", Json(descriptor.digest.to_string()));
  json.set("size", Json(descriptor.size));
  if (!descriptor.artifact_type.empty()) json.set("artifactType", Json(descriptor.artifact_type));
  Json annotations;
  for (const auto& [name, value] : descriptor.annotations) annotations.set(name, Json(value));
  if (!annotations.is_null()) json.set("annotations", std::move(annotations));
  return to_text(json);
}

std::string index_of(const std::vector<std::string>& entries) {
  return R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_index) +
         R"(","manifests":[)" + join(entries, ",") + "]}";
}

std::string image_manifest(std::string_view salt) {
  const auto config = describe("application/vnd.oci.image.config.v1+json", "{}");
  const auto layer = describe("application/vnd.oci.image.layer.v1.tar", salt);
  return R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_manifest) +
         R"(","config":)" + json_of(config) + R"(,"layers":[)" + json_of(layer) + "]}";
}

std::string referrer_manifest(const formats::Descriptor& subject, std::string_view artifact_type,
                              const formats::Descriptor& layer) {
  const auto config = describe(media_type::oci_empty, "{}");
  return R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_manifest) +
         R"(","artifactType":")" + std::string(artifact_type) + R"(","config":)" + json_of(config) +
         R"(,"layers":[)" + json_of(layer) + R"(],"subject":)" + json_of(subject) + "}";
}

}  // namespace touchstone::test
