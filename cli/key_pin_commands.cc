// touchstone key pin change | unblock | puk | management-key
#include "cli/device_options.h"
#include "cli/key_commands.h"
#include "cli/pin_entry.h"
#include "cli/shared/output.h"
#include "cli/terminal.h"
#include "hsm/keys.h"

namespace touchstone::cli {
namespace {

struct PinArguments {
  std::string device;
  std::string current_file;
  std::string next_file;
  std::string pin_file;  // for what else wants the PIN
  bool protect = false;
};

Result<Secret> ask_current(std::string noun, const hsm::PinState& state,
                           KeyDescription::Tries tries, Code when_locked,
                           const PinArguments& arguments) {
  SecretRequest request;
  request.noun = std::move(noun);
  request.device = state.device;
  request.tries = tries;
  request.when_locked = when_locked;
  request.file = arguments.current_file;
  ControllingTerminal terminal;
  return obtain_secret(request, terminal);
}

// The PIN that signing uses, from the places that signing takes it from.
Result<Secret> ask_current_pin(const hsm::PinState& state, const std::string& file) {
  SecretRequest request;
  request.noun = state.pin_noun;
  request.device = state.device;
  request.tries = state.pin_tries;
  request.file = file;
  request.variable = pin_variable();
  request.source = state.pin_source;
  ControllingTerminal terminal;
  return obtain_secret(request, terminal);
}

Result<Secret> ask_next(const std::string& noun, const hsm::PinState& state,
                        const PinArguments& arguments) {
  SecretRequest request;
  request.noun = "new " + noun;
  request.device = state.device;
  request.file = arguments.next_file;
  ControllingTerminal terminal;
  return obtain_new_secret(request, terminal);
}

// A device that has no such secret says why, and what to do instead, before anything is asked.
Status check_puk(hsm::PinManager& pins) {
  return pins.state().has_puk ? ok() : pins.unblock_pin(Secret(), Secret());
}

Status check_management_key(hsm::PinManager& pins) {
  return pins.state().has_management_key ? ok() : pins.change_management_key(Secret(), Secret());
}

Result<std::string> done(const hsm::PinState& state, const std::string& what) {
  say(what + " of " + state.device + " is changed");
  for (const std::string& warning : state.warnings) say("warning: " + warning);
  return std::string();
}

Result<std::string> change_pin(const PinArguments& arguments) {
  TS_TRY(const auto pins, hsm::open_pin_manager(arguments.device, options_with_touch_notice()));
  const hsm::PinState& state = pins->state();
  TS_TRY(const Secret current, ask_current_pin(state, arguments.current_file));
  TS_TRY(const Secret next, ask_next(state.pin_noun, state, arguments));
  TS_CHECK(pins->change_pin(current, next));
  return done(state, "the " + state.pin_noun);
}

Result<std::string> unblock_pin(const PinArguments& arguments) {
  TS_TRY(const auto pins, hsm::open_pin_manager(arguments.device, options_with_touch_notice()));
  const hsm::PinState& state = pins->state();
  TS_CHECK(check_puk(*pins));
  TS_TRY(const Secret puk,
         ask_current(state.puk_noun, state, state.puk_tries, Code::device_puk_locked, arguments));
  TS_TRY(const Secret next, ask_next(state.pin_noun, state, arguments));
  TS_CHECK(pins->unblock_pin(puk, next));
  return done(state, "the " + state.pin_noun);
}

Result<std::string> change_puk(const PinArguments& arguments) {
  TS_TRY(const auto pins, hsm::open_pin_manager(arguments.device, options_with_touch_notice()));
  const hsm::PinState& state = pins->state();
  TS_CHECK(check_puk(*pins));
  TS_TRY(const Secret current,
         ask_current(state.puk_noun, state, state.puk_tries, Code::device_puk_locked, arguments));
  TS_TRY(const Secret next, ask_next(state.puk_noun, state, arguments));
  TS_CHECK(pins->change_puk(current, next));
  return done(state, "the " + state.puk_noun);
}

Result<std::string> change_management_key(const PinArguments& arguments) {
  if (arguments.protect && !arguments.next_file.empty()) {
    return Error{Code::usage_arguments,
                 "--protect has a management key made, and --new-management-key gives one", ""};
  }
  TS_TRY(const auto pins, hsm::open_pin_manager(arguments.device, options_with_touch_notice()));
  const hsm::PinState& state = pins->state();
  TS_CHECK(check_management_key(*pins));
  // The factory's need not be given: everybody knows it.
  const bool known = state.factory_management_key || state.management_key_behind_pin;
  Secret current;
  if (!known || !arguments.current_file.empty()) {
    const auto unknown = KeyDescription::Tries::unknown;
    TS_TRY(current,
           ask_current("management key", state, unknown, Code::device_management_key, arguments));
  }
  const bool behind_pin = arguments.protect || state.management_key_behind_pin;
  Secret pin;
  if (behind_pin) {
    TS_TRY(pin, ask_current_pin(state, arguments.pin_file));
  }
  Secret next;
  if (!arguments.protect) {
    TS_TRY(next, ask_next("management key", state, arguments));
  }
  TS_CHECK(behind_pin ? pins->protect_management_key(current, next, pin)
                      : pins->change_management_key(current, next));
  if (behind_pin) say("the device keeps its new management key behind the PIN");
  return done(state, "the management key");
}

using Action = Result<std::string> (*)(const PinArguments&);

CLI::App& declare(CLI::App& pin, const char* name, const char* description, Action action,
                  const std::shared_ptr<PinArguments>& arguments) {
  CLI::App& command = *pin.add_subcommand(name, description);
  command
      .add_option(
          "DEVICE", arguments->device,
          "yubikey: or piv: and which one, PKCS#11 URI of a token, or an encrypted key file")
      ->required()
      ->type_name("");
  set_action(command, [action, arguments] { return show_result(action(*arguments)); });
  return command;
}

void take(CLI::App& command, const char* option, std::string& file, const char* what) {
  command.add_option(option, file, std::string("read ") + what + " from FILE or descriptor fd:N")
      ->type_name("FILE");
}

}  // namespace

void declare_key_pins(CLI::App& key) {
  CLI::App& pin = *key.add_subcommand(
      "pin",
      "Change what guards a device. Each secret comes from a file, a descriptor or the terminal,\n"
      "and is presented once.\n\n"
      "Example:\n  touchstone key pin change pkcs11:token=release");
  pin.require_subcommand(1);
  const auto arguments = std::make_shared<PinArguments>();

  CLI::App& change = declare(pin, "change",
                             "Change the PIN of a device, or the passphrase of a key file.\n\n"
                             "Example:\n  touchstone key pin change pkcs11:token=release",
                             change_pin, arguments);
  take(change, "--pin-file", arguments->current_file, "the PIN");
  take(change, "--new-pin-file", arguments->next_file, "the new PIN");

  CLI::App& unblock =
      declare(pin, "unblock",
              "Set a new PIN with the PUK of a card, or the PIN of a token's security officer.\n\n"
              "Examples:\n"
              "  touchstone key pin unblock yubikey:\n"
              "  touchstone key pin unblock pkcs11:token=release",
              unblock_pin, arguments);
  take(unblock, "--puk-file,--so-pin-file", arguments->current_file, "the PUK or SO PIN");
  take(unblock, "--new-pin-file", arguments->next_file, "the new PIN");

  CLI::App& puk = declare(pin, "puk",
                          "Change the PUK of a card, or the PIN of a token's security officer.\n\n"
                          "Examples:\n"
                          "  touchstone key pin puk yubikey:\n"
                          "  touchstone key pin puk pkcs11:token=release",
                          change_puk, arguments);
  take(puk, "--puk-file,--so-pin-file", arguments->current_file, "the PUK or SO PIN");
  take(puk, "--new-puk-file,--new-so-pin-file", arguments->next_file, "the new one");

  CLI::App& management = declare(
      pin, "management-key",
      "Change the management key of a card, which guards the making of keys. The factory's\n"
      "need not be given, nor one that the card keeps behind its PIN, where the new one stays;\n"
      "tokens and files have none.\n\n"
      "Examples:\n"
      "  touchstone key pin management-key yubikey: --new-management-key new.hex\n"
      "  touchstone key pin management-key yubikey: --protect",
      change_management_key, arguments);
  take(management, "--management-key", arguments->current_file, "the management key, as hex,");
  take(management, "--new-management-key", arguments->next_file, "the new one");
  management.add_flag("--protect", arguments->protect,
                      "have one made at random, and kept on the card behind its PIN");
  take(management, "--pin-file", arguments->pin_file, "the PIN that it lies behind");
}

}  // namespace touchstone::cli
