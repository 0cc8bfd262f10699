// The least a libp11 program can do: loads a module, finds the token, logs in, takes the first
// private key and signs 32 bytes with ECDSA, once or COUNT times.
//
//   bare_sign MODULE TOKEN-LABEL PIN [COUNT]
#include <libp11.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int sign(PKCS11_SLOT* slot, const char* pin, int count) {
  PKCS11_KEY* keys = NULL;
  unsigned key_count = 0;
  if (PKCS11_login(slot, 0, pin) != 0) return 0;
  if (PKCS11_enumerate_keys(slot->token, &keys, &key_count) != 0 || key_count == 0) return 0;

  EVP_PKEY* key = PKCS11_get_private_key(&keys[0]);
  EVP_PKEY_CTX* context = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
  const unsigned char digest[32] = {1};
  unsigned char signature[256];
  size_t size = sizeof signature;
  int done = context != NULL && EVP_PKEY_sign_init(context) == 1;
  for (int i = 0; done && i < count; ++i) {
    size = sizeof signature;
    done = EVP_PKEY_sign(context, signature, &size, digest, sizeof digest) == 1;
  }
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  return done;
}

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    fprintf(stderr, "usage: bare_sign MODULE TOKEN-LABEL PIN [COUNT]\n");
    return 2;
  }
  PKCS11_CTX* context = PKCS11_CTX_new();
  PKCS11_SLOT* slots = NULL;
  unsigned slot_count = 0;
  if (PKCS11_CTX_load(context, argv[1]) != 0 ||
      PKCS11_enumerate_slots(context, &slots, &slot_count) != 0) {
    fprintf(stderr, "bare_sign: the module cannot be used\n");
    return 1;
  }
  int done = 0;
  for (unsigned i = 0; i < slot_count && !done; ++i) {
    PKCS11_TOKEN* token = slots[i].token;
    if (token != NULL && token->label != NULL && strcmp(token->label, argv[2]) == 0) {
      done = sign(&slots[i], argv[3], argc == 5 ? atoi(argv[4]) : 1);
    }
  }
  PKCS11_release_all_slots(context, slots, slot_count);
  PKCS11_CTX_unload(context);
  PKCS11_CTX_free(context);
  if (!done) fprintf(stderr, "bare_sign: no such token, or it did not sign\n");
  return done ? 0 : 1;
}
