/*
 * PID 1 under `rind init`: starts the daemon, and again whenever it dies, reaps, and hands signals on.
 *
 *   rind-init /usr/bin/rind init ...      its arguments are the command line of the daemon; without a path that is /usr/bin/rind init
 *
 * Nothing may end PID 1: the kernel would panic. So it is small enough to be read whole, allocates nothing, reads nothing, links with
 * nothing, and takes one signal after the other in one place, with all of them blocked everywhere else. A shell was tried in its place: it
 * fits into 30 lines, but it ends when a fork fails ("Cannot fork"), loses a signal that comes just before it waits, hears none while the
 * emergency shell is open, needs programs beside it (setsid, sleep, reboot), and takes 1.7 MB of memory; this takes 20 kB.
 *
 * The daemon finds RIND_INIT in its environment, is a child of PID 1, in a session of its own, and has the console as its stdin, stdout and
 * stderr. What it ends with says how to go on:
 *   0                  all is done. A machine is powered off; in a PID namespace PID 1 ends with 0, and the namespace with it.
 *   64 to 78, 126, 127 no new start can cure it (bad units, no such program; 70: a critical service has failed): emergency shell.
 *   any other, killed  it is started again: at once, then after growing pauses; with the 5th death in a minute: emergency shell.
 * A daemon that is stopped (SIGSTOP) is continued.
 *
 * SIGINT (Ctrl-Alt-Del) asks for a reboot, SIGTERM and SIGPWR for a power-off; they go to the daemon, as does SIGHUP. SIGUSR1 and SIGUSR2,
 * with which other programs ask init to halt or to power off, reach it as SIGTERM. When an end was asked for there is no new start: what is
 * left after the daemon is ended by PID 1 itself (SIGTERM, SIGKILL, sync, reboot(2)), and so is everything when a daemon still lives 10
 * seconds after it was asked a second time.
 *
 * The emergency shell is a root shell on the console: `sulogin` on a machine that has it, because whoever can make the daemon die must not
 * become root by that; else /bin/sh. When it ends the daemon is started again. Without a terminal there is none: a machine tries again
 * every minute, in a namespace PID 1 ends with the code of the daemon, so that who has started it hears of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/reboot.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "call.h"

enum { DEATHS = 5, NO_TIME = -1 };
/* Milliseconds. */
enum { MINUTE = 60000, FIRST_PAUSE = 500, SHORT = 1000, PATIENCE = 10000, GRACE = 5000 };
enum { EXIT_NO_FORK = 1, EXIT_USAGE = 64, EXIT_HOPELESS = 78, EXIT_NOT_RUNNABLE = 126, EXIT_NOT_FOUND = 127, KILLED = 128 };

static char *default_daemon[] = {"/usr/bin/rind", "init", NULL};
static char **daemon_argv = default_daemon;
/* The first is RIND_INIT, the rest as it was given. */
static char **daemon_variables;
/* Whether this is the PID 1 of the machine, not of a PID namespace. */
static int is_machine;
/* 0: it does not run. */
static long daemon_pid, shell_pid;
/* By `now`: when the daemon is to be started, when it has to be gone, when the shell was opened. */
static long start_at, gone_by = NO_TIME, shell_at;
static long died_at[DEATHS];
static int deaths;
/* What reboot(2) is to do when all is down; 0: nobody has asked. */
static unsigned asked;

/* Milliseconds of the monotonic clock. */
static long now(void) {
  struct timespec time;
  call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&time, 0, 0, 0);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static size_t append(char *line, size_t length, size_t room, const char *text) {
  while (*text != 0 && length < room) line[length++] = *text++;
  return length;
}

/* One line on the console, if that takes it at once: PID 1 waits for nobody. A number below 0 is left out. */
static void say(const char *before, long number, const char *after) {
  char line[200], digits[24];
  size_t at = sizeof digits - 1, length = append(line, 0, sizeof line - 1, "rind-init: ");
  struct pollfd console = {2, POLLOUT, 0};
  struct timespec at_once = {0, 0};
  digits[at] = 0;
  for (long rest = number; at > 0 && number >= 0 && (rest > 0 || digits[at] == 0); rest /= 10) digits[--at] = (char)('0' + rest % 10);
  length = append(line, length, sizeof line - 1, before);
  length = append(line, length, sizeof line - 1, digits + at);
  length = append(line, length, sizeof line - 1, after);
  line[length++] = '\n';
  if (call(SYS_ppoll, (long)&console, 1, (long)&at_once, 0, 0) == 1 && (console.revents & POLLOUT))
    call(SYS_write, 2, (long)line, (long)length, 0, 0);
}

static long open_file(const char *path) {
  return call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_NOCTTY, 0, 0);
}

static void make_stdio(long fd) {
  for (int i = 0; fd >= 0 && i <= 2; i++) call(SYS_dup3, fd, i, 0, 0, 0);
  if (fd > 2) call(SYS_close, fd, 0, 0, 0, 0);
}

/*
 * A kernel that finds no /dev/console starts init without any descriptor, as it does in an initramfs with an empty /dev, and Node aborts
 * where it finds neither descriptors nor /dev/null. In a namespace /dev/console may be somebody else's: there what was handed over has to
 * do.
 */
static void find_console(void) {
  int lacks = 0;
  long fd = -1;
  for (int i = 0; i <= 2; i++) lacks |= call(SYS_fcntl, i, F_GETFD, 0, 0, 0) < 0;
  if (is_machine) {
    if (call(SYS_faccessat, AT_FDCWD, (long)"/dev/null", 0, 0, 0) < 0) {
      call(SYS_mkdirat, AT_FDCWD, (long)"/dev", 0755, 0, 0);
      call(SYS_mount, (long)"devtmpfs", (long)"/dev", (long)"devtmpfs", MS_NOSUID, 0);
    }
    fd = open_file("/dev/console");
  }
  make_stdio(fd < 0 && lacks ? open_file("/dev/null") : fd);
}

/* In a child, which has all signals blocked until here. Comes back only where the program cannot be run. */
static void run(char **argv, char **variables) {
  unsigned long none = 0;
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none, 0);
  call(SYS_execve, (long)argv[0], (long)argv, (long)variables, 0, 0);
}

static _Noreturn void end(int code) {
  for (;;) call(SYS_exit_group, code, 0, 0, 0, 0);
}

static int next_signal(unsigned long signals, long until) {
  long left = until == NO_TIME ? 0 : until - now();
  struct timespec timeout = {left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0};
  return (int)call(SYS_rt_sigtimedwait, (long)&signals, 0, until == NO_TIME ? 0 : (long)&timeout, sizeof signals, 0);
}

#define BIT(signal) (1UL << ((signal)-1))
static int reap(void);

static void await_all(void) {
  long until = now() + GRACE;
  while (reap() && now() < until) next_signal(BIT(SIGCHLD), until);
}

static void end_all_by(int signal) {
  call(SYS_kill, -1, signal, 0, 0, 0);
  call(SYS_kill, -1, SIGCONT, 0, 0, 0);
  await_all();
}

/* In a process of its own: a disk that does not answer would hold it up for ever. */
static void write_disks(void) {
  if (call(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) {
    call(SYS_sync, 0, 0, 0, 0, 0);
    if (is_machine) call(SYS_mount, 0, (long)"/", 0, MS_REMOUNT | MS_RDONLY, 0);
    end(0);
  }
  await_all();
}

/*
 * The end of everything. In a namespace a daemon that ends with 0 has done all that there was to do, and the kernel ends what is left; of
 * any other the code is to be seen outside, unless an end was asked for: by reboot(2) who has started a container learns which.
 */
static _Noreturn void finish(int code) {
  if (shell_pid != 0) call(SYS_kill, shell_pid, SIGHUP, 0, 0, 0);
  daemon_pid = shell_pid = 0;
  if (is_machine || code != 0) {
    end_all_by(SIGTERM);
    end_all_by(SIGKILL);
    write_disks();
    if (is_machine && asked == 0) asked = LINUX_REBOOT_CMD_POWER_OFF;
    if (asked != 0) call(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, asked, 0, 0);
  }
  while (is_machine) next_signal(BIT(SIGCHLD), NO_TIME);
  end(code);
}

static _Noreturn void be_shell(void) {
  static char *sulogin[] = {"/sbin/sulogin", NULL}, *shell[] = {"/bin/sh", NULL};
  call(SYS_setsid, 0, 0, 0, 0, 0);
  call(SYS_ioctl, 0, TIOCSCTTY, 1, 0, 0);
  if (is_machine) {
    /* who else reads from the terminal, such as a getty, hears that it has hung up; so does this session: its SIGHUP is still blocked */
    call(SYS_vhangup, 0, 0, 0, 0, 0);
    next_signal(BIT(SIGHUP), 0);
    make_stdio(open_file("/dev/console"));
    call(SYS_ioctl, 0, TIOCSCTTY, 1, 0, 0);
    run(sulogin, daemon_variables + 1);
  } else {
    make_stdio(0);
  }
  run(shell, daemon_variables + 1);
  end(EXIT_NOT_FOUND);
}

static void open_shell(int code) {
  char settings[64];
  deaths = 0;
  if (call(SYS_ioctl, 0, TCGETS, (long)settings, 0, 0) < 0) {
    if (!is_machine) finish(code);
    say("there is no terminal for an emergency shell: the daemon is started again in a minute", -1, "");
    start_at = now() + MINUTE;
    return;
  }
  say("emergency shell. Repair what the lines above tell of; exit starts Rind again, reboot -f the machine.", -1, "");
  shell_at = now();
  shell_pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (shell_pid == 0) be_shell();
  if (shell_pid < 0) {
    shell_pid = 0;
    start_at = shell_at + MINUTE;
  }
}

/* `code`: 128 and the signal for one that was killed, as a shell has it. */
static void daemon_died(int code) {
  int recent = 0;
  long pause = 0, time = now();
  daemon_pid = 0;
  if (code == 0 || asked != 0) finish(code);
  if ((code >= EXIT_USAGE && code <= EXIT_HOPELESS) || code == EXIT_NOT_RUNNABLE || code == EXIT_NOT_FOUND) {
    open_shell(code);
    return;
  }
  for (int i = 0; i < deaths; i++)
    if (time - died_at[i] < MINUTE) died_at[recent++] = died_at[i];
  died_at[recent] = time;
  deaths = recent + 1;
  if (deaths == DEATHS) {
    say("that was death number ", DEATHS, " within a minute");
    open_shell(code);
    return;
  }
  if (recent > 0) pause = FIRST_PAUSE << (recent - 1);
  if (pause > 0) say("the daemon is started again in ", pause, " ms");
  else say("the daemon is started again", -1, "");
  start_at = time + pause;
}

static void start_daemon(void) {
  long pid = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    call(SYS_setsid, 0, 0, 0, 0, 0);
    run(daemon_argv, daemon_variables);
    say(daemon_argv[0], -1, " cannot be run");
    end(EXIT_NOT_FOUND);
  }
  if (pid < 0) {
    say("no process can be started: error ", -pid, "");
    daemon_died(EXIT_NO_FORK);
  } else {
    daemon_pid = pid;
  }
}

/* All that has ended; whether anything is left. */
static int reap(void) {
  for (;;) {
    int status = 0;
    long pid = call(SYS_wait4, -1, (long)&status, WNOHANG | WUNTRACED | __WALL, 0, 0);
    if (pid <= 0) return pid == 0;
    if (WIFSTOPPED(status)) {
      if (pid == daemon_pid || pid == shell_pid) call(SYS_kill, pid, SIGCONT, 0, 0, 0);
    } else if (pid == daemon_pid) {
      int code = WIFEXITED(status) ? WEXITSTATUS(status) : KILLED + WTERMSIG(status);
      if (WIFSIGNALED(status)) say("the daemon was killed by signal ", WTERMSIG(status), "");
      else if (code != 0) say("the daemon ended with exit code ", code, "");
      daemon_died(code);
    } else if (pid == shell_pid) {
      /* one that has ended at once was none, and the next would not be */
      start_at = now() - shell_at < SHORT ? shell_at + MINUTE : 0;
      shell_pid = 0;
      say("the emergency shell has ended: the daemon is started again", -1, start_at == 0 ? "" : " in a minute");
    }
  }
}

static void ask(unsigned action, int signal) {
  if (asked == 0) asked = action;
  else if (gone_by == NO_TIME) gone_by = now() + PATIENCE;
  if (daemon_pid == 0) finish(KILLED + signal);
  call(SYS_kill, daemon_pid, signal, 0, 0, 0);
}

static void hear(int signal) {
  switch (signal) {
    case SIGCHLD:
      reap();
      break;
    case SIGINT:
      ask(LINUX_REBOOT_CMD_RESTART, SIGINT);
      break;
    case SIGTERM:
    case SIGPWR:
      ask(LINUX_REBOOT_CMD_POWER_OFF, signal);
      break;
    case SIGUSR1:
    case SIGUSR2:
      ask(LINUX_REBOOT_CMD_POWER_OFF, SIGTERM);
      break;
    case SIGHUP:
      if (daemon_pid != 0) call(SYS_kill, daemon_pid, SIGHUP, 0, 0, 0);
  }
}

static _Noreturn void watch(void) {
  unsigned long heard = BIT(SIGCHLD) | BIT(SIGINT) | BIT(SIGTERM) | BIT(SIGPWR) | BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGHUP);
  reap();
  for (;;) {
    long due = daemon_pid != 0 ? gone_by : shell_pid != 0 ? NO_TIME : start_at;
    if (due == NO_TIME || now() < due) {
      hear(next_signal(heard, due));
    } else if (daemon_pid == 0) {
      start_daemon();
    } else {
      say("the daemon does not end although it was asked to twice", -1, "");
      finish(KILLED + SIGKILL);
    }
  }
}

/* What runs here was laid by the kernel: the number of arguments, the arguments, NULL, the environment, NULL. */
__attribute__((used)) static _Noreturn void begin(long *stack) {
  static const char by_default[64];
  unsigned long all = ~0UL;
  char **argv = (char **)(stack + 1), **given = argv + stack[0] + 1;
  size_t count = 0;
  while (given[count] != NULL) count++;
  char *variables[count + 2];
  for (size_t i = 0; i <= count; i++) variables[i + 1] = given[i];
  variables[0] = "RIND_INIT=1";
  daemon_variables = variables;
  if (stack[0] > 1 && argv[1][0] == '/') daemon_argv = argv + 1;

  if (call(SYS_getpid, 0, 0, 0, 0, 0) != 1) {
    say("this is for PID 1 and nobody else", -1, "");
    end(EXIT_USAGE);
  }
  call(SYS_prctl, PR_SET_NAME, (long)"rind-init", 0, 0, 0);
  /* what an earlier program in this process ignored its children would ignore as well */
  for (int signal = 1; signal <= 64; signal++) call(SYS_rt_sigaction, signal, (long)by_default, 0, sizeof all, 0);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof all, 0);
  /* Ctrl-Alt-Del becomes a SIGINT; in a PID namespace the kernel knows no such thing */
  is_machine = call(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0, 0) == 0;
  find_console();
  watch();
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
#else
__asm__(".globl _start\n_start: mov x29, #0\n mov x30, #0\n mov x0, sp\n bl begin\n");
#endif
