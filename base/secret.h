// A PIN, passphrase, password or token: kept in memory of its own that is locked, left out of core
// dumps and of children, and wiped at the end. Move-only, and never printed.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace touchstone {

class Secret {
 public:
  static constexpr std::size_t capacity = 1024;  // bytes; longer text is cut by append()

  Secret();
  explicit Secret(std::string_view text);
  // All of `text`, however long: passwords made by machines are longer than a PIN may be.
  static Secret holding(std::string_view text);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // False when it is full; what did fit is kept.
  bool append(char c);
  void remove_last();
  std::string_view reveal() const;      // the one way to read it
  const char* reveal_c_string() const;  // NUL-terminated
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  explicit Secret(std::size_t wanted);
  void release() noexcept;
  char* page_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

// The variables of the environment that hold a secret: no child of ours is given one.
inline constexpr std::array secret_variables = {
    "TOUCHSTONE_PIN", "COSIGN_PASSWORD", "SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"};

// Wipes and empties what held a secret on its way.
void wipe(std::string& text) noexcept;
void wipe(Bytes& bytes) noexcept;

}  // namespace touchstone
