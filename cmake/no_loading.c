// Linked into static programs in place of what glibc would do by loading shared objects: modules
// (OpenSSL's engines and providers) and name services (NSS). Nothing of ours gets here: c-ares
// resolves names, and ports are numbers. What does is told that there is no such thing, so that
// nothing can be loaded into the program whatever the machine's configuration says.
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>

// Linked with --wrap=dlopen: glibc refers to its own from within.
void* __wrap_dlopen(const char* file, int mode);
void* __wrap_dlopen(const char* file, int mode) {
  (void)file;
  (void)mode;
  return NULL;
}

void* dlsym(void* restrict handle, const char* restrict name) {
  (void)handle;
  (void)name;
  return NULL;
}

int dlclose(void* handle) {
  (void)handle;
  return -1;
}

char* dlerror(void) {
  static char message[] = "this program loads no shared objects";
  return message;
}

int getaddrinfo(const char* restrict name, const char* restrict service,
                const struct addrinfo* restrict hints, struct addrinfo** restrict result) {
  (void)name;
  (void)service;
  (void)hints;
  (void)result;
  return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo* list) { (void)list; }

int getnameinfo(const struct sockaddr* restrict address, socklen_t address_size,
                char* restrict host, socklen_t host_size, char* restrict service,
                socklen_t service_size, int flags) {
  (void)address;
  (void)address_size;
  (void)host;
  (void)host_size;
  (void)service;
  (void)service_size;
  (void)flags;
  return EAI_FAIL;
}

struct hostent* gethostbyname(const char* name) {
  (void)name;
  return NULL;
}

struct servent* getservbyname(const char* name, const char* protocol) {
  (void)name;
  (void)protocol;
  return NULL;
}

int getservbyport_r(int port, const char* protocol, struct servent* entry, char* buffer,
                    size_t size, struct servent** result) {
  (void)port;
  (void)protocol;
  (void)entry;
  (void)buffer;
  (void)size;
  *result = NULL;
  return ENOENT;
}
