# The libraries of others, each behind a target of our own name. The dev preset takes all from their
# packages. With TOUCHSTONE_STATIC, libcurl is the small one of cmake/curl.cmake, and OpenSSL, libp11,
# libsodium, RE2 and libfyaml come from their archives.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(LIBP11 REQUIRED IMPORTED_TARGET libp11)
# Headers only: libykpiv and libpcsclite are opened by hsm/ when a PIV card is used.
pkg_check_modules(YKPIV REQUIRED ykpiv)
pkg_check_modules(PCSC REQUIRED libpcsclite)

pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)

add_library(ts_libcrypto INTERFACE)
add_library(ts_sodium INTERFACE)
add_library(ts_re2 INTERFACE)
add_library(ts_fyaml INTERFACE)
add_library(ts_libp11 INTERFACE)
add_library(ts_curl INTERFACE)

if(TOUCHSTONE_STATIC)
  include(${CMAKE_CURRENT_LIST_DIR}/curl.cmake)
  find_library(CRYPTO_STATIC NAMES libcrypto.a REQUIRED)
  find_library(LIBP11_STATIC NAMES libp11.a REQUIRED)
  find_library(SODIUM_STATIC NAMES libsodium.a REQUIRED)
  find_library(RE2_STATIC NAMES libre2.a REQUIRED)
  find_library(FYAML_STATIC NAMES libfyaml.a REQUIRED)
  target_link_libraries(ts_libcrypto INTERFACE ${CRYPTO_STATIC} Threads::Threads ${CMAKE_DL_LIBS})
  target_link_libraries(ts_sodium INTERFACE ${SODIUM_STATIC})
  target_link_libraries(ts_re2 INTERFACE ${RE2_STATIC} Threads::Threads)
  target_link_libraries(ts_fyaml INTERFACE ${FYAML_STATIC})
  target_link_libraries(ts_libp11 INTERFACE ${LIBP11_STATIC} ts_libcrypto)
else()
  pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
  target_link_libraries(ts_libcrypto INTERFACE PkgConfig::CRYPTO)
  target_link_libraries(ts_sodium INTERFACE PkgConfig::SODIUM)
  target_link_libraries(ts_re2 INTERFACE PkgConfig::RE2)
  target_link_libraries(ts_fyaml INTERFACE PkgConfig::FYAML)
  target_link_libraries(ts_libp11 INTERFACE PkgConfig::LIBP11)
  target_link_libraries(ts_curl INTERFACE PkgConfig::CURL)
endif()

# Makes a program static when the preset says so: unable to load shared objects, and quick to unwind.
function(ts_link_static target)
  if(TOUCHSTONE_STATIC)
    target_sources(${target} PRIVATE
      ${CMAKE_SOURCE_DIR}/cmake/no_loading.c ${CMAKE_SOURCE_DIR}/cmake/static_unwind.c)
    target_compile_definitions(${target} PRIVATE TOUCHSTONE_OWN_OPENSSL)
    target_link_options(${target} PRIVATE -static -s -Wl,--wrap=dlopen -Wl,--eh-frame-hdr
      -Wl,--wrap=__register_frame_info -Wl,--wrap=__deregister_frame_info
      -Wl,--sort-section=alignment)  # less padding between
  endif()
endfunction()

# Leaves a program that loads modules nothing but glibc to load at its start when the preset says so.
# No module sees what is in the program itself.
function(ts_link_for_modules target)
  if(TOUCHSTONE_STATIC)
    target_compile_definitions(${target} PRIVATE TOUCHSTONE_OWN_OPENSSL)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -Wl,--as-needed
      -Wl,-z,pack-relative-relocs -Wl,--exclude-libs,ALL)
  endif()
endfunction()
