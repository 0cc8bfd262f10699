#include "cli/commands.h"
#include "crypto/openssl_configuration.h"

int main(int argc, char** argv) {
#ifdef TOUCHSTONE_OWN_OPENSSL
  touchstone::crypto::own_openssl();
#else
  touchstone::crypto::ignore_openssl_configuration();
#endif
  CLI::App app("", "touchstone");
  touchstone::cli::declare_commands(app, argc > 1 ? argv[1] : "");
  return touchstone::cli::run(app, argc, argv);
}
