#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/doctor/local_checks.h"
#include "trust/folder_store.h"

namespace touchstone::cli {
namespace {

using std::chrono::sys_seconds;

constexpr const char* store_check = "trust-store";
constexpr const char* root_check = "trust-root";

std::string without_links(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> resolved(realpath(path.c_str(), nullptr), free);
  return resolved == nullptr ? path : resolved.get();
}

// The folders above a folder, the nearest first; where it is not there, those of an absolute path.
std::vector<std::string> folders_above(const std::string& folder) {
  std::string path = without_links(folder);
  std::vector<std::string> folders;
  while (path.size() > 1) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) break;
    path.resize(slash == 0 ? 1 : slash);
    folders.push_back(path);
  }
  return folders;
}

// FolderStore looks at the store; this at the way to it, where another could be put in its place.
// In a folder with the sticky bit nobody moves what is another's.
std::optional<Finding> check_way_to(const std::string& folder) {
  for (const std::string& above : folders_above(folder)) {
    struct stat info{};
    if (stat(above.c_str(), &info) != 0) continue;
    const bool others_write =
        (info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0;
    const bool somebody_elses = info.st_uid != 0 && info.st_uid != geteuid();
    if (!others_write && !somebody_elses) continue;
    return warning(store_check,
                   "others can put another store in the place of \"" + printable(folder) +
                       "\": they can write \"" + printable(above) + "\"",
                   "chmod go-w " + printable(above) + ", or keep the store elsewhere");
  }
  return std::nullopt;
}

// When an entry begins and ceases to count.
struct Span {
  std::optional<sys_seconds> begin;
  std::optional<sys_seconds> end;

  bool holds(sys_seconds now) const { return (!begin || *begin <= now) && (!end || now <= *end); }
};

Span span_of(const trust::TrustedKey& entry) { return {entry.not_before, entry.not_after}; }

// Its parts have times of their own, and old ones go on to count for old signatures.
Span span_of(const trust::TrustedInstanceRoot&) { return {}; }

// The narrower of what the store and the certificate say.
Span span_of(const trust::TrustedCertificate& entry) {
  Span span{entry.certificate.not_before(), entry.certificate.not_after()};
  if (entry.not_before) span.begin = std::max(*span.begin, *entry.not_before);
  if (entry.not_after) span.end = std::min(*span.end, *entry.not_after);
  return span;
}

struct Ended {
  std::size_t valid = 0;
  std::vector<std::string> notes;
};

template <class Entries>
void look_at(const Entries& entries, sys_seconds now, Ended& out) {
  for (const auto& entry : entries) {
    const Span span = span_of(entry);
    const std::string name = trust::fingerprint(entry);
    if (span.holds(now)) ++out.valid;
    if (span.begin && now < *span.begin) {
      out.notes.push_back(name + " does not count before " + to_rfc3339(*span.begin));
    } else if (span.end && *span.end < now) {
      out.notes.push_back(name + " ended on " + to_rfc3339(*span.end));
    } else if (span.end && *span.end < now + soon) {
      out.notes.push_back(name + " ends on " + to_rfc3339(*span.end));
    }
  }
}

}  // namespace

Finding judge_root(const trust::Root& root, sys_seconds now) {
  Ended ended;
  look_at(root.keys, now, ended);
  look_at(root.certificates, now, ended);
  look_at(root.instances, now, ended);
  const char* kind = !root.keys.empty()           ? "keys"
                     : !root.certificates.empty() ? "authorities"
                                                  : "sigstore instances";
  const std::string name =
      "\"" + root.name + "\" (" + kind + ": " + std::to_string(root.fingerprints().size()) + ")";
  if (ended.notes.empty()) return good(root_check, name);
  const std::string text = name + ": " + join(ended.notes, "; ");
  if (ended.valid == 0) return problem(root_check, {Code::trust_expired, text, ""});
  return warning(root_check, text,
                 "add what takes its place with `touchstone trust add " + root.name + "`");
}

Findings check_trust_store(const std::string& folder, const Clock& clock) {
  trust::FolderStore files(folder, clock);
  trust::TrustStore store(files, clock);
  Findings findings;
  if (auto finding = check_way_to(folder)) findings.push_back(*std::move(finding));
  const auto there = files.list(".");
  const auto names = store.list();
  if (!there || !names) {
    findings.push_back(problem(store_check, there ? names.error() : there.error()));
    return findings;
  }
  const std::string place = "\"" + printable(folder) + "\"";
  if (!*there || names->empty()) {
    findings.push_back(
        warning(store_check,
                place + (*there ? " has no roots" : " is not there") + "; --root finds nothing",
                "touchstone trust add NAME --key FILE makes a root"));
    return findings;
  }
  findings.push_back(good(store_check, place + "; roots: " + std::to_string(names->size())));
  for (const std::string& name : *names) {
    const auto root = store.load(name);
    findings.push_back(root ? judge_root(*root, clock.now()) : problem(root_check, root.error()));
  }
  return findings;
}

}  // namespace touchstone::cli
