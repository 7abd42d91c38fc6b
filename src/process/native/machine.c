/*
 * What only the one who owns the machine does: its name, its end, and what becomes of this very process. See sys.h.
 */
#include "sys.h"
#include <linux/netlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* PATH_MAX */
enum { PATH_ROOM = 4096 };

/* reboot(command): LINUX_REBOOT_CMD_*; the magic numbers are put before it here. reboot(2) */
static napi_value reboot_machine(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int64_t command;
  arguments(env, info, given, 1);
  if (napi_get_value_int64(env, given[0], &command) != napi_ok) return refuse(env, "reboot(command)");
  return number(env, call(SYS_reboot, 0xfee1deadL, 672274793L, command, 0, 0));
}

/* setHostname(name). sethostname(2) */
static napi_value set_hostname(napi_env env, napi_callback_info info) {
  napi_value given[1];
  char name[256];
  size_t length;
  arguments(env, info, given, 1);
  if (!is_text(env, given[0], name, sizeof name)) return refuse(env, "setHostname(name)");
  napi_get_value_string_utf8(env, given[0], NULL, 0, &length);
  return number(env, call(SYS_sethostname, (long)name, (long)length, 0, 0, 0));
}

/* interfaceUp(name). netdevice(7) */
static napi_value interface_up(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct ifreq request;
  arguments(env, info, given, 1);
  if (!is_text(env, given[0], request.ifr_name, sizeof request.ifr_name)) return refuse(env, "interfaceUp(name): at most 15 bytes");
  long fd = call(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0);
  /* a kernel may do without IPv4 */
  if (fd == -EAFNOSUPPORT) fd = call(SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0);
  if (fd < 0) return number(env, fd);
  long result = call(SYS_ioctl, fd, SIOCGIFFLAGS, (long)&request, 0, 0);
  if (result == 0) {
    request.ifr_flags |= IFF_UP;
    result = call(SYS_ioctl, fd, SIOCSIFFLAGS, (long)&request, 0, 0);
  }
  call(SYS_close, fd, 0, 0, 0, 0);
  return number(env, result);
}

/* openNetlink(groups): a socket to the kernel's network, which tells what changes there; RTMGRP_*. netlink(7), rtnetlink(7) */
static napi_value open_netlink(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t groups;
  arguments(env, info, given, 1);
  if (!is_number(env, given[0], &groups)) return refuse(env, "openNetlink(groups)");
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = (uint32_t)groups};
  long fd = call(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE, 0, 0);
  if (fd < 0) return number(env, fd);
  long result = call(SYS_bind, fd, (long)&address, sizeof address, 0, 0);
  if (result == 0) return number(env, fd);
  call(SYS_close, fd, 0, 0, 0, 0);
  return number(env, result);
}

/* openMemory(name): a file that is in no folder. memfd_create(2) */
static napi_value open_memory(napi_env env, napi_callback_info info) {
  enum { CLOEXEC = 1, EXEC = 16 };
  napi_value given[1];
  char name[200];
  arguments(env, info, given, 1);
  if (!is_text(env, given[0], name, sizeof name)) return refuse(env, "openMemory(name): shorter than 200 bytes");
  long fd = call(SYS_memfd_create, (long)name, CLOEXEC | EXEC, 0, 0, 0);
  /* before 6.3 each can be run, and nobody may say so */
  if (fd == -EINVAL) fd = call(SYS_memfd_create, (long)name, CLOEXEC, 0, 0, 0);
  return number(env, fd);
}

/*
 * exec(path, fd, words, args, pointers): replaces this process. `words` are arguments and then environment, each with a NUL at its end, `args` how
 * many are arguments; `pointers` has room for two more than there are words. With an empty path the file that is open as `fd`. execveat(2)
 */
static napi_value exec_program(napi_env env, napi_callback_info info) {
  napi_value given[5];
  static char path[PATH_ROOM];
  int32_t fd, args;
  void *words, *pointers;
  size_t length, room;
  arguments(env, info, given, 5);
  if (!is_text(env, given[0], path, sizeof path) || !is_number(env, given[1], &fd) ||
      !is_array(env, given[2], napi_uint8_array, 0, &words, &length) || !is_number(env, given[3], &args) || args < 0 ||
      !is_array(env, given[4], napi_biguint64_array, 2, &pointers, &room) ||
      point_at_words(words, length, (size_t)args, pointers, room) < 0)
    return refuse(env, "exec(path, fd, words, args, pointers)");
  char **argv = pointers;
  char **envp = argv + args + 1;
  /* What is ignored and what is blocked stays so in the next program; handlers do not. An error leaves this process without its handlers for
     ignored signals only: those are put back. */
  static struct kernel_action kept[SIGNALS + 1];
  uint64_t none = 0, mask;
  for (int nr = 1; nr <= SIGNALS; nr++) {
    call(SYS_rt_sigaction, nr, 0, (long)&kept[nr], sizeof none, 0);
    if (kept[nr].handler == SIG_IGNORED) call(SYS_rt_sigaction, nr, (long)&DEFAULT_ACTION, 0, sizeof none, 0);
  }
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, (long)&mask, sizeof none, 0);
  /* Node has set all that it found open to be closed by exec, stdin, stdout and stderr among them. */
  for (int i = 0; i <= 2; i++) call(SYS_fcntl, i, F_SETFD, 0, 0, 0);
  long result = path[0] != 0 ? call(SYS_execve, (long)path, (long)argv, (long)envp, 0, 0)
                             : call(SYS_execveat, fd, (long)"", (long)argv, (long)envp, AT_EMPTY_PATH);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof none, 0);
  for (int nr = 1; nr <= SIGNALS; nr++)
    if (kept[nr].handler == SIG_IGNORED) call(SYS_rt_sigaction, nr, (long)&kept[nr], 0, sizeof none, 0);
  return number(env, result);
}

void offer_machine(napi_env env, napi_value exports) {
  offer(env, exports, "reboot", reboot_machine);
  offer(env, exports, "setHostname", set_hostname);
  offer(env, exports, "interfaceUp", interface_up);
  offer(env, exports, "openNetlink", open_netlink);
  offer(env, exports, "openMemory", open_memory);
  offer(env, exports, "exec", exec_program);
}
