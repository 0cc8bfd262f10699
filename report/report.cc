#include "report/report.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/github.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/sarif.h"
#include "report/vsa.h"

namespace touchstone::report {
namespace {

constexpr std::array<FormInfo, 8> forms = {{
    {Form::text, "text", "the pinned references of the images that are accepted, one a line"},
    {Form::json, "json", "all that was found, for programs"},
    {Form::sarif, "sarif", "SARIF 2.1.0, for code scanning"},
    {Form::junit, "junit", "JUnit XML, a test case for each image"},
    {Form::github, "github", "workflow commands: annotations on GitHub"},
    {Form::markdown, "markdown", "a summary for a job or a comment"},
    {Form::html, "html", "one page that shows how each image is trusted"},
    {Form::vsa, "vsa", "SLSA verification summaries, one a line"},
}};

// An image that a rule lets pass though it could not be resolved has no pinned reference.
std::string to_text(const judge::Report& report) {
  std::string text;
  for (const judge::ImageVerdict& image : report.images) {
    const std::string& pinned = image.pinned;
    if (image.verdict.outcome != judge::Outcome::allow || pinned.empty()) continue;
    text += (is_printable(pinned) && !pinned.contains("##") ? pinned : printable(pinned)) + "\n";
  }
  return text;
}

}  // namespace

std::span<const FormInfo> all_forms() { return forms; }

std::optional<Form> form_by_name(std::string_view name) {
  const auto found = std::ranges::find(forms, name, &FormInfo::name);
  if (found == forms.end()) return std::nullopt;
  return found->form;
}

std::string_view form_name(Form form) { return forms.at(static_cast<std::size_t>(form)).name; }

std::string write(Form form, const Input& input) {
  switch (form) {
    case Form::text:
      return to_text(input.report);
    case Form::json:
      return to_json(input);
    case Form::sarif:
      return to_sarif(input);
    case Form::junit:
      return to_junit(input.report);
    case Form::github:
      return to_github(input.report);
    case Form::markdown:
      return to_markdown(input.report);
    case Form::html:
      return to_html(input);
    case Form::vsa:
      return to_vsa(input);
  }
  return "";
}

}  // namespace touchstone::report
