/*
 * System calls about processes, sockets and descriptors that Node has not; see sys.h for what holds for all of them. Nothing blocks.
 *
 * src/process/sys.ts is the only one to load it, and has the types.
 */
#include "listener.h"
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* The C library's numbers for unsigned uids and gids do not fit an int32: JavaScript puts the sign right. */
enum { SENDER_PID, SENDER_UID, SENDER_GID, SENDER_TRUNCATED, SENDER_FIELDS };

/* becomeSubreaper(): orphans among the descendants become children of this process. prctl(2) */
static napi_value become_subreaper(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

static long wait_for(int kind, int pid, int options, siginfo_t *seen) {
  /* waitid(2) leaves it alone where no child has ended */
  seen->si_pid = 0;
  long result = call(SYS_waitid, kind, pid, (long)seen, WNOHANG | WEXITED | __WALL | options, 0);
  return result < 0 ? result : seen->si_pid;
}

/* findDead(): the pid of one child that has ended, which stays as it is; 0: none has. */
static napi_value find_dead(napi_env env, napi_callback_info info) {
  siginfo_t seen;
  (void)info;
  return number(env, wait_for(P_ALL, 0, WNOWAIT, &seen));
}

enum { DEATH_BY_SIGNAL, DEATH_STATUS, DEATH_FIELDS };

/* reap(pid, out): this child and no other; its pid, or 0 where it still lives. Fills in whether a signal has ended it, and which, or its code. */
static napi_value reap(napi_env env, napi_callback_info info) {
  napi_value given[2];
  int32_t pid;
  void *data;
  size_t fields;
  siginfo_t seen;
  arguments(env, info, given, 2);
  if (!is_number(env, given[0], &pid) || pid <= 0 || !is_array(env, given[1], napi_int32_array, DEATH_FIELDS, &data, &fields))
    return refuse(env, "reap(pid, Int32Array(2))");
  long result = wait_for(P_PID, pid, 0, &seen);
  int32_t *out = data;
  out[DEATH_BY_SIGNAL] = seen.si_code != CLD_EXITED;
  out[DEATH_STATUS] = seen.si_status;
  return number(env, result);
}

/* peer(fd, out): who is at the other end of a unix socket; fills pid, uid and gid. unix(7) */
static napi_value peer(napi_env env, napi_callback_info info) {
  napi_value given[2];
  int32_t fd;
  void *data;
  size_t fields;
  arguments(env, info, given, 2);
  if (!is_number(env, given[0], &fd) || !is_array(env, given[1], napi_int32_array, SENDER_FIELDS, &data, &fields))
    return refuse(env, "peer(fd, Int32Array(4))");
  struct ucred who = {0, 0, 0};
  socklen_t length = sizeof who;
  long result = call(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, (long)&who, (long)&length);
  if (result < 0) return number(env, result);
  int32_t *out = data;
  out[SENDER_PID] = who.pid;
  out[SENDER_UID] = (int32_t)who.uid;
  out[SENDER_GID] = (int32_t)who.gid;
  return number(env, 0);
}

/* peerGroups(fd, groups): the supplementary groups of who is there, and how many; SO_PEERGROUPS is in no manual page. */
static napi_value peer_groups(napi_env env, napi_callback_info info) {
  napi_value given[2];
  int32_t fd;
  void *groups;
  size_t room;
  arguments(env, info, given, 2);
  if (!is_number(env, given[0], &fd) || !is_array(env, given[1], napi_uint32_array, 1, &groups, &room))
    return refuse(env, "peerGroups(fd, Uint32Array)");
  socklen_t length = (socklen_t)(room * sizeof(uint32_t));
  long result = call(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERGROUPS, (long)groups, (long)&length);
  return number(env, result < 0 ? result : (long)(length / sizeof(uint32_t)));
}

/* openPidFd(pid): a descriptor that can be read from when that process has ended. pidfd_open(2) */
static napi_value open_pid_fd(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t pid;
  arguments(env, info, given, 1);
  return is_number(env, given[0], &pid) ? number(env, call(SYS_pidfd_open, pid, 0, 0, 0, 0)) : refuse(env, "openPidFd(pid)");
}

/* openPipe(ends): fills in the end to read from, which does not block, and the end to write to. */
static napi_value open_pipe(napi_env env, napi_callback_info info) {
  napi_value given[1];
  void *ends;
  size_t length;
  arguments(env, info, given, 1);
  if (!is_array(env, given[0], napi_int32_array, 2, &ends, &length)) return refuse(env, "openPipe(Int32Array(2))");
  return number(env, make_pipe(ends));
}

/* The address of a unix socket, and its length; below 0 where `path` is none. unix(7) */
static long socket_address(napi_env env, napi_value path, struct sockaddr_un *address) {
  if (!is_text(env, path, address->sun_path, sizeof address->sun_path) || address->sun_path[0] == 0) return -ENAMETOOLONG;
  address->sun_family = AF_UNIX;
  size_t length = 0;
  while (address->sun_path[length] != 0) length++;
  return (long)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

/* connect(path): a connection to a unix stream socket, whose reads and writes block; -EAGAIN where its queue is full. connect(2) */
static napi_value connect_stream(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct sockaddr_un address;
  arguments(env, info, given, 1);
  long length = socket_address(env, given[0], &address);
  if (length < 0) return number(env, length);
  long fd = call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0);
  if (fd < 0) return number(env, fd);
  long result = call(SYS_connect, fd, (long)&address, length, 0, 0);
  if (result == 0) result = call(SYS_fcntl, fd, F_SETFL, 0, 0, 0);
  if (result == 0) return number(env, fd);
  call(SYS_close, fd, 0, 0, 0, 0);
  return number(env, result);
}

/* bindDatagrams(path): a unix datagram socket that tells who sends; its descriptor. */
static napi_value bind_datagrams(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct sockaddr_un address;
  arguments(env, info, given, 1);
  long length = socket_address(env, given[0], &address);
  if (length < 0) return number(env, length);
  long fd = call(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0);
  if (fd < 0) return number(env, fd);
  int yes = 1;
  long result = call(SYS_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, (long)&yes, sizeof yes);
  if (result == 0) result = call(SYS_bind, fd, (long)&address, length, 0, 0);
  if (result == 0) return number(env, fd);
  call(SYS_close, fd, 0, 0, 0, 0);
  return number(env, result);
}

/*
 * Of libuv, whose headers come with no package, as they are in every release from 1.0 on. A handle of it is memory that it knows the size of.
 * SIGIO would need none of this, but each message would be a signal: a flood of them fills the pipe in which libuv keeps its signals, and
 * then SIGCHLD and SIGTERM are lost.
 */
typedef struct uv_poll_s uv_poll_t;
size_t uv_handle_size(int type);
int uv_poll_init(struct uv_loop_s *loop, uv_poll_t *handle, int fd);
int uv_poll_start(uv_poll_t *handle, int events, void (*callback)(uv_poll_t *handle, int status, int events));
void uv_unref(uv_poll_t *handle);
enum { UV_POLL_TYPE = 8, UV_READABLE_EVENT = 1 };

static _Alignas(16) char poll_memory[1024];
static int watched_fd = -1;
static struct listener watcher;

static void tell_watcher(uv_poll_t *handle, int status, int events) {
  (void)handle, (void)status;
  tell(&watcher, events);
}

/* watch(callback): calls back in a turn of its own whenever a descriptor that was added has something to read. Once per process. */
static napi_value watch(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct uv_loop_s *loop;
  arguments(env, info, given, 1);
  if (!is_function(env, given[0])) return refuse(env, "watch(callback)");
  if (watched_fd >= 0) return number(env, -EBUSY);
  uv_poll_t *handle = (uv_poll_t *)poll_memory;
  if (uv_handle_size(UV_POLL_TYPE) > sizeof poll_memory || napi_get_uv_event_loop(env, &loop) != napi_ok) return number(env, -ENOSYS);
  listen_with(&watcher, env, given[0], "rind:watch");
  long fd = call(SYS_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0) return number(env, fd);
  long result = uv_poll_init(loop, handle, fd);
  if (result == 0) result = uv_poll_start(handle, UV_READABLE_EVENT, tell_watcher);
  if (result == 0) {
    /* a process that has nothing else to do ends */
    uv_unref(handle);
    watched_fd = fd;
  }
  return number(env, result);
}

static long change_watch(int operation, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
  return call(SYS_epoll_ctl, watched_fd, operation, fd, (long)&event, 0);
}

/* add(fd), remove(fd): which descriptors are watched. epoll_ctl(2) */
static napi_value add(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t fd;
  arguments(env, info, given, 1);
  return is_number(env, given[0], &fd) ? number(env, change_watch(EPOLL_CTL_ADD, fd)) : refuse(env, "add(fd)");
}

static napi_value remove_fd(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t fd;
  arguments(env, info, given, 1);
  return is_number(env, given[0], &fd) ? number(env, change_watch(EPOLL_CTL_DEL, fd)) : refuse(env, "remove(fd)");
}

enum { READY_AT_ONCE = 64 };

/* ready(fds): fills in descriptors that have something to read, at most 64; how many. */
static napi_value ready(napi_env env, napi_callback_info info) {
  napi_value given[1];
  void *data;
  size_t room;
  struct epoll_event events[READY_AT_ONCE];
  arguments(env, info, given, 1);
  if (!is_array(env, given[0], napi_int32_array, READY_AT_ONCE, &data, &room)) return refuse(env, "ready(Int32Array(64))");
  /* epoll_pwait is the one of its kind that all machines have */
  long count = call6(SYS_epoll_pwait, watched_fd, (long)events, READY_AT_ONCE, 0, 0, 0);
  for (long i = 0; i < count; i++) ((int32_t *)data)[i] = events[i].data.fd;
  return number(env, count);
}

static void close_all(const struct cmsghdr *header) {
  const int *fds = (const int *)CMSG_DATA(header);
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
  for (size_t i = 0; i < count; i++) call(SYS_close, fds[i], 0, 0, 0, 0);
}

/*
 * receive(fd, bytes, sender): the next datagram; its length, -EAGAIN where none waits. Fills `sender` with pid, uid and gid (-1
 * where the kernel does not say) and whether the datagram was longer than `bytes`. Descriptors that come with it are closed at once.
 */
static napi_value receive(napi_env env, napi_callback_info info) {
  napi_value given[3];
  int32_t fd;
  void *bytes, *data;
  size_t room, fields;
  arguments(env, info, given, 3);
  if (!is_number(env, given[0], &fd) || !is_array(env, given[1], napi_uint8_array, 1, &bytes, &room) ||
      !is_array(env, given[2], napi_int32_array, SENDER_FIELDS, &data, &fields))
    return refuse(env, "receive(fd, Uint8Array, Int32Array(4))");

  /* credentials, and the 253 descriptors that one message may carry (SCM_MAX_FD) */
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(253 * sizeof(int))];
  struct iovec part = {bytes, room};
  struct msghdr message = {NULL, 0, &part, 1, control, sizeof control, 0};
  long length = call(SYS_recvmsg, fd, (long)&message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, 0, 0);
  if (length < 0) return number(env, length);

  int32_t *sender = data;
  sender[SENDER_PID] = sender[SENDER_UID] = sender[SENDER_GID] = -1;
  sender[SENDER_TRUNCATED] = (message.msg_flags & MSG_TRUNC) != 0;
  for (size_t at = 0; at + sizeof(struct cmsghdr) <= message.msg_controllen;) {
    const struct cmsghdr *header = (const struct cmsghdr *)(control + at);
    if (header->cmsg_len < sizeof *header || header->cmsg_len > message.msg_controllen - at) break;
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) close_all(header);
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS) {
      const struct ucred *who = (const struct ucred *)CMSG_DATA(header);
      sender[SENDER_PID] = who->pid;
      sender[SENDER_UID] = (int32_t)who->uid;
      sender[SENDER_GID] = (int32_t)who->gid;
    }
    at += CMSG_ALIGN(header->cmsg_len);
  }
  return number(env, length);
}

NAPI_MODULE_INIT() {
  offer(env, exports, "becomeSubreaper", become_subreaper);
  offer(env, exports, "findDead", find_dead);
  offer(env, exports, "reap", reap);
  offer(env, exports, "peer", peer);
  offer(env, exports, "peerGroups", peer_groups);
  offer(env, exports, "openPidFd", open_pid_fd);
  offer(env, exports, "openPipe", open_pipe);
  offer(env, exports, "bindDatagrams", bind_datagrams);
  offer(env, exports, "connect", connect_stream);
  offer(env, exports, "watch", watch);
  offer(env, exports, "add", add);
  offer(env, exports, "remove", remove_fd);
  offer(env, exports, "ready", ready);
  offer(env, exports, "receive", receive);
  offer_machine(env, exports);
  offer_disks(env, exports);
  offer_launcher(env, exports);
  offer_output(env, exports);
  offer_crc32(env, exports);
  return exports;
}
