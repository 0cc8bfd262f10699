// A pretend sigstore instance in memory: a certificate authority with the fields of Fulcio's
// certificates, two logs of certificates, a Rekor of version 1 and one of version 2, two timestamp
// authorities, and the trusted root that describes them. It makes bundles for tests of
// verification: right as they come, and wrong in whatever way a test names. pretend_services.h puts
// it behind HTTP.
//
//   PretendSigstore sigstore;
//   BundleChoice choice;                              // one that verifies
//   choice.logs[0].faults.wrong_checkpoint = true;    // but for this
//   const auto bundle = sigstore.sign_file(to_bytes("contents"), choice);
//   const std::string text = bundle_text(bundle);
//   const auto root = formats::TrustedRoot::parse(as_bytes(sigstore.root_text()));
//
// Time stands still at PretendSigstore::now, unless a choice says otherwise: certificates last from
// then on for ten minutes, logs and authorities count from certificate_begin on, for ever.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/private_key.h"
#include "formats/json.h"
#include "formats/sigstore_bundle.h"
#include "tests/support/authority.h"
#include "tests/support/certificate_log.h"
#include "tests/support/pretend_log.h"
#include "tests/support/timestamp_authority.h"

namespace touchstone::test {

// How a certificate is made.
struct CertificateChoice {
  // Alternative names, as in OpenSSL's configuration files: "email:a@b.example,URI:https://c" is
  // two. Empty: none.
  std::string names = "email:release@shop.example";
  std::optional<std::string> issuer = "https://issuer.example";      // .8, a UTF8String
  std::optional<std::string> old_issuer = "https://issuer.example";  // .1, as it stands
  std::map<int, std::string> fields = {};  // more of 1.3.6.1.4.1.57264.1, as UTF8Strings
  std::string key = "P-256";               // as issue() takes it
  std::optional<std::chrono::sys_seconds> not_before = {};
  std::optional<std::chrono::sys_seconds> not_after = {};
  bool by_stranger = false;  // issued by an authority that is not in the root

  // The logs of certificates that have seen it: of this instance's two, the first so many.
  std::size_t seen_by = 1;
  bool seen_by_stranger = false;       // by a log that is not in the root as well
  bool seen_for_other_issuer = false;  // they say that another key issued it
  bool seen_wrongly = false;           // their signatures do not verify
  std::optional<std::chrono::sys_seconds> seen_at = {};
};

// An entry of a log.
struct LogChoice {
  PretendLog::Kind log = PretendLog::Kind::rekor2;
  PretendLog::Faults faults = {};
  std::chrono::seconds later{1};  // after `now`
  bool intoto = false;            // of version 1, for envelopes: intoto 0.0.2 instead of dsse
  bool by_stranger = false;       // by a log that is not in the root
  // What is logged instead of the truth.
  std::optional<Bytes> digest = {};
  std::optional<Bytes> signature = {};
  std::optional<Bytes> signer = {};  // DER, of the same kind
  std::string key_details = {};      // of version 2
  std::string body = {};             // all of it
};

// A timestamp.
struct TimestampChoice {
  std::size_t authority = 0;  // of the instance's two
  std::chrono::seconds later{2};
  std::optional<Bytes> of = {};  // these bytes instead of the signature
  bool by_stranger = false;
  TimestampAuthority::Change change = nullptr;
};

// How a bundle is made.
struct BundleChoice {
  CertificateChoice certificate = {};
  bool by_key = false;       // by a key and no certificate
  bool spoiled = false;      // the signature does not verify (and is logged and stamped as it is)
  int minor_version = 3;     // 1 and 2 carry the certificate in a chain
  bool with_issuer = false;  // the intermediate certificate in the chain
  bool with_root = false;    // and the root's
  std::vector<LogChoice> logs = {LogChoice()};
  std::vector<TimestampChoice> timestamps = {TimestampChoice()};

  // As Rekor of version 1 makes them: its promise gives the time.
  static BundleChoice by_rekor1() {
    BundleChoice choice;
    choice.logs.front().log = PretendLog::Kind::rekor1;
    choice.timestamps.clear();
    return choice;
  }
};

// How something stands in the trusted root.
struct Listed {
  bool listed = true;
  std::optional<std::chrono::sys_seconds> begin = certificate_begin;
  std::optional<std::chrono::sys_seconds> end = {};
  std::string operator_name = {};
};

struct RootChoice {
  Listed authority = {};
  Listed rekor1 = {};
  Listed rekor2 = {};
  Listed certificate_logs[2] = {{}, {}};
  Listed timestamp_authorities[2] = {{}, {}};
};

class PretendSigstore {
 public:
  static constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

  PretendSigstore();

  // The parts.
  const Entity& root_certificate() const { return root_; }
  const Entity& issuing_certificate() const { return intermediate_; }
  PretendLog& log(PretendLog::Kind kind) {
    return kind == PretendLog::Kind::rekor1 ? rekor1_ : rekor2_;
  }
  const TimestampAuthority& timestamp_authority(std::size_t which) const {
    return which == 0 ? stamps_[0] : stamps_[1];
  }

  // A certificate with a key of its own, or for that of `same_key`.
  Entity certify(const CertificateChoice& choice, const Entity* same_key = nullptr) const;

  // Signed by a fresh key, or the one of `signer`, which must be of P-256, P-384 or RSA.
  formats::SigstoreBundle sign_file(ByteView contents, const BundleChoice& choice,
                                    const Entity* signer = nullptr);
  formats::SigstoreBundle sign_statement(std::string_view statement, const BundleChoice& choice,
                                         const Entity* signer = nullptr);

  // What lies beside a signature that somebody else made.
  formats::LogEntry entry(const LogChoice& choice, const Logged& of_content,
                          const Logged& of_payload, bool envelope);
  Bytes timestamp(const TimestampChoice& choice, ByteView signature) const;

  // The trusted root, to be changed further or as text.
  formats::Json root(const RootChoice& choice) const;
  std::string root_text(const RootChoice& choice) const { return formats::to_text(root(choice)); }
  std::string root_text() const { return root_text(RootChoice()); }

 private:
  formats::SigstoreBundle sign(formats::SigstoreBundle bundle, ByteView signed_bytes,
                               const BundleChoice& choice, const Entity* signer);

  Entity root_;
  Entity intermediate_;
  Entity strange_root_;
  Entity strange_intermediate_;
  CertificateLog certificate_logs_[2];
  CertificateLog strange_certificate_log_;
  PretendLog rekor1_;
  PretendLog rekor2_;
  PretendLog strange_rekor1_;
  PretendLog strange_rekor2_;
  TimestampAuthority stamps_[2];
  TimestampAuthority strange_stamps_;
};

// A bundle as JSON, in the form of its `minor_version`: to be changed further or as text.
formats::Json bundle_json(const formats::SigstoreBundle& bundle);
inline std::string bundle_text(const formats::SigstoreBundle& bundle) {
  return formats::to_text(bundle_json(bundle));
}
// One of `tlogEntries`.
formats::Json entry_json(const formats::LogEntry& entry);

// What a version 2 log calls a key that signs by its default scheme.
std::string key_details(const crypto::PublicKey& key);

}  // namespace touchstone::test
