// The trust-root store: a folder with one sub-folder for each named root, readable with ls and cat.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/public_key.h"

namespace touchstone::trust {

// A key that may sign, with what is said of it.
struct TrustedKey {
  crypto::PublicKey key;
  std::string owner;                                  // for people; may be empty
  std::optional<std::chrono::sys_seconds> not_before;  // closed interval, UTC
  std::optional<std::chrono::sys_seconds> not_after;
  std::string file;  // its file's name inside the root's folder
};

struct Root {
  std::string name;
  std::vector<TrustedKey> keys;  // kind `keys`: each public key once
};

}  // namespace touchstone::trust
