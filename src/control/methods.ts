import type { Json } from "../model/json.ts";
import { killSignalOf } from "../unit/resolve/kill-signal.ts";
import type { ControlApi, LogQuery, PayloadText } from "./api.ts";
import type { Feed } from "./feed.ts";
import type { Params } from "./params.ts";
import { ParamsError } from "./params-error.ts";
import { checkJson, checkPayload } from "./payload-limit.ts";
import type { MethodName, Methods } from "./protocol.ts";
import { readParams } from "./read-params.ts";

/**
 * Every method of the protocol: which call of `ControlApi` it is. What its params are is in `params.ts`; behind this file there is
 * no `unknown`.
 */

export interface FeedOpener {
  /** Makes a subscription for the client that calls: `method` is the notification, `field` what its items are called in it. */
  open(method: string, field: string): Feed;
}

type Runner<R> = (api: ControlApi, params: Json | undefined, feeds: FeedOpener) => R | Promise<R>;

function method<M extends MethodName, R>(
  name: M,
  call: (api: ControlApi, params: Params<M>, feeds: FeedOpener) => R | Promise<R>,
): Runner<R> {
  return (api, params, feeds) => {
    const given = params ?? {};
    const read = readParams(name, given);
    return read === undefined ? refused(name, given) : call(api, read, feeds);
  };
}

/** zod takes longer to be loaded than any call. */
async function refused(name: MethodName, params: Json): Promise<never> {
  const { explainParams } = await import("./explain-params.ts");
  throw explainParams(name, params);
}

/** The table of all methods. */
export const METHODS: { readonly [M in MethodName]: Runner<Methods[M]["result"]> } = {
  // asked for once in a while, and far larger than the rest of this folder
  "rpc.discover": method("rpc.discover", async () => (await import("./open-rpc.ts")).openRpcDocument()),
  "system.info": method("system.info", (api) => api.info()),
  "system.down": method("system.down", async (api) => {
    await api.down();
    return null;
  }),
  "system.power": method("system.power", async (api, { action, force }) => {
    await api.power(action, { force });
    return null;
  }),
  "system.reload": method("system.reload", (api, options) => api.reload(options)),
  "system.list": method("system.list", (api) => api.list()),

  "flow.emit": method("flow.emit", (api, params) => api.emit(params.name, payloadText(params))),
  "flow.set": method("flow.set", (api, params) => api.set(params.name, payloadText(params), { replace: params.replace })),
  "flow.unset": method("flow.unset", (api, params) => {
    if (params.filter !== undefined) checkJson(params.filter);
    return api.unset(params.name, params.filter);
  }),
  "flow.get": method("flow.get", (api, params) => api.get(params.name)),
  "flow.states": method("flow.states", (api) => api.states()),
  "flow.subscribe": method("flow.subscribe", (api, _, feeds) => {
    const feed = feeds.open("flow.news", "news");
    feed.onClose(api.followShared((news) => void feed.offer([news])));
    return { subscription: feed.subscription };
  }),
  "flow.variables": method("flow.variables", (api) => api.variables()),
  "flow.set_variable": method("flow.set_variable", (api, params) => {
    if (params.value !== undefined) checkJson(params.value);
    return api.setVariable(params.name, params.value);
  }),

  "session.open": method("session.open", (api, params) => api.openSession(params)),
  "session.close": method("session.close", (api, params) => {
    if (Object.values(params).every((value) => value === undefined))
      throw new ParamsError("no session is meant", { hint: "give session_id, or some of username, tty and leader" });
    return api.closeSession(params);
  }),

  "service.list": method("service.list", (api) => api.list().services),
  "service.status": method("service.status", (api, params) => api.status(params.name)),
  "service.start": method("service.start", (api, params) => api.start(params.names, { force: params.force })),
  "service.stop": method("service.stop", (api, params) => api.stop(params.names, { force: params.force })),
  "service.restart": method("service.restart", (api, params) => api.restart(params.names)),
  "service.reload": method("service.reload", (api, params) => api.reloadServices(params.names)),
  "service.start_all": method("service.start_all", (api, params) => api.start([], params)),
  "service.stop_all": method("service.stop_all", (api, params) => api.stop([], params)),
  "service.kill": method("service.kill", (api, params) => api.kill(params.names, killSignal(params.signal))),
  "service.stats": method("service.stats", (api, params) => api.stats(params.name)),
  "service.set": method("service.set", (api, params) => {
    const given = givenService(params);
    checkJson(given);
    return api.setService(given);
  }),
  "service.get": method("service.get", (api, params) => api.getService(params.name)),
  "service.delete": method("service.delete", (api, params) => api.deleteServices([params.name])),
  "service.delete_all": method("service.delete_all", (api) => api.deleteServices([])),
  "service.logs": method("service.logs", (api, params) => api.logs(logQuery(params))),
  "service.why": method("service.why", (api, params) => api.why(params.name)),
  "service.graph": method("service.graph", (api) => api.graph()),

  "log.read": method("log.read", (api, params) => api.logs(logQuery(params))),
  "log.subscribe": method("log.subscribe", followLogs),
  "event.trace": method("event.trace", (api, params) => api.trace({ last: params.last, name: params.name })),
  "event.subscribe": method("event.subscribe", (api, params, feeds) => {
    const feed = feeds.open("event.facts", "facts");
    feed.onClose(api.followEvents(params.names, (facts) => void feed.offer(facts)));
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

/** One json, also where the sections of zinit's shape stand beside `service`. */
function givenService({ service, ...sections }: Params<"service.set">): Json {
  const given = Object.entries(sections).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return given.length === 0 ? service : { service, ...Object.fromEntries(given) };
}

function killSignal(raw: string | number): NodeJS.Signals {
  const found = killSignalOf(typeof raw === "string" ? raw.toUpperCase() : raw);
  if (found === undefined)
    throw new ParamsError(`there is no signal ${raw}`, { hint: "a name such as SIGHUP or HUP, or a number from 1 to 31" });
  return found;
}

function logQuery({ names, lines, since, after }: Params<"log.read">): LogQuery {
  return { names, lines, since, after };
}

/** First what the query asks for, then what comes after it. Both are taken in one go, so no line falls between; the cursor drops what would come twice. */
function followLogs(api: ControlApi, params: Params<"log.subscribe">, feeds: FeedOpener): { subscription: number } {
  const query = logQuery(params);
  const kept = api.logs(query);
  const feed = feeds.open("log.lines", "lines");
  feed.preload(kept);
  const cursor = kept.at(-1)?.seq;
  const following: LogQuery = { names: query.names, lines: 0, since: undefined, after: cursor };
  feed.onClose(
    api.followLogs(following, (lines, missed) => {
      return feed.offer(cursor === undefined ? lines : lines.filter((line) => line.seq > cursor), missed);
    }),
  );
  return { subscription: feed.subscription };
}
