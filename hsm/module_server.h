// What runs in the process beside (hsm/module_process.h): the keys, key managers and PIN managers
// of a module, opened and used by questions.
#pragma once

#include "hsm/module_process.h"

namespace touchstone::hsm {

// Answers the questions of hsm/isolated_keys.cc. An answer is an Error or what was asked for,
// then, where the question is about something that was opened, how that is now.
Answering answer_about_modules();

}  // namespace touchstone::hsm
