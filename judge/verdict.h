// What a policy says about an image, and why: the one result that every gate, report and record is
// made from.
//
// All texts in it are safe to show (base/text.h's printable() was applied where they hold outside
// text), one line each, without a full stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "formats/json.h"
#include "policy/document.h"

namespace touchstone::judge {

// error: it could not be looked at. Every gate treats it as deny, with an exit status of its own.
enum class Outcome : std::uint8_t { allow, deny, error };
std::string_view outcome_name(Outcome outcome);  // "allow", "deny", "error"

// One requirement and what became of it; parts are those of all_of, any_of and threshold, and of a
// requirement that was looked at for several platforms.
struct Judgement {
  std::string kind;    // policy::kind_name(); "freshness", "exceptions", "tag" for these
  std::string wanted;  // "signatures by 2 different devices of root \"release\""
  Outcome outcome = Outcome::deny;
  std::optional<Error> reason = {};     // set unless allow
  std::vector<std::string> found = {};  // one fact a line; what was there, good or not
  std::vector<Judgement> parts = {};
  std::vector<std::string> by = {};  // fingerprints of the keys that signed what met it
  // Where it is met by something that grows old: the first instant at which it may not be.
  std::optional<std::chrono::sys_seconds> valid_until = {};
  unsigned build_level = 0;  // SLSA's, of provenance that is met
  policy::Place place = {};
};

// A piece of evidence that was looked at, for records: what it is, and whether it counted. A
// signature's is made by judge/evidence_note.h.
struct EvidenceNote {
  std::string kind;         // "signature", "attestation", "configuration", "base", "exception"
  std::string type = {};    // of an attestation: its predicate's
  std::string format = {};  // "sigstore", "cosign"
  std::string origin = {};  // the digest of the manifest or layer that holds it
  std::optional<Digest> subject = {};                 // the manifest that it is about
  std::string signer = {};                            // who, in words; empty when it does not count
  std::string key = {};                               // the fingerprint of the signing key
  std::string certificate = {};                       // whose it is, where the key has one
  std::string issuer = {};                            // who certified or vouched for the holder
  std::string root = {};                              // under what it is trusted: "root \"ci\""
  std::string device = {};                            // in words, attested
  std::optional<std::uint32_t> device_serial = {};    // attested
  std::vector<std::string> logs = {};                 // the transparency logs that hold it
  std::optional<std::chrono::sys_seconds> time = {};  // established by a log or a timestamp
  std::string result = "ok";                          // else the slug of why it does not count
  std::string message = {};                           // and why, in words
};

struct Verdict {
  Outcome outcome = Outcome::error;
  bool would_deny = false;  // let pass by audit mode or `on_error`; `reason` says what was wrong
  std::string rule = {};
  policy::Mode mode = policy::Mode::enforce;
  std::optional<Error> reason = {};  // set unless allow, and when would_deny
  std::optional<Judgement> tree = {};
  std::vector<EvidenceNote> evidence = {};
  bool excepted = false;  // a break-glass exception allowed it
  // Of an allowance: when the same evidence may lead to another verdict, the first limit of age or
  // validity.
  std::optional<std::chrono::sys_seconds> valid_until = {};
};

// Where an image was named, in a file that the user gave.
struct NamedAt {
  std::string file;
  std::size_t line = 0;  // from 1; 0 when it is not known
};

// One image and its verdict, with what reports need to know beside it.
struct ImageVerdict {
  std::string reference;              // as it was asked for, normalised
  std::optional<Digest> digest = {};  // once known
  std::string pinned = {};            // name@digest, once known
  std::string media_type = {};
  std::vector<NamedAt> named_at = {};
  Verdict verdict = {};
  std::chrono::microseconds latency{0};
};

// The policy, as reports name it; empty where an image was judged by keys or roots alone.
struct PolicyNote {
  std::string name = {};
  std::string source = {};
  std::uint64_t serial = 0;
  std::optional<Digest> digest = {};
  std::optional<Digest> material = {};
  std::optional<std::chrono::sys_seconds> expires = {};
  static PolicyNote of(const policy::Document& document);
};

struct Report {
  PolicyNote policy = {};
  std::chrono::sys_seconds time;
  std::vector<ImageVerdict> images;
};

// As verify::exit_status(): 0 all allowed (in audit mode too); 1 any denied; else that of the
// errors.
int exit_status(const Report& report);

}  // namespace touchstone::judge
