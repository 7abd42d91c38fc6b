/*
 * Reads what processes print: all pipes by one epoll and into one buffer, so that a pipe costs nothing while nothing is printed.
 *
 * Many small writes are read together: who was called back less than a moment ago takes a nap, while the pipes fill. The pipes that were read then leave
 * the epoll until one nap brings nothing: in it, each write would have to tell it, and takes a quarter longer. A pipe that is found full is made larger, so
 * that its process need not wait. No pipe takes more of a call than its share, whatever it holds.
 */
#include "listener.h"
#include <sys/epoll.h>

/* Of libuv, see sys.c. */
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_timer_s uv_timer_t;
size_t uv_handle_size(int type);
int uv_poll_init(struct uv_loop_s *loop, uv_poll_t *handle, int fd);
int uv_poll_start(uv_poll_t *handle, int events, void (*callback)(uv_poll_t *handle, int status, int events));
int uv_poll_stop(uv_poll_t *handle);
int uv_timer_init(struct uv_loop_s *loop, uv_timer_t *handle);
int uv_timer_start(uv_timer_t *handle, void (*callback)(uv_timer_t *handle), uint64_t timeout, uint64_t repeat);
uint64_t uv_hrtime(void);
void uv_update_time(struct uv_loop_s *loop);
void uv_ref(void *handle);
void uv_unref(void *handle);
enum { UV_POLL_TYPE = 8, UV_TIMER_TYPE = 13, UV_READABLE_EVENT = 1 };

enum {
  PIPES_AT_ONCE = 32,
  /* after so many bytes the others of the loop have their turn */
  BYTES_A_TURN = 512 * 1024,
  NAP_MS = 2,
  MOMENT_NS = 2 * NAP_MS * 1000000,
  SMALL_PIPE = 64 * 1024,
  LARGE_PIPE = 1024 * 1024,
  /* descriptors beyond this keep the pipe that they have */
  KNOWN_FDS = 64 * 1024
};

/* Of a descriptor: whether it is a pipe that is read, and is in the epoll. */
enum { UNWATCHED, WATCHED, RESTING };

/* Of a pipe: as it was when its reading began, as large as we want it, or refused to be that. */
enum { AS_MADE, LARGE, NO_LARGER };

static _Alignas(16) char poll_memory[1024], timer_memory[1024];
static uv_poll_t *const poll_handle = (uv_poll_t *)poll_memory;
static uv_timer_t *const timer_handle = (uv_timer_t *)timer_memory;
static int pipes = -1;
static int watched;
static uint64_t last_turn;
/* of the pipes that are read, by descriptor */
static uint8_t sizes[KNOWN_FDS], states[KNOWN_FDS];
static int32_t resting[PIPES_AT_ONCE];
static long resting_count;

static struct uv_loop_s *the_loop;
static struct listener reader;
static napi_ref bytes_ref, report_ref;
static char *room;
static size_t room_bytes;
static int32_t *report;

/*
 * Reads from this pipe at most `share` bytes to `to`. Adds to the report what came: how much, or 0 for its end, as an error is. Answers how many bytes;
 * `*more`: there may be a good deal more.
 */
static long read_pipe(int fd, char *to, size_t share, long *count, int *more) {
  long got = call(SYS_read, fd, (long)to, share, 0, 0);
  if (got == -EAGAIN || got == -EINTR) return 0;
  if (got < 0) got = 0;
  report[2 * *count] = fd;
  report[2 * *count + 1] = got;
  *count += 1;
  /* a pipe is full before it holds as many bytes as it has room for: small writes leave gaps at the end of its pages */
  int is_full = fd < KNOWN_FDS && sizes[fd] == LARGE ? got >= LARGE_PIPE / 4 : got >= SMALL_PIPE / 4 * 3;
  if (is_full && fd < KNOWN_FDS && sizes[fd] == AS_MADE)
    sizes[fd] = call(SYS_fcntl, fd, F_SETPIPE_SZ, LARGE_PIPE, 0, 0) < 0 ? NO_LARGER : LARGE;
  *more |= is_full || (size_t)got == share;
  return got;
}

static void wake(uv_timer_t *handle);

static long change_epoll(int operation, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
  return call(SYS_epoll_ctl, pipes, operation, fd, (long)&event, 0);
}

/* Until `wake` nothing is read. Those of the last turn leave the epoll, as far as they are still read. */
static void take_nap(const struct epoll_event *events, long count) {
  for (long i = 0; i < count && resting_count < PIPES_AT_ONCE; i++) {
    const int fd = events[i].data.fd;
    if (fd >= KNOWN_FDS || states[fd] != WATCHED || change_epoll(EPOLL_CTL_DEL, fd) < 0) continue;
    states[fd] = RESTING;
    resting[resting_count++] = fd;
  }
  uv_poll_stop(poll_handle);
  /* else the nap would have begun with the turn of the loop, which may be long ago */
  uv_update_time(the_loop);
  uv_timer_start(timer_handle, wake, NAP_MS, 0);
}

/* One turn: batches, until no more is there, or the others have waited long enough. Each batch is asked for anew, as what is told may close descriptors. */
static void take_turn(uv_poll_t *handle, int status, int ready) {
  (void)handle, (void)status, (void)ready;
  struct epoll_event events[PIPES_AT_ONCE];
  long found;
  size_t taken = 0;
  int more = 0;
  do {
    found = call6(SYS_epoll_pwait, pipes, (long)events, PIPES_AT_ONCE, 0, 0, 0);
    size_t used = 0;
    long count = 0;
    for (long i = 0; i < found; i++) used += read_pipe(events[i].data.fd, room + used, room_bytes / found, &count, &more);
    taken += used;
    if (count > 0) tell(&reader, count);
  } while (found == PIPES_AT_ONCE && taken < BYTES_A_TURN);
  uint64_t now = uv_hrtime();
  if (found < PIPES_AT_ONCE && !more && now - last_turn < MOMENT_NS) take_nap(events, found);
  last_turn = now;
}

static void wake(uv_timer_t *handle) {
  const long rested = resting_count;
  long count = 0, left = 0;
  size_t used = 0;
  int more = 0;
  for (long i = 0; i < rested; i++) {
    const int32_t fd = resting[i];
    const long before = count;
    if (states[fd] != RESTING) continue;
    used += read_pipe(fd, room + used, room_bytes / rested, &count, &more);
    /* where the kernel has no room for it now it goes on resting */
    if (count == before && change_epoll(EPOLL_CTL_ADD, fd) == 0) states[fd] = WATCHED;
    else resting[left++] = fd;
  }
  resting_count = left;
  if (left > 0) uv_timer_start(handle, wake, more ? 0 : NAP_MS, 0);
  uv_poll_start(poll_handle, UV_READABLE_EVENT, take_turn);
  last_turn = uv_hrtime();
  if (count > 0) tell(&reader, count);
}

/*
 * watchOutputs(bytes, report, callback): where to put what was read, and whom to tell: callback(count), with pairs of descriptor and length in
 * `report`, and the bytes one after the other in `bytes`. Once per process.
 */
static napi_value watch_outputs(napi_env env, napi_callback_info info) {
  napi_value given[3];
  void *to, *pairs;
  size_t length, fields;
  arguments(env, info, given, 3);
  if (!is_array(env, given[0], napi_uint8_array, SMALL_PIPE, &to, &length) ||
      !is_array(env, given[1], napi_int32_array, 2 * PIPES_AT_ONCE, &pairs, &fields) ||
      !is_function(env, given[2]))
    return refuse(env, "watchOutputs(Uint8Array, Int32Array(64), callback)");
  if (pipes >= 0) return number(env, -EBUSY);
  if (uv_handle_size(UV_POLL_TYPE) > sizeof poll_memory || uv_handle_size(UV_TIMER_TYPE) > sizeof timer_memory ||
      napi_get_uv_event_loop(env, &the_loop) != napi_ok)
    return number(env, -ENOSYS);
  napi_create_reference(env, given[0], 1, &bytes_ref);
  napi_create_reference(env, given[1], 1, &report_ref);
  listen_with(&reader, env, given[2], "rind:output");
  room = to;
  room_bytes = length;
  report = pairs;
  long fd = call(SYS_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0) return number(env, fd);
  long result = uv_poll_init(the_loop, poll_handle, fd);
  if (result == 0) result = uv_timer_init(the_loop, timer_handle);
  if (result == 0) result = uv_poll_start(poll_handle, UV_READABLE_EVENT, take_turn);
  if (result == 0) {
    uv_unref(poll_handle);
    uv_unref(timer_handle);
    pipes = fd;
  }
  return number(env, result);
}

/* While one is read the process does not end by itself. */
static void count_watched(int change) {
  void (*hold)(void *) = watched + change > 0 ? uv_ref : uv_unref;
  watched += change;
  hold(poll_handle);
  hold(timer_handle);
}

static void note_watched(int fd) {
  if (fd < KNOWN_FDS) states[fd] = WATCHED;
  count_watched(1);
}

static long stop_watching(int fd) {
  const int rests = fd >= 0 && fd < KNOWN_FDS && states[fd] == RESTING;
  const long result = rests ? 0 : change_epoll(EPOLL_CTL_DEL, fd);
  if (result < 0) return result;
  if (fd < KNOWN_FDS) states[fd] = UNWATCHED;
  count_watched(-1);
  return 0;
}

/* addOutput(fd), removeOutput(fd): which pipes are read. One that was removed is as it was. */
static napi_value add_output(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t fd;
  arguments(env, info, given, 1);
  if (!is_number(env, given[0], &fd) || fd < 0) return refuse(env, "addOutput(fd)");
  const long result = change_epoll(EPOLL_CTL_ADD, fd);
  if (result == 0) note_watched(fd);
  return number(env, result);
}

static napi_value remove_output(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t fd;
  arguments(env, info, given, 1);
  if (!is_number(env, given[0], &fd)) return refuse(env, "removeOutput(fd)");
  return number(env, stop_watching(fd));
}

/* closeOutput(fd): it is read no more, and closed. */
static napi_value close_output(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t fd;
  arguments(env, info, given, 1);
  if (!is_number(env, given[0], &fd) || fd < 0) return refuse(env, "closeOutput(fd)");
  /* by itself it would go from the epoll only with the last copy of the descriptor, and a child that is being started has one */
  stop_watching(fd);
  if (fd < KNOWN_FDS) sizes[fd] = AS_MADE;
  return number(env, call(SYS_close, fd, 0, 0, 0, 0));
}

typedef uint8_t lanes __attribute__((vector_size(16)));

static size_t newlines(const uint8_t *bytes, size_t length) {
  size_t count = 0, at = 0;
  lanes newline;
  for (int i = 0; i < 16; i++) newline[i] = '\n';
  while (length - at >= sizeof(lanes)) {
    /* a lane counts up to 255 */
    size_t last = length - at > 255 * sizeof(lanes) ? at + 255 * sizeof(lanes) : length;
    lanes sums = {0};
    for (; last - at >= sizeof(lanes); at += sizeof(lanes)) {
      lanes some;
      __builtin_memcpy(&some, bytes + at, sizeof some);
      sums -= (lanes)(some == newline);
    }
    for (int i = 0; i < 16; i++) count += sums[i];
  }
  for (; at < length; at++) count += bytes[at] == '\n';
  return count;
}

/* countNewlines(bytes) */
static napi_value count_newlines(napi_env env, napi_callback_info info) {
  napi_value given[1];
  void *bytes;
  size_t length;
  arguments(env, info, given, 1);
  if (!is_array(env, given[0], napi_uint8_array, 0, &bytes, &length)) return refuse(env, "countNewlines(Uint8Array)");
  return number(env, newlines(bytes, length));
}

void offer_output(napi_env env, napi_value exports) {
  offer(env, exports, "watchOutputs", watch_outputs);
  offer(env, exports, "addOutput", add_output);
  offer(env, exports, "removeOutput", remove_output);
  offer(env, exports, "closeOutput", close_output);
  offer(env, exports, "countNewlines", count_newlines);
}
