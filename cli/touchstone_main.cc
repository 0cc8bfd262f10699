#include "cli/commands.h"
#include "crypto/openssl_configuration.h"

int main(int argc, char** argv) {
  touchstone::crypto::ignore_openssl_configuration();
  CLI::App app("", "touchstone");
  touchstone::cli::declare_commands(app);
  return touchstone::cli::run(app, argc, argv);
}
