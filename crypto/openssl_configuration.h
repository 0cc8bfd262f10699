// For main(): keeps OpenSSL's default context, which libcurl uses, from reading a configuration
// file that the environment names. Called once, first thing.
#pragma once

namespace touchstone::crypto {

void ignore_openssl_configuration();

}  // namespace touchstone::crypto
