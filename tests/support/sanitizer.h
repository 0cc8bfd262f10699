// Whether this is compiled with AddressSanitizer: TOUCHSTONE_SANITIZED. g++ and clang tell it each
// in a way of its own.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define TOUCHSTONE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TOUCHSTONE_SANITIZED 1
#endif
#endif
