/*
 * What the parts of the addon have in common: system calls without a C library, and the way of values from JavaScript and back.
 *
 * Everything that is offered to JavaScript returns what the kernel returns: a number, below 0 an error (-errno). No pointer or length comes
 * from JavaScript unchecked. It links with nothing but the napi_* and uv_* functions of the program that loads it, so that one file serves
 * every Node from 20 on, with any C library.
 */
#ifndef RIND_SYS_H
#define RIND_SYS_H
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include "call.h"

static inline napi_value number(napi_env env, long value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

static inline napi_value refuse(napi_env env, const char *message) {
  napi_throw_type_error(env, NULL, message);
  return NULL;
}

/* The arguments of a call; those that were not given are undefined, which no reader below takes. */
static inline void arguments(napi_env env, napi_callback_info info, napi_value *values, size_t count) {
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
}

static inline int is_number(napi_env env, napi_value value, int32_t *result) {
  return napi_get_value_int32(env, value, result) == napi_ok;
}

static inline int is_function(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

/* The memory of a typed array of this type with at least `least` elements. */
static inline int is_array(napi_env env, napi_value value, napi_typedarray_type type, size_t least, void **data, size_t *length) {
  napi_typedarray_type actual;
  if (napi_get_typedarray_info(env, value, &actual, length, data, NULL, NULL) != napi_ok) return 0;
  return actual == type && *length >= least;
}

/* A text that fits, with a NUL at its end and none inside. */
static inline int is_text(napi_env env, napi_value value, char *text, size_t room) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length >= room) return 0;
  napi_get_value_string_utf8(env, value, text, room, &length);
  for (size_t at = 0; at < length; at++)
    if (text[at] == 0) return 0;
  return 1;
}

/*
 * Points at each word of `bytes`, which end with a NUL each: `first` of them, a NULL, the others, and a NULL; so as execve(2) takes arguments
 * and environment. Answers how many words there are, or -1 where they do not fit or the last has no end.
 */
static inline long point_at_words(char *bytes, size_t length, size_t first, char **pointers, size_t room) {
  size_t words = 0, at = 0;
  if (length > 0 && bytes[length - 1] != 0) return -1;
  while (at < length) {
    if (words + 2 >= room) return -1;
    pointers[words < first ? words : words + 1] = bytes + at;
    while (bytes[at] != 0) at++;
    at++;
    words++;
  }
  if (words < first || words + 2 > room) return -1;
  pointers[first] = NULL;
  pointers[words + 1] = NULL;
  return (long)words;
}

/*
 * A pipe, closed on exec. The end to read from does not block: who prints may open the pipe for reading too, and take what is there before it is read
 * here. pipe(2)
 */
static inline long make_pipe(int32_t *ends) {
  const long result = call(SYS_pipe2, (long)ends, O_CLOEXEC, 0, 0, 0);
  return result < 0 ? result : call(SYS_fcntl, ends[0], F_SETFL, O_NONBLOCK, 0, 0);
}

static inline void offer(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function = NULL;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

/* A disposition as the kernel has it; a C library's struct sigaction is another. */
struct kernel_action {
  uint64_t handler, flags, restorer, mask;
};
enum { SIGNALS = 64, SIG_IGNORED = 1 };
static const struct kernel_action DEFAULT_ACTION = {0, 0, 0, 0};

/* What each part offers. */
void offer_machine(napi_env env, napi_value exports);
void offer_disks(napi_env env, napi_value exports);
void offer_launcher(napi_env env, napi_value exports);
void offer_output(napi_env env, napi_value exports);
void offer_crc32(napi_env env, napi_value exports);

#endif
