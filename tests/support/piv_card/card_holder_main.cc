// Another program that uses the card: card_holder READER exclusive|transaction|reset
//
// READER is a part of the reader's name. Keeps the card for itself: says "held" once it has it, and
// holds it until its standard input ends. Or resets it at once.
#include <unistd.h>
#include <winscard.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

int fail(const char* what, LONG value) {
  std::fprintf(stderr, "card_holder: %s: %s\n", what, pcsc_stringify_error(value));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const bool exclusive = std::string(argv[2]) == "exclusive";
  const bool reset = std::string(argv[2]) == "reset";
  SCARDCONTEXT context = 0;
  LONG value = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
  if (value != SCARD_S_SUCCESS) return fail("no service", value);
  std::vector<char> names(4096, '\0');
  DWORD size = names.size();
  value = SCardListReaders(context, nullptr, names.data(), &size);
  if (value != SCARD_S_SUCCESS) return fail("no readers", value);
  const char* name = names.data();
  while (*name != '\0' && std::string(name).find(argv[1]) == std::string::npos) {
    name += std::string(name).size() + 1;
  }
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  value = SCardConnect(context, name, exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED,
                       SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
  if (value != SCARD_S_SUCCESS) return fail("no card", value);
  if (reset) return SCardDisconnect(card, SCARD_RESET_CARD) == SCARD_S_SUCCESS ? 0 : 1;
  if (!exclusive) value = SCardBeginTransaction(card);
  if (value != SCARD_S_SUCCESS) return fail("no transaction", value);
  std::puts("held");
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  if (!exclusive) SCardEndTransaction(card, SCARD_LEAVE_CARD);
  SCardDisconnect(card, SCARD_LEAVE_CARD);
  SCardReleaseContext(context);
  return 0;
}
