/*
 * What is around the making of a process (spawn.c): the pipes for what it prints, its cgroup, and what is told of it.
 *
 * What becomes its stdin, stdout and stderr is brought down to low numbers first, so that the child can leave all other descriptors behind.
 */
#include "launcher.h"
#include <time.h>

/* What holds for every start of a thread and is found out once: what is ignored, the low descriptors, and whether the rest can be left behind (from 5.9 on). */
static long prepare(struct ground *ground) {
  struct kernel_action action;
  if (ground->is_prepared) return 0;
  for (int nr = 1; nr <= SIGNALS; nr++)
    ground->ignored[nr] = call(SYS_rt_sigaction, nr, 0, (long)&action, sizeof action.mask, 0) == 0 && action.handler == SIG_IGNORED;
  ground->can_leave_behind = call(SYS_close_range, ~0U, ~0U, 0, 0, 0) == 0;
  /* what was closed before Node began may be 0, 1 or 2 */
  enum { FIRST = 3 };
  const long nothing = call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR | O_CLOEXEC, 0, 0);
  if (nothing < 0) return nothing;
  for (int at = 0; at < LOW; at++) {
    const long fd = call(SYS_fcntl, nothing, F_DUPFD_CLOEXEC, at == 0 ? FIRST : ground->low[at - 1] + 1, 0, 0);
    if (fd < 0) {
      while (--at >= 0) call(SYS_close, ground->low[at], 0, 0, 0, 0);
      call(SYS_close, nothing, 0, 0, 0, 0);
      return fd;
    }
    ground->low[at] = (int32_t)fd;
  }
  call(SYS_close, nothing, 0, 0, 0, 0);
  ground->is_prepared = 1;
  return 0;
}

/* A pipe for what it prints, whose end to write to is then in `low`; the end to read from, which does not block. */
static long open_output(const struct ground *ground, int at) {
  enum { OPEN_BY_NAME = 0622 };
  int32_t ends[2];
  const long result = make_pipe(ends);
  if (result < 0) return result;
  /* to open it by its name takes a right to it, also where the process has become another user; its name leads only its own kind here */
  call(SYS_fchmod, ends[1], OPEN_BY_NAME, 0, 0, 0);
  call(SYS_dup3, ends[1], ground->low[at], O_CLOEXEC, 0, 0);
  call(SYS_close, ends[1], 0, 0, 0, 0);
  return ends[0];
}

/* The folder of its cgroup, made and open; below 0: it goes without. */
static long open_cgroup(const char *path) {
  enum { RIGHTS = 0755 };
  if (path[0] == 0 || call(SYS_mkdirat, AT_FDCWD, (long)path, RIGHTS, 0, 0) < 0) return -1;
  return call(SYS_openat, AT_FDCWD, (long)path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
}

/* The null device again in what a process has got: the end of a pipe that stays open here has no end there. */
static void clear_low(const struct ground *ground, int first, int last) {
  for (int at = first; at <= last; at++) call(SYS_dup3, ground->low[NOTHING], ground->low[at], O_CLOEXEC, 0, 0);
}

/* The clock by which the kernel notes when a process began, in the ticks of which /proc/PID/stat tells it. */
static uint64_t ticks_now(void) {
  enum { TICKS_PER_SECOND = 100, NANOSECONDS_PER_TICK = 1000000000 / TICKS_PER_SECOND };
  int64_t now[2] = {0, 0};
  call(SYS_clock_gettime, CLOCK_BOOTTIME, (long)now, 0, 0, 0);
  return (uint64_t)now[0] * TICKS_PER_SECOND + (uint64_t)now[1] / NANOSECONDS_PER_TICK;
}

/* When it began, from /proc/PID/stat; 0: there is no /proc. It is there until it is reaped, and nobody does that yet. */
static uint64_t read_ticks(long pid) {
  enum { FIELDS_BETWEEN = 20 };
  char text[1024];
  long length = 0;
  for (const char *start = "/proc/"; *start != 0; start++) text[length++] = *start;
  length += write_decimal(text + length, pid);
  for (const char *end = "/stat"; (text[length] = *end) != 0; end++) length++;
  const long fd = call(SYS_openat, AT_FDCWD, (long)text, O_RDONLY | O_CLOEXEC, 0, 0);
  if (fd < 0) return 0;
  length = call(SYS_read, fd, (long)text, sizeof text - 1, 0, 0);
  call(SYS_close, fd, 0, 0, 0, 0);
  text[length > 0 ? length : 0] = 0;
  /* the name of the program stands in brackets and may hold anything */
  const char *at = text, *name_end = NULL;
  for (; *at != 0; at++)
    if (*at == ')') name_end = at;
  if (name_end == NULL) return 0;
  at = name_end;
  for (int field = 0; field < FIELDS_BETWEEN && *at != 0; at++) field += *at == ' ';
  uint64_t ticks = 0;
  for (; *at >= '0' && *at <= '9'; at++) ticks = ticks * 10 + (uint64_t)(*at - '0');
  return ticks;
}

void start_process(struct ground *ground, const struct plan *plan, int32_t *report) {
  const int32_t *numbers = plan->numbers;
  const int has_pipes = plan->words[TERMINAL][0] == 0;
  report[REPORT_STEP] = STEP_STDIN;
  report[REPORT_LIMIT] = 0;
  long result = prepare(ground);
  uint64_t before = 0;
  report[REPORT_CGROUP] = 0;
  report[REPORT_STDOUT] = report[REPORT_STDERR] = -1;
  for (int at = 1; at <= 2 && result >= 0 && has_pipes; at++) {
    report[REPORT_STEP] = STEP_PIPE;
    result = open_output(ground, at);
    if (result >= 0) report[REPORT_STDOUT + at - 1] = (int32_t)result;
  }
  if (result >= 0) {
    if (numbers[STDIN] >= 0) call(SYS_dup3, numbers[STDIN], ground->low[0], O_CLOEXEC, 0, 0);
    const long cgroup = open_cgroup(plan->words[CGROUP]);
    before = ticks_now();
    result = make_process(ground, plan, (int32_t)cgroup, report);
    if (cgroup >= 0) call(SYS_close, cgroup, 0, 0, 0, 0);
    if (has_pipes) clear_low(ground, 1, 2);
    if (numbers[STDIN] >= 0) clear_low(ground, 0, 0);
  }
  if (result < 0 && plan->words[CGROUP][0] != 0) call(SYS_unlinkat, AT_FDCWD, (long)plan->words[CGROUP], AT_REMOVEDIR, 0, 0);
  for (int at = REPORT_STDOUT; at <= REPORT_STDERR && result < 0; at++)
    if (report[at] >= 0) call(SYS_close, report[at], 0, 0, 0, 0);
  /* it began between two looks at the clock; where that ticked meanwhile, the kernel is asked */
  uint64_t ticks = result > 0 ? ticks_now() : 0;
  if (ticks != before && result > 0) ticks = read_ticks(result);
  report[REPORT_BEGAN] = (int32_t)ticks;
  report[REPORT_BEGAN_HIGH] = (int32_t)(ticks >> 32);
  report[REPORT_RESULT] = (int32_t)result;
}
