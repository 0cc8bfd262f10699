#include "formats/dockerfile.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "formats/dockerfile_lines.h"

namespace touchstone::formats {
namespace {

constexpr std::string_view digits = "0123456789";

// Variables that the builder sets, to what nobody knows here.
constexpr std::array<std::string_view, 11> platform_variables = {
    "BUILDPLATFORM", "BUILDOS",        "BUILDOSVERSION", "BUILDARCH",
    "BUILDVARIANT",  "TARGETPLATFORM", "TARGETOS",       "TARGETOSVERSION",
    "TARGETARCH",    "TARGETVARIANT",  "TARGETSTAGE"};

// Flags that need no value. Of all others a builder might take the next word for it.
constexpr std::array<std::string_view, 4> switches = {"--link", "--parents", "--keep-git-dir",
                                                      "--unpack"};

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

constexpr std::string_view name_hint = "names are of letters, digits and _, of ASCII";

bool is_name(std::string_view text) {
  return !text.empty() && !digits.contains(text.front()) &&
         text.find_first_not_of(name_characters) == std::string_view::npos;
}

// BuildKit takes escapes and quotes out of a flag, and parts it at bytes that are blanks in
// Latin-1. So it is plain ASCII, and what is in quotes holds no others.
Status check_flag(std::string_view word, const Instruction& instruction, char escape) {
  const auto is_plain = [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x80 && c != '\\' && c != escape;
  };
  const auto count = [&](char quote) { return std::ranges::count(word, quote); };
  const bool mixed = count('"') != 0 && count('\'') != 0;
  if (std::ranges::all_of(word, is_plain) && !mixed && count('"') % 2 == 0 &&
      count('\'') % 2 == 0) {
    return ok();
  }
  return error_about(instruction.line, "the flag ", word, " holds more than plain text",
                     "write it without escapes, blanks and quotes");
}

// Takes the flags, which come first, off the words; they lose their quotes.
Result<std::vector<std::string>> take_flags(std::vector<std::string>& words,
                                            const Instruction& instruction, char escape) {
  const auto end =
      std::ranges::find_if(words, [](const std::string& word) { return !word.starts_with("--"); });
  std::vector<std::string> flags;
  for (auto word = words.begin(); word != end; ++word) {
    TS_CHECK(check_flag(*word, instruction, escape));
    flags.push_back(without_quotes(*word));
    if (flags.back().contains('=') || is_one_of(switches, flags.back())) continue;
    return error_about(instruction.line, "the flag ", *word, " has no value", "write FLAG=VALUE");
  }
  words.erase(words.begin(), end);
  return flags;
}

Error too_large(std::size_t line) {
  return {Code::limit_size, std::to_string(line) + ": variables make too much of it",
          "a value has at most 4 KiB, all of them 1 MiB"};
}

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
      if (out.size() > limits::max_dockerfile_value_bytes) {
        return too_large(line_);
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
    const bool goes_on = !word.empty() && static_cast<unsigned char>(word.front()) > 0x7F;
    if (!is_name(name) || goes_on) {
      return line_error(line_, "a '$' without a name", name_hint);
    }
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
    if ((sign != "-" && sign != "+") || word.find_first_of("$'\"\\`") != std::string_view::npos) {
      return line_error(line_, "\"${" + printable(name) + printable(form) + "}\" is not understood",
                        "write the image out, or name it in a list");
    }
    if (found == variables_.end() && is_one_of(platform_variables, name)) return value_of(name);
    const bool set = found != variables_.end() && !(colon && found->second.empty());
    if (sign == "-") return set ? found->second : std::string(word);
    return set ? std::string(word) : std::string();
  }

  Result<std::string> value_of(const std::string& name) const {
    const auto found = variables_.find(name);
    if (found != variables_.end()) return found->second;
    return error_about(line_, "the variable ", name, " has no value",
                       "give it as the build gets it: --build-arg NAME=VALUE");
  }

  const Variables& variables_;
  std::size_t line_;
  char escape_;
};

class Dockerfile {
 public:
  explicit Dockerfile(const Variables& arguments) : arguments_(arguments) {
    for (const auto& [name, value] : arguments) {
      if (is_one_of(platform_variables, name)) variables_[name] = value;
    }
  }

  Result<NamedImages> read(std::string_view text) {
    TS_CHECK(lines_.open(text));
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
    if (instruction.name == "onbuild") {
      return read_sources(instruction_of(instruction.line, instruction.rest));
    }
    return read_sources(instruction);
  }

  // Those before the first FROM hold in all FROMs.
  Status read_argument(const Instruction& instruction) {
    for (const std::string& word : words_of(instruction.rest, lines_.escape())) {
      const std::string name = word.substr(0, word.find('='));
      if (!is_name(name)) {
        return error_about(instruction.line, "ARG ", name, " is no variable", name_hint);
      }
      if (const auto given = arguments_.find(name); given != arguments_.end()) {
        variables_[name] = given->second;
      } else if (word.size() > name.size()) {
        const std::string_view value = std::string_view(word).substr(name.size() + 1);
        TS_TRY(variables_[name], expanded(value, instruction.line));
      }
    }
    return ok();
  }

  // FROM [--platform=P] IMAGE [AS NAME]
  Status read_from(const Instruction& instruction) {
    std::vector<std::string> words = words_of(instruction.rest, lines_.escape());
    TS_CHECK(take_flags(words, instruction, lines_.escape()));
    if (words.size() != 1 && (words.size() != 3 || ascii_lower(words[1]) != "as")) {
      return line_error(instruction.line, "FROM takes an image, and perhaps AS and a name");
    }
    TS_TRY(std::string image, expanded(words[0], instruction.line));
    if (image.empty()) return line_error(instruction.line, "FROM names no image");
    if (image != "scratch" && !is_stage(image)) add(std::move(image), instruction.line);
    ++stages_;
    if (words.size() == 3) names_.insert(ascii_lower(words[2]));
    return ok();
  }

  // All that variables make of a file is no more than a file may have.
  Result<std::string> expanded(std::string_view word, std::size_t line) {
    TS_TRY(std::string value, Expansion(variables_, line, lines_.escape()).of(word));
    expanded_bytes_ += value.size();
    if (expanded_bytes_ > limits::max_dockerfile_bytes) {
      return too_large(line);
    }
    return value;
  }

  // COPY --from=SOURCE, RUN --mount=type=bind,from=SOURCE
  Status read_sources(const Instruction& instruction) {
    const bool copies = instruction.name == "copy" || instruction.name == "add";
    if (!copies && instruction.name != "run") return ok();
    std::vector<std::string> words = words_of(instruction.rest, lines_.escape());
    TS_TRY(const auto flags, take_flags(words, instruction, lines_.escape()));
    for (const std::string& flag : flags) {
      if (copies && flag.starts_with("--from=")) {
        TS_CHECK(read_copied(flag.substr(7), instruction.line));
      }
      if (!copies && flag.starts_with("--mount=")) {
        TS_CHECK(read_mount(std::string_view(flag).substr(8), instruction.line));
      }
    }
    return ok();
  }

  // A number is a stage's.
  Status read_copied(const std::string& source, std::size_t line) {
    if (source.empty() || source.find_first_not_of(digits) != std::string::npos) {
      return add_source(source, line);
    }
    if (source.size() < 9 && std::stoul(source) < stages_) return ok();
    return line_error(line, "there is no stage " + source + " before it");
  }

  // A number would be an image's name.
  Status read_mount(std::string_view mount, std::size_t line) {
    for (const std::string_view part : split(mount, ',')) {
      const std::size_t equals = std::min(part.find('='), part.size());
      if (ascii_lower(part.substr(0, equals)) != "from") continue;
      TS_CHECK(add_source(std::string(part.substr(std::min(equals + 1, part.size()))), line));
    }
    return ok();
  }

  Status add_source(const std::string& source, std::size_t line) {
    if (source.empty()) return line_error(line, "from= names nothing");
    if (source.contains('$')) {
      return line_error(line, "a variable in from=" + printable(source),
                        "make it a stage: FROM IMAGE AS NAME, and from=NAME");
    }
    if (source != "scratch" && !is_stage(source)) add(source, line);
    return ok();
  }

  bool is_stage(const std::string& name) const { return names_.contains(ascii_lower(name)); }

  void add(std::string image, std::size_t line) {
    found_.images.push_back({std::move(image), line});
  }

  DockerfileLines lines_;
  const Variables& arguments_;
  Variables variables_;
  std::set<std::string> names_;  // of stages, lower case
  std::size_t stages_ = 0;
  std::size_t expanded_bytes_ = 0;
  NamedImages found_;
};

}  // namespace

Result<NamedImages> read_dockerfile(std::string_view text,
                                    const std::map<std::string, std::string>& arguments) {
  return Dockerfile(arguments).read(text);
}

}  // namespace touchstone::formats
