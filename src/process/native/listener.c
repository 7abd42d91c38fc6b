#include "listener.h"

void listen_with(struct listener *listener, napi_env env, napi_value callback, const char *name) {
  napi_value label;
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &label);
  napi_create_reference(env, callback, 1, &listener->callback);
  napi_async_init(env, NULL, label, &listener->context);
  listener->env = env;
}

void tell(const struct listener *listener, long value) {
  const napi_env env = listener->env;
  napi_handle_scope scope;
  napi_value callback, global, error;
  napi_open_handle_scope(env, &scope);
  const napi_value given = number(env, value);
  napi_get_reference_value(env, listener->callback, &callback);
  napi_get_global(env, &global);
  if (napi_make_callback(env, listener->context, global, callback, 1, &given, NULL) == napi_pending_exception) {
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}
