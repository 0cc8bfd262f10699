#include "report/words.h"

#include "base/text.h"
#include "base/time.h"

namespace touchstone::report {
namespace {

using judge::Judgement;
using judge::Outcome;

std::string_view mark(Outcome outcome) {
  switch (outcome) {
    case Outcome::allow:
      return "+ ";
    case Outcome::deny:
      return "- ";
    case Outcome::error:
      return "? ";
  }
  return "";
}

void add_tree(const Judgement& judgement, std::size_t depth, std::vector<std::string>& lines) {
  const std::string indent(2 * depth, ' ');
  std::string line = indent + std::string(mark(judgement.outcome)) + printable(judgement.kind);
  if (!judgement.wanted.empty()) line += ": " + printable(judgement.wanted);
  lines.push_back(std::move(line));
  if (judgement.reason) {
    lines.push_back(indent + "  " + printable(judgement.reason->message) + " (" +
                    std::string(slug(judgement.reason->code)) + ")");
  }
  for (const std::string& found : judgement.found) {
    lines.push_back(indent + "  . " + printable(found));
  }
  for (const Judgement& part : judgement.parts) add_tree(part, depth + 1, lines);
}

void add_count(std::size_t count, Standing standing, std::vector<std::string>& parts) {
  if (count > 0) {
    parts.push_back(std::to_string(count) + " " + std::string(standing_name(standing)));
  }
}

}  // namespace

Standing standing(const judge::Verdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::allow:
      return verdict.would_deny ? Standing::warned : Standing::accepted;
    case Outcome::deny:
      return Standing::refused;
    case Outcome::error:
      return Standing::undecided;
  }
  return Standing::undecided;
}

std::string_view standing_name(Standing standing) {
  switch (standing) {
    case Standing::accepted:
      return "accepted";
    case Standing::warned:
      return "warned";
    case Standing::refused:
      return "refused";
    case Standing::undecided:
      return "undecided";
  }
  return "";
}

std::string_view decision_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::allow:
      return "accepted";
    case Outcome::deny:
      return "refused";
    case Outcome::error:
      return "undecided";
  }
  return "";
}

Counts count(const judge::Report& report) {
  Counts counts;
  for (const judge::ImageVerdict& image : report.images) {
    switch (standing(image.verdict)) {
      case Standing::accepted:
        ++counts.accepted;
        break;
      case Standing::warned:
        ++counts.warned;
        break;
      case Standing::refused:
        ++counts.refused;
        break;
      case Standing::undecided:
        ++counts.undecided;
        break;
    }
  }
  return counts;
}

std::string describe(const Counts& counts) {
  const std::size_t all = counts.accepted + counts.warned + counts.refused + counts.undecided;
  std::vector<std::string> parts;
  add_count(counts.accepted, Standing::accepted, parts);
  add_count(counts.warned, Standing::warned, parts);
  add_count(counts.refused, Standing::refused, parts);
  add_count(counts.undecided, Standing::undecided, parts);
  return std::to_string(all) + (all == 1 ? " image" : " images") +
         (parts.empty() ? "" : ": " + join(parts, ", "));
}

std::string shown_name(const judge::ImageVerdict& image) {
  return printable(image.pinned.empty() ? image.reference : image.pinned);
}

std::string shown_reason(const judge::Verdict& verdict) {
  return verdict.reason ? printable(verdict.reason->message) : "";
}

Code code_of(const judge::Verdict& verdict) {
  return verdict.reason ? verdict.reason->code : Code::internal_error;
}

std::string shown_hint(const Error& error) {
  return printable(error.hint.empty() ? code_info(error.code).hint : error.hint);
}

std::string shown_place(const judge::NamedAt& place) {
  return printable(place.file) + (place.line == 0 ? "" : ":" + std::to_string(place.line));
}

std::string rule_text(const judge::Verdict& verdict) {
  if (verdict.rule.empty()) return "";
  return "rule \"" + printable(verdict.rule) + "\"" +
         (verdict.mode == policy::Mode::audit ? ", in audit mode" : "") +
         (verdict.excepted ? ", by an exception" : "");
}

std::string policy_text(const judge::PolicyNote& policy) {
  std::vector<std::string> parts;
  if (!policy.name.empty()) parts.push_back("\"" + printable(policy.name) + "\"");
  if (!policy.source.empty()) parts.push_back(printable(policy.source));
  if (policy.serial > 0) parts.push_back("serial " + std::to_string(policy.serial));
  if (policy.digest) parts.push_back(policy.digest->to_string());
  if (policy.expires) parts.push_back("until " + to_rfc3339(*policy.expires));
  return parts.empty() ? "the command line" : join(parts, ", ");
}

std::vector<std::string> tree_lines(const Judgement& judgement) {
  std::vector<std::string> lines;
  add_tree(judgement, 0, lines);
  return lines;
}

std::vector<std::string> describe(const judge::ImageVerdict& image, bool explain) {
  const judge::Verdict& verdict = image.verdict;
  std::vector<std::string> lines = {std::string(decision_name(verdict.outcome)) + ": " +
                                    shown_name(image)};
  if (verdict.would_deny) lines.push_back("warning: the rule lets it pass all the same");
  if (!verdict.rule.empty()) lines.push_back("  " + rule_text(verdict));
  if (verdict.reason) lines.push_back("  " + shown_reason(verdict));
  for (const judge::NamedAt& place : image.named_at) {
    lines.push_back("  named at " + shown_place(place));
  }
  if (explain && verdict.tree) {
    for (const std::string& line : tree_lines(*verdict.tree)) lines.push_back("  " + line);
  }
  if (verdict.reason) {
    if (const std::string hint = shown_hint(*verdict.reason); !hint.empty()) {
      lines.push_back("hint: " + hint);
    }
    lines.push_back("code: " + std::string(slug(verdict.reason->code)));
  }
  return lines;
}

}  // namespace touchstone::report
