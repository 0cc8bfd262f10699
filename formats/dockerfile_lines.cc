#include "formats/dockerfile_lines.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view digits = "0123456789";

constexpr std::array<std::string_view, 18> instructions = {
    "add",    "arg",   "cmd",         "copy",  "entrypoint", "env",
    "expose", "from",  "healthcheck", "label", "maintainer", "onbuild",
    "run",    "shell", "stopsignal",  "user",  "volume",     "workdir"};

std::string_view without_leading_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string_view trimmed(std::string_view text) {
  return without_trailing_blanks(without_leading_blanks(text));
}

bool is_comment(std::string_view line) { return without_leading_blanks(line).starts_with('#'); }

bool is_passed_over(std::string_view line) {
  return without_leading_blanks(line).empty() || is_comment(line);
}

// Whether `text` begins with what Unicode calls white space, beyond ASCII: BuildKit trims those.
bool begins_with_foreign_blank(std::string_view text) {
  for (const std::string_view blank :
       {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
        "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    if (text.starts_with(blank)) return true;
  }
  // U+2000 to U+200A
  return text.starts_with("\xE2\x80") && text.size() > 2 &&
         static_cast<unsigned char>(text[2]) <= 0x8A;
}

// Some builders take these for blanks or line ends, others do not.
Status check_characters(std::size_t number, std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
      return line_error(number, "a control character",
                        "of those, only tabs and line ends are taken");
    }
    if (begins_with_foreign_blank(line.substr(i))) {
      return line_error(number, "a blank that is no ASCII", "write it as an ordinary blank");
    }
  }
  return ok();
}

Status check_name(const Instruction& instruction) {
  if (std::ranges::find(instructions, instruction.name) != instructions.end()) return ok();
  return error_about(instruction.line, "", instruction.name, " is no instruction",
                     "name a list of images *.txt");
}

struct Heredoc {
  std::string_view end;
  bool tabs_off = false;
};

// "<<EOF", "3<<-'EOF'", and nothing else: names that need quotes are not taken.
std::optional<Heredoc> heredoc_of(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of(digits), word.size()));
  if (!word.starts_with("<<")) return std::nullopt;
  word.remove_prefix(2);
  const bool tabs_off = word.starts_with('-');
  if (tabs_off) word.remove_prefix(1);
  // All quotes are closed; one in the midst of a name is no part of it.
  if (word.starts_with('"') || word.starts_with('\'')) word = word.substr(1, word.size() - 2);
  const auto is_of_name = [](char c) {
    return name_characters.contains(c) || c == '.' || c == '-';
  };
  if (word.empty() || !name_characters.contains(word.front())) return std::nullopt;
  if (!std::ranges::all_of(word, is_of_name)) return std::nullopt;
  return Heredoc{word, tabs_off};
}

// "$((1<<4))", in one word: no heredoc for anybody, unless a blank behind "<<" joins the next word.
bool is_arithmetic(std::string_view word, std::size_t shift) {
  return word.substr(0, shift).contains("$((") && !word.ends_with('<');
}

// The heredocs, parts of `instruction`, of a line whose words everybody parts in the same way.
class HeredocReader {
 public:
  explicit HeredocReader(const Instruction& instruction, char escape)
      : line_(instruction.line), text_(instruction.rest), escape_(escape) {}

  Status read() {
    if (!text_.contains("<<")) return ok();
    // BuildKit's reader of heredocs has escapes of its own, whatever the directive says.
    if (text_.contains('\\') || text_.contains(escape_)) return refusal("\\");
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote_ == '\0' && blanks.contains(c)) {
        TS_CHECK(end_word(i));
        continue;
      }
      // Behind forms that it does not know BuildKit reads no heredoc at all.
      if (quote_ != '\'' && text_.substr(i).starts_with("${") && !is_plain_variable(i)) {
        return refusal("${");
      }
      if (quote_ == '\0' && shift_ == npos && text_.substr(i).starts_with("<<")) {
        shift_ = i;
      }
      if (c == quote_) {
        quote_ = '\0';
      } else if (quote_ == '\0' && (c == '"' || c == '\'')) {
        quote_ = c;
      }
    }
    if (quote_ != '\0') return refusal(std::string_view(&quote_, 1));
    return end_word(text_.size());
  }

  const std::vector<Heredoc>& found() const { return found_; }

 private:
  static constexpr std::size_t npos = std::string_view::npos;

  Status end_word(std::size_t end) {
    const std::size_t begin = std::exchange(begin_, end + 1);
    const std::size_t shift = std::exchange(shift_, npos);
    if (shift == npos) return ok();
    const std::string_view word = text_.substr(begin, end - begin);
    if (const auto heredoc = heredoc_of(word)) {
      found_.push_back(*heredoc);
      return ok();
    }
    if (is_arithmetic(word, shift - begin)) return ok();
    return refusal(word);
  }

  bool is_plain_variable(std::size_t dollar) const {
    const std::string_view name = text_.substr(dollar + 2);
    const std::size_t end = name.find_first_not_of(name_characters);
    return end != npos && end > 0 && !digits.contains(name.front()) && name[end] == '}';
  }

  Error refusal(std::string_view why) const {
    return error_about(
        line_, "not clear whether it is a heredoc: ", why, "",
        "write <<NAME or <<\"NAME\" as a word of its own, without backslashes or open "
        "quotes beside it; put other uses of << into a script");
  }

  std::size_t line_;
  std::string_view text_;
  char escape_;
  std::size_t begin_ = 0;     // of the word
  std::size_t shift_ = npos;  // of the first "<<" in it that stands in no quotes
  char quote_ = '\0';
  std::vector<Heredoc> found_;
};

bool takes_heredocs(const Instruction& instruction) {
  return instruction.name == "run" || instruction.name == "copy" || instruction.name == "add";
}

}  // namespace

Instruction instruction_of(std::size_t line, std::string_view text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(blanks), text.size());
  return {line, ascii_lower(text.substr(0, end)),
          std::string(without_leading_blanks(text.substr(end)))};
}

std::vector<std::string> words_of(std::string_view text, char escape) {
  std::vector<std::string> words;
  std::string word;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && blanks.contains(c)) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
      continue;
    }
    word += c;
    if (c == escape && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string without_quotes(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c != '"' && c != '\'') out += c;
  }
  return out;
}

Error error_about(std::size_t line, std::string_view before, std::string_view what,
                  std::string_view after, std::string_view hint) {
  std::string why(before);
  why += '"';
  why += printable(what);
  why += '"';
  why += after;
  return line_error(line, why, hint);
}

Status DockerfileLines::open(std::string_view text) {
  if (text.size() > limits::max_dockerfile_bytes) {
    return Error{Code::limit_size, "1: the Dockerfile is larger than 1 MiB",
                 "name a list of images *.txt, manifests *.yaml"};
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with("#!") || text.starts_with("//")) {
    return error_about(1, "", text.substr(0, 2), " on the first line",
                       "BuildKit reads directives behind it; begin with # syntax=, or FROM");
  }
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_.push_back(line);
    TS_CHECK(check_characters(lines_.size(), line));
  }
  return read_directives();
}

// "# name=value" lines before all else.
Status DockerfileLines::read_directives() {
  std::set<std::string> seen;
  for (; at_ < lines_.size() && is_comment(lines_[at_]); ++at_) {
    const std::string_view text = without_leading_blanks(lines_[at_]).substr(1);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return ok();
    const std::string name = ascii_lower(trimmed(text.substr(0, equals)));
    const std::string_view value = trimmed(text.substr(equals + 1));
    if (value.empty() || (name != "escape" && name != "syntax" && name != "check")) return ok();
    if (!seen.insert(name).second) {
      return error_about(at_ + 1, "a second directive ", name, "", "leave one of them");
    }
    TS_CHECK(read_directive(name, value));
  }
  return ok();
}

Status DockerfileLines::read_directive(const std::string& name, std::string_view value) {
  if (name == "syntax") {
    syntax_ = NamedImage{std::string(value.substr(0, value.find_first_of(blanks))), at_ + 1};
  }
  if (name != "escape") return ok();
  if (value != "`" && value != "\\") {
    return error_about(at_ + 1, "the escape is ", value, "", "it is ` or \\");
  }
  escape_ = value.front();
  return ok();
}

Result<std::optional<Instruction>> DockerfileLines::next() {
  while (at_ < lines_.size() && is_passed_over(lines_[at_])) ++at_;
  if (at_ == lines_.size()) return std::optional<Instruction>();
  const std::size_t line = at_ + 1;
  Instruction instruction = instruction_of(line, take_continued());
  TS_CHECK(check_name(instruction));
  if (instruction.name == "onbuild") {
    const Instruction trigger = instruction_of(line, instruction.rest);
    TS_CHECK(check_name(trigger));
    TS_CHECK(pass_heredocs(trigger));
  }
  TS_CHECK(pass_heredocs(instruction));
  return std::optional<Instruction>(std::move(instruction));
}

// A line goes on behind one escape at its end; comments and blank lines in between are passed.
std::string DockerfileLines::take_continued() {
  std::string whole;
  while (at_ < lines_.size()) {
    const std::string_view line = lines_[at_++];
    if (!whole.empty() && is_passed_over(line)) continue;
    const std::string_view text = without_trailing_blanks(line);
    const bool goes_on =
        text.ends_with(escape_) && (text.size() < 2 || text[text.size() - 2] != escape_);
    if (!goes_on) return whole + std::string(line);
    whole += text.substr(0, text.size() - 1);
    if (whole.empty()) whole = " ";
  }
  return whole;
}

Status DockerfileLines::pass_heredocs(const Instruction& instruction) {
  if (!takes_heredocs(instruction)) return ok();
  HeredocReader heredocs(instruction, escape_);
  TS_CHECK(heredocs.read());
  for (const Heredoc& heredoc : heredocs.found()) {
    bool ended = false;
    while (!ended && at_ < lines_.size()) {
      std::string_view line = lines_[at_++];
      if (heredoc.tabs_off) {
        line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      }
      ended = line == heredoc.end;
    }
    if (!ended) {
      return error_about(instruction.line, "the heredoc ", heredoc.end, " has no end");
    }
  }
  return ok();
}

}  // namespace touchstone::formats
