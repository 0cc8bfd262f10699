// The descriptors 0, 1 and 2, which a caller may have closed.
#pragma once

#include "base/error.h"
#include "base/result.h"

namespace touchstone::cli {

// Fills those that are closed, so that no connection, lock or key file that is opened later becomes
// standard output and swallows an answer, or is written complaints into. They are filled the wrong
// way round: reading from them, or writing to them, still fails as it did when they were closed.
// Errors: internal.output (there is nothing to fill them with).
Status occupy_closed_streams();

}  // namespace touchstone::cli
