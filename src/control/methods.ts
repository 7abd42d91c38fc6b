import * as z from "zod";
import { UsageError } from "../errors/rind-error.ts";
import type { Json } from "../model/json.ts";
import type { ControlApi, LogQuery, PayloadText } from "./api.ts";
import type { Feed } from "./feed.ts";
import { checkJson, checkPayload } from "./payload-limit.ts";
import type { MethodName, Methods } from "./protocol.ts";

/**
 * Every method of the protocol: how its params are read, and which call of `ControlApi` it is. Behind this file there is no `unknown`.
 */

/** Makes a subscription for the client that calls: `method` is the notification, `field` what its items are called in it. */
export type OpenFeed = (method: string, field: string) => Feed;

type Runner<R> = (api: ControlApi, params: unknown, openFeed: OpenFeed) => R | Promise<R>;

/** The params of a call do not fit; the message says each mistake and what would be right. */
export class ParamsError extends UsageError {}

function method<S extends z.ZodObject, R>(
  schema: S,
  call: (api: ControlApi, params: z.output<S>, openFeed: OpenFeed) => R | Promise<R>,
): Runner<R> {
  return (api, params, openFeed) => {
    const read = schema.safeParse(params ?? {});
    if (read.success) return call(api, read.data, openFeed);
    const mistakes = read.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`));
    throw new ParamsError(mistakes.join("; "), { hint: rightParams(Object.keys(schema.shape)) });
  };
}

function rightParams(keys: readonly string[]): string {
  return keys.length === 0 ? "this method takes no params" : `params are an object with: ${keys.join(", ")}`;
}

const name = z.string().min(1, { error: "must not be empty" });
const names = z.array(name);
// What JSON.parse has made needs no check of its kind; its size and depth are checked apart.
const json = z.custom<Json>((value) => value !== undefined, { error: "must be json" });
const count = z.int().min(0);

const nothing = z.strictObject({});
const oneName = z.strictObject({ name });
const someNames = z.strictObject({ names });
const namesForced = z.strictObject({ names, force: z.boolean().default(false) });
const payload = { name, payload: json.optional(), words: z.array(z.string()).optional() };
const logParams = z.strictObject({
  names: names.default([]),
  lines: count.optional(),
  since: z.number().optional(),
  after: z.int().optional(),
});

/** The table of all methods. */
export const METHODS: { readonly [M in MethodName]: Runner<Methods[M]["result"]> } = {
  "system.info": method(nothing, (api) => api.info()),
  "system.down": method(nothing, async (api) => {
    await api.down();
    return null;
  }),
  "system.reload": method(z.strictObject({ restart: z.boolean().default(false) }), (api, options) => api.reload(options)),
  "system.list": method(nothing, (api) => api.list()),

  "flow.emit": method(z.strictObject(payload), (api, params) => api.emit(params.name, payloadText(params))),
  "flow.set": method(z.strictObject({ ...payload, replace: z.boolean().default(false) }), (api, params) =>
    api.set(params.name, payloadText(params), { replace: params.replace }),
  ),
  "flow.unset": method(z.strictObject({ name, filter: json.optional() }), (api, params) => {
    if (params.filter !== undefined) checkJson(params.filter);
    return api.unset(params.name, params.filter);
  }),
  "flow.get": method(oneName, (api, params) => api.get(params.name)),
  "flow.states": method(nothing, (api) => api.states()),
  "flow.variables": method(nothing, (api) => api.variables()),
  "flow.set_variable": method(z.strictObject({ name, value: json.optional() }), (api, params) => {
    if (params.value !== undefined) checkJson(params.value);
    return api.setVariable(params.name, params.value);
  }),

  "service.list": method(nothing, (api) => api.list().services),
  "service.status": method(oneName, (api, params) => api.status(params.name)),
  "service.start": method(namesForced, (api, params) => api.start(params.names, { force: params.force })),
  "service.stop": method(namesForced, (api, params) => api.stop(params.names, { force: params.force })),
  "service.restart": method(someNames, (api, params) => api.restart(params.names)),
  "service.reload": method(someNames, (api, params) => api.reloadServices(params.names)),
  "service.logs": method(logParams, (api, params) => api.logs(logQuery(params))),
  "service.why": method(oneName, (api, params) => api.why(params.name)),

  "log.read": method(logParams, (api, params) => api.logs(logQuery(params))),
  "log.follow": method(logParams, followLogs),
  "event.trace": method(z.strictObject({ last: count.default(100), name: name.optional() }), (api, params) =>
    api.trace({ last: params.last, name: params.name }),
  ),
  "event.follow": method(z.strictObject({ names: names.default([]) }), (api, params, openFeed) => {
    const feed = openFeed("event.facts", "facts");
    feed.onClose(api.followEvents(params.names, (facts) => feed.offer(facts)));
    return { subscription: feed.subscription };
  }),
};

function payloadText(params: { payload?: Json | undefined; words?: readonly string[] | undefined }): PayloadText {
  if (params.payload !== undefined && params.words !== undefined) {
    throw new ParamsError("both payload and words are given", { hint: "payload for json, words for text of a command line" });
  }
  const text: PayloadText = params.words === undefined ? { kind: "json", value: params.payload } : { kind: "words", words: params.words };
  checkPayload(text);
  return text;
}

function logQuery({ names, lines, since, after }: z.output<typeof logParams>): LogQuery {
  return { names, lines, since, after };
}

/** First what the query asks for, then what comes after it. Both are taken in one go, so no line falls between; the cursor drops what would come twice. */
function followLogs(api: ControlApi, params: z.output<typeof logParams>, openFeed: OpenFeed): { subscription: number } {
  const query = logQuery(params);
  const kept = api.logs(query);
  const feed = openFeed("log.lines", "lines");
  feed.preload(kept);
  const cursor = kept.at(-1)?.seq ?? query.after;
  const following: LogQuery = { names: query.names, lines: 0, since: undefined, after: cursor };
  feed.onClose(
    api.followLogs(following, (lines, missed) => {
      feed.offer(cursor === undefined ? lines : lines.filter((line) => line.seq > cursor), missed);
    }),
  );
  return { subscription: feed.subscription };
}
