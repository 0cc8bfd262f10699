#include "cli/doctor/findings.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "formats/json_fields.h"
#include "formats/shown_json.h"

namespace touchstone::cli {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::array<std::string_view, 3> grade_words = {"ok", "warning", "problem"};
constexpr std::size_t grade_columns = 9;

std::string_view word(Grade grade) { return grade_words[static_cast<std::size_t>(grade)]; }

Finding from_error(Grade grade, std::string check, const Error& error) {
  const std::string hint =
      error.hint.empty() ? std::string(code_info(error.code).hint) : error.hint;
  return Finding{grade, std::move(check), error.message, hint, error.code};
}

Json json_of(const Finding& finding) {
  Json json;
  json.set("check", Json(finding.check));
  json.set("result", Json(word(finding.grade)));
  json.set("finding", Json(finding.text));
  json.set("hint", finding.hint.empty() ? Json() : Json(finding.hint));
  json.set("code", finding.code ? Json(slug(*finding.code)) : Json());
  return json;
}

Json list_of(const Findings& findings) {
  Json::Array list;
  for (const Finding& finding : findings) list.push_back(json_of(finding));
  return Json(std::move(list));
}

Result<Finding> read_finding(const Fields& fields) {
  TS_CHECK(fields.only({"check", "result", "finding", "hint", "code"}));
  Finding finding;
  TS_TRY(finding.check, fields.string("check"));
  TS_TRY(finding.text, fields.string("finding"));
  TS_TRY(finding.hint, fields.string_or("hint", ""));
  TS_TRY(const std::string result, fields.string("result"));
  const auto grade = std::ranges::find(grade_words, result);
  if (grade == grade_words.end()) return fields.error("result", "is no result");
  finding.grade = static_cast<Grade>(grade - grade_words.begin());
  TS_TRY(const std::string code, fields.string_or("code", ""));
  finding.code = code_by_slug(code);
  const bool has_code = finding.code.has_value();
  if (!code.empty() && !has_code) return fields.error("code", "is no code");
  if (finding.grade == Grade::problem && !has_code) return fields.error("code", "is missing");
  return finding;
}

}  // namespace

Finding good(std::string check, std::string text) {
  return Finding{Grade::ok, std::move(check), std::move(text), "", std::nullopt};
}

Finding warning(std::string check, std::string text, std::string hint) {
  return Finding{Grade::warning, std::move(check), std::move(text), std::move(hint), std::nullopt};
}

Finding warning(std::string check, const Error& error) {
  return from_error(Grade::warning, std::move(check), error);
}

Finding problem(std::string check, const Error& error) {
  return from_error(Grade::problem, std::move(check), error);
}

void append(Findings& findings, Findings more) {
  std::ranges::move(more, std::back_inserter(findings));
}

std::string describe(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    std::string first(word(finding.grade));
    first.resize(grade_columns, ' ');
    text += first + printable(finding.check) + ": " + printable(finding.text) + "\n";
    if (finding.grade == Grade::ok) continue;
    std::string hint = printable(finding.hint);
    if (finding.code) {
      const std::string explain = "touchstone explain " + std::string(slug(*finding.code));
      hint = hint.empty() ? explain : hint + " (" + explain + ")";
    }
    text += std::string(grade_columns, ' ') + "hint: " + hint + "\n";
  }
  return text;
}

std::string to_json(const Findings& findings, std::chrono::sys_seconds now) {
  Json document;
  document.set("version", Json(std::uint64_t{1}));
  document.set("time", Json(to_rfc3339(now)));
  document.set("exitStatus", Json(static_cast<std::uint64_t>(exit_status(findings))));
  document.set("checks", list_of(findings));
  return formats::to_shown_text(document) + "\n";
}

int exit_status(const Findings& findings) {
  int gravest = 0;
  for (const Finding& finding : findings) {
    if (finding.grade != Grade::problem) continue;
    gravest =
        std::max(gravest, touchstone::exit_status(finding.code.value_or(Code::internal_error)));
  }
  return gravest;
}

std::string to_message(const Findings& findings) {
  Json document;
  document.set("checks", list_of(findings));
  return formats::to_text(document);
}

Result<Findings> read_message(std::string_view text) {
  TS_TRY(const Json document, formats::parse_json(as_bytes(text), limits::max_probe_answer_bytes));
  TS_TRY(const Fields fields, Fields::of(document));
  TS_CHECK(fields.only({"checks"}));
  TS_TRY(const auto list, fields.objects_or_empty("checks", limits::max_slots + 2));
  Findings findings;
  for (const Fields& entry : list) {
    TS_TRY(Finding finding, read_finding(entry));
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace touchstone::cli
