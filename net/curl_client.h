// The one HttpClient that reaches the network, over libcurl.
//
// Kept: connections, for the life of the client. Refused: protocols besides http and https, TLS
// below 1.2, certificates that do not verify, redirects that design section 11.11 and
// net/redirect.h forbid, content encodings, and everything over the limits of base/limits.h.
// Authorization goes to the origin it was given for and nowhere else. No cookies, no .netrc, no
// proxy but the one given here, and no environment variable has a say.
// Not for use by several threads at once.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/http.h"
#include "net/proxy.h"

namespace touchstone::net {

struct CurlOptions {
  std::string ca_file;           // PEM; these authorities instead of the system's
  std::string certificate_file;  // PEM; shown to the servers first asked, never after a redirect
  std::string key_file;          // PEM; of that certificate
  Proxies proxies;
  // How long requests of one send() wait for the answer to another, rather than open connections
  // for themselves. As many as this client ever opened connections, to whatever host, are started
  // at once: those connections are kept.
  std::chrono::milliseconds connection_patience = limits::connection_patience;
  std::chrono::milliseconds connect_timeout = limits::connect_timeout;
  std::chrono::seconds low_speed_time = limits::low_speed_time;
  std::vector<std::string> public_addresses;  // counted as public whatever they are; for tests
};

class CurlClient : public HttpClient {
 public:
  explicit CurlClient(CurlOptions options = {});
  ~CurlClient() override;

  std::vector<Result<HttpResponse>> send(std::span<const HttpRequest> requests) override;

 private:
  struct State;
  std::unique_ptr<State> state_;  // libcurl is started by the first request
};

}  // namespace touchstone::net
