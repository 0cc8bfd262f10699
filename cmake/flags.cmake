# How everything is compiled. Warnings are errors.
add_library(ts_flags INTERFACE)
target_compile_options(ts_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wundef
  -Wformat=2 -Wimplicit-fallthrough -Werror -fstack-protector-strong -fno-omit-frame-pointer)
target_compile_definitions(ts_flags INTERFACE TOUCHSTONE_VERSION="${PROJECT_VERSION}")
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(ts_flags INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  target_compile_options(ts_flags INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(ts_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now)
endif()
if(TOUCHSTONE_SANITIZE)
  target_compile_options(ts_flags INTERFACE -fsanitize=${TOUCHSTONE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(ts_flags INTERFACE -fsanitize=${TOUCHSTONE_SANITIZE})
endif()
if(TOUCHSTONE_COVERAGE)
  target_compile_options(ts_flags INTERFACE --coverage)
  target_link_options(ts_flags INTERFACE --coverage)
endif()
