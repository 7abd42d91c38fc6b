/** Items that nobody wrote as they stand here: what is implied, and what holds the place of an item with mistakes. */
import { AS_THE_DAEMON } from "../model/as-the-daemon.ts";
import type { ServiceDecl, SignalDecl, StateDecl } from "../model/unit-set.ts";
import { resolveRestart } from "./resolve/restart.ts";

/** Declared by use alone; `key`: it is json, told apart by this field. */
export function impliedState(name: string, key: string | undefined): StateDecl {
  return key === undefined ? emptyState(name) : { ...emptyState(name), payload: "json", branch: [{ target: key, source: key }] };
}

export function emptyState(name: string): StateDecl {
  return {
    ...emptySignal(name),
    activateOnNone: [],
    stopOn: [],
    autoPayload: undefined,
    persist: name.includes("@_") ? "memory" : "disk",
  };
}

export function emptySignal(name: string): SignalDecl {
  return { name, payload: "any", branch: [], after: [], subscribers: [], permissions: [], implied: true, origin: undefined };
}

/** Holds the place of a service with mistakes, so that what refers to it finds it; never runs. */
export function emptyService(name: string): ServiceDecl {
  return {
    name,
    run: { program: "true", args: [], env: {}, envFiles: [], cwd: "/", stdin: undefined, reload: undefined, ...AS_THE_DAEMON },
    type: "simple",
    startOn: [],
    stopOn: [],
    bound: true,
    restartOn: [],
    reloadOn: [],
    status: "start",
    class: "user",
    critical: false,
    after: [],
    requires: [],
    wants: [],
    conflicts: [],
    ready: undefined,
    health: undefined,
    watchdog: undefined,
    restart: resolveRestart(undefined, undefined),
    successExitCodes: [0],
    startTimeoutMs: undefined,
    stopCommand: undefined,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 0,
    branching: undefined,
    transport: [],
    onStart: [],
    onReady: [],
    onStop: [],
    onFail: [],
    log: { lines: 1, file: undefined, maxSize: Number.POSITIVE_INFINITY, keep: 0 },
    space: { kind: "system" },
    userSource: undefined,
    managedBy: [],
    origin: undefined,
  };
}
