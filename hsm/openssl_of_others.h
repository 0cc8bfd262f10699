// The OpenSSL that a device's library brings along.
#pragma once

namespace touchstone::hsm {

// Keeps it from reading a configuration file, which could load anything into the process: that of
// `library`, which dlopen() gave, where it uses one. Ours is told in crypto/, and may be another.
void ignore_openssl_configuration_of(void* library);

}  // namespace touchstone::hsm
