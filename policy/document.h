// A policy: which rule holds for which image, and what the rule requires. Complete when it exists:
// all files that it names were read, all names in it lead somewhere, and for every image there is
// exactly one rule.
//
// docs/reference/policy.md has the language; policy/read.h makes these from its text. What is
// wanted of signers is said in the terms of verify/evidence.h, so that whoever evaluates needs no
// look-up: a Demand here lacks nothing but the kind of content, which the requirement adds.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "formats/descriptor.h"
#include "formats/json.h"
#include "formats/severity.h"
#include "formats/yaml.h"
#include "policy/expression.h"
#include "policy/image_pattern.h"
#include "verify/evidence.h"

namespace touchstone::policy {

using Place = formats::TextPlace;  // in the policy's text

enum class Mode : std::uint8_t { enforce, audit };  // audit: decides and tells, and lets pass
enum class OnError : std::uint8_t { deny, allow };
enum class Tags : std::uint8_t { pin, require_digest };

// Which manifest the evidence has to be about, where the image is an index.
enum class Subject : std::uint8_t { index, platform, either, both };

// What makes two signers different ones. A device is told by the serial that its maker attests.
enum class Distinct : std::uint8_t { key, identity, device };

// Whose signatures a requirement believes.
struct Signer {
  std::vector<std::string> roots;  // names, for people; at least one
  verify::Demand demand;
};

struct Requirement;

struct AllOf {
  std::vector<Requirement> parts;  // one at least, here and below
};
struct AnyOf {
  std::vector<Requirement> parts;
};

// At least `count` of the parts are met, by so many different signers: who signed for one part does
// not count for another.
struct Threshold {
  std::size_t count = 1;
  std::vector<Requirement> parts;
  Distinct distinct = Distinct::key;
};

// At least `count` different ones have signed the image.
struct Signatures {
  Signer signer;
  std::vector<verify::SignatureFormat> formats;  // one of these; empty: any
  std::size_t count = 1;
  Distinct distinct = Distinct::key;
};

// Who speaks for a builder, and how far the builder is trusted: SLSA's table of (signer,
// builder.id) pairs. A builder's name in provenance counts only when its signer is here beside it.
struct Builder {
  std::string name;
  Signer signer;
  verify::TextMatch id;
  unsigned level = 1;  // SLSA Build level, 1 to 3
  Place place = {};
};

struct Provenance {
  std::vector<std::shared_ptr<const Builder>> builders;  // one of these
  unsigned min_level = 1;
  std::optional<verify::TextMatch> source = {};     // "github.com/acme/app": no scheme, no ".git"
  std::optional<verify::TextMatch> ref = {};        // "refs/tags/v1.2.3"
  std::optional<std::string> versioned_tag = {};    // "v1.2" fits v1.2.3, as slsa-verifier has it
  std::optional<std::string> commit = {};           // hex
  std::vector<verify::TextMatch> build_types = {};  // one of these; empty: any
  std::map<std::string, formats::Json> parameters = {};  // external, each with this very value
  std::vector<std::string> ignored_parameters = {};      // may have any value
  bool allow_extra_parameters = true;  // with false, each one there is named in one of the two
  std::optional<std::chrono::seconds> max_age = {};  // since the build ended
};

// A name, or a name and a range of versions: "log4j-core", "pkg:npm/left-pad@1.3.0".
struct PackagePattern {
  std::string text;  // as written; a package URL when it begins with "pkg:"
  verify::TextMatch name;
};

struct Sbom {
  Signer signer;
  bool spdx = true;
  bool cyclonedx = true;
  std::optional<std::chrono::seconds> max_age = {};
  std::vector<PackagePattern> denied = {};
  std::vector<PackagePattern> required = {};
  std::vector<verify::TextMatch> allowed_licenses = {};  // empty: all but the denied
  std::vector<verify::TextMatch> denied_licenses = {};
};

using formats::Severity;

struct IgnoredVulnerability {
  std::string id;
  std::chrono::sys_seconds until;  // then it counts again
  std::string reason;
  Place place = {};
};

struct Vex {
  Signer signer;
  bool not_affected = true;  // these states excuse
  bool fixed = true;
};

struct Vulnerabilities {
  Signer signer;
  std::chrono::seconds max_age;                               // since the scan ended
  std::optional<std::chrono::seconds> database_max_age = {};  // of the scanner's database
  std::optional<Severity> denied_from = {};  // this severity and those above; absent: none denied
  bool fixable_only = false;                 // those without a fix are let pass
  std::vector<IgnoredVulnerability> ignored = {};
  std::optional<Vex> vex = {};
};

// Any predicate, judged by an expression over `predicate`, `subject`, `image` and `now`.
struct PredicateCheck {
  Signer signer;
  std::string type;  // URI
  Expression expression;
  std::optional<std::chrono::seconds> max_age = {};  // since it was signed
};

// A verification summary: somebody else's verdict.
struct Summary {
  Signer signer;
  std::string verifier;             // verifier.id, letter for letter
  std::vector<std::string> levels;  // each is reached; SLSA_BUILD_LEVEL_3 reaches level 2
  std::optional<std::chrono::seconds> max_age = {};
  std::optional<std::string> policy_digest = {};  // "sha256:HEX" of the policy it was made by
};

// The base image is known from what is signed, and fits.
struct BaseImage {
  std::vector<ImagePattern> images = {};  // one of these; empty: any
  bool verified = false;                  // and this policy accepts it in turn
};

struct Label {
  std::string name;
  std::optional<verify::TextMatch> value = {};  // absent: any
};

// What the image's own configuration says.
struct ImageConfiguration {
  bool not_root = false;
  bool no_secrets = false;  // in the history and the environment
  std::vector<Label> labels = {};
  std::vector<formats::Platform> platforms = {};     // one of these; empty: any
  std::optional<std::chrono::seconds> max_age = {};  // since it was created
};

struct Deny {};
struct Allow {};  // nothing is required

struct Requirement {
  std::variant<Deny, Allow, AllOf, AnyOf, Threshold, Signatures, Provenance, Sbom, Vulnerabilities,
               PredicateCheck, Summary, BaseImage, ImageConfiguration>
      kind;
  Place place = {};
};

// The key under which the language has it: "all_of", "vulnerabilities", ...
std::string_view kind_name(const Requirement& requirement);

struct Freshness {
  std::optional<std::chrono::seconds> max_signature_age = {};  // by a time that is established
  bool require_timestamp = false;
};

// Break-glass: an image that somebody excepts from the rule, in a signed statement that names the
// image, why, and until when.
struct Exceptions {
  Signer signer;
  std::size_t count = 1;
  Distinct distinct = Distinct::key;
  std::chrono::seconds max_duration;  // from signature to end; 72 h at most
};

struct Rule {
  std::string name;
  std::vector<ImagePattern> images;
  Requirement require;
  Mode mode = Mode::enforce;
  OnError on_error = OnError::deny;
  Tags tags = Tags::pin;
  Subject subject = Subject::index;
  std::vector<formats::Platform> platforms = {};  // those that `subject` asks for; empty: all
  Freshness freshness = {};
  std::optional<Exceptions> exceptions = {};
  Place place = {};
};

struct Document {
  std::string name;    // for people and for keeping serial numbers apart; may be empty
  std::string source;  // the file's name
  std::uint64_t serial = 0;
  std::optional<std::chrono::sys_seconds> expires = {};
  std::vector<Rule> rules;
  std::optional<Digest> digest = {};    // SHA-256 of the canonical form (RFC 8785)
  std::optional<Digest> material = {};  // SHA-256 over the keys, authorities and roots it uses
};

// The one rule for an image. `reference` is what was asked for, normalised; `digest` what it is.
const Rule& rule_for(const Document& document, const Reference& reference, const Digest& digest);

}  // namespace touchstone::policy
