#include "base/key_policy.h"

namespace touchstone {
namespace {

template <class Policy>
std::optional<Policy> find(std::string_view wanted, std::initializer_list<Policy> policies) {
  for (const Policy policy : policies) {
    if (word(policy) == wanted) return policy;
  }
  return std::nullopt;
}

}  // namespace

std::string_view word(PinPolicy policy) {
  switch (policy) {
    case PinPolicy::unspecified:
      return "unknown";
    case PinPolicy::never:
      return "never";
    case PinPolicy::once:
      return "once";
    case PinPolicy::always:
      return "always";
  }
  return "";
}

std::string_view word(TouchPolicy policy) {
  switch (policy) {
    case TouchPolicy::unknown:
      return "unknown";
    case TouchPolicy::never:
      return "never";
    case TouchPolicy::always:
      return "always";
    case TouchPolicy::cached:
      return "cached";
  }
  return "";
}

std::optional<PinPolicy> pin_policy(std::string_view word) {
  return find(word, {PinPolicy::never, PinPolicy::once, PinPolicy::always});
}

std::optional<TouchPolicy> touch_policy(std::string_view word) {
  return find(word, {TouchPolicy::never, TouchPolicy::always, TouchPolicy::cached});
}

}  // namespace touchstone
