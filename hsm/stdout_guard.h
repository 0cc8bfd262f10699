// Keeps standard output clean while a PKCS#11 module runs: modules print what they like, and our
// standard output carries results that scripts read.
#pragma once

namespace touchstone::hsm {

// While at least one is alive, descriptor 1 leads to standard error (to nowhere when that is
// closed). What the module left in stdio's buffer goes there too. Process-wide: nothing may print a
// result meanwhile.
class StdoutGuard {
 public:
  StdoutGuard();
  ~StdoutGuard();
  StdoutGuard(const StdoutGuard&) = delete;
  StdoutGuard& operator=(const StdoutGuard&) = delete;
};

}  // namespace touchstone::hsm
