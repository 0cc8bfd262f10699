#include "policy/cel_syntax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "policy/cel_lexer.h"

namespace touchstone::policy::cel {
namespace {

using Kind = Node::Kind;

constexpr std::array<std::string_view, 21> reserved = {
    "as",       "break",   "const",  "continue", "else", "false", "for",
    "function", "if",      "import", "in",       "let",  "loop",  "namespace",
    "null",     "package", "return", "true",     "var",  "void",  "while"};

struct Macro {
  std::string_view name;
  Kind kind;
  std::size_t arguments;  // without the target
};
constexpr std::array<Macro, 6> macros = {{{"all", Kind::all, 2},
                                          {"exists", Kind::exists, 2},
                                          {"exists_one", Kind::exists_one, 2},
                                          {"filter", Kind::filter, 2},
                                          {"map", Kind::map, 2},
                                          {"map", Kind::map, 3}}};

bool is_reserved(std::string_view name) {
  return std::ranges::find(reserved, name) != reserved.end();
}

bool is_macro(std::string_view name) {
  return std::ranges::find(macros, name, &Macro::name) != macros.end();
}

// What the result of a node can be, as far as that is plain.
bool may_be_bool(const Node& node) {
  switch (node.kind) {
    case Kind::literal:
      return node.value.boolean() != nullptr;
    case Kind::call:
      return node.function->may_be_bool;
    case Kind::conditional:
      return may_be_bool(node.parts[1]) && may_be_bool(node.parts[2]);
    case Kind::list:
    case Kind::filter:
    case Kind::map:
      return false;
    case Kind::variable:
      return node.slot == 0 || node.slot >= std::size(global_names);
    default:
      return true;
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text),
        tokens_(std::move(tokens)),
        names_(std::begin(global_names), std::end(global_names)) {}

  Result<Node> whole() {
    TS_TRY(Node root, expression());
    if (!at_end()) return error(here(), "unexpected \"" + printable(here().text) + "\"");
    if (!may_be_bool(root)) {
      return syntax_error(text_, root.offset, "the result is no bool");
    }
    return root;
  }

 private:
  const Token& here() const { return tokens_[next_]; }
  bool at_end() const { return here().kind == Token::Kind::end; }
  bool at(std::string_view symbol) const {
    return here().kind == Token::Kind::symbol && here().text == symbol;
  }
  bool at_word(std::string_view word) const {
    return here().kind == Token::Kind::name && here().text == word;
  }
  bool take(std::string_view symbol) {
    if (!at(symbol)) return false;
    ++next_;
    return true;
  }
  Error error(const Token& token, std::string_view what) const {
    return syntax_error(text_, token.offset, what);
  }
  Status expect(std::string_view symbol) {
    if (take(symbol)) return ok();
    return error(here(),
                 "expected \"" + std::string(symbol) + "\"" +
                     (at_end() ? " before the end" : ", found \"" + printable(here().text) + "\""));
  }

  // Gives a node its depth; that of what is evaluated is what bounds the recursion.
  Result<Node> finished(Node node) const {
    for (const Node& part : node.parts) node.depth = std::max(node.depth, part.depth + 1);
    if (node.depth > limits::max_expression_depth) {
      return syntax_error(text_, node.offset,
                          "nested deeper than " + std::to_string(limits::max_expression_depth));
    }
    return node;
  }

  Result<Node> call(std::size_t offset, std::string_view name, bool is_method,
                    std::vector<Node> arguments) const {
    Node node{.kind = Kind::call, .offset = offset, .parts = std::move(arguments)};
    node.function = find_function(name, is_method);
    const std::string shown = "\"" + printable(name) + "\"";
    if (node.function == nullptr) return syntax_error(text_, offset, "no function " + shown);
    if (node.function->arguments != node.parts.size()) {
      const std::size_t target = is_method ? 1 : 0;
      return syntax_error(text_, offset,
                          shown + " takes " + std::to_string(node.function->arguments - target) +
                              " arguments, not " + std::to_string(node.parts.size() - target));
    }
    return finished(std::move(node));
  }

  // Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
  Result<Node> expression() {
    if (++nesting_ > limits::max_expression_depth) {
      return error(here(), "nested deeper than " + std::to_string(limits::max_expression_depth));
    }
    TS_TRY(Node node, disjunction());
    const std::size_t offset = here().offset;
    if (take("?")) {
      TS_TRY(Node chosen, disjunction());
      TS_CHECK(expect(":"));
      TS_TRY(Node other, expression());
      Node conditional{.kind = Kind::conditional, .offset = offset};
      conditional.parts.push_back(std::move(node));
      conditional.parts.push_back(std::move(chosen));
      conditional.parts.push_back(std::move(other));
      TS_TRY(node, finished(std::move(conditional)));
    }
    --nesting_;
    return node;
  }

  // A chain of one operator is one node, so that it may be long.
  Result<Node> chain(std::string_view symbol, Kind kind, Result<Node> (Parser::*part)()) {
    TS_TRY(Node first, (this->*part)());
    if (!at(symbol)) return first;
    Node node{.kind = kind, .offset = here().offset};
    node.parts.push_back(std::move(first));
    while (take(symbol)) {
      TS_TRY(Node next, (this->*part)());
      node.parts.push_back(std::move(next));
    }
    return finished(std::move(node));
  }

  Result<Node> disjunction() { return chain("||", Kind::disjunction, &Parser::conjunction); }
  Result<Node> conjunction() { return chain("&&", Kind::conjunction, &Parser::relation); }

  // Operators of one rank, from the left.
  Result<Node> left_to_right(std::span<const std::string_view> operators,
                             Result<Node> (Parser::*part)()) {
    TS_TRY(Node node, (this->*part)());
    for (;;) {
      const Token token = here();
      const bool is_operator = token.kind == Token::Kind::symbol || at_word("in");
      if (!is_operator || std::ranges::find(operators, token.text) == operators.end()) return node;
      ++next_;
      TS_TRY(Node right, (this->*part)());
      std::vector<Node> both;
      both.push_back(std::move(node));
      both.push_back(std::move(right));
      TS_TRY(node, call(token.offset, token.text, false, std::move(both)));
    }
  }

  Result<Node> relation() {
    static constexpr std::array<std::string_view, 7> operators = {
        "<", "<=", ">", ">=", "==", "!=", "in"};
    return left_to_right(operators, &Parser::addition);
  }
  Result<Node> addition() {
    static constexpr std::array<std::string_view, 2> operators = {"+", "-"};
    return left_to_right(operators, &Parser::multiplication);
  }
  Result<Node> multiplication() {
    static constexpr std::array<std::string_view, 3> operators = {"*", "/", "%"};
    return left_to_right(operators, &Parser::unary);
  }

  // Unary = Member | "!" {"!"} Member | "-" {"-"} Member
  Result<Node> unary() {
    const Token sign = here();
    if (!at("!") && !at("-")) return member();
    ++next_;
    if (sign.text == "-" && is_number(here())) return negative_number(sign);
    if ((at("!") || at("-")) && !at(sign.text)) return error(here(), "\"!\" and \"-\" do not mix");
    if (++nesting_ > limits::max_expression_depth) return error(sign, "too many signs");
    TS_TRY(Node operand, unary());
    --nesting_;
    std::vector<Node> one;
    one.push_back(std::move(operand));
    return call(sign.offset, sign.text + "_", false, std::move(one));
  }

  static bool is_number(const Token& token) {
    return token.kind == Token::Kind::integer || token.kind == Token::Kind::real;
  }

  // The lowest int has no positive twin, so the sign is part of the number. "-1.x" is not a member
  // of -1: nothing has members there.
  Result<Node> negative_number(const Token& sign) {
    TS_TRY(Node node, number(here(), "-"));
    node.offset = sign.offset;
    ++next_;
    return suffixes(std::move(node));
  }

  Result<Node> member() {
    TS_TRY(Node node, primary());
    return suffixes(std::move(node));
  }

  // ".name", ".name(...)", "[...]"
  Result<Node> suffixes(Node node) {
    for (;;) {
      const std::size_t offset = here().offset;
      if (take(".")) {
        TS_TRY(node, after_point(std::move(node)));
      } else if (take("[")) {
        std::vector<Node> both;
        both.push_back(std::move(node));
        TS_TRY(Node index, expression());
        both.push_back(std::move(index));
        TS_CHECK(expect("]"));
        TS_TRY(node, call(offset, "[]", false, std::move(both)));
      } else {
        return node;
      }
    }
  }

  Result<Node> after_point(Node target) {
    const Token name = here();
    if (name.kind != Token::Kind::name) return error(name, "expected a name after \".\"");
    ++next_;
    if (!take("(")) {
      if (name.text == "in" || name.text == "true" || name.text == "false" || name.text == "null") {
        return error(name, "\"" + name.text + "\" is no name; write [\"" + name.text + "\"]");
      }
      Node node{.kind = Kind::member, .offset = name.offset, .text = name.text};
      node.parts.push_back(std::move(target));
      return finished(std::move(node));
    }
    if (is_macro(name.text)) return macro(name, std::move(target));
    std::vector<Node> all;
    all.push_back(std::move(target));
    TS_CHECK(arguments(")", all));
    if (name.text == "matches" && all.size() == 2) return match(name, std::move(all));
    return call(name.offset, name.text, true, std::move(all));
  }

  // A pattern that is written out is looked at once, here.
  Result<Node> match(const Token& name, std::vector<Node> all) const {
    const Node& pattern = all[1];
    if (pattern.kind != Kind::literal || !pattern.value.string()) {
      return call(name.offset, name.text, true, std::move(all));
    }
    Node node{.kind = Kind::match, .offset = name.offset};
    node.pattern = compile_pattern(pattern.text);
    if (!node.pattern) {
      return syntax_error(text_, pattern.offset,
                          "\"" + printable(pattern.text) + "\" is no pattern");
    }
    node.parts.push_back(std::move(all[0]));
    return finished(std::move(node));
  }

  // Behind the opening parenthesis or bracket: expressions up to `closing`.
  Status arguments(std::string_view closing, std::vector<Node>& all) {
    if (take(closing)) return ok();
    do {
      if (closing == "]" && at("]")) break;  // CEL allows a comma behind the last element
      TS_TRY(Node next, expression());
      all.push_back(std::move(next));
    } while (take(","));
    return expect(closing);
  }

  // target.all(x, test): behind the opening parenthesis.
  Result<Node> macro(const Token& name, Node target) {
    const Token variable = here();
    if (variable.kind != Token::Kind::name || is_reserved(variable.text)) {
      return error(variable, "\"" + name.text + "\" begins with the name of a variable");
    }
    ++next_;
    TS_CHECK(expect(","));
    if (++loops_ > limits::max_comprehension_depth) {
      return error(name, "more than " + std::to_string(limits::max_comprehension_depth) +
                             " loops within each other");
    }
    Node node{.kind = Kind::all, .offset = name.offset, .slot = names_.size()};
    names_.push_back(variable.text);
    node.parts.push_back(std::move(target));
    TS_CHECK(arguments(")", node.parts));
    names_.pop_back();
    --loops_;
    const auto* const found = std::ranges::find_if(macros, [&](const Macro& macro) {
      return macro.name == name.text && macro.arguments == node.parts.size();
    });
    if (found == macros.end()) {
      return error(name, "\"" + name.text + "\" has another number of arguments");
    }
    node.kind = found->kind;
    return finished(std::move(node));
  }

  Result<Node> primary() {
    const Token token = here();
    ++next_;
    switch (token.kind) {
      case Token::Kind::integer:
      case Token::Kind::real:
        return number(token, "");
      case Token::Kind::string:
        return string(token);
      case Token::Kind::name:
        return named(token);
      case Token::Kind::symbol:
        return bracketed(token);
      case Token::Kind::end:
        break;
    }
    --next_;
    return error(token, "the expression ends too early");
  }

  Result<Node> bracketed(const Token& token) {
    if (token.text == "(") {
      TS_TRY(Node node, expression());
      TS_CHECK(expect(")"));
      return node;
    }
    if (token.text == "[") {
      Node node{.kind = Kind::list, .offset = token.offset};
      TS_CHECK(arguments("]", node.parts));
      return finished(std::move(node));
    }
    if (token.text == "{") return error(token, "maps cannot be written out");
    return error(token, "unexpected \"" + token.text + "\"");
  }

  Result<Node> named(const Token& token) {
    if (token.text == "true" || token.text == "false") {
      return Node{.offset = token.offset, .value = Value(token.text == "true")};
    }
    if (token.text == "null") return Node{.offset = token.offset};
    if (is_reserved(token.text)) return error(token, "\"" + token.text + "\" is reserved");
    if (take("(")) {
      if (token.text == "has") return has(token);
      std::vector<Node> all;
      TS_CHECK(arguments(")", all));
      return call(token.offset, token.text, false, std::move(all));
    }
    const auto found = std::find(names_.rbegin(), names_.rend(), token.text);  // the innermost
    if (found == names_.rend()) return error(token, "no variable \"" + token.text + "\"");
    return Node{.kind = Kind::variable,
                .offset = token.offset,
                .slot = static_cast<std::size_t>(names_.rend() - found) - 1};
  }

  Result<Node> has(const Token& token) {
    TS_TRY(Node node, expression());
    TS_CHECK(expect(")"));
    if (node.kind != Kind::member) return error(token, "\"has\" takes a member, \"has(a.b)\"");
    node.kind = Kind::has;
    return node;
  }

  static Node string(const Token& token) {
    return Node{.offset = token.offset, .text = token.text, .value = Value::text(token.text)};
  }

  Result<Node> number(const Token& token, const std::string& sign) const {
    if (token.kind == Token::Kind::integer) {
      const auto value = integer(sign, token.text);
      if (!value) return error(token, "an int has 64 bits");
      return Node{.offset = token.offset, .value = Value(*value)};
    }
    const std::string digits = sign + token.text;
    double value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc() || !std::isfinite(value)) {
      return error(token, "a double cannot be that large or small");
    }
    return Node{.offset = token.offset, .value = Value(value)};
  }

  static std::optional<std::int64_t> integer(const std::string& sign, std::string_view text) {
    const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
    const std::string digits = sign + std::string(is_hex ? text.substr(2) : text);
    std::int64_t value = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
    return failed == std::errc() ? std::optional(value) : std::nullopt;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<std::string> names_;  // in scope, the innermost last
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
  std::size_t loops_ = 0;
};

}  // namespace

Result<std::shared_ptr<const Program>> parse_program(std::string_view text) {
  if (text.size() > limits::max_expression_bytes) {
    return syntax_error("", 0,
                        "longer than " + std::to_string(limits::max_expression_bytes) + " bytes");
  }
  TS_TRY(auto tokens, tokens_of(text));
  TS_TRY(Node root, Parser(text, std::move(tokens)).whole());
  return std::shared_ptr<const Program>(
      std::make_shared<Program>(Program{std::string(text), std::move(root)}));
}

}  // namespace touchstone::policy::cel
