// A small registry on loopback: blobs, manifests, tags, referrers and their pages, login. A test
// may answer any request in its place.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "formats/descriptor.h"
#include "tests/support/http_server.h"

namespace touchstone::test {

// The system's time, for code that takes a Clock.
class RunningClock : public Clock {
 public:
  std::chrono::sys_seconds now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::now();
  }
};

class PretendRegistry {
 public:
  struct Options {
    bool referrers_api = true;
    int status_without_api = 404;        // of the referrers API where there is none
    std::size_t page_size = 1000;        // referrers on one page
    std::chrono::milliseconds delay{0};  // of every answer
    std::string token;                   // demand this Bearer token, given out at /token
    HttpServer::Options server;
  };
  // What a test says to a request; nothing: the registry answers itself.
  using Hook = std::function<std::optional<Reply>(const ServedRequest&)>;
  // What a test changes in the registry's own answer.
  using Change = std::function<void(const ServedRequest&, Reply&)>;

  PretendRegistry() : PretendRegistry(Options()) {}
  explicit PretendRegistry(Options options, Hook hook = nullptr, Change change = nullptr);

  HttpServer& server() { return server_; }
  std::string host() const { return server_.host(); }
  std::string name(std::string_view repository) const;  // "127.0.0.1:PORT/repository"

  Digest add_blob(std::string_view bytes);
  // `tag` may be empty.
  Digest add_manifest(std::string_view media_type, std::string_view bytes, std::string_view tag);
  void add_tag(std::string_view tag, const Digest& digest);

  // What stands under a tag, or nothing.
  std::optional<std::string> under_tag(std::string_view tag) const;
  bool holds(const Digest& digest) const;
  std::size_t count(std::string_view method, std::string_view part_of_target) const;

 private:
  struct Stored {
    std::string media_type;
    std::string bytes;
  };
  Reply handle(const ServedRequest& request);
  Reply own_answer(const ServedRequest& request);
  Reply manifest(const ServedRequest& request, const std::string& name);
  Reply blob(const ServedRequest& request, const std::string& digest) const;
  Reply upload(const ServedRequest& request, const std::string& repository);
  Reply referrers(const ServedRequest& request, const std::string& subject) const;

  Options options_;
  Hook hook_;
  Change change_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> blobs_;  // by digest
  std::map<std::string, Stored> manifests_;   // by digest
  std::map<std::string, std::string> tags_;   // digest by tag
  HttpServer server_;                         // last: it calls the others
};

// An image manifest of one small layer, different for each `salt`.
std::string image_manifest(std::string_view salt = "");

// A manifest that refers to `subject`, with one layer.
std::string referrer_manifest(const formats::Descriptor& subject, std::string_view artifact_type,
                              const formats::Descriptor& layer);

// An index with these entries, already in JSON.
std::string index_of(const std::vector<std::string>& entries);

// A descriptor of these bytes, and its JSON.
formats::Descriptor describe(std::string_view media_type, std::string_view bytes);
std::string json_of(const formats::Descriptor& descriptor);

}  // namespace touchstone::test
