#include "cli/policy_cases.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"

namespace touchstone::cli {
namespace {

constexpr std::size_t max_cases = 100'000;

Result<judge::Record> parse(ByteView text, const std::string& name) {
  auto record = judge::Record::parse(text);
  if (record) return record;
  return in_context(std::move(record).error(), Code::format_file, name);
}

Result<std::vector<Case>> cases_of_lines(const std::string& path) {
  TS_TRY(const Bytes text, read_file(path, judge::max_record_bytes));
  std::vector<Case> cases;
  std::size_t number = 0;
  for (const std::string_view line : split(as_text(text), '\n')) {
    ++number;
    if (line.empty()) continue;
    std::string name = printable(path) + ":" + std::to_string(number);
    TS_TRY(judge::Record record, parse(as_bytes(line), name));
    cases.push_back({std::move(name), std::move(record)});
  }
  return cases;
}

Result<std::vector<std::string>> files_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
    if (files.size() > max_cases) {
      return Error{Code::limit_count, "more than " + std::to_string(max_cases) + " cases", ""};
    }
  }
  if (failed) {
    return Error{Code::usage_file, "\"" + printable(folder) + "\": " + failed.message(), ""};
  }
  std::ranges::sort(files);
  return files;
}

Result<std::vector<Case>> cases_of_folder(const std::string& folder) {
  TS_TRY(const auto files, files_of(folder));
  std::vector<Case> cases;
  for (const std::string& file : files) {
    TS_TRY(const Bytes text, read_file(file, judge::max_record_bytes));
    TS_TRY(judge::Record record, parse(text, printable(file)));
    cases.push_back(
        {printable(std::filesystem::path(file).filename().string()), std::move(record)});
  }
  return cases;
}

}  // namespace

Result<std::vector<Case>> read_cases(const std::string& path) {
  std::error_code ignored;
  TS_TRY(std::vector<Case> cases, std::filesystem::is_directory(path, ignored)
                                      ? cases_of_folder(path)
                                      : cases_of_lines(path));
  if (!cases.empty()) return cases;
  return Error{Code::usage_arguments, "no cases are in \"" + printable(path) + "\"",
               "`touchstone verify --policy FILE --record DIR IMAGE` records one"};
}

}  // namespace touchstone::cli
