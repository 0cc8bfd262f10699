#include "report/github.h"

#include <string_view>
#include <utility>

#include "report/words.h"

namespace touchstone::report {
namespace {

constexpr std::size_t max_annotations = 10;  // of a level; GitHub shows no more of a step

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string title(const judge::ImageVerdict& image, Standing standing) {
  const std::string_view what =
      standing == Standing::warned ? "would be refused" : standing_name(standing);
  return std::string(what) + " (" + std::string(slug(code_of(image.verdict))) + ")";
}

std::string annotation(std::string_view level, const judge::ImageVerdict& image) {
  const judge::Verdict& verdict = image.verdict;
  std::string line =
      "::" + std::string(level) + " title=" + escaped(title(image, standing(verdict)), true);
  if (!image.named_at.empty() && image.named_at.front().file != "-") {
    const judge::NamedAt& place = image.named_at.front();
    line += ",file=" + escaped(shown_place({place.file, 0}), true);
    if (place.line > 0) line += ",line=" + std::to_string(place.line);
  }
  std::string message = shown_name(image) + ": " + shown_reason(verdict);
  if (!verdict.rule.empty()) message += " (" + rule_text(verdict) + ")";
  return line + "::" + escaped(message, false) + "\n";
}

// Those of one level. The last that is shown says how many were not.
std::string annotations(std::string_view level, const std::vector<const judge::ImageVerdict*>& of) {
  std::string text;
  const std::size_t shown = of.size() > max_annotations ? max_annotations - 1 : of.size();
  for (std::size_t i = 0; i < shown; ++i) text += annotation(level, *of[i]);
  if (of.size() > shown) {
    text += "::" + std::string(level) + " title=touchstone::" + std::to_string(of.size() - shown) +
            " more images are not shown here; the other reports have them\n";
  }
  return text;
}

}  // namespace

std::string to_github(const judge::Report& report) {
  std::vector<const judge::ImageVerdict*> errors;
  std::vector<const judge::ImageVerdict*> warnings;
  for (const judge::ImageVerdict& image : report.images) {
    switch (standing(image.verdict)) {
      case Standing::accepted:
        break;
      case Standing::warned:
        warnings.push_back(&image);
        break;
      case Standing::refused:
      case Standing::undecided:
        errors.push_back(&image);
        break;
    }
  }
  return annotations("error", errors) + annotations("warning", warnings) +
         "::notice title=touchstone::" + escaped(describe(count(report)), false) + "\n";
}

}  // namespace touchstone::report
