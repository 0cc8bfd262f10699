#include "cli/shared/report_outputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "cli/shared/command_info.h"
#include "cli/shared/output.h"

namespace touchstone::cli {
namespace {

using report::Form;

Error usage(std::string message, std::string hint = "") {
  return {Code::usage_arguments, std::move(message), std::move(hint)};
}

std::string names_of_forms() {
  std::vector<std::string> names;
  for (const report::FormInfo& form : report::all_forms()) names.emplace_back(form.name);
  return join(names, ", ");
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash + 1);
}

// However the two are written.
bool is_same_file(const std::string& a, const std::string& b) {
  struct stat of_a{};
  struct stat of_b{};
  const std::size_t name_of_a = a.rfind('/') + 1;  // 0 where there is no slash
  const std::size_t name_of_b = b.rfind('/') + 1;
  return a.substr(name_of_a) == b.substr(name_of_b) && stat(folder_of(a).c_str(), &of_a) == 0 &&
         stat(folder_of(b).c_str(), &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

// A file that is to be replaced is one, and its folder can be written to.
Status check_file(const std::string& file) {
  struct stat info{};
  if (lstat(file.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Error{Code::usage_file, "\"" + printable(file) + "\" is there and is no file", ""};
  }
  const std::string folder = folder_of(file);
  if (access(folder.c_str(), W_OK | X_OK) == 0) return ok();
  return Error{
      Code::usage_file,
      "cannot write to the folder of \"" + printable(file) + "\": " + system_message(errno), ""};
}

// "https://gate.example/prod": a scheme, and something behind it that can be seen.
bool is_uri(std::string_view text) {
  constexpr std::string_view scheme =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  return text.substr(0, colon).find_first_not_of(scheme) == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Result<std::string> SummarySigner::sign(const report::Input& input) {
  return report::write(Form::vsa, input);
}

void ReportOutputs::declare(CLI::App& command) {
  std::vector<std::string> names;
  for (const report::FormInfo& form : report::all_forms()) names.emplace_back(form.name);
  offer(
      *command
           .add_option("-o,--output", given_,
                       "report as " + join(names, ", ") + ", into FILE or in the place of the list")
           ->type_name("FORMAT[=FILE]")
           ->allow_extra_args(false),
      names);
  command.add_option("--vsa-verifier", verifier_, "who judges, in verification summaries")
      ->type_name("URI");
  signer_->declare(command);
}

Status ReportOutputs::add(const std::string& text) {
  const std::size_t equals = text.find('=');
  const auto form = report::form_by_name(text.substr(0, equals));
  if (!form) {
    return usage("--output knows no \"" + printable(text.substr(0, equals)) + "\"",
                 "one of " + names_of_forms());
  }
  Output output{*form, equals == std::string::npos ? "" : text.substr(equals + 1)};
  if (equals != std::string::npos && (output.file.empty() || output.file == "-")) {
    return usage("--output " + printable(text) + " names no file",
                 "leave out the \"=\" to have it on standard output");
  }
  if (!output.file.empty()) TS_CHECK(check_file(output.file));
  for (const Output& other : outputs_) {
    if (output.file.empty() && other.file.empty()) {
      return usage("two forms of --output for standard output", "give all but one =FILE");
    }
    if (output.file.empty() || other.file.empty() || !is_same_file(output.file, other.file))
      continue;
    return usage("two forms of --output for \"" + printable(output.file) + "\"");
  }
  outputs_.push_back(std::move(output));
  return ok();
}

Status ReportOutputs::check_verifier() const {
  if (!has(Form::vsa)) {
    if (verifier_.empty() && !signer_->given()) return ok();
    return usage("--vsa-verifier and --vsa-key are for --output vsa");
  }
  if (is_uri(verifier_)) return ok();
  return usage("--output vsa needs --vsa-verifier, a URI",
               "say who judges, for example https://gate.example/production");
}

Status ReportOutputs::prepare(std::size_t images) {
  for (const std::string& text : given_) TS_CHECK(add(text));
  TS_CHECK(check_verifier());
  return signer_->given() ? signer_->prepare(images) : ok();
}

bool ReportOutputs::has(Form form) const {
  return std::ranges::find(outputs_, form, &Output::form) != outputs_.end();
}

bool ReportOutputs::tells_people() const {
  return std::ranges::none_of(outputs_, [](const Output& output) {
    return output.file.empty() && output.form != Form::text;
  });
}

bool ReportOutputs::tells_programs() const {
  return std::ranges::any_of(outputs_,
                             [](const Output& output) { return output.form != Form::text; });
}

Result<std::string> ReportOutputs::text_of(Form form, const report::Input& input) const {
  if (form == Form::vsa && signer_->given()) return signer_->sign(input);
  return report::write(form, input);
}

// All that can fail before the first file is replaced: a set of reports is of one run.
Status ReportOutputs::write(report::Input input) const {
  input.verifier = verifier_;
  std::map<Form, std::string> texts;  // made once, and signed once
  Form on_standard_output = Form::text;
  for (const Output& output : outputs_) {
    if (output.file.empty()) on_standard_output = output.form;
    if (texts.contains(output.form)) continue;
    TS_TRY(texts[output.form], text_of(output.form, input));
  }
  if (!texts.contains(on_standard_output)) {
    TS_TRY(texts[on_standard_output], text_of(on_standard_output, input));
  }
  for (const Output& output : outputs_) {
    if (output.file.empty()) continue;
    TS_CHECK(replace_file(output.file, as_bytes(texts[output.form]), 0644));
  }
  return print(texts[on_standard_output]);
}

}  // namespace touchstone::cli
