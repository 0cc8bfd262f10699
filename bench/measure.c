// Runs commands in turn, many times, and prints the median cost of each:
//
//   measure RUNS [-s STATUS] COMMAND ARGUMENT... [-- [-s STATUS] COMMAND ARGUMENT...]...
//
// One line a command: CPU in ms (user and system), wall clock in ms, peak memory in KiB. The
// commands alternate (A B A B ...), so that a change of the machine's mood meets all of them. One
// unmeasured round comes first. Their output is dropped. A command that ends with another status
// than STATUS (0) ends the measuring with status 1.
//
// Static and small on purpose: a child's peak memory begins with its parent's.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { max_commands = 8 };

struct Command {
  char** arguments;
  int wanted_status;
  double* cpu_ms;
  double* wall_ms;
  double* peak_kib;
};

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double in_ms(struct timeval time) {
  return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static void run(struct Command* command, int index) {
  const double start = now_ms();
  const pid_t child = vfork();
  if (child < 0) {
    perror("measure: vfork");
    exit(1);
  }
  if (child == 0) {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 0);
    dup2(null, 1);
    if (getenv("MEASURE_SHOW") == NULL) dup2(null, 2);
    execvp(command->arguments[0], command->arguments);
    _exit(127);
  }
  int status;
  struct rusage usage;
  wait4(child, &status, 0, &usage);
  const double end = now_ms();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != command->wanted_status) {
    fprintf(stderr, "measure: %s ended with status %d, not %d\n", command->arguments[0],
            WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), command->wanted_status);
    exit(1);
  }
  if (index < 0) return;
  command->cpu_ms[index] = in_ms(usage.ru_utime) + in_ms(usage.ru_stime);
  command->wall_ms[index] = end - start;
  command->peak_kib[index] = (double)usage.ru_maxrss;
}

static int ascending(const void* a, const void* b) {
  const double x = *(const double*)a;
  const double y = *(const double*)b;
  return (x > y) - (x < y);
}

static double median(double* values, int count) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

int main(int argc, char** argv) {
  struct Command commands[max_commands];
  int count = 0;
  const int runs = argc > 2 ? atoi(argv[1]) : 0;
  if (runs < 1) {
    fprintf(stderr, "usage: measure RUNS COMMAND... [-- COMMAND...]...\n");
    return 2;
  }
  for (int i = 2; i < argc && count < max_commands; ++i) {
    struct Command* command = &commands[count++];
    command->wanted_status = 0;
    if (strcmp(argv[i], "-s") == 0 && i + 2 < argc) {
      command->wanted_status = atoi(argv[i + 1]);
      i += 2;
    }
    command->arguments = argv + i;
    command->cpu_ms = calloc((size_t)runs, sizeof(double));
    command->wall_ms = calloc((size_t)runs, sizeof(double));
    command->peak_kib = calloc((size_t)runs, sizeof(double));
    while (i < argc && strcmp(argv[i], "--") != 0) ++i;
    if (i < argc) argv[i] = NULL;
  }
  for (int round = -1; round < runs; ++round) {
    for (int i = 0; i < count; ++i) run(&commands[i], round);
  }
  for (int i = 0; i < count; ++i) {
    printf("%.2f %.2f %.0f\n", median(commands[i].cpu_ms, runs), median(commands[i].wall_ms, runs),
           median(commands[i].peak_kib, runs));
  }
  return 0;
}
