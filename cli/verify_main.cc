#include "cli/shared/verify_command.h"
#include "crypto/openssl_configuration.h"

int main(int argc, char** argv) {
#ifdef TOUCHSTONE_OWN_OPENSSL
  touchstone::crypto::own_openssl();
#else
  touchstone::crypto::ignore_openssl_configuration();
#endif
  // Never taken apart: ending the process does it, and takes less time.
  static CLI::App& app = *new CLI::App("", "touchstone-verify");
  touchstone::cli::declare_verifier(app);
  return touchstone::cli::run(app, argc, argv);
}
