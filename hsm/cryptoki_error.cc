#include "hsm/cryptoki_error.h"

#include <array>
#include <cstdio>

namespace touchstone::hsm {
namespace {

struct Meaning {
  ck::Rv value;
  Code code;
  std::string_view words;
};

constexpr std::array<Meaning, 35> meanings = {{
    {ck::rv::pin_incorrect, Code::device_pin_wrong, "the PIN is wrong"},
    {ck::rv::pin_invalid, Code::device_pin_wrong, "the PIN has characters the token does not take"},
    {ck::rv::pin_len_range, Code::device_pin_wrong, "the PIN is too short or too long"},
    {ck::rv::pin_expired, Code::device_failed, "the PIN has expired and must be changed"},
    {ck::rv::pin_locked, Code::device_pin_locked, "the PIN is blocked"},
    {ck::rv::user_pin_not_initialized, Code::device_failed, "the token has no user PIN yet"},
    {ck::rv::user_not_logged_in, Code::device_pin_needed, "the key needs the PIN"},
    {ck::rv::slot_id_invalid, Code::device_removed, "the slot is gone"},
    {ck::rv::device_removed, Code::device_removed, "the token was removed"},
    {ck::rv::token_not_present, Code::device_removed, "the token is not present"},
    {ck::rv::session_closed, Code::device_removed, "the token closed the session"},
    {ck::rv::session_handle_invalid, Code::device_removed, "the token dropped the session"},
    {ck::rv::key_handle_invalid, Code::device_removed, "the token no longer has the key"},
    {ck::rv::object_handle_invalid, Code::device_removed, "the token no longer has the object"},
    {ck::rv::token_not_recognized, Code::device_failed, "the token is not recognised"},
    {ck::rv::device_error, Code::device_failed, "the device reports an error"},
    {ck::rv::mechanism_invalid, Code::device_algorithm, "the token cannot sign in this way"},
    {ck::rv::mechanism_param_invalid, Code::device_algorithm, "the token cannot sign in this way"},
    {ck::rv::key_type_inconsistent, Code::device_algorithm, "the key is of another kind"},
    {ck::rv::key_function_not_permitted, Code::device_algorithm, "the key is not for signing"},
    {ck::rv::function_not_supported, Code::device_algorithm, "the token has no such function"},
    {ck::rv::attribute_sensitive, Code::device_failed, "the token keeps the attribute to itself"},
    {ck::rv::key_size_range, Code::device_unsupported, "the token takes no key of that size"},
    {ck::rv::curve_not_supported, Code::device_unsupported, "the token does not know the curve"},
    {ck::rv::attribute_value_invalid, Code::device_unsupported, "the token refuses an attribute"},
    {ck::rv::template_incomplete, Code::device_unsupported, "the token wants more attributes"},
    {ck::rv::template_inconsistent, Code::device_unsupported, "the token refuses the attributes"},
    {ck::rv::action_prohibited, Code::device_unsupported, "the token forbids it"},
    {ck::rv::token_write_protected, Code::device_unsupported, "the token is write-protected"},
    {ck::rv::session_read_only, Code::device_unsupported, "the token cannot be written now"},
    {ck::rv::session_read_only_exists, Code::device_failed, "the token is being read meanwhile"},
    {ck::rv::user_another_already_logged_in, Code::device_failed, "another user is logged in"},
    {ck::rv::device_memory, Code::device_failed, "the token is full"},
    {ck::rv::pin_too_weak, Code::device_pin_unfit, "the token finds the new PIN too weak"},
    {ck::rv::attribute_type_invalid, Code::device_failed, "the token has no such attribute"},
}};

}  // namespace

Error cryptoki_error(ck::Rv value, std::string_view what) {
  char number[32];
  (void)snprintf(number, sizeof number, " (PKCS#11 error 0x%lX)", value);
  for (const Meaning& meaning : meanings) {
    if (meaning.value != value) continue;
    return Error{meaning.code, std::string(what) + ": " + std::string(meaning.words) + number, ""};
  }
  return Error{Code::device_failed, std::string(what) + " failed" + number, ""};
}

}  // namespace touchstone::hsm
