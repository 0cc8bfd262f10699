# How everything is compiled. Warnings are errors, but in the release preset, which strangers build
# with compilers of their own, and which has no frame pointers: they are three hundredths of its code.
add_library(ts_flags INTERFACE)
target_compile_options(ts_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef
  -Wformat=2 -Wimplicit-fallthrough -fstack-protector-strong $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer> -pthread
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)
target_compile_definitions(ts_flags INTERFACE TOUCHSTONE_VERSION="${PROJECT_VERSION}")
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(ts_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12, when it optimises, takes the inactive members of a std::variant for uninitialised ones.
  target_compile_options(ts_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(ts_flags INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  target_compile_options(ts_flags INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(ts_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now)
endif()
if(TOUCHSTONE_SANITIZE)
  target_compile_options(ts_flags INTERFACE -fsanitize=${TOUCHSTONE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(ts_flags INTERFACE -fsanitize=${TOUCHSTONE_SANITIZE})
endif()
if(TOUCHSTONE_FUZZ)
  # The fuzzer is led by what it covers, and what it should cover is in the libraries.
  target_compile_options(ts_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TOUCHSTONE_COVERAGE)
  target_compile_options(ts_flags INTERFACE --coverage)
  target_compile_definitions(ts_flags INTERFACE TOUCHSTONE_COVERAGE)
  target_link_options(ts_flags INTERFACE --coverage)
endif()
