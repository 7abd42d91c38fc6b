/*
 * The threads that start processes while Node goes on: what a start costs, and what hangs, does not hold up the daemon.
 * They are two: most of a start is waiting, for other processors and for the new program.
 *
 * What is asked for is copied into memory that is none of Node's, so that no end of Node can take it from under a child. Both ways are lists
 * without a lock: who takes takes all that is there. Memory is had and given back by
 * the thread of Node alone. While a thread has more to start it calls nobody: hearing of it takes processors from starting. Node looks by itself now and then.
 */
#include "launcher.h"
#include "listener.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Memory from which jobs are cut one after the other; it is used anew when all of them are over. */
struct chunk {
  size_t size, used, jobs;
};

struct job {
  struct job *next;
  struct chunk *chunk;
  int32_t id;
  int32_t report[REPORT_FIELDS];
  struct plan plan;
};

enum { ALIGNMENT = 16, CHUNK_BYTES = 65536 };

static struct chunk *current;
static int32_t last_id;
static int in_flight;

enum { WORKERS = 2 };

static struct worker {
  /* From Node, the newest first, and what the thread sleeps on. */
  struct job *asked;
  uint32_t wake;
  struct ground ground;
} workers[WORKERS];
/* To Node, the newest first. */
static struct job *over;
/* What Node has taken from `over` and not told yet, the oldest first. */
static struct job *told;

static size_t aligned(size_t size) {
  return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* Room for a job and so many bytes more, or NULL. */
static struct job *have_job(size_t more) {
  const size_t header = aligned(sizeof(struct chunk)), size = aligned(sizeof(struct job)) + aligned(more);
  if (current == NULL || current->size - current->used < size) {
    const size_t wanted = header + size > CHUNK_BYTES ? header + size : CHUNK_BYTES;
    const long memory = call6(SYS_mmap, 0, (long)wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory < 0 && memory > -4096) return NULL;
    current = (struct chunk *)memory;
    current->size = wanted;
    current->used = header;
    current->jobs = 0;
  }
  struct job *job = (struct job *)((char *)current + current->used);
  current->used += size;
  current->jobs++;
  job->chunk = current;
  return job;
}

static void give_back(struct job *job) {
  struct chunk *chunk = job->chunk;
  if (--chunk->jobs > 0) return;
  if (chunk == current && chunk->size == CHUNK_BYTES) {
    chunk->used = aligned(sizeof *chunk);
    return;
  }
  if (chunk == current) current = NULL;
  call(SYS_munmap, (long)chunk, (long)chunk->size, 0, 0, 0);
}

/* Whether the list was empty. */
static int push(struct job **list, struct job *job) {
  struct job *first = __atomic_load_n(list, __ATOMIC_RELAXED);
  do job->next = first;
  while (!__atomic_compare_exchange_n(list, &first, job, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
  return first == NULL;
}

/* All that is there, the oldest first, followed by `rest`. */
static struct job *take_all(struct job **list, struct job *rest) {
  struct job *job = __atomic_exchange_n(list, NULL, __ATOMIC_ACQUIRE);
  while (job != NULL) {
    struct job *next = job->next;
    job->next = rest;
    rest = job;
    job = next;
  }
  return rest;
}

/* Of libuv, as it is in every release from 1.0 on; see sys.c. */
typedef struct uv_async_s uv_async_t;
size_t uv_handle_size(int type);
int uv_async_init(struct uv_loop_s *loop, uv_async_t *handle, void (*callback)(uv_async_t *handle));
int uv_async_send(uv_async_t *handle);
void uv_ref(uv_async_t *handle);
void uv_unref(uv_async_t *handle);
int uv_thread_create(void **thread, void (*entry)(void *given), void *given);
enum { UV_ASYNC_TYPE = 1 };

static _Alignas(16) char async_memory[1024];
static uv_async_t *const async = (uv_async_t *)async_memory;
static struct listener listener;

static void run_thread(void *given) {
  struct worker *worker = given;
  struct job *waiting = NULL;
  /* All but those with which a C library speaks to each of its threads: the daemon's are for the thread of Node. */
  uint64_t blocked = ~(7ULL << 31);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&blocked, 0, sizeof blocked, 0);
  for (;;) {
    const uint32_t seen = __atomic_load_n(&worker->wake, __ATOMIC_ACQUIRE);
    if (waiting == NULL) waiting = take_all(&worker->asked, NULL);
    struct job *job = waiting;
    if (job == NULL) {
      call(SYS_futex, (long)&worker->wake, FUTEX_WAIT_PRIVATE, seen, 0, 0);
      continue;
    }
    waiting = job->next;
    start_process(&worker->ground, &job->plan, job->report);
    push(&over, job);
    if (waiting == NULL && __atomic_load_n(&worker->asked, __ATOMIC_RELAXED) == NULL) uv_async_send(async);
  }
}

/* What is asked for keeps Node running until it is told. */
static void ask(struct job *job) {
  struct worker *worker = &workers[job->id % WORKERS];
  if (in_flight++ == 0) uv_ref(async);
  if (!push(&worker->asked, job)) return;
  __atomic_add_fetch(&worker->wake, 1, __ATOMIC_RELEASE);
  call(SYS_futex, (long)&worker->wake, FUTEX_WAKE_PRIVATE, 1, 0, 0);
}

static void tell_listener(uv_async_t *handle) {
  (void)handle;
  tell(&listener, in_flight);
}

/* listen(callback): calls back in a turn of its own when there is something to be told by `takeReports`. Before the first job, once per process. */
static napi_value listen(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct uv_loop_s *loop;
  void *thread;
  arguments(env, info, given, 1);
  if (!is_function(env, given[0])) return refuse(env, "listen(callback)");
  if (listener.env != NULL) return number(env, -EBUSY);
  if (uv_handle_size(UV_ASYNC_TYPE) > sizeof async_memory || napi_get_uv_event_loop(env, &loop) != napi_ok) return number(env, -ENOSYS);
  long result = uv_async_init(loop, async, tell_listener);
  if (result < 0) return number(env, result);
  uv_unref(async);
  listen_with(&listener, env, given[0], "rind:launcher");
  for (int at = 0; at < WORKERS && result == 0; at++) result = uv_thread_create(&thread, run_thread, &workers[at]);
  return number(env, result);
}

/* Whether numbers and words, of so many bytes, are such that nothing beside them is read. */
static int fits(const int32_t *numbers, size_t bytes) {
  const int32_t words = numbers[WORDS], args = numbers[ARGS], variables = numbers[PID_VARIABLES];
  if (args < 0 || words < FIRST_ARG || args > words - FIRST_ARG || variables < 0 || variables > words - FIRST_ARG - args) return 0;
  if (numbers[GROUPS] < 0 || numbers[LIMITS] < 0) return 0;
  const size_t before = NUMBERS * sizeof(int32_t) + (size_t)numbers[LIMITS] * sizeof(struct limit) + (size_t)numbers[GROUPS] * sizeof(uint32_t);
  return before <= bytes && (size_t)words <= bytes - before;
}

static int has_room_for_pid(const char *variable) {
  while (*variable != 0 && *variable != '=') variable++;
  for (int digits = 0; digits <= 10; digits++)
    if (variable[digits] == 0) return 0;
  return 1;
}

/*
 * start(request, length): begins the start of a process; the number under which `takeReports` tells what came of it. `request`: NUMBERS numbers, limits, groups,
 * and words, each with a NUL at its end. -EINVAL where there are more or fewer words than it says: one holds a NUL.
 */
static napi_value start_job(napi_env env, napi_callback_info info) {
  napi_value given[2];
  void *request;
  size_t room;
  int32_t length;
  arguments(env, info, given, 2);
  if (!is_array(env, given[0], napi_uint8_array, NUMBERS * sizeof(int32_t), &request, &room) || !is_number(env, given[1], &length) ||
      length < (int32_t)(NUMBERS * sizeof(int32_t)) || (size_t)length > room || !fits(request, (size_t)length))
    return refuse(env, "start(request, length)");
  const size_t words = (size_t)((const int32_t *)request)[WORDS];
  struct job *job = have_job(aligned((size_t)length) + (words + 2) * sizeof(char *));
  if (job == NULL) return number(env, -ENOMEM);
  char *copy = (char *)job + aligned(sizeof *job);
  for (int32_t at = 0; at < length; at++) copy[at] = ((const char *)request)[at];
  struct plan *plan = &job->plan;
  const int32_t *numbers = plan->numbers = (const int32_t *)copy;
  plan->limits = (const struct limit *)(numbers + NUMBERS);
  plan->groups = (const uint32_t *)(plan->limits + numbers[LIMITS]);
  plan->words = (char **)(copy + aligned((size_t)length));
  char *text = (char *)(plan->groups + numbers[GROUPS]);
  const size_t first = (size_t)(FIRST_ARG + numbers[ARGS]);
  int is_right = point_at_words(text, (size_t)(copy + length - text), first, plan->words, words + 2) == (long)words;
  for (int32_t at = 0; at < numbers[PID_VARIABLES] && is_right; at++) is_right = has_room_for_pid(plan->words[first + 1 + (size_t)at]);
  if (!is_right) {
    give_back(job);
    return number(env, -EINVAL);
  }
  last_id = last_id == INT32_MAX ? 1 : last_id + 1;
  const int32_t id = job->id = last_id;
  ask(job);
  return number(env, id);
}

enum { TOLD_ID, TOLD_REPORT, TOLD_FIELDS = TOLD_REPORT + REPORT_FIELDS };

/* takeReports(out): fills in what is over, the first first: the number of each and its report; how many. Each is told once. */
static napi_value take_reports(napi_env env, napi_callback_info info) {
  napi_value given[1];
  void *out;
  size_t room, count = 0;
  arguments(env, info, given, 1);
  if (!is_array(env, given[0], napi_int32_array, TOLD_FIELDS, &out, &room)) return refuse(env, "takeReports(Int32Array)");
  if (told == NULL) told = take_all(&over, NULL);
  for (int32_t *fields = out; told != NULL && (count + 1) * TOLD_FIELDS <= room; count++, fields += TOLD_FIELDS) {
    struct job *job = told;
    told = job->next;
    fields[TOLD_ID] = job->id;
    for (int at = 0; at < REPORT_FIELDS; at++) fields[TOLD_REPORT + at] = job->report[at];
    if (--in_flight == 0) uv_unref(async);
    give_back(job);
  }
  return number(env, (long)count);
}

/* isFromLauncher(pid): whether this child of the daemon is one of these threads', and not of Node's or an orphan. */
static napi_value is_from_launcher(napi_env env, napi_callback_info info) {
  napi_value given[1];
  int32_t pid;
  siginfo_t seen;
  arguments(env, info, given, 1);
  if (!is_number(env, given[0], &pid) || pid <= 0) return refuse(env, "isFromLauncher(pid)");
  return number(env, call(SYS_waitid, P_PID, pid, (long)&seen, WNOHANG | WEXITED | WNOWAIT | __WNOTHREAD | __WALL, 0) == -ECHILD);
}

/* isAlone(folder, pid): whether this process, and nobody else, lives in the cgroup of this folder, and there is none below it. */
static napi_value is_alone(napi_env env, napi_callback_info info) {
  enum { OWN_LINKS = 2, NAME_ROOM = 16 };
  static char path[4096 + NAME_ROOM];
  napi_value given[2];
  int32_t pid;
  size_t length;
  struct stat folder;
  char procs[NAME_ROOM];
  arguments(env, info, given, 2);
  if (!is_text(env, given[0], path, sizeof path - NAME_ROOM) || !is_number(env, given[1], &pid)) return refuse(env, "isAlone(folder, pid)");
  napi_get_value_string_utf8(env, given[0], path, sizeof path, &length);
  /* each folder in it has a link to it */
  if (call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&folder, 0, 0) < 0 || folder.st_nlink > OWN_LINKS) return number(env, 0);
  for (const char *name = "/cgroup.procs"; (path[length] = *name) != 0; name++) length++;
  const long fd = call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0);
  if (fd < 0) return number(env, 0);
  const long got = call(SYS_read, fd, (long)procs, sizeof procs, 0, 0);
  call(SYS_close, fd, 0, 0, 0, 0);
  long found = 0, at = 0;
  while (at < got && procs[at] != '\n') found = found * 10 + (procs[at++] - '0');
  return number(env, found == pid && at + 1 == got);
}

void offer_launcher(napi_env env, napi_value exports) {
  offer(env, exports, "listen", listen);
  offer(env, exports, "start", start_job);
  offer(env, exports, "takeReports", take_reports);
  offer(env, exports, "isFromLauncher", is_from_launcher);
  offer(env, exports, "isAlone", is_alone);
}
