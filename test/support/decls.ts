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
    implied: false,
    origin: undefined,
    ...given,
  };
}

export function signal(name: string, given: Partial<SignalDecl> = {}): SignalDecl {
  return { name, payload: "any", branch: [], after: [], subscribers: [], implied: false, origin: undefined, ...given };
}

export function service(name: string, given: Partial<ServiceDecl> = {}): ServiceDecl {
  const stopOn = given.stopOn ?? [];
  return {
    name,
    run: { program: "/bin/true", args: [], env: {}, envFiles: [], cwd: "/", stdin: undefined, reload: undefined },
    type: "simple",
    startOn: [],
    stopOn,
    bound: stopOn.length === 0,
    restartOn: [],
    reloadOn: [],
    status: "start",
    class: "user",
    after: [],
    restart: { on: "on-failure", maxRetries: 10, delayMs: 1_000, backoff: 2, maxDelayMs: 300_000, stableAfterMs: 30_000 },
    successExitCodes: [0],
    startTimeoutMs: undefined,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 10_000,
    branching: undefined,
    transport: [],
    onStart: [],
    onReady: [],
    onStop: [],
    onFail: [],
    log: { lines: 1_000 },
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

export function unitSet(given: Partial<UnitSet>): UnitSet {
  return { states: [], signals: [], services: [], variables: [], settings: { env: {}, shutdownTimeoutMs: 60_000 }, ...given };
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
