#include <dirent.h>
#include <unistd.h>

#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "cli/doctor/child.h"
#include "cli/doctor/device_checks.h"
#include "hsm/pcsc_cards.h"

namespace touchstone::cli {
namespace {

constexpr const char* service_check = "smart-cards";
constexpr const char* card_check = "card";
constexpr const char* service_socket = "/run/pcscd/pcscd.comm";
constexpr const char* usb_devices = "/sys/bus/usb/devices";
constexpr std::string_view yubico = "1050";

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

Result<Finding> look_at_card(hsm::CardReaders& readers, const std::string& reader) {
  TS_TRY(auto link, readers.connect(reader));
  TS_TRY(auto card, hsm::PivCard::open(std::move(link), reader));
  TS_TRY(const auto tries, card.tries());
  return judge_card(card, tries);
}

Finding look_at_reader(hsm::CardReaders& readers, const std::string& reader) {
  const std::string where = "reader \"" + printable(reader) + "\"";
  auto finding = look_at_card(readers, reader);
  if (finding) return *std::move(finding);
  const Error& error = finding.error();
  if (error.code != Code::device_not_found) return problem(card_check, error);
  return good(card_check, where + ": there is no card that can sign in it");
}

std::string found_by_child() {
  const CardSigns signs{has_yubikey(usb_devices), access(service_socket, F_OK) == 0};
  const auto readers = hsm::open_card_readers();
  if (!readers) return to_message({without_service(readers.error(), signs)});
  return to_message(look_at_readers(**readers, signs));
}

}  // namespace

bool has_yubikey(const std::string& folder) {
  const std::unique_ptr<DIR, CloseFolder> handle(opendir(folder.c_str()));
  if (!handle) return false;
  while (const dirent* entry = readdir(handle.get())) {
    constexpr std::uint64_t page = 4096;  // what a file in /sys may hold
    const auto vendor = read_file(folder + "/" + entry->d_name + "/idVendor", page);
    if (vendor && as_text(*vendor).starts_with(yubico)) return true;
  }
  return false;
}

Finding without_service(const Error& error, const CardSigns& signs) {
  const bool wanted = signs.yubikey_on_usb || signs.service_is_set_up;
  Error told = error;
  if (signs.yubikey_on_usb) told.message += ", and a YubiKey is plugged in";
  if (wanted) return problem(service_check, told);
  if (error.code == Code::device_library || error.code == Code::device_no_service) {
    told.message += "; it is needed for YubiKeys and other PIV cards alone";
  }
  return warning(service_check, told);
}

Findings look_at_readers(hsm::CardReaders& readers, const CardSigns& signs) {
  const auto names = readers.names();
  if (!names) return {without_service(names.error(), signs)};
  if (names->empty() && signs.yubikey_on_usb) {
    return {problem(service_check,
                    {Code::device_not_found,
                     "pcscd answers, and sees no reader, though a YubiKey is plugged in",
                     "apt-get install libccid, and enable the key's PIV application over USB "
                     "(ykman config usb --enable PIV)"})};
  }
  Findings findings = {
      good(service_check, "pcscd answers; readers: " + std::to_string(names->size()))};
  for (const std::string& name : *names) findings.push_back(look_at_reader(readers, name));
  return findings;
}

Finding judge_card(const hsm::PivCard& card, const std::optional<hsm::PinTries>& tries) {
  std::string text = card.name();
  if (card.firmware()) text += ", firmware " + card.firmware()->to_string();
  text += ", in reader \"" + printable(card.reader()) + "\"";
  if (!tries) return good(card_check, text + "; it does not tell how many tries its PIN has left");
  if (tries->left == 0) {
    return problem(card_check, {Code::device_pin_locked, text + ": its PIN is blocked", ""});
  }
  text += "; tries left for the PIN: " + std::to_string(tries->left);
  if (tries->in_all) text += " of " + std::to_string(*tries->in_all);
  if (tries->left == 1) {
    return warning(card_check, text,
                   "the next wrong PIN blocks it; the right one gives tries back");
  }
  if (tries->factory_pin) {
    return warning(card_check, text + "; the PIN is still the factory's, which everybody knows",
                   "choose another one before there is a key that matters");
  }
  return good(card_check, text);
}

Findings check_smart_cards() {
  const ChildOutcome outcome = ask_child(found_by_child, limits::card_probe_timeout);
  if (outcome.end != ChildOutcome::End::answered) {
    return {problem(service_check,
                    {Code::device_no_service, "looking at smart cards " + outcome.fault(),
                     "start pcscd anew: systemctl restart pcscd"})};
  }
  auto findings = read_message(outcome.answer);
  if (findings) return *std::move(findings);
  return {problem(service_check, {Code::internal_error, findings.error().message, ""})};
}

}  // namespace touchstone::cli
