// For main(), first thing.
#pragma once

namespace touchstone::crypto {

// Keeps OpenSSL's default context, which libcurl uses, from reading a configuration file that the
// environment names.
void ignore_openssl_configuration();

// The same, and our own calls use that context too, so that what TLS looked up is not looked up
// again. For a program into which nothing else can be loaded that would change it.
void share_openssl_context();

}  // namespace touchstone::crypto
