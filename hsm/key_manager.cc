#include "hsm/key_manager.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::hsm {
namespace {

struct NamedAlgorithm {
  std::string_view name;
  crypto::KeyKind kind;
  int rsa_bits;
};
constexpr std::array algorithms = {
    NamedAlgorithm{"p256", crypto::KeyKind::p256, 0},
    NamedAlgorithm{"p384", crypto::KeyKind::p384, 0},
    NamedAlgorithm{"p521", crypto::KeyKind::p521, 0},
    NamedAlgorithm{"rsa2048", crypto::KeyKind::rsa, 2048},
    NamedAlgorithm{"rsa3072", crypto::KeyKind::rsa, 3072},
    NamedAlgorithm{"rsa4096", crypto::KeyKind::rsa, 4096},
    NamedAlgorithm{"ed25519", crypto::KeyKind::ed25519, 0},
};

}  // namespace

Result<KeySpec> parse_algorithm(std::string_view text) {
  const auto found = std::ranges::find(algorithms, text, &NamedAlgorithm::name);
  if (found == algorithms.end()) {
    return Error{Code::usage_arguments, "\"" + printable(text) + "\" is no key algorithm",
                 "p256, p384, p521, rsa2048, rsa3072, rsa4096 or ed25519"};
  }
  return KeySpec{found->kind, found->rsa_bits, {}};
}

Status check_new_pin(const PinState& state, std::string_view noun, const Secret& next) {
  const auto unfit = [&](const std::string& why) {
    return Error{Code::device_pin_unfit, "the new " + std::string(noun) + " " + why, ""};
  };
  const std::size_t most = state.max_pin_bytes == 0 ? limits::max_pin_bytes : state.max_pin_bytes;
  if (next.empty()) return unfit("is empty");
  if (next.reveal().contains('\0')) return unfit("has a NUL in it");
  if (next.size() < state.min_pin_bytes) {
    return unfit("is shorter than the " + std::to_string(state.min_pin_bytes) +
                 " bytes that the device wants");
  }
  if (next.size() > most) {
    return unfit("is longer than the " + std::to_string(most) + " bytes that the device takes");
  }
  return ok();
}

}  // namespace touchstone::hsm
