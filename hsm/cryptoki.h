// The part of Cryptoki that is called directly: finding keys, reading their attributes, signing,
// making and removing objects, changing PINs.
//
// Spec: PKCS#11 v2.40 (base and current mechanisms), the C binding for Unix: no packing, CK_ULONG
// is unsigned long. Names follow the specification without their prefixes. Functions that are
// never called stand in the list as `Unused`, because the order of the list is the interface.
#pragma once

namespace touchstone::hsm::ck {

using Byte = unsigned char;
using Ulong = unsigned long;
using Rv = Ulong;
using SlotId = Ulong;
using Session = Ulong;
using Object = Ulong;

struct Version {
  Byte major_number;
  Byte minor_number;
};

struct Info {
  Version cryptoki_version;
  Byte manufacturer[32];
  Ulong flags;
  Byte description[32];
  Version library_version;
};

struct TokenInfo {
  Byte label[32];
  Byte manufacturer[32];
  Byte model[16];
  Byte serial[16];
  Ulong flags;
  Ulong max_session_count;
  Ulong session_count;
  Ulong max_rw_session_count;
  Ulong rw_session_count;
  Ulong max_pin_length;
  Ulong min_pin_length;
  Ulong total_public_memory;
  Ulong free_public_memory;
  Ulong total_private_memory;
  Ulong free_private_memory;
  Version hardware_version;
  Version firmware_version;
  Byte utc_time[16];
};

struct Attribute {
  Ulong type;
  void* value;
  Ulong length;
};

struct Mechanism {
  Ulong type;
  void* parameter;
  Ulong length;
};

struct PssParameters {
  Ulong hash;
  Ulong mgf;
  Ulong salt_length;
};

struct FunctionList {
  using Unused = Rv (*)();
  Version version;
  Rv (*initialize)(void*);
  Rv (*finalize)(void*);
  Rv (*get_info)(Info*);
  Rv (*get_function_list)(FunctionList**);
  Rv (*get_slot_list)(Byte token_present, SlotId*, Ulong*);
  Unused get_slot_info;
  Rv (*get_token_info)(SlotId, TokenInfo*);
  Unused get_mechanism_list, get_mechanism_info;
  Rv (*init_token)(SlotId, const Byte*, Ulong, const Byte* label);
  Rv (*init_pin)(Session, const Byte*, Ulong);
  Rv (*set_pin)(Session, const Byte*, Ulong, const Byte*, Ulong);
  Rv (*open_session)(SlotId, Ulong flags, void*, void*, Session*);
  Rv (*close_session)(Session);
  Unused close_all_sessions, get_session_info, get_operation_state, set_operation_state;
  Rv (*login)(Session, Ulong user_type, const Byte*, Ulong);
  Rv (*logout)(Session);
  Rv (*create_object)(Session, Attribute*, Ulong, Object*);
  Unused copy_object;
  Rv (*destroy_object)(Session, Object);
  Unused get_object_size;
  Rv (*get_attribute_value)(Session, Object, Attribute*, Ulong);
  Unused set_attribute_value;
  Rv (*find_objects_init)(Session, Attribute*, Ulong);
  Rv (*find_objects)(Session, Object*, Ulong, Ulong*);
  Rv (*find_objects_final)(Session);
  Unused encrypt_init, encrypt, encrypt_update, encrypt_final;
  Unused decrypt_init, decrypt, decrypt_update, decrypt_final;
  Unused digest_init, digest, digest_update, digest_key, digest_final;
  Rv (*sign_init)(Session, Mechanism*, Object);
  Rv (*sign)(Session, const Byte*, Ulong, Byte*, Ulong*);
  Unused sign_update, sign_final, sign_recover_init, sign_recover;
  Unused verify_init, verify, verify_update, verify_final, verify_recover_init, verify_recover;
  Unused digest_encrypt_update, decrypt_digest_update, sign_encrypt_update, decrypt_verify_update;
  Unused generate_key;
  Rv (*generate_key_pair)(Session, Mechanism*, Attribute*, Ulong, Attribute*, Ulong, Object*,
                          Object*);
  Unused wrap_key, unwrap_key, derive_key, seed_random, generate_random;
  Unused get_function_status, cancel_function, wait_for_slot_event;
};
static_assert(sizeof(FunctionList) == 69 * sizeof(void*));

constexpr Ulong unavailable = ~Ulong{0};  // CK_UNAVAILABLE_INFORMATION

namespace rv {
constexpr Rv ok = 0x00;
constexpr Rv slot_id_invalid = 0x03;
constexpr Rv attribute_sensitive = 0x11;
constexpr Rv attribute_type_invalid = 0x12;
constexpr Rv attribute_value_invalid = 0x13;
constexpr Rv action_prohibited = 0x1B;
constexpr Rv device_error = 0x30;
constexpr Rv device_memory = 0x31;
constexpr Rv device_removed = 0x32;
constexpr Rv key_handle_invalid = 0x60;
constexpr Rv key_size_range = 0x62;
constexpr Rv key_type_inconsistent = 0x63;
constexpr Rv key_function_not_permitted = 0x68;
constexpr Rv function_not_supported = 0x54;
constexpr Rv mechanism_invalid = 0x70;
constexpr Rv mechanism_param_invalid = 0x71;
constexpr Rv object_handle_invalid = 0x82;
constexpr Rv pin_incorrect = 0xA0;
constexpr Rv pin_invalid = 0xA1;
constexpr Rv pin_len_range = 0xA2;
constexpr Rv pin_expired = 0xA3;
constexpr Rv pin_locked = 0xA4;
constexpr Rv session_closed = 0xB0;
constexpr Rv session_handle_invalid = 0xB3;
constexpr Rv session_read_only = 0xB5;
constexpr Rv session_read_only_exists = 0xB7;
constexpr Rv template_incomplete = 0xD0;
constexpr Rv template_inconsistent = 0xD1;
constexpr Rv token_not_present = 0xE0;
constexpr Rv token_not_recognized = 0xE1;
constexpr Rv token_write_protected = 0xE2;
constexpr Rv user_already_logged_in = 0x100;
constexpr Rv user_not_logged_in = 0x101;
constexpr Rv user_pin_not_initialized = 0x102;
constexpr Rv user_another_already_logged_in = 0x104;
constexpr Rv curve_not_supported = 0x140;
constexpr Rv already_initialized = 0x191;
constexpr Rv pin_too_weak = 0x1B8;
}  // namespace rv

namespace flag {
constexpr Ulong serial_session = 0x04;
constexpr Ulong rw_session = 0x02;
constexpr Ulong user_pin_count_low = 0x0001'0000;
constexpr Ulong user_pin_final_try = 0x0002'0000;
constexpr Ulong user_pin_locked = 0x0004'0000;
constexpr Ulong so_pin_count_low = 0x0010'0000;
constexpr Ulong so_pin_final_try = 0x0020'0000;
constexpr Ulong so_pin_locked = 0x0040'0000;
}  // namespace flag

namespace user {
constexpr Ulong security_officer = 0;
constexpr Ulong normal = 1;
constexpr Ulong context_specific = 2;
}  // namespace user

namespace object_class {
constexpr Ulong certificate = 1;
constexpr Ulong public_key = 2;
constexpr Ulong private_key = 3;
}  // namespace object_class

namespace certificate_type {
constexpr Ulong x509 = 0;
}  // namespace certificate_type

namespace key_type {
constexpr Ulong rsa = 0x00;
constexpr Ulong ec = 0x03;
constexpr Ulong ec_edwards = 0x40;
}  // namespace key_type

namespace attribute {
constexpr Ulong object_class = 0x000;
constexpr Ulong token = 0x001;
constexpr Ulong is_private = 0x002;
constexpr Ulong label = 0x003;
constexpr Ulong value = 0x011;
constexpr Ulong certificate_type = 0x080;
constexpr Ulong issuer = 0x081;
constexpr Ulong serial_number = 0x082;
constexpr Ulong key_type = 0x100;
constexpr Ulong subject = 0x101;
constexpr Ulong id = 0x102;
constexpr Ulong sensitive = 0x103;
constexpr Ulong decrypt = 0x105;
constexpr Ulong unwrap = 0x107;
constexpr Ulong sign = 0x108;
constexpr Ulong verify = 0x10A;
constexpr Ulong modulus = 0x120;
constexpr Ulong modulus_bits = 0x121;
constexpr Ulong public_exponent = 0x122;
constexpr Ulong private_exponent = 0x123;
constexpr Ulong prime_1 = 0x124;
constexpr Ulong prime_2 = 0x125;
constexpr Ulong exponent_1 = 0x126;
constexpr Ulong exponent_2 = 0x127;
constexpr Ulong coefficient = 0x128;
constexpr Ulong public_key_info = 0x129;
constexpr Ulong extractable = 0x162;
constexpr Ulong ec_params = 0x180;
constexpr Ulong ec_point = 0x181;
constexpr Ulong always_authenticate = 0x202;
}  // namespace attribute

namespace mechanism {
constexpr Ulong rsa_pkcs_key_pair_gen = 0x0000;
constexpr Ulong rsa_pkcs = 0x0001;
constexpr Ulong rsa_pkcs_pss = 0x000D;
constexpr Ulong sha256 = 0x0250;
constexpr Ulong sha384 = 0x0260;
constexpr Ulong sha512 = 0x0270;
constexpr Ulong ec_key_pair_gen = 0x1040;
constexpr Ulong ecdsa = 0x1041;
constexpr Ulong ec_edwards_key_pair_gen = 0x1055;
constexpr Ulong eddsa = 0x1057;
}  // namespace mechanism

namespace mgf {
constexpr Ulong mgf1_sha256 = 2;
constexpr Ulong mgf1_sha384 = 3;
constexpr Ulong mgf1_sha512 = 4;
}  // namespace mgf

}  // namespace touchstone::hsm::ck
