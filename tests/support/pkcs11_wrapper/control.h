// What the misbehaving module is told, and tells: memory shared between a test and the processes
// that hold the module, as the file that TOUCHSTONE_TEST_CONTROL names.
#pragma once

namespace touchstone::test {

struct WrapperControl {
  char fault[64];   // instead of TOUCHSTONE_TEST_FAULT, unless empty
  char fail[64];    // instead of TOUCHSTONE_TEST_FAIL, unless empty
  int calls;        // of the function that `fail` names
  int failures;     // calls that failed because of it
  int logins[3];    // calls of C_Login, by user type
  int pin_changes;  // calls of C_SetPIN and C_InitPIN
  int signatures;   // calls of C_Sign
  int processes;    // calls of C_Initialize
};

}  // namespace touchstone::test
