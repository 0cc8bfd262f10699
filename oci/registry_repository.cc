#include "oci/registry_repository.h"

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "oci/blob_stream.h"
#include "oci/fallback_index.h"

namespace touchstone::oci {
namespace {

using formats::Manifest;
namespace media_type = formats::media_type;

constexpr std::array manifest_types = {media_type::oci_manifest, media_type::oci_index,
                                       media_type::docker_manifest, media_type::docker_list};

// What the answer's header says the type is, when it names one of the types we know. A generic
// type ("text/plain") asserts nothing.
std::string_view announced_type(const HttpResponse& response) {
  const std::string_view header = response.header("content-type").value_or("");
  const std::string_view bare = header.substr(0, header.find(';'));
  return std::ranges::find(manifest_types, bare) != manifest_types.end() ? bare : "";
}

// A list of referrers is an index, and not announced as something else.
Result<formats::ReferrersList> referrers_in(const HttpResponse& response) {
  const std::string_view announced = announced_type(response);
  if (!announced.empty() && announced != media_type::oci_index) {
    return Error{Code::format_referrers,
                 "the list of referrers is announced as \"" + std::string(announced) + "\"", ""};
  }
  return formats::ReferrersList::parse(response.body);
}

Result<FetchedManifest> checked_manifest(const formats::Descriptor& wanted, Bytes bytes,
                                         std::string_view announced) {
  const Digest digest = crypto::digest_of(bytes, wanted.digest.algorithm());
  if (digest != wanted.digest) {
    return Error{Code::digest_mismatch,
                 "asked for " + wanted.digest.to_string() + ", the answer is " + digest.to_string(),
                 ""};
  }
  if (wanted.size != 0 && wanted.size != bytes.size()) {
    return Error{Code::format_manifest,
                 "a descriptor says " + std::to_string(wanted.size) + " bytes of a manifest of " +
                     std::to_string(bytes.size()),
                 ""};
  }
  TS_TRY(Manifest manifest, Manifest::parse(bytes, announced));
  if (!wanted.media_type.empty() && wanted.media_type != manifest.media_type) {
    return Error{Code::format_manifest, "a descriptor says another media type than the manifest",
                 ""};
  }
  return FetchedManifest{digest, std::move(bytes), std::move(manifest)};
}

Status expect(const Result<HttpResponse>& answer, int status, std::string_view what) {
  if (!answer) return answer.error();
  if (answer->status != status) return status_error(*answer, what);
  return ok();
}

// The manifest in the answer to a request for a tag.
Result<FetchedManifest> manifest_in(const Result<HttpResponse>& answer, std::string_view tag) {
  TS_CHECK(expect(answer, 200, "manifest " + std::string(tag)));
  TS_TRY(Manifest manifest, Manifest::parse(answer->body, announced_type(*answer)));
  return FetchedManifest{crypto::digest_of(answer->body), answer->body, std::move(manifest)};
}

Result<std::optional<FetchedManifest>> present(Result<FetchedManifest> fetched) {
  if (!fetched) return std::move(fetched).error();
  return std::optional<FetchedManifest>(*std::move(fetched));
}

// Where signatures of others may be written at the same moment, this many rounds settle it.
constexpr int max_list_rounds = 10;

}  // namespace

RegistryRepository::RegistryRepository(Session& session, const Reference& reference)
    : session_(session), registry_(reference.api_host()), repository_(reference.repository()) {
  base_ =
      (session.plain_http(registry_) ? "http://" : "https://") + registry_ + "/v2/" + repository_;
}

std::string RegistryRepository::url(std::string_view path) const {
  return base_ + std::string(path);
}

std::vector<Result<HttpResponse>> RegistryRepository::send(std::vector<HttpRequest> requests,
                                                           bool writes) {
  return session_.send(std::move(requests), registry_, repository_, writes);
}

Result<HttpResponse> RegistryRepository::send_one(HttpRequest request, bool writes) {
  std::vector<HttpRequest> one;
  one.push_back(std::move(request));
  return std::move(send(std::move(one), writes).front());
}

HttpRequest RegistryRepository::manifest_request(std::string_view tag_or_digest) const {
  HttpRequest request;
  request.url = url("/manifests/" + std::string(tag_or_digest));
  std::string accepted;
  for (const std::string_view type : manifest_types) {
    accepted += (accepted.empty() ? "" : ", ") + std::string(type);
  }
  request.headers.push_back({"Accept", std::move(accepted)});
  request.max_body_bytes = limits::max_manifest_bytes;
  request.follow_redirects = true;
  return request;
}

Result<FetchedManifest> RegistryRepository::manifest_by_tag(std::string_view tag) {
  return manifest_in(send_one(manifest_request(tag)), tag);
}

std::vector<Result<std::optional<FetchedManifest>>> RegistryRepository::manifests_by_tag(
    std::span<const std::string> tags) {
  std::vector<HttpRequest> requests;
  for (const std::string& tag : tags) requests.push_back(manifest_request(tag));
  const auto answers = send(std::move(requests));
  std::vector<Result<std::optional<FetchedManifest>>> found;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (answers[i] && answers[i]->status == 404) {
      found.emplace_back(std::optional<FetchedManifest>());
    } else {
      found.push_back(present(manifest_in(answers[i], tags[i])));
    }
  }
  return found;
}

std::vector<Result<FetchedManifest>> RegistryRepository::manifests(
    std::span<const formats::Descriptor> wanted) {
  std::vector<HttpRequest> requests;
  for (const auto& descriptor : wanted) {
    if (!descriptor.data) requests.push_back(manifest_request(descriptor.digest.to_string()));
  }
  auto answers = send(std::move(requests));
  std::vector<Result<FetchedManifest>> fetched;
  std::size_t next = 0;
  for (const auto& descriptor : wanted) {
    if (descriptor.data) {
      fetched.push_back(checked_manifest(descriptor, *descriptor.data, ""));
      continue;
    }
    auto& answer = answers[next++];
    const Status fine = expect(answer, 200, "manifest " + descriptor.digest.to_string());
    fetched.push_back(
        fine ? checked_manifest(descriptor, std::move(answer->body), announced_type(*answer))
             : Result<FetchedManifest>(fine.error()));
  }
  return fetched;
}

HttpRequest RegistryRepository::page_request(std::string address) const {
  HttpRequest request;
  request.url = std::move(address);
  request.headers.push_back({"Accept", std::string(media_type::oci_index)});
  request.max_body_bytes = limits::max_referrers_page_bytes;
  request.follow_redirects = true;
  return request;
}

ImageAndReferrers RegistryRepository::image_and_referrers(const Digest& image,
                                                          std::string_view artifact_type,
                                                          Tagged tagged) {
  HttpRequest list = page_request(url("/referrers/" + image.to_string()));
  if (!artifact_type.empty()) list.url += "?artifactType=" + percent_encode(artifact_type);
  std::vector<HttpRequest> requests = {manifest_request(image.to_string()), std::move(list)};
  const auto tag = cosign_tag(image, tagged);
  const auto also = tagged == Tagged::both ? cosign_tag(image, Tagged::attestations) : std::nullopt;
  if (tag) requests.push_back(manifest_request(*tag));
  if (also) requests.push_back(manifest_request(*also));
  const auto answers = send(std::move(requests));

  const formats::Descriptor wanted{"", image, 0, "", {}, {}, {}};
  const Status fine = expect(answers[0], 200, "manifest " + image.to_string());
  Result<FetchedManifest> manifest =
      fine ? checked_manifest(wanted, answers[0]->body, announced_type(*answers[0]))
           : Result<FetchedManifest>(fine.error());
  if (!manifest) return {manifest, manifest.error(), ""};

  const bool no_api = answers[1] && (answers[1]->status == 404 || answers[1]->status == 400 ||
                                     answers[1]->status == 406);
  auto listing = no_api ? list_fallback(image) : list_pages(answers[1], image);
  const auto under = [&](const std::optional<std::string>& name, std::size_t answer) {
    return name && (!answers[answer] || answers[answer]->status != 404)
               ? present(manifest_in(answers[answer], *name))
               : std::optional<FetchedManifest>();
  };
  auto first = under(tag, 2);
  auto second = under(also, 3);
  if (!listing) {
    return {std::move(manifest), std::move(listing).error(), "", std::move(first),
            std::move(second)};
  }
  std::string notice;
  if (listing->malformed > 0) {
    notice = std::to_string(listing->malformed) + " malformed entries in the list of referrers";
  }
  tidy_referrers(listing->entries, artifact_type);
  return {std::move(manifest), std::move(listing->entries), std::move(notice), std::move(first),
          std::move(second)};
}

Result<RegistryRepository::Listing> RegistryRepository::list_pages(
    const Result<HttpResponse>& first, const Digest& image) {
  TS_TRY(const Url endpoint, Url::parse(url("/referrers/" + image.to_string())));
  Listing listing;
  std::set<std::string> seen;
  Result<HttpResponse> page = first;
  for (std::size_t pages = 1;; ++pages) {
    TS_CHECK(expect(page, 200, "list of referrers"));
    TS_TRY(formats::ReferrersList list, referrers_in(*page));
    listing.malformed += list.malformed;
    listing.entries.insert(listing.entries.end(), list.entries.begin(), list.entries.end());
    if (listing.entries.size() > limits::max_referrers) {
      return Error{Code::limit_count, "too many referrers are listed", ""};
    }
    TS_TRY(const auto link, next_link(*page));
    if (!link) return listing;
    const auto next = endpoint.resolve(*link);
    if (!next || !next->same_origin(endpoint) || next->path() != endpoint.path()) {
      return Error{Code::network_redirect,
                   "the list of referrers goes on elsewhere: " + printable(*link), ""};
    }
    if (pages == limits::max_referrers_pages || !seen.insert(next->target).second) {
      return Error{Code::limit_pages, "the list of referrers does not end", ""};
    }
    page = send_one(page_request(next->to_string()));
  }
}

Result<std::optional<HttpResponse>> RegistryRepository::tagged(std::string_view tag,
                                                               std::string_view what) {
  auto answer = send_one(manifest_request(tag));
  if (answer && answer->status == 404) return std::optional<HttpResponse>();
  TS_CHECK(expect(answer, 200, what));
  return std::optional<HttpResponse>(*std::move(answer));
}

Result<RegistryRepository::Listing> RegistryRepository::list_fallback(const Digest& image) {
  TS_TRY(const auto index, tagged(fallback_tag(image), "list of referrers"));
  if (!index) return Listing{};
  TS_TRY(formats::ReferrersList list, referrers_in(*index));
  return Listing{std::move(list.entries), list.malformed};
}

std::vector<Result<Bytes>> RegistryRepository::blobs(std::span<const formats::Descriptor> wanted,
                                                     std::uint64_t max_bytes) {
  std::vector<HttpRequest> requests;
  std::vector<Result<Bytes>> fetched;
  std::vector<std::size_t> places;
  for (const auto& descriptor : wanted) {
    if (descriptor.size > max_bytes) {
      fetched.emplace_back(Error{Code::limit_size,
                                 "a blob of " + std::to_string(descriptor.size) + " bytes, over " +
                                     std::to_string(max_bytes),
                                 ""});
      continue;
    }
    if (descriptor.data) {
      fetched.emplace_back(*descriptor.data);
      continue;
    }
    HttpRequest request;
    request.url = url("/blobs/" + descriptor.digest.to_string());
    request.max_body_bytes = descriptor.size;
    request.follow_redirects = true;
    requests.push_back(std::move(request));
    places.push_back(fetched.size());
    fetched.emplace_back(Bytes());
  }
  auto answers = send(std::move(requests));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const formats::Descriptor& descriptor = wanted[places[i]];
    Result<Bytes>& slot = fetched[places[i]];
    const Status fine = expect(answers[i], 200, "blob " + descriptor.digest.to_string());
    if (!fine) {
      slot = fine.error();
    } else if (answers[i]->body.size() != descriptor.size ||
               crypto::digest_of(answers[i]->body, descriptor.digest.algorithm()) !=
                   descriptor.digest) {
      slot = Error{Code::digest_mismatch,
                   "the blob is not " + descriptor.digest.to_string() + " of " +
                       std::to_string(descriptor.size) + " bytes",
                   ""};
    } else {
      slot = std::move(answers[i]->body);
    }
  }
  return fetched;
}

Status RegistryRepository::read_blob(const formats::Descriptor& blob, ByteSink& sink) {
  CheckedSink checked(blob, sink);
  HttpRequest request;
  request.url = url("/blobs/" + blob.digest.to_string());
  request.max_body_bytes = blob.size;
  request.follow_redirects = true;
  request.sink = &checked;
  const auto answer = send_one(std::move(request));
  if (!answer && answer.error().code == Code::limit_size) {
    return Error{Code::digest_mismatch,
                 "blob " + blob.digest.to_string() + ": " + answer.error().message, ""};
  }
  TS_CHECK(expect(answer, 200, "blob " + blob.digest.to_string()));
  return checked.check();
}

Result<std::unique_ptr<ByteSource>> RegistryRepository::blob_source(const formats::Descriptor&) {
  return std::unique_ptr<ByteSource>();
}

// Whatever says neither "here" nor "try later" or "not for you" means that it must be sent.
Result<std::vector<bool>> RegistryRepository::holds(std::span<const formats::Descriptor> blobs) {
  std::vector<HttpRequest> requests;
  for (const auto& blob : blobs) {
    HttpRequest look;
    look.method = "HEAD";
    look.url = url("/blobs/" + blob.digest.to_string());
    look.follow_redirects = true;
    requests.push_back(std::move(look));
  }
  std::vector<bool> there;
  for (const auto& answer : send(std::move(requests), true)) {
    if (!answer) return answer.error();
    const int status = answer->status;
    if (status == 401 || status == 403 || status == 429 || status >= 500) {
      return status_error(*answer, "look for a blob");
    }
    there.push_back(status == 200);
  }
  return there;
}

// Where an upload goes on. Absent: nothing is to be uploaded, the blob was mounted.
Result<std::optional<Url>> RegistryRepository::begin_upload(std::string_view query) {
  HttpRequest begin;
  begin.method = "POST";
  begin.url = url("/blobs/uploads/") + std::string(query);
  const auto begun = send_one(std::move(begin), true);
  if (begun && begun->status == 201 && !query.empty()) return std::optional<Url>();
  TS_CHECK(expect(begun, 202, "upload of a blob"));
  const auto location = begun->header("location");
  if (!location) return Error{Code::network_protocol, "the registry names no upload address", ""};
  TS_TRY(const Url base, Url::parse(url("/blobs/uploads/")));
  TS_TRY(const Url upload, base.resolve(*location));
  if (!upload.same_origin(base)) {
    return Error{Code::network_redirect, "the registry wants the upload on another host", ""};
  }
  return std::optional<Url>(upload);
}

Status RegistryRepository::finish_upload(const Url& upload, const Digest& digest,
                                         HttpRequest body) {
  body.method = "PUT";
  body.url = upload.to_string() + (upload.target.find('?') == std::string::npos ? "?" : "&") +
             "digest=" + percent_encode(digest.to_string());
  body.headers.push_back({"Content-Type", "application/octet-stream"});
  return expect(send_one(std::move(body), true), 201, "upload of a blob");
}

Status RegistryRepository::push_blob(const Digest& digest, ByteView bytes) {
  HttpRequest look;
  look.method = "HEAD";
  look.url = url("/blobs/" + digest.to_string());
  look.follow_redirects = true;
  const auto there = send_one(std::move(look), true);
  if (!there) return there.error();
  if (there->status == 200) return ok();
  TS_TRY(const auto begun, begin_upload(""));
  HttpRequest body;
  body.body.assign(bytes.begin(), bytes.end());
  return finish_upload(*begun, digest, std::move(body));
}

// Distribution Spec, "Mounting a blob from another repository". A registry that does not begins an
// upload instead. One that refuses the login for it may well take an upload.
Result<std::optional<Url>> RegistryRepository::mount(const IncomingBlob& incoming) {
  auto begun = begin_upload("?mount=" + percent_encode(incoming.blob.digest.to_string()) +
                            "&from=" + percent_encode(incoming.mount_from));
  if (begun || begun.error().code == Code::network_redirect) return begun;
  return begin_upload("");
}

Status RegistryRepository::write_blob(IncomingBlob incoming) {
  std::optional<Url> begun;
  if (!incoming.mount_from.empty()) {
    TS_TRY(begun, mount(incoming));
    if (!begun) return ok();
  }
  if (!incoming.source) {
    TS_TRY(touchstone::Descriptor scratch, scratch_file(incoming.scratch_folder));
    FileSink sink(scratch.get());
    TS_CHECK(incoming.read(sink));
    TS_TRY(incoming.source, FileSource::open(incoming.blob, std::move(scratch)));
  }
  return upload(*incoming.source, incoming.blob.digest, std::move(begun));
}

// What failed on the way is tried once more, from the beginning.
Status RegistryRepository::upload(ByteSource& source, const Digest& digest,
                                  std::optional<Url> begun) {
  for (bool again = false;; again = true) {
    if (!begun) {
      TS_TRY(begun, begin_upload(""));
    }
    HttpRequest body;
    body.source = &source;
    auto done = finish_upload(*begun, digest, std::move(body));
    const bool may_pass = !done && (done.error().code == Code::network_unreachable ||
                                    done.error().code == Code::network_timeout ||
                                    done.error().code == Code::network_status);
    if (!may_pass || again) return done;
    begun.reset();
  }
}

Status RegistryRepository::push_part(const FetchedManifest& manifest) {
  const auto answer =
      put_manifest(manifest.manifest.media_type, manifest.bytes, manifest.digest.to_string());
  if (!answer) return answer.error();
  return ok();
}

Result<HttpResponse> RegistryRepository::put_manifest(std::string_view type, ByteView bytes,
                                                      std::string_view tag_or_digest) {
  HttpRequest put;
  put.method = "PUT";
  put.url = url("/manifests/" + std::string(tag_or_digest));
  put.headers.push_back({"Content-Type", std::string(type)});
  put.body.assign(bytes.begin(), bytes.end());
  const auto answer = send_one(std::move(put), true);
  TS_CHECK(expect(answer, 201, "upload of a manifest"));
  return answer;
}

Status RegistryRepository::push_manifest(std::string_view type, ByteView bytes,
                                         std::string_view tag) {
  const std::string name = tag.empty() ? crypto::digest_of(bytes).to_string() : std::string(tag);
  const auto answer = put_manifest(type, bytes, name);
  if (!answer) return answer.error();
  return ok();
}

Status RegistryRepository::attach(const formats::Descriptor& entry, ByteView manifest,
                                  const Digest& subject) {
  if (crypto::digest_of(manifest, entry.digest.algorithm()) != entry.digest) {
    return Error{Code::internal_error, "the entry is not the manifest's", ""};
  }
  TS_TRY(const HttpResponse answer,
         put_manifest(entry.media_type, manifest, entry.digest.to_string()));
  // Distribution Spec, "Pushing Manifests with Subject": a registry that lists referrers itself
  // says so with this header.
  if (answer.header("oci-subject") == subject.to_string()) return ok();
  return list_by_tag(entry, subject);
}

Status RegistryRepository::list_by_tag(const formats::Descriptor& entry, const Digest& subject) {
  return rewrite(
      fallback_tag(subject), [&](const HttpResponse* there) -> Result<std::optional<NewManifest>> {
        if (there != nullptr) TS_CHECK(referrers_in(*there));
        const auto bytes = there == nullptr ? std::optional<Bytes>() : there->body;
        TS_TRY(auto changed, with_entry(bytes, entry));
        if (!changed) return std::optional<NewManifest>();
        return std::optional(NewManifest{std::string(media_type::oci_index), *std::move(changed)});
      });
}

Status RegistryRepository::change_tagged(std::string_view tag, const ManifestChange& change) {
  return rewrite(tag, [&](const HttpResponse* there) -> Result<std::optional<NewManifest>> {
    if (there == nullptr) return change(nullptr);
    TS_TRY(const FetchedManifest manifest, manifest_in(*there, tag));
    return change(&manifest);
  });
}

Status RegistryRepository::rewrite(std::string_view tag, const Change& change) {
  const touchstone::Descriptor lock =
      lock_writers(session_.access().lock_folder, registry_ + "/" + repository_);
  for (int round = 0; round < max_list_rounds; ++round) {
    TS_TRY(const auto there, tagged(tag, "tag " + std::string(tag)));
    TS_TRY(const auto changed, change(there ? &*there : nullptr));
    if (!changed) return ok();  // it stands there: read, not merely written
    TS_TRY(const HttpResponse answer,
           put_manifest(changed->media_type, as_bytes(changed->text), tag));
    if (round > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(crypto::random_bytes(1)[0]));
    }
  }
  return Error{Code::network_push,
               "others write the image's list of signatures at the same time, and ours does not "
               "stay in it",
               ""};
}

}  // namespace touchstone::oci
