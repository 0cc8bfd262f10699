#include "oci/auth_file.h"
#include "tests/fuzz/fuzz.h"

using namespace touchstone;

// What is put in is found, whatever else is in the file.
FUZZ_TARGET(input) {
  auto file = oci::AuthFile::parse(input, oci::AuthFile::Style::docker);
  if (!file) return;
  (void)file->find("registry.example", "shop/api");
  const oci::Credential login{oci::Credential::Kind::password, "u", Secret("p"), ""};
  file->put("registry.example", &login);
  const auto again = oci::AuthFile::parse(as_bytes(file->text()), oci::AuthFile::Style::docker);
  fuzz::require(again && again->lists("registry.example"));
  const auto found = again->find("registry.example", "");
  if (found) fuzz::require(found->saved && found->saved->secret.reveal() == "p");
}
