/*
 * The calls about file systems that may take as long as a disk or a server takes, or for ever where that has gone: each is made in a thread of
 * libuv's, so that JavaScript can go on without its end. See sys.h.
 */
#include "sys.h"

/* PATH_MAX, and the one page that the kernel takes of a mount's data */
enum { PATH_ROOM = 4096, TYPE_ROOM = 256 };
/* One that hangs keeps its place for good. */
enum { PLACES = 16 };

struct work {
  int taken;
  long nr;
  char source[PATH_ROOM], target[PATH_ROOM], type[TYPE_ROOM], data[PATH_ROOM];
  int64_t flags;
  long result;
  napi_async_work handle;
  napi_deferred deferred;
};
static struct work works[PLACES];

/* NULL: all places are taken. */
static struct work *take(void) {
  for (int at = 0; at < PLACES; at++)
    if (!works[at].taken) return &works[at];
  return NULL;
}

static void carry_out(napi_env env, void *data) {
  struct work *work = data;
  (void)env;
  switch (work->nr) {
    case SYS_mount:
      /* some file systems take no data but refuse an empty text */
      work->result = call(SYS_mount, (long)work->source, (long)work->target, (long)work->type, work->flags,
                          work->data[0] == 0 ? 0 : (long)work->data);
      return;
    case SYS_umount2:
      work->result = call(SYS_umount2, (long)work->target, work->flags, 0, 0, 0);
      return;
    case SYS_swapoff:
      work->result = call(SYS_swapoff, (long)work->target, 0, 0, 0, 0);
      return;
    default:
      work->result = call(SYS_sync, 0, 0, 0, 0, 0);
  }
}

static void tell(napi_env env, napi_status status, void *data) {
  struct work *work = data;
  napi_resolve_deferred(env, work->deferred, number(env, status == napi_ok ? work->result : -ECANCELED));
  napi_delete_async_work(env, work->handle);
  work->taken = 0;
}

/* A promise of what the kernel answers. */
static napi_value begin(napi_env env, struct work *work, long nr) {
  napi_value promise = NULL, name = NULL;
  work->nr = nr;
  napi_create_string_utf8(env, "rind:disks", NAPI_AUTO_LENGTH, &name);
  if (napi_create_async_work(env, NULL, name, carry_out, tell, work, &work->handle) != napi_ok ||
      napi_create_promise(env, &work->deferred, &promise) != napi_ok)
    return refuse(env, "no work can be made");
  work->taken = 1;
  napi_queue_async_work(env, work->handle);
  return promise;
}

/* mount(source, target, fstype, flags, data). mount(2) */
static napi_value mount_there(napi_env env, napi_callback_info info) {
  napi_value given[5];
  struct work *work = take();
  arguments(env, info, given, 5);
  if (work == NULL) return number(env, -EAGAIN);
  if (!is_text(env, given[0], work->source, sizeof work->source) || !is_text(env, given[1], work->target, sizeof work->target) ||
      !is_text(env, given[2], work->type, sizeof work->type) || napi_get_value_int64(env, given[3], &work->flags) != napi_ok ||
      !is_text(env, given[4], work->data, sizeof work->data))
    return refuse(env, "mount(source, target, fstype, flags, data): texts without NUL, shorter than 4096 bytes");
  return begin(env, work, SYS_mount);
}

/* unmount(target, flags). umount2(2) */
static napi_value unmount(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct work *work = take();
  arguments(env, info, given, 2);
  if (work == NULL) return number(env, -EAGAIN);
  if (!is_text(env, given[0], work->target, sizeof work->target) || napi_get_value_int64(env, given[1], &work->flags) != napi_ok)
    return refuse(env, "unmount(target, flags)");
  return begin(env, work, SYS_umount2);
}

/* swapOff(path). swapoff(2) */
static napi_value swap_off(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct work *work = take();
  arguments(env, info, given, 1);
  if (work == NULL) return number(env, -EAGAIN);
  if (!is_text(env, given[0], work->target, sizeof work->target)) return refuse(env, "swapOff(path)");
  return begin(env, work, SYS_swapoff);
}

/* sync(): done when all is on the disks. sync(2) */
static napi_value sync_disks(napi_env env, napi_callback_info info) {
  struct work *work = take();
  (void)info;
  return work == NULL ? number(env, -EAGAIN) : begin(env, work, SYS_sync);
}

void offer_disks(napi_env env, napi_value exports) {
  offer(env, exports, "mount", mount_there);
  offer(env, exports, "unmount", unmount);
  offer(env, exports, "swapOff", swap_off);
  offer(env, exports, "sync", sync_disks);
}
