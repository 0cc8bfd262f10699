#include "formats/dockerfile.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

std::string_view without_leading_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

struct Instruction {
  std::size_t line;
  std::string name;  // lower case
  std::string rest;
};

// Words as a shell parts them, each as it stands: blanks in quotes or behind the escape part none.
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

// The document that a word begins: "<<EOF", "3<<-'EOF'".
struct Heredoc {
  std::string end;
  bool tabs_off = false;
};
std::optional<Heredoc> heredoc_of(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of("0123456789"), word.size()));
  if (!word.starts_with("<<")) return std::nullopt;
  word.remove_prefix(2);
  Heredoc heredoc;
  if (word.starts_with('-')) {
    heredoc.tabs_off = true;
    word.remove_prefix(1);
  }
  heredoc.end = without_quotes(word);
  if (heredoc.end.empty() || word.contains('<')) return std::nullopt;
  return heredoc;
}

// The instructions of a file, and the directives before them.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (std::string_view line : split(text, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      lines_.push_back(line);
    }
    read_directives();
  }

  char escape() const { return escape_; }
  const std::optional<NamedImage>& syntax() const { return syntax_; }

  // Nothing at the end.
  Result<std::optional<Instruction>> next() {
    while (at_ < lines_.size() && is_passed_over(lines_[at_])) ++at_;
    if (at_ == lines_.size()) return std::optional<Instruction>();
    Instruction instruction;
    instruction.line = at_ + 1;
    const std::string whole = take_continued();
    const std::string_view text = without_leading_blanks(whole);
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    instruction.name = ascii_lower(text.substr(0, end));
    instruction.rest = without_trailing_blanks(without_leading_blanks(text.substr(end)));
    TS_CHECK(pass_heredocs(instruction));
    return std::optional<Instruction>(std::move(instruction));
  }

 private:
  static bool is_comment(std::string_view line) {
    return without_leading_blanks(line).starts_with('#');
  }
  static bool is_passed_over(std::string_view line) {
    return without_leading_blanks(line).empty() || is_comment(line);
  }

  // "# name=value" lines before all else.
  void read_directives() {
    for (; at_ < lines_.size() && is_comment(lines_[at_]); ++at_) {
      std::string_view text = without_leading_blanks(lines_[at_]).substr(1);
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) return;
      const std::string name =
          ascii_lower(without_trailing_blanks(without_leading_blanks(text.substr(0, equals))));
      const std::string_view value =
          without_trailing_blanks(without_leading_blanks(text.substr(equals + 1)));
      if (name == "escape" && value == "`") {
        escape_ = '`';
      } else if (name == "syntax") {
        syntax_ = NamedImage{std::string(value.substr(0, value.find_first_of(blanks))), at_ + 1};
      } else if (name != "escape" && name != "check") {
        return;
      }
    }
  }

  // A line goes on behind one escape at its end; comments and blank lines in between are passed.
  std::string take_continued() {
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

  Status pass_heredocs(const Instruction& instruction) {
    const std::string& name = instruction.name;
    if (name != "run" && name != "copy" && name != "add" && name != "onbuild") return ok();
    for (const std::string& word : words_of(instruction.rest, escape_)) {
      const auto heredoc = heredoc_of(word);
      if (!heredoc) continue;
      if (!pass_to(*heredoc)) {
        return line_error(instruction.line, "the heredoc " + quoted(heredoc->end) + " has no end");
      }
    }
    return ok();
  }

  bool pass_to(const Heredoc& heredoc) {
    while (at_ < lines_.size()) {
      std::string_view line = lines_[at_++];
      if (heredoc.tabs_off) {
        line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      }
      if (line == heredoc.end) return true;
    }
    return false;
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  char escape_ = '\\';
  std::optional<NamedImage> syntax_;
};

using Variables = std::map<std::string, std::string>;

// What a word says once quotes are gone and variables are replaced.
class Expansion {
 public:
  Expansion(const Variables& variables, std::size_t line, char escape)
      : variables_(variables), line_(line), escape_(escape) {}

  Result<std::string> of(std::string_view word) const {
    std::string out;
    char quote = '\0';
    while (!word.empty()) {
      const char c = word.front();
      if (c == escape_ && quote != '\'' && word.size() > 1) {
        out += word[1];
        word.remove_prefix(2);
      } else if (c == '$' && quote != '\'') {
        TS_TRY(const std::string value, variable(word));
        out += value;
      } else {
        if (quote == '\0' && (c == '"' || c == '\'')) {
          quote = c;
        } else if (c == quote) {
          quote = '\0';
        } else {
          out += c;
        }
        word.remove_prefix(1);
      }
    }
    return out;
  }

 private:
  // Takes "$NAME" or "${NAME...}" from the beginning of `word`.
  Result<std::string> variable(std::string_view& word) const {
    word.remove_prefix(1);
    const bool braces = word.starts_with('{');
    if (braces) word.remove_prefix(1);
    const std::string name(
        word.substr(0, std::min(word.find_first_not_of(name_characters), word.size())));
    word.remove_prefix(name.size());
    if (name.empty()) return line_error(line_, "a '$' without a name");
    if (!braces) return value_of(name);
    const std::size_t end = word.find('}');
    if (end == std::string_view::npos) return line_error(line_, "a \"${\" without an end");
    const std::string_view form = word.substr(0, end);
    word.remove_prefix(end + 1);
    return form.empty() ? value_of(name) : formed(name, form);
  }

  // ":-word", "-word", ":+word", "+word".
  Result<std::string> formed(const std::string& name, std::string_view form) const {
    const auto found = variables_.find(name);
    const bool colon = form.starts_with(':');
    const std::string_view sign = form.substr(colon ? 1 : 0, 1);
    const std::string_view word = form.substr(std::min<std::size_t>(colon ? 2 : 1, form.size()));
    if ((sign != "-" && sign != "+") || word.contains('$')) {
      return line_error(line_, "\"${" + printable(name) + printable(form) + "}\" is not understood",
                        "write the image out, or name it in a list");
    }
    const bool set = found != variables_.end() && !(colon && found->second.empty());
    if (sign == "-") return set ? found->second : std::string(word);
    return set ? std::string(word) : std::string();
  }

  Result<std::string> value_of(const std::string& name) const {
    const auto found = variables_.find(name);
    if (found != variables_.end()) return found->second;
    return line_error(line_, "the variable " + quoted(name) + " has no value",
                      "give it as the build gets it: --build-arg " + printable(name) + "=VALUE");
  }

  const Variables& variables_;
  std::size_t line_;
  char escape_;
};

class Dockerfile {
 public:
  Dockerfile(std::string_view text, const Variables& arguments)
      : lines_(text), arguments_(arguments) {}

  Result<NamedImages> read() {
    if (lines_.syntax()) found_.images.push_back(*lines_.syntax());
    while (true) {
      TS_TRY(const auto instruction, lines_.next());
      if (!instruction) break;
      TS_CHECK(read_one(*instruction));
    }
    if (stages_ == 0) return line_error(1, "there is no FROM");
    return std::move(found_);
  }

 private:
  Status read_one(const Instruction& instruction) {
    if (instruction.name == "arg" && stages_ == 0) return read_argument(instruction);
    if (instruction.name == "from") return read_from(instruction);
    if (instruction.name == "onbuild") return read_trigger(instruction);
    return read_sources(instruction);
  }

  // Those before the first FROM hold in all FROMs.
  Status read_argument(const Instruction& instruction) {
    const Expansion expansion(variables_, instruction.line, lines_.escape());
    for (const std::string& word : words_of(instruction.rest, lines_.escape())) {
      const std::string name = word.substr(0, word.find('='));
      if (const auto given = arguments_.find(name); given != arguments_.end()) {
        variables_[name] = given->second;
      } else if (word.size() > name.size()) {
        TS_TRY(variables_[name], expansion.of(word.substr(name.size() + 1)));
      }
    }
    return ok();
  }

  // FROM [--platform=P] IMAGE [AS NAME]
  Status read_from(const Instruction& instruction) {
    std::vector<std::string> words = words_of(instruction.rest, lines_.escape());
    std::erase_if(words, [](const std::string& word) { return word.starts_with("--"); });
    if (words.size() != 1 && (words.size() != 3 || ascii_lower(words[1]) != "as")) {
      return line_error(instruction.line, "FROM takes an image, and perhaps AS and a name");
    }
    const Expansion expansion(variables_, instruction.line, lines_.escape());
    TS_TRY(std::string image, expansion.of(words[0]));
    if (image.empty()) return line_error(instruction.line, "FROM names no image");
    if (image != "scratch" && !is_stage(image)) add(std::move(image), instruction.line);
    ++stages_;
    if (words.size() == 3) names_.push_back(ascii_lower(words[2]));
    return ok();
  }

  Status read_trigger(const Instruction& instruction) {
    const std::string_view text = instruction.rest;
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    return read_sources({instruction.line, ascii_lower(text.substr(0, end)),
                         std::string(without_leading_blanks(text.substr(end)))});
  }

  // COPY --from=SOURCE, RUN --mount=type=bind,from=SOURCE
  Status read_sources(const Instruction& instruction) {
    if (instruction.name != "copy" && instruction.name != "run") return ok();
    for (const std::string& raw : words_of(instruction.rest, lines_.escape())) {
      const std::string word = without_quotes(raw);
      if (!word.starts_with("--")) return ok();  // flags come first
      if (instruction.name == "copy" && word.starts_with("--from=")) {
        TS_CHECK(add_source(word.substr(7), instruction.line));
      }
      if (instruction.name == "run" && word.starts_with("--mount=")) {
        for (const std::string_view part : split(std::string_view(word).substr(8), ',')) {
          if (!part.starts_with("from=")) continue;
          TS_CHECK(add_source(std::string(part.substr(5)), instruction.line));
        }
      }
    }
    return ok();
  }

  Status add_source(std::string source, std::size_t line) {
    if (source.empty()) return line_error(line, "from= names nothing");
    if (source.contains('$')) {
      return line_error(line, "a variable in from=" + printable(source),
                        "make it a stage: FROM IMAGE AS NAME, and from=NAME");
    }
    if (source.find_first_not_of("0123456789") == std::string::npos) {
      if (source.size() < 9 && std::stoul(source) < stages_) return ok();
      return line_error(line, "there is no stage " + source + " before it");
    }
    if (source != "scratch" && !is_stage(source)) add(std::move(source), line);
    return ok();
  }

  bool is_stage(const std::string& name) const {
    return std::ranges::find(names_, ascii_lower(name)) != names_.end();
  }

  void add(std::string image, std::size_t line) {
    found_.images.push_back({std::move(image), line});
  }

  Lines lines_;
  const Variables& arguments_;
  Variables variables_;
  std::vector<std::string> names_;  // of stages, lower case
  std::size_t stages_ = 0;
  NamedImages found_;
};

}  // namespace

Result<NamedImages> read_dockerfile(std::string_view text,
                                    const std::map<std::string, std::string>& arguments) {
  return Dockerfile(text, arguments).read();
}

}  // namespace touchstone::formats
