#include "net/curl_client.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/limits.h"
#include "net/curl_handles.h"
#include "net/transfer.h"

namespace touchstone::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// OpenSSL writes to sockets without MSG_NOSIGNAL, and a peer that hung up would end the process.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    constexpr timespec at_once{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

bool start_libcurl() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return started;
}

// The requests of one send(), at most limits::max_requests_in_flight of them under way.
class Batch {
 public:
  Batch(CURLM* multi, std::span<const HttpRequest> requests, Surroundings& surroundings)
      : multi_(multi),
        requests_(requests),
        surroundings_(surroundings),
        transfers_(requests.size()),
        results_(requests.size()) {}

  ~Batch() {
    for (const auto& transfer : transfers_) {
      if (transfer) curl_multi_remove_handle(multi_, transfer->handle());
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<Result<HttpResponse>> run() {
    while (done_ < transfers_.size()) {
      while (next_ < transfers_.size() && may_start_another()) {
        ++under_way_;
        transfers_[next_] = std::make_unique<Transfer>(requests_[next_], surroundings_);
        start(next_++);
      }
      if (!turn()) break;
    }
    std::vector<Result<HttpResponse>> out;
    out.reserve(results_.size());
    for (auto& result : results_) {
      out.push_back(result ? *std::move(result)
                           : Error{Code::internal_error, "libcurl gave up", ""});
    }
    return out;
  }

 private:
  // A near server answers the first request before another connection to it would be ready, and a
  // connection costs both sides more than a request does. From a far one, the wait is little.
  bool may_start_another() const {
    if (under_way_ == limits::max_requests_in_flight) return false;
    return under_way_ < std::max<std::size_t>(surroundings_.sockets_opened, 1) ||
           patience_left() == milliseconds(0);
  }

  milliseconds patience_left() const {
    const auto left = std::chrono::ceil<milliseconds>(patience_end_ - steady_clock::now());
    return std::max(left, milliseconds(0));
  }

  void start(std::size_t i) {
    if (auto prepared = transfers_[i]->prepare(); !prepared) {
      settle(i, std::move(prepared).error());
      return;
    }
    if (curl_multi_add_handle(multi_, transfers_[i]->handle()) != CURLM_OK) {
      settle(i, Error{Code::internal_error, "libcurl takes no more requests", ""});
    }
  }

  void settle(std::size_t i, Result<HttpResponse> result) {
    results_[i] = std::move(result);
    transfers_[i].reset();
    ++done_;
    --under_way_;
  }

  bool turn() {
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK) return false;
    bool finished_some = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      finished_some = true;
      finish(message->easy_handle, message->data.result);
    }
    if (finished_some || running == 0) return true;
    milliseconds wake_up = 1s;  // libcurl's own timers wake it earlier
    const bool waiting = next_ < transfers_.size() && patience_left() > milliseconds(0);
    if (waiting) wake_up = patience_left();
    return curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wake_up.count()), nullptr) ==
           CURLM_OK;
  }

  void finish(CURL* handle, CURLcode outcome) {
    for (std::size_t i = 0; i < transfers_.size(); ++i) {
      if (!transfers_[i] || transfers_[i]->handle() != handle) continue;
      auto result = transfers_[i]->finish(outcome);
      curl_multi_remove_handle(multi_, handle);
      if (result) {
        settle(i, *std::move(result));
      } else {
        start(i);
      }
      return;
    }
  }

  CURLM* multi_;
  std::span<const HttpRequest> requests_;
  Surroundings& surroundings_;
  const steady_clock::time_point patience_end_ =
      steady_clock::now() + surroundings_.options.connection_patience;
  std::vector<std::unique_ptr<Transfer>> transfers_;  // those under way
  std::vector<std::optional<Result<HttpResponse>>> results_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::size_t done_ = 0;
};

}  // namespace

struct CurlClient::State {
  Multi multi;  // goes last: handles that were used with it lie in `surroundings`
  Surroundings surroundings;
};

CurlClient::CurlClient(CurlOptions options) : state_(std::make_unique<State>()) {
  state_->surroundings.options = std::move(options);
}

CurlClient::~CurlClient() = default;

std::vector<Result<HttpResponse>> CurlClient::send(std::span<const HttpRequest> requests) {
  const WithoutSigpipe guard;
  if (!state_->multi && start_libcurl()) {
    state_->multi.reset(curl_multi_init());
    curl_multi_setopt(state_->multi.get(), CURLMOPT_MAXCONNECTS,
                      static_cast<long>(limits::max_requests_in_flight));
  }
  if (!state_->multi) {
    const Error error{Code::internal_error, "libcurl does not start", ""};
    return std::vector<Result<HttpResponse>>(requests.size(), error);
  }
  return Batch(state_->multi.get(), requests, state_->surroundings).run();
}

}  // namespace touchstone::net
