/*
 * A function of JavaScript that is called in turns of its own, from a handle of the loop.
 */
#ifndef RIND_LISTENER_H
#define RIND_LISTENER_H
#include "sys.h"

struct listener {
  /* NULL: there is none yet */
  napi_env env;
  napi_ref callback;
  napi_async_context context;
};

/* This function is told from now on; `name` is what the tools that follow asynchronous calls show. */
void listen_with(struct listener *listener, napi_env env, napi_value callback, const char *name);

/* Calls it with this number. What it throws is an uncaught exception, as of every callback of the loop. */
void tell(const struct listener *listener, long value);

#endif
