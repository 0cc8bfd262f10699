// What somebody's name must be: a text letter for letter, or a pattern that matches all of it.
//
// Patterns are RE2's, whose time is linear in the text whatever it is. A glob's `*` stands for
// anything but a slash, `**` for anything, `?` for one character but a slash.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace touchstone::verify {

class TextMatch {
 public:
  static TextMatch exact(std::string text);

  // Refused: what RE2 does not take, nothing, more than limits::max_pattern_bytes.
  // Errors: policy.pattern.
  static Result<TextMatch> pattern(std::string pattern);
  static Result<TextMatch> glob(std::string_view glob);

  // The same, for names in which upper and lower case (ASCII) make no difference.
  TextMatch without_case() const;

  bool matches(std::string_view text) const;

  // For people: "\"ci@shop.example\"", "/.*@shop\\.example/".
  std::string describe() const;

  // Why the pattern is looser than its writer may think: it matches names in any place (a host or
  // an owner that anybody can choose). Absent for what is tight enough.
  std::optional<std::string> looseness() const;

  // Of one text and one kind: what the patterns match is not compared.
  friend bool operator==(const TextMatch& a, const TextMatch& b) {
    return a.text_ == b.text_ && a.any_case_ == b.any_case_ &&
           (a.pattern_ == nullptr) == (b.pattern_ == nullptr);
  }

 private:
  TextMatch() = default;
  std::string text_;
  bool any_case_ = false;
  std::shared_ptr<const re2::RE2> pattern_;  // null: exact
};

}  // namespace touchstone::verify
