# The libcurl of the release preset: static, HTTP(S) and c-ares only, made once by cmake/build-curl.
# It is kept outside the preset's folder, so that a build from nothing downloads nothing.
set(TOUCHSTONE_DEPS "$ENV{TOUCHSTONE_DEPS}" CACHE PATH "where the libcurl made from source is kept")
if(NOT TOUCHSTONE_DEPS)
  set(TOUCHSTONE_DEPS ${CMAKE_SOURCE_DIR}/build/deps)
endif()

execute_process(
  COMMAND ${CMAKE_SOURCE_DIR}/cmake/build-curl ${TOUCHSTONE_DEPS}
  OUTPUT_VARIABLE curl_prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE curl_status)
if(NOT curl_status EQUAL 0)
  message(FATAL_ERROR "no static libcurl; the reason is above. To build without it: "
    "cmake --preset dev, or set TOUCHSTONE_DEPS to a folder in which it was built before")
endif()

find_library(CARES_STATIC NAMES libcares.a REQUIRED)
find_library(SSL_STATIC NAMES libssl.a REQUIRED)
target_include_directories(ts_curl SYSTEM INTERFACE ${curl_prefix}/include)
target_compile_definitions(ts_curl INTERFACE CURL_STATICLIB)
target_link_libraries(ts_curl INTERFACE
  ${curl_prefix}/lib/libcurl.a ${CARES_STATIC} ${SSL_STATIC} ts_libcrypto)
