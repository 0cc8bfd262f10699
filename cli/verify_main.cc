#include "cli/shared/verify_command.h"
#include "crypto/openssl_configuration.h"

int main(int argc, char** argv) {
  touchstone::crypto::ignore_openssl_configuration();
  CLI::App app("", "touchstone-verify");
  app.set_version_flag("--version", std::string("touchstone-verify ") + TOUCHSTONE_VERSION);
  touchstone::cli::declare_verify(app, touchstone::cli::read_public_key_file);
  return touchstone::cli::run(app, argc, argv);
}
