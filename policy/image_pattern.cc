#include "policy/image_pattern.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/text.h"

namespace touchstone::policy {
namespace {

constexpr std::string_view everything = "**";
constexpr std::string_view layouts = "oci-layout:";

Error refuse(std::string_view text, std::string_view why, std::string_view hint = "") {
  return Error{Code::policy_value,
               "\"" + printable(text) + "\" is no pattern for images: " + std::string(why),
               std::string(hint)};
}

bool has_star(std::string_view text) { return text.contains('*'); }

// Whether `glob`, in which `*` stands for anything, matches all of `text`; a `*` in `text` is
// matched by a `*` alone.
bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = glob.npos;  // the last `*`, and how much it has taken
  std::size_t taken = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      taken = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
    } else if (star != glob.npos) {
      g = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', std::min(g, glob.size())) == glob.npos;
}

// Whether some text is matched by both: row by row, which prefixes of `b` go with a prefix of `a`.
template <class Sequence, class IsAny, class Fit>
bool overlap(const Sequence& a, const Sequence& b, IsAny is_any, Fit fit) {
  std::vector<bool> row(b.size() + 1, false);
  row[0] = true;
  for (std::size_t j = 0; j < b.size() && is_any(b[j]); ++j) row[j + 1] = true;
  for (const auto& part : a) {
    std::vector<bool> next(b.size() + 1, false);
    next[0] = row[0] && is_any(part);
    for (std::size_t j = 0; j < b.size(); ++j) {
      if (is_any(part) || is_any(b[j])) {
        next[j + 1] = row[j + 1] || next[j] || row[j];
      } else {
        next[j + 1] = row[j] && fit(part, b[j]);
      }
    }
    row = std::move(next);
  }
  return row.back();
}

bool globs_overlap(std::string_view a, std::string_view b) {
  const auto is_star = [](char c) { return c == '*'; };
  return overlap(a, b, is_star, [](char x, char y) { return x == y; });
}

bool is_everything(std::string_view component) { return component == everything; }

// As glob_matches(), over components, of which `**` stands for any number.
bool path_matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  // From the end: reached[i] says whether the rest of the pattern matches path[i...].
  std::vector<bool> reached(path.size() + 1, false);
  reached.back() = true;
  for (std::size_t p = pattern.size(); p-- > 0;) {
    std::vector<bool> next(path.size() + 1, false);
    for (std::size_t i = path.size() + 1; i-- > 0;) {
      const bool here = i < path.size();
      if (is_everything(pattern[p])) {
        next[i] = reached[i] || (here && next[i + 1]);
      } else {
        next[i] =
            here && !is_everything(path[i]) && reached[i + 1] && glob_matches(pattern[p], path[i]);
      }
    }
    reached = std::move(next);
  }
  return reached.front();
}

std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(path, '/')) parts.emplace_back(part);
  return parts;
}

// How specific one component is: a literal before `*`, more letters beside a `*` before fewer, and
// the end of a path before `**`.
constexpr int literal_weight = std::numeric_limits<int>::max();
constexpr int end_weight = 0;
constexpr int everything_weight = -1;

int weight(std::string_view component) {
  if (is_everything(component)) return everything_weight;
  if (!has_star(component)) return literal_weight;
  return static_cast<int>(component.size() -
                          static_cast<std::size_t>(std::ranges::count(component, '*'))) +
         1;
}

int weight_at(const std::vector<std::string>& path, std::size_t i) {
  return i < path.size() ? weight(path[i]) : end_weight;
}

int optional_weight(const std::optional<std::string>& part) {
  return part ? weight(*part) : end_weight;
}

// "*.example.com": the first label alone, and two labels at least behind it.
Status check_host(std::string_view text, std::string_view host) {
  if (!has_star(host)) return ok();
  const bool leading = host.starts_with("*.") && !has_star(host.substr(1));
  if (!leading) {
    return refuse(text, "of a host only the whole first label can be `*`",
                  "write \"registry.example.com/...\" or \"*.example.com/...\"");
  }
  if (std::ranges::count(host.substr(2), '.') == 0) {
    return refuse(text, "\"" + std::string(host) + "\" matches hosts of anybody");
  }
  return ok();
}

// A `*` of a host stands for one label.
bool host_matches(std::string_view pattern, std::string_view host) {
  if (pattern == host) return true;
  if (!pattern.starts_with("*.")) return false;
  const std::size_t dot = host.find('.');
  return dot != host.npos && dot > 0 && host.substr(dot) == pattern.substr(1);
}

Result<std::string> parse_digest(std::string_view text, std::string_view digest) {
  if (digest == "sha256:*" || digest == "sha512:*") return std::string(digest);
  const auto parsed = Digest::parse(digest);
  if (!parsed) return refuse(text, parsed.error().message);
  return std::string(digest);
}

Status check_path(std::string_view text, std::span<const std::string> path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != everything && path[i].contains(everything)) {
      return refuse(text, "`**` stands for whole components", "write `/**/` or `/**`");
    }
    if (i > 0 && is_everything(path[i]) && is_everything(path[i - 1])) {
      return refuse(text, "`**` twice in a row");
    }
  }
  return ok();
}

// Moves the `**` at `i` behind the `*` that follow it, onto a `**` that is there already.
void move_behind_stars(std::vector<std::string>& path, std::size_t i) {
  for (; i + 1 < path.size() && path[i + 1] == "*"; ++i) std::swap(path[i], path[i + 1]);
  if (i + 1 < path.size() && is_everything(path[i + 1])) {
    path.erase(path.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// The pattern as a reference: each run of `*` becomes a letter.
std::string sample_of(std::string_view name) {
  std::string sample;
  for (const char c : name) {
    if (c != '*') {
      sample += c;
    } else if (!sample.ends_with('*')) {
      sample += '*';
    }
  }
  std::ranges::replace(sample, '*', 'x');
  return sample;
}

}  // namespace

Result<ImagePattern> ImagePattern::parse(std::string_view text) {
  ImagePattern pattern;
  if (text == everything) {
    pattern.text_ = pattern.host_ = everything;
    return pattern;
  }
  if (text == std::string(layouts) + std::string(everything)) {
    pattern.text_ = text;
    pattern.host_ = layouts;
    pattern.path_ = {std::string(everything)};
    return pattern;
  }
  if (text.starts_with(layouts)) {
    return refuse(text, "image layouts have no names", "\"oci-layout:**\" is for all of them");
  }
  std::string_view name = text;
  if (const std::size_t at = name.find('@'); at != name.npos) {
    TS_TRY(pattern.digest_, parse_digest(text, name.substr(at + 1)));
    name = name.substr(0, at);
  }
  const std::size_t colon = name.rfind(':');
  if (colon != name.npos && name.find('/', colon) == name.npos) {
    if (pattern.digest_) return refuse(text, "a tag beside a digest means nothing");
    pattern.tag_ = std::string(name.substr(colon + 1));
    name = name.substr(0, colon);
  }
  if (ascii_lower(name) != name) {
    return refuse(text, "upper case", "\"" + printable(ascii_lower(name)) + "\"");
  }
  TS_CHECK(pattern.set_name(text, name));
  const std::string tag = pattern.tag_ ? ":" + sample_of(*pattern.tag_) : "";
  if (!Reference::parse(sample_of(name) + tag)) {
    return refuse(text, "no reference to an image could look like this");
  }
  return pattern;
}

Status ImagePattern::set_name(std::string_view text, std::string_view name) {
  const auto sample = Reference::parse(sample_of(name));
  if (!sample) return refuse(text, "no reference to an image could look like this");
  path_ = components(name);
  // As in references, the first of several parts is a registry when it looks like one.
  const bool named = path_.size() > 1 && (path_.front().find_first_of(".:") != name.npos ||
                                          path_.front() == "localhost");
  if (named) {
    TS_CHECK(check_host(text, path_.front()));
    host_ = has_star(path_.front()) ? path_.front() : sample->registry();
    path_.erase(path_.begin());
  } else if (path_.front().starts_with('*')) {
    return refuse(text, "it does not say which registry", "\"**\" alone is for all images");
  } else {
    host_ = sample->registry();
    if (path_.size() == 1) path_.insert(path_.begin(), "library");
  }
  TS_CHECK(check_path(text, path_));
  // "**/*" and "*/**" are the same: at least one component.
  for (std::size_t i = path_.size(); i-- > 1;) {
    if (path_[i] == "*" && is_everything(path_[i - 1])) move_behind_stars(path_, i - 1);
  }
  text_ = host_ + "/" + join(path_, "/");
  if (tag_) text_ += ":" + *tag_;
  if (digest_) text_ += "@" + *digest_;
  return ok();
}

bool ImagePattern::matches(const Reference& reference, const Digest& digest) const {
  if (matches_all()) return true;
  if (reference.is_layout()) return host_ == layouts;
  if (!host_matches(host_, reference.registry())) return false;
  if (tag_ && (reference.digest() || !reference.tag() || !glob_matches(*tag_, *reference.tag()))) {
    return false;  // beside a digest, a tag is a mere claim
  }
  if (digest_ && has_star(*digest_)) {
    if (!reference.digest() || !glob_matches(*digest_, digest.to_string())) return false;
  } else if (digest_ && *digest_ != digest.to_string()) {
    return false;
  }
  return path_matches(path_, components(reference.repository()));
}

bool ImagePattern::ties_with(const ImagePattern& other) const {
  if (!has_star(text_) && !has_star(other.text_)) return text_ == other.text_;
  return compare_specificity(other) == 0 && overlaps(other);
}

bool ImagePattern::overlaps(const ImagePattern& other) const {
  if (matches_all() || other.matches_all()) return true;
  if (!globs_overlap(host_, other.host_)) return false;
  if (tag_ && other.tag_ && !globs_overlap(*tag_, *other.tag_)) return false;
  if (digest_ && other.digest_ && !globs_overlap(*digest_, *other.digest_)) return false;
  return overlap(path_, other.path_, is_everything, globs_overlap);
}

std::weak_ordering ImagePattern::compare_specificity(const ImagePattern& other) const {
  if (const auto host = weight(host_) <=> weight(other.host_); host != 0) return host;
  for (std::size_t i = 0; i < std::max(path_.size(), other.path_.size()); ++i) {
    if (const auto part = weight_at(path_, i) <=> weight_at(other.path_, i); part != 0) return part;
  }
  if (const auto digest = optional_weight(digest_) <=> optional_weight(other.digest_); digest != 0)
    return digest;
  return optional_weight(tag_) <=> optional_weight(other.tag_);
}

std::vector<ImagePattern> ImagePattern::cases() const {
  if (path_.empty() || !is_everything(path_.back())) return {};
  ImagePattern deeper = *this;
  deeper.path_.insert(deeper.path_.end() - 1, "*");
  ImagePattern here = *this;
  here.path_.pop_back();
  if (here.path_.empty()) return {deeper};
  return {deeper, here};
}

bool ImagePattern::covers(const ImagePattern& other) const {
  if (matches_all()) return true;
  if (other.matches_all() || !host_matches(host_, other.host_)) return false;
  if (tag_ && (!other.tag_ || !glob_matches(*tag_, *other.tag_))) return false;
  if (digest_ && (!other.digest_ || !glob_matches(*digest_, *other.digest_))) return false;
  // A named digest may be asked for by a tag as well; "sha256:*" is not.
  if (digest_ && has_star(*digest_) && !has_star(*other.digest_)) return false;
  return path_matches(path_, other.path_);
}

}  // namespace touchstone::policy
