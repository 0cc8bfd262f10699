#include "cli/commands.h"
#include "crypto/openssl_configuration.h"

int main(int argc, char** argv) {
  touchstone::crypto::ignore_openssl_configuration();
  CLI::App app(
      "Sign container images with keys that live in hardware, and verify them before\n"
      "they are pulled or run.",
      "touchstone");
  touchstone::cli::declare_commands(app);
  return touchstone::cli::run(app, argc, argv);
}
