# The libraries of others, each behind a target of our own name.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(LIBP11 REQUIRED IMPORTED_TARGET libp11)
add_library(ts_libp11 INTERFACE)

add_library(ts_libcrypto INTERFACE)
add_library(ts_curl INTERFACE)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
target_link_libraries(ts_libcrypto INTERFACE PkgConfig::CRYPTO)
target_link_libraries(ts_libp11 INTERFACE PkgConfig::LIBP11)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
target_link_libraries(ts_curl INTERFACE PkgConfig::CURL)

find_package(nlohmann_json 3.11 REQUIRED)
