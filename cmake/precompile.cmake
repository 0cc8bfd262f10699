# Half of the time that a file takes to compile goes into the same dozen standard headers. With
# TOUCHSTONE_PRECOMPILE they are parsed once for the libraries and once, with Catch2, for the tests. Not by
# default where ccache remembers what it compiled, nor in the release preset, which notices what a file
# forgot to include.
set(precompile OFF)
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT CMAKE_CXX_CLANG_TIDY)
  set(precompile ON)
endif()
option(TOUCHSTONE_PRECOMPILE "parse the standard headers once, not once a file" ${precompile})

set(common_headers <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set>
  <span> <string> <string_view> <utility> <variant> <vector>)

# `owner` is the target whose headers are shared by all that have its flags.
function(ts_precompile_for owner target)
  if(NOT TOUCHSTONE_PRECOMPILE)
    return()
  endif()
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${common_headers} ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

function(ts_precompile target)
  ts_precompile_for(ts_base ${target})
endfunction()

function(ts_precompile_test target)
  ts_precompile_for(ts_support ${target} <catch2/catch.hpp>)
  # Programs are compiled like the library whose headers they share.
  get_target_property(type ${target} TYPE)
  if(TOUCHSTONE_PRECOMPILE AND type STREQUAL EXECUTABLE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()
