// Errors as values. No exception crosses the edge of a folder; whether a check may fail stands in
// its return type, and dropping a Result does not compile.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/error.h"

namespace touchstone {

// A value, or why there is none. Reads like std::expected; reading the absent side stops the
// program instead of being undefined.
template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const& { return std::get<0>(state_); }
  T& operator*() & { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value.
struct Done {};
using Status = Result<Done>;
inline Status ok() { return Done{}; }

}  // namespace touchstone

#define TS_CONCAT_INNER(a, b) a##b
#define TS_CONCAT(a, b) TS_CONCAT_INNER(a, b)

// TS_TRY(const auto digest, Digest::parse(text)); binds the value, or returns the error.
#define TS_TRY(declaration, expression)                     \
  auto TS_CONCAT(ts_try_, __LINE__) = (expression);         \
  if (!TS_CONCAT(ts_try_, __LINE__)) {                      \
    return std::move(TS_CONCAT(ts_try_, __LINE__)).error(); \
  }                                                         \
  declaration = *std::move(TS_CONCAT(ts_try_, __LINE__))

// TS_CHECK(store.sync()); returns the error of a step whose value is not needed.
#define TS_CHECK(expression) \
  if (auto ts_check = (expression); !ts_check) return std::move(ts_check).error()
