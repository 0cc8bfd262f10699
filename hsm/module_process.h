// A PKCS#11 module in a process of its own: one that crashes, exits or hangs takes only that along.
//
// The process is forked when the first thing of a module is opened, and lives as long as anything
// of it is: one login serves many signatures. It answers one question after another. It has three
// standard streams (what a module prints goes to standard error), one socket, no PIN but those it
// is told, and it ends with its parent. A question that is not answered in time ends it.
//
// Nothing but fork() separates the two, so this process must have one thread when it is started,
// and must not have loaded the module itself.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/child_process.h"
#include "base/files.h"
#include "base/result.h"
#include "base/secret.h"

namespace touchstone::hsm {

// What answers in the process beside: given a question and the secrets that go with it. It is gone
// before that process ends in order.
using Answering = std::function<Bytes(ByteView question, std::vector<Secret> secrets)>;

// How long an answer may take, and whom to tell when it takes longer than one expects.
struct Patience {
  std::chrono::milliseconds end;
  std::chrono::milliseconds notice;
  std::function<void()> on_wait = {};  // called once, at the notice; may be empty
};

struct Question {
  ByteView bytes;
  std::vector<const Secret*> secrets;  // at most two
  Patience patience;
  std::string_view doing;  // "signing", for messages
};

class ModuleProcess {
 public:
  // The process that holds this module, started when there is none. `make` is called in there.
  // Errors: device.failed (no process is to be had).
  static Result<std::shared_ptr<ModuleProcess>> of(const std::string& module_path,
                                                   const std::function<Answering()>& make);
  ~ModuleProcess();
  ModuleProcess(const ModuleProcess&) = delete;
  ModuleProcess& operator=(const ModuleProcess&) = delete;

  // Once it failed, each further question fails as the first one did.
  // Errors: device.module-died, device.timeout, device.failed (in a process split off later).
  Result<Bytes> ask(const Question& question);

  // For answers that are none: ends the process.
  // Errors: device.module.
  Error distrust(std::string_view doing);

 private:
  ModuleProcess(std::string module_path, Descriptor socket, pid_t child);
  Error fail(Code code, std::string message);
  Error end_of_it(std::string_view doing);
  bool usable() const;

  std::string module_path_;
  Descriptor socket_;
  ChildProcess child_;
  pid_t owner_;
  std::optional<Error> failure_;
  std::mutex mutex_;
};

}  // namespace touchstone::hsm
