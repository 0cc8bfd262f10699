// A recorded case: an image, all that is attached to it, and what was decided; judged again without
// a network, from the signatures on. docs/reference/policy-decisions.md has the file.
//
// Nothing in a record is believed more than what a registry says: content is under its digest, and
// its signatures are verified anew.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/reference.h"
#include "judge/judge_image.h"
#include "oci/repository.h"

namespace touchstone::judge {

// Of one file, with all its attestations in base64.
inline constexpr std::uint64_t max_record_bytes = std::uint64_t{96} << 20;

// What a case is to come to. `code` is a slug; empty when the image is allowed.
struct Expected {
  Outcome outcome = Outcome::deny;
  std::string code = {};
  bool would_deny = false;
  static Expected of(const Verdict& verdict);
  std::string to_string() const;  // "deny identity.mismatch", "allow, would not: evidence.none"
  friend bool operator==(const Expected&, const Expected&) = default;
};

struct Record {
  Reference image;  // as it was asked for
  std::optional<formats::Platform> platform = {};
  std::chrono::sys_seconds time;  // when it was judged
  Expected expected = {};

  std::map<std::string, std::string> tags = {};  // "NAME:TAG" to a digest, or "" for none
  std::map<std::string, std::vector<formats::Descriptor>> referrers = {};  // by "NAME@DIGEST"
  std::map<std::string, Bytes> content = {};                               // by digest
  std::map<std::string, Error> failures = {};  // what could not be had, by any of these

  // The digest of what the image's name stands for, an index or an image; absent when unknown.
  std::optional<Digest> top() const;

  // Errors: format.file, limit.*.
  static Result<Record> parse(ByteView text);
  std::string to_text() const;
};

// Passes all through to `inner`, and notes in `record` what was read and what failed.
std::unique_ptr<oci::Repository> recording(std::shared_ptr<oci::Repository> inner,
                                           const Reference& name, Record& record);

// Reads what any policy might need of an image that was judged: all that is attached to it and to
// its platforms, in all forms, and their configurations. What cannot be had is a failure in the
// record.
void read_all(oci::Repository& recording, const Digest& image);

// The repository of that name as the record has it. What was not recorded could not be had.
std::shared_ptr<oci::Repository> recorded(const Record& record, const Reference& name);

// Judges the case by a policy, at the time of the record.
ImageVerdict judge_record(const Record& record, const policy::Document& document);

}  // namespace touchstone::judge
