/*
 * Starts a process as its unit wants it: all that has to be done between clone and exec is done here, by the child itself. See sys.h.
 *
 * The child shares the memory of this process and stops the thread that made it until it has become another program (as vfork(2)): nothing is
 * copied, so that a start costs the same however much memory the daemon has. Hence what holds for `run_child` and all that it calls: system
 * calls and the memory of this file only, no signal may reach it before every handler is gone, and it never returns. It cannot hold up the
 * daemon for ever: its folder or program may lie on a file system that does not answer, and its new user may stop it, so it has LIMIT_SECONDS.
 */
#include "sys.h"
#include <linux/close_range.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { LIMIT_SECONDS = 10, STACK_BYTES = 16384, NOT_GIVEN = INT32_MIN };

/* The words that come before the arguments. */
enum { PROGRAM, FOLDER, TERMINAL, FIRST_ARG };

/* What src/process/spawn-request.ts writes into `numbers`. */
enum { ARGS, PID_VARIABLES, STDIN, STDOUT, STDERR, UMASK, NICE, OOM, AS_OTHER, UID, GID, CGROUP, NUMBERS };

/* Where it failed, in the order of what is done, as src/process/spawn-request.ts names them. */
enum {
  STEP_FORK,
  STEP_SESSION,
  STEP_TERMINAL,
  STEP_CONTROL,
  STEP_OWNER,
  STEP_STDIN,
  STEP_STDIO,
  STEP_DESCRIPTORS,
  STEP_NICE,
  STEP_OOM,
  STEP_LIMIT,
  STEP_GROUPS,
  STEP_GID,
  STEP_UID,
  STEP_FOLDER,
  STEP_EXEC,
};

/* What is reported: the step, of the limits which, and whether the process began in its cgroup. */
enum { REPORT_STEP, REPORT_LIMIT, REPORT_CGROUP, REPORT_FIELDS };

struct limit {
  uint64_t resource, soft, hard;
};

static struct {
  char **words;
  const int32_t *numbers;
  const uint32_t *groups;
  size_t group_count;
  const struct limit *limits;
  size_t limit_count;
  volatile int32_t step, limit, error;
} plan;

static _Alignas(16) char stack[STACK_BYTES];

/*
 * start(nr, a, b): clone(2) or clone3(2) with these arguments. The child finds on its stack what it is to call and with what, and never comes
 * back. In C the child would go on in the frame of its parent.
 */
long start(long nr, long a, long b);
#if defined(__x86_64__)
__asm__(".text\n.hidden start\n.globl start\n.type start, @function\n"
        "start:\n"
        "  mov %rdi, %rax\n  mov %rsi, %rdi\n  mov %rdx, %rsi\n"
        "  xor %edx, %edx\n  xor %r10d, %r10d\n  xor %r8d, %r8d\n"
        "  syscall\n"
        "  test %rax, %rax\n  jnz 1f\n"
        "  xor %ebp, %ebp\n  pop %rax\n  pop %rdi\n  call *%rax\n  hlt\n"
        "1: ret\n"
        ".size start, . - start\n");
#else
__asm__(".text\n.hidden start\n.globl start\n.type start, %function\n"
        "start:\n"
        "  mov x8, x0\n  mov x0, x1\n  mov x1, x2\n"
        "  mov x2, xzr\n  mov x3, xzr\n  mov x4, xzr\n"
        "  svc 0\n"
        "  cbnz x0, 1f\n"
        "  mov x29, xzr\n  ldp x1, x0, [sp], #16\n  blr x1\n  brk 1\n"
        "1: ret\n"
        ".size start, . - start\n");
#endif

static void fail(long error) {
  plan.error = (int32_t)-error;
  for (;;) call(SYS_exit_group, 127, 0, 0, 0, 0);
}

/* Goes on with this step; the one before has worked. */
static void step(int next) {
  plan.step = next;
}

static long done(long result) {
  if (result < 0) fail(result);
  return result;
}

/* What hangs from here on is killed, also where it was stopped; exec(2) takes the timer away. Where the kernel has no timers there is none. */
static void limit_time(void) {
  static struct sigevent event;
  static struct {
    int64_t interval[2], value[2];
  } when;
  int id;
  event.sigev_signo = SIGKILL;
  event.sigev_notify = SIGEV_SIGNAL;
  when.value[0] = LIMIT_SECONDS;
  if (call(SYS_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&id, 0, 0) == 0) call(SYS_timer_settime, id, 0, (long)&when, 0, 0);
}

/* Handlers would run in the memory of the parent, and what is ignored would stay so in the program. */
static void reset_signals(void) {
  for (int nr = 1; nr <= SIGNALS; nr++) call(SYS_rt_sigaction, nr, (long)&DEFAULT_ACTION, 0, sizeof(uint64_t), 0);
}

static void become_terminal(const char *path) {
  step(STEP_TERMINAL);
  /* without O_NONBLOCK a serial line waits for its carrier */
  long fd = done(call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0, 0));
  step(STEP_CONTROL);
  done(call(SYS_ioctl, fd, TIOCSCTTY, 0, 0, 0));
  done(call(SYS_fcntl, fd, F_SETFL, O_RDWR, 0, 0));
  step(STEP_OWNER);
  if (plan.numbers[AS_OTHER]) done(call(SYS_fchown, fd, (uint32_t)plan.numbers[UID], -1, 0, 0));
  step(STEP_STDIO);
  for (int to = 0; to <= 2; to++) done(call(SYS_dup3, fd, to, 0, 0, 0));
}

static void take_stdio(void) {
  for (int to = 0; to <= 2; to++) {
    long from = plan.numbers[STDIN + to];
    step(STEP_STDIN);
    if (from < 0) from = done(call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0, 0));
    step(STEP_STDIO);
    done(call(SYS_dup3, from, to, 0, 0, 0));
  }
}

/* Nothing but 0, 1 and 2 goes into the program, also of what was open before Node began, which it does not know of. */
static void drop_descriptors(void) {
  struct entry {
    uint64_t inode, offset;
    uint16_t length;
    uint8_t type;
    char name[];
  };
  static _Alignas(8) char entries[2048];
  step(STEP_DESCRIPTORS);
  if (call(SYS_close_range, 3, ~0U, 0, 0, 0) == 0) return;
  /* before 5.9 */
  long folder = done(call(SYS_openat, AT_FDCWD, (long)"/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0));
  for (long length; (length = done(call(SYS_getdents64, folder, (long)entries, sizeof entries, 0, 0))) > 0;) {
    for (long at = 0; at < length;) {
      const struct entry *entry = (const struct entry *)(entries + at);
      long fd = 0;
      for (const char *digit = entry->name; *digit >= '0' && *digit <= '9'; digit++) fd = fd * 10 + (*digit - '0');
      if (fd > 2) done(call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC, 0, 0));
      at += entry->length;
    }
  }
}

/* The decimal text of `value`, with a NUL at its end; how long it is. */
static long write_decimal(char *text, long value) {
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

static void set_oom_score(void) {
  static char text[24];
  step(STEP_OOM);
  long length = write_decimal(text, plan.numbers[OOM]);
  long fd = done(call(SYS_openat, AT_FDCWD, (long)"/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0, 0));
  done(call(SYS_write, fd, (long)text, length, 0, 0));
  call(SYS_close, fd, 0, 0, 0, 0);
}

static void set_limits(void) {
  step(STEP_LIMIT);
  for (size_t at = 0; at < plan.limit_count; at++) {
    const struct limit *limit = plan.limits + at;
    plan.limit = (int32_t)at;
    done(call(SYS_prlimit64, 0, (long)limit->resource, (long)&limit->soft, 0, 0));
  }
}

static void become_user(void) {
  const uint32_t uid = (uint32_t)plan.numbers[UID], gid = (uint32_t)plan.numbers[GID];
  step(STEP_GROUPS);
  done(call(SYS_setgroups, (long)plan.group_count, (long)plan.groups, 0, 0, 0));
  step(STEP_GID);
  done(call(SYS_setresgid, gid, gid, gid, 0, 0));
  step(STEP_UID);
  done(call(SYS_setresuid, uid, uid, uid, 0, 0));
}

/* Variables that are to hold the pid end in room for ten digits. */
static void fill_in_pid(char **variables) {
  long pid = call(SYS_getpid, 0, 0, 0, 0, 0);
  for (int32_t at = 0; at < plan.numbers[PID_VARIABLES]; at++) {
    char *end = variables[at];
    while (*end != '=') end++;
    write_decimal(end + 1, pid);
  }
}

static void run_child(void) {
  const int32_t *numbers = plan.numbers;
  char **argv = plan.words + FIRST_ARG;
  char **envp = argv + numbers[ARGS] + 1;
  uint64_t none = 0;

  limit_time();
  reset_signals();
  step(STEP_SESSION);
  done(call(SYS_setsid, 0, 0, 0, 0, 0));
  if (plan.words[TERMINAL][0] != 0) become_terminal(plan.words[TERMINAL]);
  else take_stdio();
  drop_descriptors();
  if (numbers[UMASK] != NOT_GIVEN) call(SYS_umask, numbers[UMASK], 0, 0, 0, 0);
  step(STEP_NICE);
  if (numbers[NICE] != NOT_GIVEN) done(call(SYS_setpriority, PRIO_PROCESS, 0, numbers[NICE], 0, 0));
  if (numbers[OOM] != NOT_GIVEN) set_oom_score();
  set_limits();
  if (numbers[AS_OTHER]) become_user();
  step(STEP_FOLDER);
  done(call(SYS_chdir, (long)plan.words[FOLDER], 0, 0, 0, 0));
  fill_in_pid(envp);
  step(STEP_EXEC);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none, 0);
  fail(call(SYS_execve, (long)plan.words[PROGRAM], (long)argv, (long)envp, 0, 0));
}

/* The child, in its cgroup where it has one and the kernel can do that (from 5.7 on, and not every container lets it). */
static long start_child(int32_t cgroup, int32_t *in_cgroup) {
  static struct {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
  } wanted;
  enum { INTO_CGROUP_BIT = 33 };
  long *top = (long *)(stack + STACK_BYTES);
  *--top = 0;
  *--top = (long)run_child;
  *in_cgroup = 0;
  if (cgroup >= 0) {
    wanted.flags = CLONE_VM | CLONE_VFORK | 1ULL << INTO_CGROUP_BIT;
    wanted.exit_signal = SIGCHLD;
    wanted.stack = (uint64_t)stack;
    wanted.stack_size = (uint64_t)((char *)top - stack);
    wanted.cgroup = (uint64_t)cgroup;
    long pid = start(SYS_clone3, (long)&wanted, sizeof wanted);
    *in_cgroup = pid > 0;
    if (pid > 0) return pid;
  }
  return start(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, (long)top);
}

static int64_t seconds_now(void) {
  int64_t now[2] = {0, 0};
  call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)now, 0, 0, 0);
  return now[0];
}

/*
 * Whether it ran out of its time before it became another program: then it is dead, or about to be, as the kernel lets the parent go on
 * before it says so.
 */
static int was_late(long pid, int64_t began) {
  enum { LOOKS = 20, LOOK_NANOSECONDS = 10000000 };
  const int64_t pause[2] = {0, LOOK_NANOSECONDS};
  if (seconds_now() - began < LIMIT_SECONDS) return 0;
  for (int look = 0; look < LOOKS; look++) {
    siginfo_t seen;
    seen.si_pid = 0;
    call(SYS_waitid, P_PID, pid, (long)&seen, WEXITED | WNOHANG | WNOWAIT, 0);
    if (seen.si_pid == pid) return seen.si_code == CLD_KILLED && seen.si_status == SIGKILL;
    call(SYS_nanosleep, (long)pause, 0, 0, 0, 0);
  }
  return 0;
}

static long launch(int32_t *in_cgroup) {
  uint64_t all = ~0ULL, mask;
  plan.step = STEP_FORK;
  plan.error = 0;
  plan.limit = 0;
  const int other = plan.numbers[AS_OTHER];
  /* who changes his identity takes the right to be dumped and looked at from the memory, and the memory is ours */
  long dumpable = other ? call(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) : 0;
  const int64_t began = seconds_now();
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask, sizeof all, 0);
  long pid = start_child(plan.numbers[CGROUP], in_cgroup);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0);
  if (dumpable == 1) call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (pid < 0) return pid;
  if (plan.error == 0 && was_late(pid, began)) plan.error = ETIMEDOUT;
  if (plan.error == 0) return pid;
  call(SYS_waitid, P_PID, pid, 0, WEXITED, 0);
  return -plan.error;
}

/*
 * spawn(words, pointers, numbers, groups, limits, report): the pid of a process that runs the program, or why there is none; `report` says where it
 * failed. `words`, each with a NUL at its end: program, folder, terminal or nothing, arguments, environment, of which the first PID_VARIABLES
 * end in room for a pid; `pointers` has room for two more. `limits`: resource, soft and hard limit, again and again.
 */
static napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value given[6];
  void *words, *pointers, *numbers, *groups, *limits, *report;
  size_t length, room, count, limit_fields;
  arguments(env, info, given, 6);
  if (!is_array(env, given[0], napi_uint8_array, 1, &words, &length) || !is_array(env, given[1], napi_biguint64_array, 2, &pointers, &room) ||
      !is_array(env, given[2], napi_int32_array, NUMBERS, &numbers, &count) ||
      !is_array(env, given[3], napi_uint32_array, 0, &groups, &plan.group_count) ||
      !is_array(env, given[4], napi_biguint64_array, 0, &limits, &limit_fields) ||
      !is_array(env, given[5], napi_int32_array, REPORT_FIELDS, &report, &count))
    return refuse(env, "spawn(words, pointers, numbers, groups, limits, report)");
  plan.words = pointers;
  plan.numbers = numbers;
  plan.groups = groups;
  plan.limits = limits;
  plan.limit_count = limit_fields / 3;
  const int32_t args = plan.numbers[ARGS], variables = plan.numbers[PID_VARIABLES];
  const long found = args < 0 ? -1 : point_at_words(words, length, (size_t)FIRST_ARG + (size_t)args, plan.words, room);
  if (found < 0 || variables < 0 || variables > found - FIRST_ARG - args) return refuse(env, "spawn: the words do not fit their numbers");
  for (int fd = STDIN; fd <= STDERR; fd++)
    /* one below would be overwritten by that which goes before it */
    if (plan.numbers[fd] >= 0 && plan.numbers[fd] <= 2) return refuse(env, "spawn: descriptors from 3 on");
  for (int32_t at = 0; at < variables; at++) {
    const char *equals = plan.words[FIRST_ARG + args + 1 + at];
    while (*equals != 0 && *equals != '=') equals++;
    for (int digits = 1; digits <= 10; digits++)
      if (*equals == 0 || equals[digits] == 0) return refuse(env, "spawn: a variable has no room for a pid");
  }
  int32_t *out = report;
  long pid = launch(&out[REPORT_CGROUP]);
  out[REPORT_STEP] = plan.step;
  out[REPORT_LIMIT] = plan.limit;
  return number(env, pid);
}

void offer_spawn(napi_env env, napi_value exports) {
  offer(env, exports, "spawn", spawn);
}
