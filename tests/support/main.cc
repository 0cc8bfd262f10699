// main() of every test program, compiled once. With TOUCHSTONE_TEST_OWN_OPENSSL in the environment
// OpenSSL is made ready as in the release build's programs.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>

#include "crypto/openssl_configuration.h"

int main(int argc, char** argv) {
  if (std::getenv("TOUCHSTONE_TEST_OWN_OPENSSL") != nullptr) touchstone::crypto::own_openssl();
  return Catch::Session().run(argc, argv);
}
