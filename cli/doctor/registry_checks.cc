#include "cli/doctor/registry_checks.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/doctor/clock_checks.h"
#include "cli/doctor/local_checks.h"
#include "oci/challenge.h"
#include "verify/collect.h"

namespace touchstone::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* registry_check = "registry";
constexpr const char* image_check = "image";

struct Exchange {
  HttpRequest request;
  Result<HttpResponse> answer;
  milliseconds took;
};

// Passes requests on, and remembers what became of them.
class Recorder : public HttpClient {
 public:
  Recorder(HttpClient& http, const Clock& clock) : http_(http), clock_(clock) {}

  std::vector<Result<HttpResponse>> send(std::span<const HttpRequest> requests) override {
    const steady_clock::time_point start = clock_.monotonic();
    auto answers = http_.send(requests);
    const auto took = duration_cast<milliseconds>(clock_.monotonic() - start);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      HttpRequest request;  // without what it carried
      request.method = requests[i].method;
      request.url = requests[i].url;
      exchanges_.push_back({std::move(request), answers[i], took});
    }
    return answers;
  }

  const std::vector<Exchange>& exchanges() const { return exchanges_; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  std::vector<Exchange> exchanges_;
};

// Passes questions on, and remembers where a login was found.
class NotedLogins : public oci::CredentialSource {
 public:
  explicit NotedLogins(oci::CredentialSource* logins) : logins_(logins) {}

  Result<const oci::Credential*> find(std::string_view registry,
                                      std::string_view repository) override {
    if (logins_ == nullptr) return nullptr;
    auto found = logins_->find(registry, repository);
    if (found && *found != nullptr) origin_ = (*found)->origin;
    return found;
  }
  const std::optional<std::string>& origin() const { return origin_; }

 private:
  oci::CredentialSource* logins_;
  std::optional<std::string> origin_;
};

std::string milliseconds_text(milliseconds time) { return std::to_string(time.count()) + " ms"; }

// A registry and the requests made to it.
class Visit {
 public:
  Visit(const Reference& reference, const RegistryWorld& world)
      : world_(world),
        reference_(reference),
        recorder_(world.http, world.clock),
        logins_(world.access.credentials) {
    oci::Access access = world.access;
    access.credentials = &logins_;
    registries_.emplace(recorder_, world.clock, std::move(access));
    registries_->set_deadline(world.clock.monotonic() + limits::verification_timeout);
  }

  // `image`: an image is looked at afterwards, which shows whether a login is needed for it.
  Findings registry(bool image) {
    const auto login = registries_->check_login(reference_.api_host());
    const auto& exchanges = recorder_.exchanges();
    if (exchanges.empty()) return {failure(login)};
    const Exchange first = exchanges.front();  // a copy: more come
    if (!first.answer) return {failure(first.answer.error())};
    const std::string url = first.request.url;
    const std::string speed = how_reached(first);
    Findings findings = {judge_login(login, *first.answer, speed, image)};
    findings.push_back(clock(url));
    return findings;
  }

  Finding image() {
    const std::size_t before = recorder_.exchanges().size();
    auto found = look_at_image();
    if (!found) return problem(image_check, with_hint(found.error(), reference_.registry()));
    if (!reference_.is_layout()) *found += ", " + listed_by(before);
    return good(image_check, *found);
  }

 private:
  template <class T>
  Finding failure(const Result<T>& result) const {
    return failure(result ? Error{Code::internal_error, "nothing was asked", ""} : result.error());
  }
  Finding failure(const Error& error) const {
    return problem(registry_check, with_hint(error, reference_.registry()));
  }

  // "registry.example: answers over TLS, first after 80 ms, then after 12 ms".
  std::string how_reached(const Exchange& first) {
    const std::string url = first.request.url;
    const milliseconds took = first.took;
    std::string text = printable(reference_.registry()) + ": answers " +
                       (url.starts_with("https:") ? "over TLS" : "without TLS");
    const auto address = Url::parse(url);
    const std::string proxy = address ? net::proxy_for(*address, world_.proxies) : "";
    if (!proxy.empty()) text += " through proxy " + without_login(proxy);
    HttpRequest again;
    again.url = url;
    const bool answered = bool(recorder_.send_one(again));
    text += ", at first after " + milliseconds_text(took);
    if (answered) {
      text += ", then after " + milliseconds_text(recorder_.exchanges().back().took);
    }
    return text;
  }

  Finding judge_login(const Result<bool>& login, const HttpResponse& first,
                      const std::string& reached, bool image) const {
    const std::string& registry = reference_.registry();
    if (login && !*login) return good(registry_check, reached + "; it demands no login");
    if (login) {
      return good(registry_check, reached + "; it takes the login from " +
                                      printable(logins_.origin().value_or("")));
    }
    const auto bearer = oci::bearer_challenge(first);
    const bool anonymous = login.error().code == Code::auth_refused && !logins_.origin() &&
                           first.status == 401 && bearer && *bearer;
    if (!anonymous) return failure(login.error());
    const std::string text = reached + "; no login is saved for it, which public images need not";
    if (image) return good(registry_check, text);
    return warning(
        registry_check, text,
        "touchstone login " + registry + ", or name an image here to see whether it needs one");
  }

  // By the newest answer: its request was the quickest.
  Finding clock(const std::string& url) const {
    std::optional<std::chrono::sys_seconds> date;
    for (const Exchange& exchange : recorder_.exchanges()) {
      if (exchange.request.url != url || !exchange.answer) continue;
      const auto header = exchange.answer->header("date");
      date = header ? parse_http_date(*header) : std::nullopt;
    }
    return compare_clock(world_.clock.now(), date, reference_.registry());
  }

  Result<std::string> look_at_image() {
    TS_TRY(const auto repository, registries_->open(reference_));
    TS_TRY(const auto resolved,
           verify::resolve(*repository, reference_, std::nullopt, verify::Attached::not_wanted));
    const auto found = repository->image_and_referrers(resolved.digest, "");
    if (!found.image) return found.image.error();
    if (!found.referrers) return found.referrers.error();
    if (!found.tagged) return found.tagged.error();
    std::string text = printable(reference_.pinned(resolved.digest)) +
                       ": attached artifacts: " + std::to_string(found.referrers->size());
    if (*found.tagged) text += ", and signatures under cosign's tag";
    return text;
  }

  // Who lists what is attached, by how the registry answered since then.
  std::string listed_by(std::size_t before) const {
    const auto& exchanges = recorder_.exchanges();
    bool by_api = false;
    for (std::size_t i = before; i < exchanges.size(); ++i) {
      const Exchange& exchange = exchanges[i];
      if (!exchange.request.url.contains("/referrers/") || !exchange.answer) continue;
      by_api = exchange.answer->status == 200;
    }
    return by_api ? "listed by the registry (referrers API)"
                  : "listed under the fallback tag (the registry has no referrers API)";
  }

  const RegistryWorld& world_;
  const Reference& reference_;
  Recorder recorder_;
  NotedLogins logins_;
  std::optional<oci::Registries> registries_;
};

}  // namespace

Error with_hint(Error error, const std::string& registry) {
  struct Row {
    Code code;
    std::string_view said;
    std::string hint;
  };
  const Row table[] = {
      {Code::network_unreachable, "resolve proxy", "check --proxy, $HTTPS_PROXY and $HTTP_PROXY"},
      {Code::network_unreachable, "resolve host",
       "the name is not known here: check its spelling and the name servers (/etc/resolv.conf)"},
      {Code::network_tls, "wrong version number",
       "it speaks no TLS on that port; where that is meant: --plain-http " + registry},
      {Code::network_tls, "expired", "its certificate has expired; whoever runs it must renew it"},
      {Code::network_tls, "unable to get local issuer",
       "name its authority with --registry-ca FILE, or install it in the system's"},
      {Code::network_tls, "self-signed",
       "name its authority with --registry-ca FILE, or install it in the system's"},
      {Code::image_not_found, "",
       "check the image's name; a private one may need "
       "`touchstone login " +
           registry + "`"},
  };
  if (!error.hint.empty()) return error;
  for (const Row& row : table) {
    if (row.code != error.code || !error.message.contains(row.said)) continue;
    error.hint = row.hint;
    break;
  }
  return error;
}

Findings check_registry(const Reference& registry, const RegistryWorld& world) {
  return Visit(registry, world).registry(false);
}

Findings check_image(const Reference& image, const RegistryWorld& world) {
  Visit visit(image, world);
  Findings findings;
  if (!image.is_layout()) {
    findings = visit.registry(true);
    if (findings.front().grade == Grade::problem) return findings;
  }
  findings.push_back(visit.image());
  return findings;
}

}  // namespace touchstone::cli
