#include "policy/expression.h"

#include "policy/cel_evaluator.h"

namespace touchstone::policy {
namespace {

// Nothing is `null`, as in JSON.
Result<cel::Value> value_of(const formats::Json* json) {
  return json == nullptr ? Result<cel::Value>(cel::Value()) : cel::Value::of(*json);
}

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
  TS_TRY(auto program, cel::parse_program(text));
  Expression expression;
  expression.text_ = text;
  expression.program_ = std::move(program);
  return expression;
}

Result<bool> Expression::evaluate(const ExpressionContext& context) const {
  TS_TRY(cel::Value predicate, value_of(context.predicate));
  TS_TRY(cel::Value subject, value_of(context.subject));
  TS_TRY(cel::Value image, value_of(context.image));
  TS_TRY(const cel::Value result,
         cel::evaluate(*program_, {std::move(predicate), std::move(subject), std::move(image),
                                   cel::Value(Instant(context.now))}));
  if (result.boolean()) return *result.boolean();
  return cel::failure("the result is a " + std::string(result.type_name()) + ", no bool");
}

}  // namespace touchstone::policy
