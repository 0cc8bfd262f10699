// The forms of a report, by name; and the one thing that all of them are made from.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "formats/json.h"
#include "judge/verdict.h"

namespace touchstone::report {

enum class Form : std::uint8_t { text, json, sarif, junit, github, markdown, html, vsa };

struct FormInfo {
  Form form;
  std::string_view name;
  std::string_view description;  // for people, no full stop
};
std::span<const FormInfo> all_forms();
std::optional<Form> form_by_name(std::string_view name);
std::string_view form_name(Form form);

// What reports are made from. Refers to its parts.
struct Input {
  const judge::Report& report;
  std::string_view version;                 // of the program
  std::string_view verifier = {};           // for summaries: a URI that names who judges
  const formats::Json* demanded = nullptr;  // of images judged without a policy: verify::to_json()
};

// The report in that form, as it is written to a file. Pure.
std::string write(Form form, const Input& input);

}  // namespace touchstone::report
