#include "tests/support/piv_card/card.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/encoding.h"

namespace touchstone::piv_card {
namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::optional<std::uint32_t> number(const std::string& text, int base = 10) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint8_t> hex_byte(const std::string& text) {
  const auto value = number(text, 16);
  if (!value || *value > 0xFF) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

struct Choice {
  const char* name;
  std::uint8_t value;
};
constexpr std::array<Choice, 7> algorithms = {{{"p256", algorithm::p256},
                                               {"p384", algorithm::p384},
                                               {"rsa1024", algorithm::rsa1024},
                                               {"rsa2048", algorithm::rsa2048},
                                               {"rsa3072", algorithm::rsa3072},
                                               {"rsa4096", algorithm::rsa4096},
                                               {"ed25519", algorithm::ed25519}}};
constexpr std::array<Choice, 4> pin_policies = {
    {{"default", 0}, {"never", 1}, {"once", 2}, {"always", 3}}};
constexpr std::array<Choice, 4> touch_policies = {
    {{"default", 0}, {"never", 1}, {"always", 2}, {"cached", 3}}};

constexpr std::array<Choice, 8> lies = {
    {{"made-key", static_cast<std::uint8_t>(Lie::made_key)},
     {"policies", static_cast<std::uint8_t>(Lie::policies)},
     {"origin", static_cast<std::uint8_t>(Lie::origin)},
     {"deleted", static_cast<std::uint8_t>(Lie::deleted)},
     {"stored", static_cast<std::uint8_t>(Lie::stored)},
     {"manager", static_cast<std::uint8_t>(Lie::manager)},
     {"management-key", static_cast<std::uint8_t>(Lie::management_key)},
     {"attested-key", static_cast<std::uint8_t>(Lie::attested_key)}}};
constexpr std::array<Choice, 4> management_algorithms = {
    {{"3des", 0x03}, {"aes128", 0x08}, {"aes192", 0x0A}, {"aes256", 0x0C}}};

template <std::size_t size>
std::optional<std::uint8_t> choose(const std::array<Choice, size>& choices,
                                   const std::string& text) {
  const auto found =
      std::ranges::find_if(choices, [&](const Choice& choice) { return text == choice.name; });
  if (found == choices.end()) return std::nullopt;
  return found->value;
}

std::optional<std::uint32_t> firmware(const std::string& text) {
  std::uint32_t packed = 0;
  std::istringstream parts(text);
  int count = 0;
  for (std::string part; std::getline(parts, part, '.'); ++count) {
    const auto value = number(part);
    if (!value || *value > 0xFF) return std::nullopt;
    packed = packed << 8 | *value;
  }
  if (count != 3) return std::nullopt;
  return packed;
}

// What Yubico's tools keep the management key in.
bool is_printed(const Command& command) {
  constexpr std::array<std::uint8_t, 5> printed = {0x5C, 0x03, 0x5F, 0xC1, 0x09};
  return command.ins == ins::put_data && command.data.size() > printed.size() &&
         std::equal(printed.begin(), printed.end(), command.data.begin());
}

// Commands whose data is a secret.
bool is_secret(const Command& command) {
  return command.ins == ins::verify || command.ins == ins::change_reference ||
         command.ins == ins::reset_retry_counter || command.ins == ins::import_key ||
         command.ins == ins::set_management_key || is_printed(command);
}

bool is_last_piece(const Command& command) { return (command.cla & 0x10) == 0; }

bool is_signature(const Command& command) {
  return command.ins == ins::general_authenticate && command.p2 != 0x9B && is_last_piece(command);
}

}  // namespace

void Card::note(ByteView apdu, const Command& command, const std::string& result) {
  std::string line = is_last_piece(command) ? instruction_name(command.ins) : "CHAINED";
  // Without data it asks how many tries are left, and presents nothing.
  if (command.ins == ins::verify && command.data.empty()) line = "TRIES";
  if (command.ins == ins::general_authenticate && command.p2 == 0x9B) line = "PROVE-MANAGEMENT-KEY";
  line += " " + to_hex(apdu.first(std::min<std::size_t>(apdu.size(), 5)));
  if (is_secret(command)) {
    line += std::string(2 * command.data.size(), '*');
  } else {
    line += to_hex(command.data);
  }
  log_(line + " -> " + result);
}

std::optional<Bytes> Card::exchange(ByteView apdu) {
  if (removed_) return std::nullopt;
  const auto command = Command::parse(apdu);
  if (!command) {
    log_("malformed " + to_hex(apdu));
    return Bytes{0x67, 0x00};
  }
  auto response = answer(apdu, *command);
  if (!response) {
    remove();
    note(apdu, *command, "removed");
    return std::nullopt;
  }
  const std::size_t size = response->size() - 2;
  note(apdu, *command,
       to_hex(ByteView(*response).subspan(size)) + (size > 0 ? " +" + std::to_string(size) : ""));
  if (remove_after_signature_ && is_signature(*command)) {
    remove_after_signature_ = false;
    remove();
  }
  return response;
}

std::optional<Bytes> Card::answer(ByteView apdu, const Command& command) {
  (void)apdu;
  if (remove_at_ && --*remove_at_ == 0) {
    remove_at_.reset();
    return std::nullopt;
  }
  if (remove_in_signature_ && is_signature(command)) {
    remove_in_signature_ = false;
    return std::nullopt;
  }
  if (command.ins == ins::get_response) return framing_.deal_rest();
  const auto whole = framing_.collect(command);
  if (!whole) return Bytes{0x90, 0x00};
  return framing_.deal(run(*whole));
}

Answer Card::run(const Command& command) {
  if (override_.count > 0 && override_.instruction == command.ins) {
    unsigned& left = override_.skip > 0 ? override_.skip : override_.count;
    const bool skipped = override_.skip > 0;
    --left;
    if (!skipped) return override_.status;
  }
  Answer answer = applet_.run(command);
  if (truncate_ == command.ins && !answer.data.empty()) {
    truncate_.reset();
    answer.data.resize(answer.data.size() / 2);
  }
  if (extend_ == command.ins && !answer.data.empty()) {
    extend_.reset();
    answer.data.push_back(0x00);
  }
  return answer;
}

void Card::power(const char* what) {
  applet_.power_cycle();
  framing_.reset();
  log_(what);
}

void Card::remove() {
  removed_ = true;
  applet_.power_cycle();
  framing_.reset();
  log_("removed");
}

void Card::insert() {
  removed_ = false;
  log_("inserted");
}

bool Card::control_key(const Words& words) {
  if (words.size() < 3 || words.size() > 6) return false;
  const auto word = [&](std::size_t at) { return words.size() > at ? words[at] : "default"; };
  const auto slot = hex_byte(words[1]);
  const auto id = choose(algorithms, words[2]);
  const auto pin = choose(pin_policies, word(3));
  const auto touch = choose(touch_policies, word(4));
  const bool imported = words.size() == 6 && words[5] == "imported";
  if (!slot || !id || !pin || !touch || (words.size() == 6 && !imported)) return false;
  applet_.make_key(*slot, *id, *pin, *touch, imported ? 2 : 1);
  return true;
}

bool Card::control_fault(const Words& words) {
  const std::string& what = words[0];
  if (words.size() == 1) {
    if (what == "fips") applet_.set_fips(true);
    if (what == "own-attester") applet_.replace_attester();
    if (what == "other-maker") applet_.forget_yubico();
    if (what == "fips" || what == "own-attester" || what == "other-maker") return true;
    if (what == "fault-signatures") applet_.fault_signatures(true);
    if (what == "one-nonce") applet_.repeat_nonces();
    if (what == "remove-in-signature") remove_in_signature_ = true;
    if (what == "remove-after-signature") remove_after_signature_ = true;
    if (what == "honest") applet_.tell_the_truth();
    if (what == "management-key-behind-pin") applet_.put_management_key_behind_pin();
    return what == "fault-signatures" || what == "one-nonce" ||
           what == "management-key-behind-pin" || what == "honest" || remove_in_signature_ ||
           remove_after_signature_;
  }
  if (what == "answer" && words.size() <= 5 && words.size() >= 3) {
    const auto instruction = hex_byte(words[1]);
    const auto status = number(words[2], 16);
    const auto count = words.size() >= 4 ? number(words[3]) : 1;
    const auto skip = words.size() == 5 ? number(words[4]) : 0;
    if (!instruction || !status || *status > 0xFFFF || !count || !skip) return false;
    override_ = {*instruction, static_cast<std::uint16_t>(*status), *count, *skip};
    return true;
  }
  if (what == "management-key" && words.size() == 3) {
    const auto id = choose(management_algorithms, words[1]);
    const auto key = from_hex(words[2]);
    return id && key && applet_.set_management(*id, *key);
  }
  if (what == "object" && words.size() == 3) {
    const auto id = from_hex(words[1]);
    const auto content = from_hex(words[2]);
    if (id && content) applet_.set_object(*id, *content);
    return id && content;
  }
  if (words.size() != 2) return false;
  if (what == "lie") {
    const auto lie = choose(lies, words[1]);
    if (lie) applet_.lie(static_cast<Lie>(*lie));
    return lie.has_value();
  }
  if (what == "extend") extend_ = hex_byte(words[1]);
  if (what == "truncate") truncate_ = hex_byte(words[1]);
  if (what == "remove-at") remove_at_ = number(words[1]);
  return what == "truncate" || what == "extend" || what == "remove-at";
}

bool Card::control(const std::string& line) {
  const Words words = words_of(line);
  if (words.empty()) return false;
  const std::string& what = words[0];
  if (what == "key") return control_key(words);
  if ((what == "certificate" || what == "compressed-certificate") && words.size() == 3) {
    const auto slot = hex_byte(words[1]);
    if (slot) applet_.make_certificate(*slot, words[2], what != "certificate");
    return slot.has_value();
  }
  if (what == "touch" && (words.size() == 2 || words.size() == 3)) {
    const auto delay = number(words[1]);
    const bool never = words.size() == 3 && words[2] == "never";
    if (!delay || (words.size() == 3 && !never)) return false;
    applet_.set_touch({std::chrono::milliseconds(*delay), never});
    return true;
  }
  if (words.size() == 2 && what == "attestation-root") {
    std::ofstream(words[1]) << applet_.attester().root_pem();
    return true;
  }
  if (words.size() == 2 && what == "firmware") {
    const auto packed = firmware(words[1]);
    if (packed) applet_.set_firmware(*packed);
    return packed.has_value();
  }
  if (words.size() == 2 && (what == "serial" || what == "tries" || what == "metadata-without")) {
    const auto value = number(words[1], what == "metadata-without" ? 16 : 10);
    if (!value) return false;
    if (what == "serial") applet_.set_serial(*value);
    if (what == "tries") applet_.set_pin_tries(*value);
    if (what == "metadata-without") {
      applet_.leave_out_of_metadata(static_cast<std::uint8_t>(*value));
    }
    return true;
  }
  return control_fault(words);
}

}  // namespace touchstone::piv_card
