#include "policy/cel_lexer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace touchstone::policy::cel {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
constexpr std::string_view name_start = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::array<std::string_view, 24> symbols = {  // longer ones first
    "&&", "||", "==", "!=", "<=", ">=", "!", "<", ">", "+", "-", "*",
    "/",  "%",  "?",  ":",  ".",  ",",  "(", ")", "[", "]", "{", "}"};

// Unicode scalar values, but for NUL, which no text of ours holds.
bool is_character(std::uint32_t code) {
  return code > 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> all() {
    if (!is_valid_utf8(text_)) return syntax_error("", 0, "is no UTF-8");
    std::vector<Token> tokens;
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
      TS_TRY(Token token, next());
      tokens.push_back(std::move(token));
    }
    tokens.push_back({Token::Kind::end, at_, ""});
    return tokens;
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  bool at(std::string_view what) const { return rest().starts_with(what); }
  bool at_one_of(std::string_view set) const {
    return at_ < text_.size() && set.find(text_[at_]) != set.npos;
  }
  Error error(std::size_t offset, std::string_view what) const {
    return syntax_error(text_, offset, what);
  }

  void skip_blanks() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n\f", at_), text_.size());
      if (!at("//")) return;
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
  }

  std::string_view take_all(std::string_view set) {
    const std::size_t begin = at_;
    while (at_one_of(set)) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<Token> next() {
    const bool fraction =
        at(".") && at_ + 1 < text_.size() && digits.find(text_[at_ + 1]) != digits.npos;
    if (at_one_of(digits) || fraction) return number();
    if (at_one_of("rR") && at_ + 1 < text_.size() &&
        (text_[at_ + 1] == '"' || text_[at_ + 1] == '\'')) {
      ++at_;
      return string(at_ - 1, true);
    }
    if (at_one_of("\"'")) return string(at_, false);
    if (at_one_of(name_start)) return name();
    return symbol();
  }

  Result<Token> name() {
    const std::size_t begin = at_;
    while (at_one_of(name_start) || at_one_of(digits)) ++at_;
    if (at_one_of("\"'")) return error(begin, "bytes are not supported");
    return Token{Token::Kind::name, begin, std::string(text_.substr(begin, at_ - begin))};
  }

  Result<Token> symbol() {
    for (const std::string_view candidate : symbols) {
      if (!at(candidate)) continue;
      at_ += candidate.size();
      return Token{Token::Kind::symbol, at_ - candidate.size(), std::string(candidate)};
    }
    return error(at_, "an unknown character");
  }

  // What follows a number must not be glued to it: "1u", "0x", "1a".
  Result<Token> ended(Token::Kind kind, std::size_t begin) const {
    if (at_one_of("uU")) return error(begin, "unsigned integers are not supported");
    if (at_one_of(name_start) || at_one_of(digits)) return error(begin, "a malformed number");
    return Token{kind, begin, std::string(text_.substr(begin, at_ - begin))};
  }

  Result<Token> number() {
    const std::size_t begin = at_;
    if (at("0x") || at("0X")) {
      at_ += 2;
      if (take_all(hex_digits).empty()) return error(begin, "a malformed number");
      return ended(Token::Kind::integer, begin);
    }
    Token::Kind kind = Token::Kind::integer;
    (void)take_all(digits);
    if (at(".") && at_ + 1 < text_.size() && digits.find(text_[at_ + 1]) != digits.npos) {
      kind = Token::Kind::real;
      ++at_;
      (void)take_all(digits);
    }
    if (at_one_of("eE")) {
      kind = Token::Kind::real;
      ++at_;
      if (at_one_of("+-")) ++at_;
      if (take_all(digits).empty()) return error(begin, "a malformed number");
    }
    return ended(kind, begin);
  }

  // From the quotation mark on.
  Result<Token> string(std::size_t begin, bool raw) {
    const std::string mark(at(std::string(3, text_[at_])) ? 3 : 1, text_[at_]);
    at_ += mark.size();
    std::string contents;
    while (!at(mark)) {
      const bool ends = at_ == text_.size() || (mark.size() == 1 && at_one_of("\r\n"));
      if (ends) return error(begin, "a string that does not end");
      if (!raw && at("\\")) {
        TS_CHECK(escape(contents));
      } else {
        contents += text_[at_++];
      }
    }
    at_ += mark.size();
    return Token{Token::Kind::string, begin, std::move(contents)};
  }

  Status escape(std::string& contents) {
    constexpr std::string_view letters = "abfnrtv\\?\"'`";
    constexpr std::string_view meant = "\a\b\f\n\r\t\v\\?\"'`";
    const std::size_t begin = at_++;
    if (at_ == text_.size()) return error(begin, "a string that does not end");
    const char letter = text_[at_];
    if (const std::size_t place = letters.find(letter); place != letters.npos) {
      contents += meant[place];
      ++at_;
      return ok();
    }
    const auto code = numeric_escape(letter);
    if (!code || !is_character(*code)) return error(begin, "an escape that stands for nothing");
    append_utf8(contents, *code);
    return ok();
  }

  // \xHH, \uHHHH, \UHHHHHHHH and \ooo: a code point, by so many digits.
  std::optional<std::uint32_t> numeric_escape(char letter) {
    switch (letter) {
      case 'x':
      case 'X':
        ++at_;
        return code_of(2, 16);
      case 'u':
        ++at_;
        return code_of(4, 16);
      case 'U':
        ++at_;
        return code_of(8, 16);
      default:
        return letter >= '0' && letter <= '3' ? code_of(3, 8) : std::nullopt;
    }
  }

  std::optional<std::uint32_t> code_of(std::size_t width, unsigned base) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < width; ++i, ++at_) {
      if (at_ == text_.size()) return std::nullopt;
      const std::size_t digit =
          std::string_view("0123456789abcdef").find(ascii_lower(text_.substr(at_, 1)));
      if (digit >= base) return std::nullopt;  // also when it is no digit
      code = code * base + static_cast<std::uint32_t>(digit);
    }
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string position(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : text.substr(0, offset)) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // of a character
    if (c == '\n') {
      ++line;
      column = 1;
    } else if (!continues) {
      ++column;
    }
  }
  const std::string in_line = "column " + std::to_string(column);
  return line == 1 ? in_line : "line " + std::to_string(line) + ", " + in_line;
}

Error syntax_error(std::string_view text, std::size_t offset, std::string_view what) {
  return Error{Code::policy_expression, position(text, offset) + ": " + std::string(what), ""};
}

Result<std::vector<Token>> tokens_of(std::string_view text) { return Lexer(text).all(); }

}  // namespace touchstone::policy::cel
