// Expressions over what was signed: a subset of CEL (docs/reference/expressions.md).
//
// Pure, total and bounded: an evaluation ends within limits::max_expression_steps and
// limits::max_expression_memory, and nothing that goes wrong is ever `true`.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/json.h"

namespace touchstone::policy {

namespace cel {
struct Program;
}

// What an expression can name. Refers to its parts.
struct ExpressionContext {
  const formats::Json* predicate = nullptr;  // `predicate`
  const formats::Json* subject = nullptr;    // `subject`: the statement's, a list of objects
  const formats::Json* image = nullptr;      // `image`: {"repository", "tag", "digest"}
  std::chrono::sys_seconds now;              // `now`
};

class Expression {
 public:
  // Checks what can be checked without data: names, functions and their number of arguments,
  // depth, patterns that are literals.
  // Errors: policy.expression, with the column in its message.
  static Result<Expression> parse(std::string_view text);

  // Errors: expression.failed (a missing member, a wrong type, an overflow, a division by zero, a
  // result that is no boolean), limit.expression.
  Result<bool> evaluate(const ExpressionContext& context) const;

  const std::string& text() const { return text_; }

 private:
  Expression() = default;
  std::string text_;
  std::shared_ptr<const cel::Program> program_;
};

}  // namespace touchstone::policy
