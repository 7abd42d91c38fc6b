import { AS_THE_DAEMON } from "../../src/model/as-the-daemon.ts";
import type { Condition, ServiceIs } from "../../src/model/condition.ts";
import type { ServiceDecl, SignalDecl, StateDecl, UnitSet } from "../../src/model/unit-set.ts";

/** Declarations with every default filled in, for tests that need no TOML. */

export function state(name: string, given: Partial<StateDecl> = {}): StateDecl {
  return {
    name,
    payload: "json",
    branch: [],
    after: [],
    activateOnNone: [],
    stopOn: [],
    autoPayload: undefined,
    persist: "disk",
    subscribers: [],
    permissions: [],
    implied: false,
    origin: undefined,
    ...given,
  };
}

export function signal(name: string, given: Partial<SignalDecl> = {}): SignalDecl {
  return { name, payload: "any", branch: [], after: [], subscribers: [], permissions: [], implied: false, origin: undefined, ...given };
}

/** `log` as it is where a unit says nothing. */
export const LOG: ServiceDecl["log"] = { lines: 1_000, file: undefined, maxSize: 16 * 1_024 * 1_024, keep: 4 };

/** `restart` as it is where a unit says nothing. */
export const RESTART: ServiceDecl["restart"] = {
  on: "on-failure",
  maxRetries: 10,
  delayMs: 1_000,
  backoff: 2,
  maxDelayMs: 300_000,
  stableAfterMs: 30_000,
  jitter: 0,
  windowMs: undefined,
};

/** `ready` that is true as soon as a line of output matches. */
export function readyByLog(pattern: string): NonNullable<ServiceDecl["ready"]> {
  return {
    probe: { kind: "log", pattern },
    initialDelayMs: 0,
    periodMs: 1_000,
    timeoutMs: 1_000,
    successThreshold: 1,
    failureThreshold: 3,
    startPeriodMs: 1_000,
  };
}

export function service(name: string, given: Partial<ServiceDecl> = {}): ServiceDecl {
  const stopOn = given.stopOn ?? [];
  return {
    name,
    run: { program: "/bin/true", args: [], env: {}, envFiles: [], cwd: "/", stdin: undefined, reload: undefined, ...AS_THE_DAEMON },
    type: "simple",
    startOn: [],
    stopOn,
    bound: stopOn.length === 0,
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
    restart: RESTART,
    successExitCodes: [0],
    startTimeoutMs: undefined,
    stopCommand: undefined,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 10_000,
    branching: undefined,
    transport: [],
    onStart: [],
    onReady: [],
    onStop: [],
    onFail: [],
    log: LOG,
    space: { kind: "system" },
    userSource: undefined,
    managedBy: [],
    origin: undefined,
    ...given,
  };
}

export function branching(
  sourceState: string,
  key = "id",
  given: Partial<NonNullable<ServiceDecl["branching"]>> = {},
): NonNullable<ServiceDecl["branching"]> {
  return { sourceState, key, maxInstances: Number.POSITIVE_INFINITY, only: [], except: [], ...given };
}

export const SETTINGS: UnitSet["settings"] = {
  env: {},
  path: undefined,
  startup: undefined,
  logFolder: undefined,
  onEmpty: undefined,
  shutdownTimeoutMs: 60_000,
};

export function unitSet(given: Partial<UnitSet>): UnitSet {
  return {
    states: [],
    signals: [],
    services: [],
    variables: [],
    permissions: [],
    mounts: [],
    networks: [],
    imports: [],
    settings: SETTINGS,
    ...given,
  };
}

export const S = (name: string, as?: Record<string, string | number | boolean>): Condition => ({
  kind: "state",
  name,
  match: as === undefined ? [] : [{ kind: "as", value: as }],
});
export const G = (name: string): Condition => ({ kind: "signal", name, match: [] });
export const V = (name: string, is: ServiceIs = "ready"): Condition => ({ kind: "service", name, key: undefined, is });
export const not = (of: Condition): Condition => ({ kind: "not", of });
export const any = (...of: Condition[]): Condition => ({ kind: "any", of });
export const all = (...of: Condition[]): Condition => ({ kind: "all", of });
