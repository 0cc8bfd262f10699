// For main(), first thing.
#pragma once

namespace touchstone::crypto {

// Keeps OpenSSL's default context, which libcurl uses, from reading a configuration file that the
// environment names.
void ignore_openssl_configuration();

// The same for a program that has an OpenSSL to itself, linked into it: our own calls use that
// context too, so that what TLS looked up is not looked up again, and what nothing here asks
// OpenSSL for is not made ready. It was two thirds of what starting cost.
void own_openssl();

}  // namespace touchstone::crypto
