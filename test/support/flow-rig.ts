import { compile, type Finding } from "../../src/flow/program.ts";
import { type Effect, Flow } from "../../src/flow/flow.ts";
import type { Change, Write } from "../../src/model/change.ts";
import type { Condition, Match, ServiceIs } from "../../src/model/condition.ts";
import type { Json } from "../../src/model/json.ts";
import type { BranchField, ServiceDecl, SignalDecl, StateDecl, UnitSet } from "../../src/model/unit-set.ts";

/** Parts of unit sets, with the defaults filled in, and a flow that runs them. */

export const S = (name: string, ...match: Match[]): Condition => ({ kind: "state", name, match });
export const G = (name: string, ...match: Match[]): Condition => ({ kind: "signal", name, match });
export const V = (name: string, is: ServiceIs = "ready", key?: string): Condition => ({ kind: "service", name, key, is });
export const not = (of: Condition): Condition => ({ kind: "not", of });
export const any = (...of: Condition[]): Condition => ({ kind: "any", of });
export const all = (...of: Condition[]): Condition => ({ kind: "all", of });
export const as = (value: Json): Match => ({ kind: "as", value });

/** `["tty:seat", "uid"]`. */
export const fields = (...specs: string[]): BranchField[] =>
  specs.map((spec) => {
    const [target = "", source = target] = spec.split(":");
    return { target, source };
  });

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
  return {
    name,
    run: { program: "true", args: [], env: {}, envFiles: [], cwd: "/", stdin: undefined, reload: undefined },
    type: "simple",
    startOn: [],
    stopOn: [],
    bound: (given.stopOn ?? []).length === 0,
    restartOn: [],
    reloadOn: [],
    status: "start",
    class: "user",
    after: [],
    restart: { on: "never", maxRetries: 0, delayMs: 0, backoff: 1, maxDelayMs: 0, stableAfterMs: 0 },
    successExitCodes: [0],
    startTimeoutMs: undefined,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 0,
    branching: undefined,
    transport: [],
    onStart: [],
    onReady: [],
    onStop: [],
    onFail: [],
    log: { lines: 0 },
    origin: undefined,
    ...given,
  };
}

export function unitSet(given: Partial<UnitSet>): UnitSet {
  return { states: [], signals: [], services: [], variables: [], settings: { env: {}, shutdownTimeoutMs: 0 }, ...given };
}

/** Findings as `item path: message (hint)`. */
export function mistakes(given: Partial<UnitSet>): string[] {
  return compile(unitSet(given)).findings.map(describeFinding);
}

function describeFinding({ item, path, message, hint }: Finding): string {
  return `${item} ${path.join(".")}: ${message}${hint === "" ? "" : ` (${hint})`}`;
}

/** A flow that has not booted. Throws on findings. */
export function newFlow(given: Partial<UnitSet>): Flow {
  const { program, findings } = compile(unitSet(given));
  if (findings.length > 0) throw new Error(findings.map(describeFinding).join("\n"));
  return new Flow(program);
}

/** A booted flow behind verbs; each verb is a transaction of one step. */
export function flowRig(states: readonly StateDecl[], signals: readonly SignalDecl[] = [], stored: readonly Write[] = []) {
  const flow = newFlow({ states, signals });
  const booted = flow.boot(stored);
  const step = (...changes: Change[]) => flow.step(changes, new Set());
  return {
    flow,
    booted,
    step,
    set: (name: string, payload?: Json) => step({ op: "set", state: name, payload, replace: false }),
    replace: (name: string, payload: Json) => step({ op: "set", state: name, payload, replace: true }),
    unset: (name: string, filter?: Json) => step({ op: "unset", state: name, filter }),
    emit: (name: string, payload?: Json) => step({ op: "emit", signal: name, payload }),
    answer: (name: string, payload: Json | undefined) => step({ op: "auto", state: name, payload }),
    /** Payloads of the branches, in their order. */
    of: (name: string): Json[] => [...flow.branches(name).values()],
  };
}

/** Facts in short: `A=id {...}`, `A-id`, `!x payload`. */
export function brief(effects: readonly Effect[]): string[] {
  return effects.map(({ fact }) => {
    if (fact.kind === "signal") return `!${fact.name} ${JSON.stringify(fact.payload)}`;
    return fact.after === undefined ? `${fact.name}-${fact.key}` : `${fact.name}=${fact.key} ${JSON.stringify(fact.after)}`;
  });
}
