#include "cli/factory_state.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/pin_entry.h"
#include "cli/shared/output.h"
#include "crypto/hash.h"

namespace touchstone::cli {
namespace {

constexpr int max_attempts = 3;
constexpr std::size_t management_key_bytes = 24;  // which every card takes

// Of what is typed, nothing was presented to the device, or it only said that it wants another.
bool may_be_typed_again(Code code) {
  return code == Code::device_pin_unfit || code == Code::usage_file ||
         code == Code::device_unsupported;
}

template <class Attempt>
Status until_it_fits(Attempt attempt) {
  for (int number = 1;; ++number) {
    Status done = attempt();
    if (done || number == max_attempts || !may_be_typed_again(done.error().code)) return done;
    say(done.error().message);
  }
}

class Setup {
 public:
  Setup(hsm::PinManager& pins, Terminal& terminal) : pins_(pins), terminal_(terminal) {}

  Result<ChosenSecrets> run() {
    const hsm::PinState before = pins_.state();
    TS_TRY(const bool wanted, offer(before));
    if (!wanted) return std::move(chosen_);
    if (before.factory_pin) TS_CHECK(choose_pin());
    if (before.factory_puk) TS_CHECK(choose_puk());
    if (before.factory_management_key) TS_CHECK(choose_management_key());
    return std::move(chosen_);
  }

 private:
  const std::string& device() const { return pins_.state().device; }

  void changed(const char* what) const {
    say(std::string("the ") + what + " of " + device() + " is changed");
  }

  Result<bool> offer(const hsm::PinState& state) {
    std::vector<std::string> known;
    if (state.factory_pin) known.emplace_back("PIN");
    if (state.factory_puk) known.emplace_back("PUK");
    if (state.factory_management_key) known.emplace_back("management key");
    if (known.empty()) return false;
    say("everybody knows the " + join(known, ", ") + " of " + device() +
        ": it is as its maker sent it");
    say("whoever holds it could sign with it, lock you out or replace its keys");
    return terminal_.confirm("Change that now, before it has a key? (yes/no) ");
  }

  Result<Secret> ask_new(const char* noun) {
    SecretRequest request;
    request.noun = std::string("new ") + noun;
    request.device = device();
    return obtain_new_secret(request, terminal_);
  }

  Status choose_pin() {
    say("the PIN is asked for when you sign: 6 to 8 characters");
    return until_it_fits([&]() -> Status {
      TS_TRY(Secret next, ask_new("PIN"));
      TS_CHECK(pins_.change_pin(Secret(), next));
      changed("PIN");
      chosen_.pin = std::move(next);
      return ok();
    });
  }

  Status choose_puk() {
    say("the PUK sets a new PIN once that is blocked: 6 to 8 characters, kept away from the "
        "device");
    return until_it_fits([&]() -> Status {
      TS_TRY(const Secret next, ask_new("PUK"));
      TS_CHECK(pins_.change_puk(Secret(), next));
      changed("PUK");
      return ok();
    });
  }

  Status choose_management_key() {
    say("the management key guards the making of keys: a new one is made at random, and lies on "
        "the "
        "device behind the PIN, or in a file");
    return until_it_fits([&]() -> Status {
      TS_TRY(const std::string path,
             terminal_.ask_line("New file for the management key (empty: behind the PIN): "));
      TS_CHECK(path.empty() ? put_behind_pin() : put_in_file(path));
      changed("management key");
      chosen_.management_key_changed = true;
      return ok();
    });
  }

  Status put_behind_pin() {
    if (chosen_.pin) return pins_.protect_management_key(Secret(), Secret(), *chosen_.pin);
    SecretRequest request;
    request.noun = "PIN";
    request.device = device();
    request.tries = pins_.state().pin_tries;
    TS_TRY(Secret pin, obtain_secret(request, terminal_));
    TS_CHECK(pins_.protect_management_key(Secret(), Secret(), pin));
    chosen_.pin = std::move(pin);
    return ok();
  }

  // In the file before the device has it: it cannot get lost in between.
  Status put_in_file(const std::string& path) {
    Bytes key = crypto::random_bytes(management_key_bytes);
    std::string hex = to_hex(key);
    Secret typed(hex);
    hex += '\n';
    Status done = create_file(path, as_bytes(hex), 0600);
    wipe(key);
    wipe(hex);
    TS_CHECK(done);
    done = pins_.change_management_key(Secret(), typed);
    if (done) {
      chosen_.management_key = std::move(typed);
    } else if (done.error().code != Code::device_half_done) {
      unlink(path.c_str());
    }
    return done;
  }

  hsm::PinManager& pins_;
  Terminal& terminal_;
  ChosenSecrets chosen_;
};

}  // namespace

Result<ChosenSecrets> leave_factory_state(hsm::PinManager& pins, Terminal& terminal) {
  return Setup(pins, terminal).run();
}

}  // namespace touchstone::cli
