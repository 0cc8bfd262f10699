// Has a program's clock run 200 times as fast from its start on, for LD_PRELOAD: ten minutes pass
// in three seconds. What is measured, and not told by the clock, takes its time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

enum { faster = 200, nanoseconds = 1000000000 };

typedef int (*Gettime)(clockid_t, struct timespec*);

static struct timespec start;

static Gettime real(void) { return (Gettime)dlsym(RTLD_NEXT, "clock_gettime"); }

__attribute__((constructor)) static void begin(void) { real()(CLOCK_REALTIME, &start); }

int clock_gettime(clockid_t which, struct timespec* out) {
  const int failed = real()(which, out);
  if (failed != 0 || which != CLOCK_REALTIME) return failed;
  const long long passed =
      (out->tv_sec - start.tv_sec) * (long long)nanoseconds + out->tv_nsec - start.tv_nsec;
  out->tv_sec = start.tv_sec + passed * faster / nanoseconds;
  return 0;
}
