// A pretend sigstore instance behind HTTP on loopback: Fulcio's, Rekor's and a timestamp
// authority's answers, spoiled as a test says.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "tests/support/http_server.h"
#include "tests/support/pretend_sigstore.h"

namespace touchstone::test {

// An identity token with these claims, signed by nobody.
std::string identity_token(const std::string& claims);
// One that lasts for an hour after PretendSigstore::now.
std::string identity_token();

class PretendServices {
 public:
  // What is done instead of the right thing. Each may change the answer that would be sent.
  using Change = std::function<void(Reply&)>;
  struct Faults {
    Change certificate = nullptr;
    Change log = nullptr;
    Change timestamp = nullptr;
    bool certify_other_key = false;
    bool log_holds_it = false;   // Rekor v1: 409, and where it is
    LogChoice entry = {};        // what is logged instead of the truth
    TimestampChoice stamp = {};  // what is stamped instead
    bool other_nonce = false;
    CertificateChoice identity = {};
    std::string more_names = "";  // in it beside the token's: ",URI:https://other.example"
  };

  explicit PretendServices(PretendSigstore& sigstore);

  std::string authority() const { return server_.url(""); }  // Fulcio
  std::string log(PretendLog::Kind kind) const;
  std::string timestamp_authority() const { return server_.url("/api/v1/timestamp"); }
  std::vector<ServedRequest> requests() const { return server_.log(); }

  Faults faults;

 private:
  Reply answer(const ServedRequest& request);
  Reply certificate(const ServedRequest& request);
  Reply entry_1(const ServedRequest& request);
  Reply entry_2(const ServedRequest& request);
  Reply stamp(const ServedRequest& request);

  PretendSigstore& sigstore_;
  std::mutex mutex_;
  std::string existing_;  // an answer of Rekor v1, for who asks again
  HttpServer server_;
};

}  // namespace touchstone::test
