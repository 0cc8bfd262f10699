// The instructions of a Dockerfile, and the directives before them.
//
// Spec: the Dockerfile reference, and BuildKit's parser where that is silent: heredocs, continued
// lines and the directive `escape` are followed, so that what is no instruction is taken for none.
//
// Refused is what builders read differently, or what is not worth following them into: control
// characters but tab and line ends, blanks beyond ASCII; `#!` or `//` on the first line, a
// directive twice; instructions that nobody knows; a `<<` that may or may not begin a heredoc, a
// heredoc without an end; more than limits::max_dockerfile_bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/named_images.h"

namespace touchstone::formats {

// What variables' and heredocs' names are made of.
constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

struct Instruction {
  std::size_t line;
  std::string name;  // lower case
  std::string rest;
};

// The instruction behind ONBUILD, or the like: the first word of `text`, and what follows it.
Instruction instruction_of(std::size_t line, std::string_view text);

// Words as a shell parts them, each as it stands: blanks in quotes or behind the escape part none.
std::vector<std::string> words_of(std::string_view text, char escape);

std::string without_quotes(std::string_view word);

// "LINE: BEFORE "WHAT" AFTER".
Error error_about(std::size_t line, std::string_view before, std::string_view what,
                  std::string_view after, std::string_view hint = "");

class DockerfileLines {
 public:
  // Before all else; `text` must outlive it. Errors: format.file, limit.size.
  Status open(std::string_view text);

  char escape() const { return escape_; }
  const std::optional<NamedImage>& syntax() const { return syntax_; }

  // Nothing at the end. Errors: format.file.
  Result<std::optional<Instruction>> next();

 private:
  Status read_directives();
  Status read_directive(const std::string& name, std::string_view value);
  std::string take_continued();
  Status pass_heredocs(const Instruction& instruction);

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  char escape_ = '\\';
  std::optional<NamedImage> syntax_;
};

}  // namespace touchstone::formats
