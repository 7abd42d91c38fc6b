/*
 * Makes a process what its unit wants it to be: all that has to be done between clone and exec is done here, by the child itself. See sys.h.
 *
 * The child shares the memory of this process and stops the thread that made it until it has become another program (as vfork(2)), and it shares the
 * descriptors until it has left all but the lowest behind: nothing is copied, so that a start costs the same however much memory and however many
 * descriptors the daemon has. Hence what holds for `run_child` and all that it calls: system calls, the memory of this file and of its plan only, no
 * signal may reach it before every handler is gone, no descriptor is touched before they are its own, and it never returns. It cannot hold up its
 * thread for ever: its folder or program may lie on a file system that does not answer, and its new user may stop it, so it has LIMIT_SECONDS.
 *
 * Each thread that uses this file, by way of start.c, has a ground of its own.
 */
#include "launcher.h"
#include <linux/close_range.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { LIMIT_SECONDS = 10 };

/* What the child works with beside its plan. */
struct child {
  const struct plan *plan;
  const struct ground *ground;
  /* Whether the descriptors are those of the daemon still, and whether the kernel has taken the handlers away already. */
  int shares_descriptors, is_clean;
  volatile int32_t step, limit, error;
};

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

static void fail(struct child *child, long error) {
  child->error = (int32_t)-error;
  for (;;) call(SYS_exit_group, 127, 0, 0, 0, 0);
}

/* Goes on with this step; the one before has worked. */
static void step(struct child *child, int next) {
  child->step = next;
}

static long done(struct child *child, long result) {
  if (result < 0) fail(child, result);
  return result;
}

/* What hangs from here on is killed, also where it was stopped; exec(2) takes the timer away. Where the kernel has no timers there is none. */
static void limit_time(void) {
  static const struct sigevent event = {.sigev_signo = SIGKILL, .sigev_notify = SIGEV_SIGNAL};
  static const struct {
    int64_t interval[2], value[2];
  } when = {.value = {LIMIT_SECONDS}};
  int id;
  if (call(SYS_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&id, 0, 0) == 0) call(SYS_timer_settime, id, 0, (long)&when, 0, 0);
}

/* Handlers would run in the memory of the parent, and what is ignored would stay so in the program. */
static void reset_signals(struct child *child) {
  for (int nr = 1; nr <= SIGNALS; nr++)
    if (!child->is_clean || child->ground->ignored[nr]) call(SYS_rt_sigaction, nr, (long)&DEFAULT_ACTION, 0, sizeof(uint64_t), 0);
}

/* Only the lowest are copied: what is left behind is closed neither here nor there. */
static void own_descriptors(struct child *child) {
  step(child, STEP_DESCRIPTORS);
  if (child->shares_descriptors) done(child, call(SYS_close_range, child->ground->low[LOW - 1] + 1, ~0U, CLOSE_RANGE_UNSHARE, 0, 0));
}

static void become_terminal(struct child *child, const char *path) {
  step(child, STEP_TERMINAL);
  /* without O_NONBLOCK a serial line waits for its carrier */
  long fd = done(child, call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0, 0));
  step(child, STEP_CONTROL);
  done(child, call(SYS_ioctl, fd, TIOCSCTTY, 0, 0, 0));
  done(child, call(SYS_fcntl, fd, F_SETFL, O_RDWR, 0, 0));
  step(child, STEP_OWNER);
  if (child->plan->numbers[AS_OTHER]) done(child, call(SYS_fchown, fd, (uint32_t)child->plan->numbers[UID], -1, 0, 0));
  step(child, STEP_STDIO);
  for (int to = 0; to <= 2; to++) done(child, call(SYS_dup3, fd, to, 0, 0, 0));
}

static void take_stdio(struct child *child) {
  step(child, STEP_STDIO);
  for (int to = 0; to <= 2; to++) done(child, call(SYS_dup3, child->ground->low[to], to, 0, 0, 0));
}

/* Nothing but 0, 1 and 2 goes into the program, also of what was open before Node began, which it does not know of. */
static void drop_descriptors(struct child *child) {
  struct entry {
    uint64_t inode, offset;
    uint16_t length;
    uint8_t type;
    char name[];
  };
  _Alignas(8) char entries[2048];
  step(child, STEP_DESCRIPTORS);
  if (call(SYS_close_range, 3, ~0U, 0, 0, 0) == 0) return;
  /* before 5.9 */
  long folder = done(child, call(SYS_openat, AT_FDCWD, (long)"/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0));
  for (long length; (length = done(child, call(SYS_getdents64, folder, (long)entries, sizeof entries, 0, 0))) > 0;) {
    for (long at = 0; at < length;) {
      const struct entry *entry = (const struct entry *)(entries + at);
      long fd = 0;
      for (const char *digit = entry->name; *digit >= '0' && *digit <= '9'; digit++) fd = fd * 10 + (*digit - '0');
      if (fd > 2) done(child, call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC, 0, 0));
      at += entry->length;
    }
  }
}

static void set_oom_score(struct child *child) {
  char text[24];
  step(child, STEP_OOM);
  long length = write_decimal(text, child->plan->numbers[OOM]);
  long fd = done(child, call(SYS_openat, AT_FDCWD, (long)"/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0, 0));
  done(child, call(SYS_write, fd, (long)text, length, 0, 0));
  call(SYS_close, fd, 0, 0, 0, 0);
}

static void set_limits(struct child *child) {
  step(child, STEP_LIMIT);
  for (size_t at = 0; at < (size_t)child->plan->numbers[LIMITS]; at++) {
    const struct limit *limit = child->plan->limits + at;
    child->limit = (int32_t)at;
    done(child, call(SYS_prlimit64, 0, (long)limit->resource, (long)&limit->soft, 0, 0));
  }
}

static void become_user(struct child *child) {
  const int32_t *numbers = child->plan->numbers;
  const uint32_t uid = (uint32_t)numbers[UID], gid = (uint32_t)numbers[GID];
  step(child, STEP_GROUPS);
  done(child, call(SYS_setgroups, numbers[GROUPS], (long)child->plan->groups, 0, 0, 0));
  step(child, STEP_GID);
  done(child, call(SYS_setresgid, gid, gid, gid, 0, 0));
  step(child, STEP_UID);
  done(child, call(SYS_setresuid, uid, uid, uid, 0, 0));
}

/* Variables that are to hold the pid end in room for ten digits. */
static void fill_in_pid(const struct child *child, char **variables) {
  long pid = call(SYS_getpid, 0, 0, 0, 0, 0);
  for (int32_t at = 0; at < child->plan->numbers[PID_VARIABLES]; at++) {
    char *end = variables[at];
    while (*end != '=') end++;
    write_decimal(end + 1, pid);
  }
}

static void run_child(struct child *child) {
  const int32_t *numbers = child->plan->numbers;
  char **words = child->plan->words;
  char **argv = words + FIRST_ARG;
  char **envp = argv + numbers[ARGS] + 1;
  uint64_t none = 0;

  limit_time();
  reset_signals(child);
  own_descriptors(child);
  step(child, STEP_SESSION);
  done(child, call(SYS_setsid, 0, 0, 0, 0, 0));
  if (words[TERMINAL][0] != 0) become_terminal(child, words[TERMINAL]);
  else take_stdio(child);
  drop_descriptors(child);
  if (numbers[UMASK] != NOT_GIVEN) call(SYS_umask, numbers[UMASK], 0, 0, 0, 0);
  step(child, STEP_NICE);
  if (numbers[NICE] != NOT_GIVEN) done(child, call(SYS_setpriority, PRIO_PROCESS, 0, numbers[NICE], 0, 0));
  if (numbers[OOM] != NOT_GIVEN) set_oom_score(child);
  set_limits(child);
  if (numbers[AS_OTHER]) become_user(child);
  step(child, STEP_FOLDER);
  done(child, call(SYS_chdir, (long)words[FOLDER], 0, 0, 0, 0));
  fill_in_pid(child, envp);
  step(child, STEP_EXEC);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none, 0);
  fail(child, call(SYS_execve, (long)words[PROGRAM], (long)argv, (long)envp, 0, 0));
}

/*
 * The child, in its cgroup where it has one and the kernel can do that (from 5.7 on); with clone3(2), which clears the handlers (from 5.5 on), where
 * there is one: not every container lets it.
 */
static long start_child(struct child *child, char *stack, int32_t cgroup, int32_t *in_cgroup) {
  struct {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
  } wanted = {0};
  enum { CLEAR_SIGHAND_BIT = 32, INTO_CGROUP_BIT = 33 };
  const uint64_t shared = CLONE_VM | CLONE_VFORK | (child->shares_descriptors ? CLONE_FILES : 0);
  long *top = (long *)(stack + STACK_BYTES);
  long pid;
  *--top = (long)child;
  *--top = (long)run_child;
  wanted.exit_signal = SIGCHLD;
  wanted.stack = (uint64_t)stack;
  wanted.stack_size = (uint64_t)((char *)top - stack);
  child->is_clean = 1;
  for (int inside = cgroup >= 0; inside >= 0; inside--) {
    wanted.flags = shared | 1ULL << CLEAR_SIGHAND_BIT | (inside ? 1ULL << INTO_CGROUP_BIT : 0);
    wanted.cgroup = inside ? (uint64_t)cgroup : 0;
    pid = start(SYS_clone3, (long)&wanted, sizeof wanted);
    *in_cgroup = inside && pid > 0;
    if (pid > 0) return pid;
  }
  child->is_clean = 0;
  return start(SYS_clone, (long)shared | SIGCHLD, (long)top);
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

long make_process(struct ground *ground, const struct plan *plan, int32_t cgroup, int32_t *report) {
  uint64_t all = ~0ULL, mask;
  const int other = plan->numbers[AS_OTHER];
  struct child child = {.plan = plan, .ground = ground, .shares_descriptors = ground->can_leave_behind, .step = STEP_FORK};
  /* who changes his identity takes the right to be dumped and looked at from the memory, and the memory is ours */
  long dumpable = other ? call(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) : 0;
  const int64_t began = seconds_now();
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&mask, sizeof all, 0);
  long pid = start_child(&child, ground->stack, cgroup, &report[REPORT_CGROUP]);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0);
  if (dumpable == 1) call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (pid > 0 && child.error == 0 && was_late(pid, began)) child.error = ETIMEDOUT;
  report[REPORT_STEP] = child.step;
  report[REPORT_LIMIT] = child.limit;
  if (pid < 0 || child.error == 0) return pid;
  call(SYS_waitid, P_PID, pid, 0, WEXITED, 0);
  return -child.error;
}
