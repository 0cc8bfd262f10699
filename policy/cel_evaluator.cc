#include "policy/cel_evaluator.h"

#include "base/text.h"
#include "policy/cel_lexer.h"

namespace touchstone::policy::cel {
namespace {

using Kind = Node::Kind;

bool is_limit(const Error& error) { return error.code == Code::limit_expression; }

// The outcome of a chain of && or ||, or of a loop that is one: it is decided as soon as one part
// is `decisive`. Errors before that do not matter; without it, the first of them is the outcome.
// Spent limits are never absorbed.
class Absorbing {
 public:
  explicit Absorbing(bool decisive) : decisive_(decisive) {}

  // Whether the outcome is decided, by a value or by a limit.
  bool add(Result<bool> part) {
    if (part) return decided_ = decided_ || *part == decisive_;
    const bool limit = is_limit(part.error());
    if (limit || !error_) error_ = std::move(part).error();
    return limit;
  }

  Result<Value> outcome() && {
    if (decided_) return Value(decisive_);
    if (error_) return *std::move(error_);
    return Value(!decisive_);
  }

 private:
  bool decisive_;
  bool decided_ = false;
  std::optional<Error> error_;
};

class Evaluator {
 public:
  Evaluator(const Program& program, std::vector<Value> globals, const Budget& budget)
      : text_(program.text), scope_(std::move(globals)), meter_(budget) {}

  Result<Value> value(const Node& node) {
    TS_CHECK(located(node, meter_.spend(1)));
    return dispatch(node);
  }

 private:
  // An error of a function, with the place of its call.
  template <class T>
  Result<T> located(const Node& node, Result<T> result) const {
    if (result) return result;
    Error error = std::move(result).error();
    error.message = position(text_, node.offset) + ": " + error.message;
    return error;
  }

  Result<Value> dispatch(const Node& node) {
    switch (node.kind) {
      case Kind::literal:
        return node.value;
      case Kind::variable:
        return scope_[node.slot];
      case Kind::member:
        return member(node);
      case Kind::has:
        return has(node);
      case Kind::list:
        return list(node);
      case Kind::call:
        return call(node);
      case Kind::match:
        return match(node);
      case Kind::conditional:
        return conditional(node);
      case Kind::conjunction:
        return chain(node, false);
      case Kind::disjunction:
        return chain(node, true);
      case Kind::all:
        return search(node, false);
      case Kind::exists:
        return search(node, true);
      case Kind::exists_one:
        return exists_one(node);
      case Kind::filter:
        return filter(node);
      case Kind::map:
        return map(node);
    }
    return failure("an unknown operation");  // not reached: the switch is complete
  }

  // The member of the map parts[0]; null when it has none of that name.
  Result<const formats::Json*> find(const Node& node) {
    TS_TRY(const Value target, value(node.parts[0]));
    if (target.map() == nullptr) {
      return located<const formats::Json*>(
          node, failure("a " + std::string(target.type_name()) + " has no members"));
    }
    return located(node, find_member(*target.map(), node.text, meter_));
  }

  Result<Value> member(const Node& node) {
    TS_TRY(const auto* found, find(node));
    if (found == nullptr) {
      return located<Value>(node, failure("no member \"" + printable(node.text) + "\""));
    }
    return located(node, Value::of(*found));
  }

  Result<Value> has(const Node& node) {
    TS_TRY(const auto* found, find(node));
    return Value(found != nullptr);
  }

  Result<Value> list(const Node& node) {
    TS_CHECK(located(node, meter_.allocate(node.parts.size() * sizeof(Value))));
    TS_TRY(Value::Elements elements, values(node.parts));
    return Value::list(std::move(elements));
  }

  Result<Value::Elements> values(const std::vector<Node>& nodes) {
    Value::Elements elements;
    elements.reserve(nodes.size());
    for (const Node& node : nodes) {
      TS_TRY(Value element, value(node));
      elements.push_back(std::move(element));
    }
    return elements;
  }

  Result<Value> call(const Node& node) {
    TS_TRY(const Value::Elements arguments, values(node.parts));
    return located(node, node.function->call(arguments, meter_));
  }

  Result<Value> match(const Node& node) {
    TS_TRY(const Value text, value(node.parts[0]));
    return located(node, match_pattern(text, *node.pattern, meter_));
  }

  // A condition, which has to be a bool.
  Result<bool> test(const Node& node) {
    TS_TRY(const Value result, value(node));
    if (result.boolean()) return *result.boolean();
    return located<bool>(node, failure("a " + std::string(result.type_name()) + " is no bool"));
  }

  Result<Value> conditional(const Node& node) {
    TS_TRY(const bool first, test(node.parts[0]));
    return value(node.parts[first ? 1 : 2]);
  }

  Result<Value> chain(const Node& node, bool decisive) {
    Absorbing result(decisive);
    for (const Node& part : node.parts) {
      if (result.add(test(part))) break;
    }
    return std::move(result).outcome();
  }

  // Loops. `body` gets each element (of a map, each key) in its slot, and returns whether to go on.
  template <class Body>
  Status for_each(const Node& node, const Body& body) {
    TS_TRY(const Value range, value(node.parts[0]));
    const auto* map = range.map();
    if (map == nullptr && !range.is_list()) {
      return located<Done>(node,
                           failure("a " + std::string(range.type_name()) + " holds no elements"));
    }
    const std::size_t size = map != nullptr ? map->size() : range.list_size();
    for (std::size_t i = 0; i < size; ++i) {
      TS_CHECK(located(node, meter_.spend(1)));
      scope_.resize(node.slot + 1);
      if (map != nullptr) {
        scope_[node.slot] = Value::borrowed((*map)[i].first);
      } else {
        TS_TRY(scope_[node.slot], located(node, range.element(i)));
      }
      TS_TRY(const bool goes_on, body(Value(scope_[node.slot])));
      if (!goes_on) break;
    }
    return ok();
  }

  Result<Value> search(const Node& node, bool decisive) {
    Absorbing result(decisive);
    TS_CHECK(for_each(
        node, [&](const Value&) -> Result<bool> { return !result.add(test(node.parts[1])); }));
    return std::move(result).outcome();
  }

  Result<Value> exists_one(const Node& node) {
    std::size_t count = 0;
    const auto body = [&](const Value&) -> Result<bool> {
      TS_TRY(const bool holds, test(node.parts[1]));
      count += holds ? 1 : 0;
      return true;
    };
    TS_CHECK(for_each(node, body));
    return Value(count == 1);
  }

  Status append(const Node& node, Value::Elements& elements, Value element) {
    TS_CHECK(located(node, meter_.allocate(sizeof(Value))));
    elements.push_back(std::move(element));
    return ok();
  }

  Result<Value> filter(const Node& node) {
    Value::Elements kept;
    const auto body = [&](const Value& element) -> Result<bool> {
      TS_TRY(const bool holds, test(node.parts[1]));
      if (holds) TS_CHECK(append(node, kept, element));
      return true;
    };
    TS_CHECK(for_each(node, body));
    return Value::list(std::move(kept));
  }

  Result<Value> map(const Node& node) {
    const bool filters = node.parts.size() == 3;
    Value::Elements made;
    const auto body = [&](const Value&) -> Result<bool> {
      if (filters) {
        TS_TRY(const bool holds, test(node.parts[1]));
        if (!holds) return true;
      }
      TS_TRY(Value element, value(node.parts.back()));
      TS_CHECK(append(node, made, std::move(element)));
      return true;
    };
    TS_CHECK(for_each(node, body));
    return Value::list(std::move(made));
  }

  std::string_view text_;
  std::vector<Value> scope_;
  Meter meter_;
};

}  // namespace

Result<Value> evaluate(const Program& program, std::vector<Value> globals, const Budget& budget) {
  return Evaluator(program, std::move(globals), budget).value(program.root);
}

}  // namespace touchstone::policy::cel
