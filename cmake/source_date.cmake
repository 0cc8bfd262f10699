# TOUCHSTONE_SOURCE_DATE, YYYY-MM-DD: SOURCE_DATE_EPOCH where it is set, else the day of the last
# commit, else today. For the manual pages and for judging the clock; never the time of the build, so
# that building twice gives the same bytes.
set(epoch "$ENV{SOURCE_DATE_EPOCH}")
if(NOT epoch)
  execute_process(
    COMMAND git log -1 --format=%ct
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(epoch MATCHES "^[0-9]+$")
  set(saved "$ENV{SOURCE_DATE_EPOCH}")
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
  string(TIMESTAMP TOUCHSTONE_SOURCE_DATE "%Y-%m-%d" UTC)
  if(saved)
    set(ENV{SOURCE_DATE_EPOCH} "${saved}")
  else()
    unset(ENV{SOURCE_DATE_EPOCH})
  endif()
else()
  string(TIMESTAMP TOUCHSTONE_SOURCE_DATE "%Y-%m-%d" UTC)
endif()
