// The card as its reader sees it: APDUs in and out, a log, and faults on demand.
#pragma once

#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "tests/support/piv_card/applet.h"

namespace touchstone::piv_card {

class Card {
 public:
  // Each line of the log goes to `log`, without line break.
  explicit Card(std::function<void(const std::string&)> log) : log_(std::move(log)) {}

  // The answer to one APDU. Absent: the card is gone, by a fault that was asked for.
  std::optional<Bytes> exchange(ByteView apdu);

  void power(const char* what);  // "power-on", "power-off", "reset": the log says so

  // One line of control. False when it is not understood.
  //
  //   serial N                        firmware 5.4.3
  //   key SLOT ALGORITHM [PIN [TOUCH [imported]]]   p256 p384 rsa2048 rsa3072 rsa4096 ed25519;
  //                                   default|never|once|always, default|never|always|cached
  //   certificate SLOT NAME           a certificate for the key that is in the slot now
  //   compressed-certificate SLOT NAME   one that claims to be compressed
  //   firmware A.B.C                  with that one's factory values
  //   tries N                         of the PIN
  //   touch MILLISECONDS [never]      how long a touch takes; never: 6982 after that time
  //   metadata-without TAG            in hex
  //   answer INSTRUCTION STATUS [N [SKIP]]   after SKIP (0) good ones, the next N (1) such commands
  //                                   get this status; it and the instruction in hex
  //   truncate INSTRUCTION            half of the next answer of such a command
  //   extend INSTRUCTION              a byte too many at the end of the next answer of such a one
  //   lie WHAT                        from now on: made-key policies origin deleted stored manager
  //                                   management-key attested-key (applet.h says what each is)
  //   honest                          no lies from now on
  //   management-key ALGORITHM KEY    3des aes128 aes192 aes256, and the key in hex
  //   management-key-behind-pin       kept there as Yubico's tools do it
  //   object ID CONTENT               a data object, both in hex
  //   fault-signatures                from now on
  //   one-nonce                       for each ECDSA signature from now on
  //   remove-at N                     gone at the Nth command from now
  //   remove-in-signature             gone in the middle of the next signature
  //   remove-after-signature          gone when the next signature was answered
  //   attestation-root FILE           writes it there, in PEM
  //   other-maker                     knows none of Yubico's commands, until `firmware`
  //   fips                            its certificate says that it is a FIPS device
  //   own-attester                    attests with a key whose certificate nobody else signed
  bool control(const std::string& line);

  // Pulled out of the reader now, and whether it is out.
  void remove();
  bool removed() const { return removed_; }
  void insert();

 private:
  struct Override {
    std::uint8_t instruction = 0;
    std::uint16_t status = 0;
    unsigned count = 0;
    unsigned skip = 0;
  };

  std::optional<Bytes> answer(ByteView apdu, const Command& command);
  Answer run(const Command& command);
  bool control_key(const std::vector<std::string>& words);
  bool control_fault(const std::vector<std::string>& words);
  void note(ByteView apdu, const Command& command, const std::string& result);

  std::function<void(const std::string&)> log_;
  Applet applet_;
  Framing framing_;
  Override override_;
  std::optional<std::uint8_t> truncate_;
  std::optional<std::uint8_t> extend_;
  std::optional<unsigned> remove_at_;
  bool remove_in_signature_ = false;
  bool remove_after_signature_ = false;
  bool removed_ = false;
};

}  // namespace touchstone::piv_card
