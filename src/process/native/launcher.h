/*
 * What the thread that starts processes (launcher.c) and what it does for each of them (spawn.c) have in common.
 */
#ifndef RIND_LAUNCHER_H
#define RIND_LAUNCHER_H
#include "sys.h"

/* The words that come before the arguments; of terminal and cgroup none is an empty one. */
enum { PROGRAM, FOLDER, TERMINAL, CGROUP, FIRST_ARG };

/* What src/process/spawn-request.ts writes into `numbers`. */
enum { WORDS, ARGS, PID_VARIABLES, STDIN, UMASK, NICE, OOM, AS_OTHER, UID, GID, GROUPS, LIMITS, NUMBERS };
enum { NOT_GIVEN = INT32_MIN };

/* Where it failed, in the order of what is done, as src/process/spawn-request.ts names them. */
enum {
  STEP_STDIN,
  STEP_PIPE,
  STEP_FORK,
  STEP_DESCRIPTORS,
  STEP_SESSION,
  STEP_TERMINAL,
  STEP_CONTROL,
  STEP_OWNER,
  STEP_STDIO,
  STEP_NICE,
  STEP_OOM,
  STEP_LIMIT,
  STEP_GROUPS,
  STEP_GID,
  STEP_UID,
  STEP_FOLDER,
  STEP_EXEC,
};

/*
 * What is reported: the pid or the error, the step, of the limits which, whether the process began in its cgroup, the ends of its pipes or -1, and in two
 * halves, the lower first, when it began, as /proc/PID/stat has it, or 0.
 */
enum { REPORT_RESULT, REPORT_STEP, REPORT_LIMIT, REPORT_CGROUP, REPORT_STDOUT, REPORT_STDERR, REPORT_BEGAN, REPORT_BEGAN_HIGH, REPORT_FIELDS };

struct limit {
  uint64_t resource, soft, hard;
};

/* `words`: those before the arguments, the arguments, NULL, the environment, of which the first PID_VARIABLES end in room for a pid, NULL. */
struct plan {
  const int32_t *numbers;
  const struct limit *limits;
  const uint32_t *groups;
  char **words;
};

/* Descriptors with low numbers: for what becomes stdin, stdout and stderr, each of which holds /dev/null meanwhile, and /dev/null. */
enum { NOTHING = 3, LOW, STACK_BYTES = 16384 };

/* What each thread that starts processes has for itself; all zeros before its first start. */
struct ground {
  /* Of the child, until it is another program. */
  _Alignas(16) char stack[STACK_BYTES];
  int is_prepared;
  int32_t low[LOW];
  /* Whether descriptors can be left behind without being copied: close_range(2), from 5.9 on. */
  int can_leave_behind;
  /* By number of the signal: what the daemon ignores, as it does for good. */
  uint8_t ignored[SIGNALS + 1];
};

/* The decimal text of `value`, with a NUL at its end; how long it is. */
static inline long write_decimal(char *text, long value) {
  char digits[20];
  long count = 0, length = 0;
  long rest = value < 0 ? -value : value;
  do digits[count++] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0) text[length++] = '-';
  while (count > 0) text[length++] = digits[--count];
  text[length] = 0;
  return length;
}

/* The process of the plan whose stdio is in `low`: its pid, or why there is none. Fills in step, limit and cgroup of `report`. */
long make_process(struct ground *ground, const struct plan *plan, int32_t cgroup, int32_t *report);

/* Starts the process and fills in `report`. The thread waits until the program runs, at most 10 s. */
void start_process(struct ground *ground, const struct plan *plan, int32_t *report);

#endif
