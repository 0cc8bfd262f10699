#include "report/markdown.h"

#include <algorithm>

#include "base/text.h"
#include "report/words.h"

namespace touchstone::report {
namespace {

constexpr std::size_t max_bytes = 900 << 10;  // GitHub takes 1 MiB of a step
constexpr std::string_view left_out = "\nThe rest is left out here; the other reports have it.\n";

std::size_t longest_run_of_backticks(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Cells of a table end at '|' even in code, unless there is an odd number of backslashes before it.
std::string with_pipes_escaped(std::string_view text) {
  std::string out;
  std::size_t backslashes = 0;
  for (const char c : text) {
    if (c == '|') out += std::string(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    out += c;
  }
  return out;
}

// Inline code in a cell of a table.
std::string code(std::string_view text) {
  if (text.empty()) return "";
  const std::string shown = printable(text);
  const std::string fence(longest_run_of_backticks(shown) + 1, '`');
  return fence + " " + with_pipes_escaped(shown) + " " + fence;
}

std::string fenced(const std::vector<std::string>& lines) {
  std::size_t longest = 2;
  for (const std::string& line : lines) longest = std::max(longest, longest_run_of_backticks(line));
  const std::string fence(longest + 1, '`');
  return fence + "text\n" + join(lines, "\n") + "\n" + fence + "\n";
}

std::string_view sign(Standing standing) {
  switch (standing) {
    case Standing::accepted:
      return "✅ accepted";
    case Standing::warned:
      return "⚠️ would be refused";
    case Standing::refused:
      return "❌ refused";
    case Standing::undecided:
      return "❔ undecided";
  }
  return "";
}

std::string row(const judge::ImageVerdict& image) {
  const judge::Verdict& verdict = image.verdict;
  std::string reason = code(shown_reason(verdict));
  if (verdict.reason) reason += " (" + code(slug(verdict.reason->code)) + ")";
  std::string place;
  for (const judge::NamedAt& named : image.named_at) {
    place += (place.empty() ? "" : ", ") + code(shown_place(named));
  }
  return "| " + std::string(sign(standing(verdict))) + " | " + code(shown_name(image)) + " | " +
         place + " | " + code(verdict.rule) + " | " + reason + " |\n";
}

// Adds a part when there is room for it, and says so when there is none.
class Summary {
 public:
  void add(std::string_view part) {
    if (full_) return;
    full_ = text_.size() + part.size() > max_bytes;
    text_ += full_ ? left_out : part;
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  bool full_ = false;
};

}  // namespace

std::string to_markdown(const judge::Report& report) {
  Summary summary;
  summary.add("## Image verification\n\n" + describe(count(report)) + "; judged by " +
              code(policy_text(report.policy)) + ".\n\n");
  summary.add("| verdict | image | named at | rule | reason |\n|---|---|---|---|---|\n");
  for (const judge::ImageVerdict& image : report.images) summary.add(row(image));
  for (const judge::ImageVerdict& image : report.images) {
    if (standing(image.verdict) == Standing::accepted) continue;
    summary.add("\n<details><summary>Why</summary>\n\n" + fenced(describe(image, true)) +
                "\n</details>\n");
  }
  return std::move(summary).take();
}

}  // namespace touchstone::report
