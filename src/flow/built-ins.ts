import type { BranchField, PayloadKind, SignalDecl, StateDecl } from "../model/unit-set.ts";

/*
 * States and signals that are there without being declared (SPEC 3, 4). `compile` adds those that a unit set lacks; who may set them is
 * the supervisor's business.
 */

/** Shared by all that have none of something. */
const NONE: readonly never[] = [];

const BUILT_IN_STATES: readonly StateDecl[] = [
  impliedState({ name: "rind@up", payload: "none" }),
  impliedState({ name: "rind@degraded", branch: by("item") }),
  impliedState({ name: "rind@user-session", branch: by("session_id"), persist: "boot" }),
  impliedState({ name: "rind@user-login", branch: by("username"), after: [{ kind: "state", name: "rind@user-session", match: [] }] }),
  impliedState({ name: "rind@active-session", branch: by("username"), after: [{ kind: "state", name: "rind@user-session", match: [] }] }),
  impliedState({ name: "rind@service", branch: by("id") }),
];

/** What the kernel says of its network: built in where a `[[network]]` is declared, else ordinary names. */
const NETWORK_STATES: readonly StateDecl[] = ["net@interface", "net@configured", "net@online"].map((name) =>
  impliedState({ name, branch: by("name") }),
);

export function builtInStates(hasNetwork: boolean): readonly StateDecl[] {
  return hasNetwork ? [...BUILT_IN_STATES, ...NETWORK_STATES] : BUILT_IN_STATES;
}

export const BUILT_IN_SIGNALS: readonly SignalDecl[] = ["rind@boot", "rind@reload", "rind@shutdown"].map((name) =>
  impliedSignal(name, "any"),
);

/** A signal that nobody wrote down. */
export function impliedSignal(name: string, payload: PayloadKind): SignalDecl {
  return { name, payload, branch: [], after: [], subscribers: [], permissions: [], implied: true, origin: undefined };
}

/** A state that nobody wrote down, kept in memory. */
export function impliedState({
  name,
  payload = "json",
  branch = NONE,
  after = NONE,
  persist = "memory",
}: Pick<StateDecl, "name"> & Partial<Pick<StateDecl, "payload" | "branch" | "after" | "persist">>): StateDecl {
  return {
    name,
    payload,
    branch,
    after,
    activateOnNone: NONE,
    stopOn: NONE,
    autoPayload: undefined,
    persist,
    subscribers: NONE,
    permissions: NONE,
    implied: true,
    origin: undefined,
  };
}

function by(field: string): readonly BranchField[] {
  return [{ target: field, source: field }];
}

/** Who has it may set `rind@user-session` and `rind@user-login`, and so open and close sessions. Nobody but root, unless a unit says so. */
export const LOGIN_PERMISSION = "rind@login";
