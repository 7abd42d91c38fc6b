import type { BranchField, SignalDecl, StateDecl } from "../model/unit-set.ts";

/*
 * States and signals that are there without being declared (SPEC 3, 4). `compile` adds those that a unit set lacks; who may set them is
 * the supervisor's business.
 */

export const BUILT_IN_STATES: readonly StateDecl[] = [
  state({ name: "rind@up", payload: "none" }),
  state({ name: "rind@degraded", branch: by("item") }),
  state({ name: "rind@user-session", branch: by("session_id"), persist: "boot" }),
  state({ name: "rind@user-login", branch: by("username"), after: [{ kind: "state", name: "rind@user-session", match: [] }] }),
  state({ name: "rind@active-session", branch: by("username"), after: [{ kind: "state", name: "rind@user-session", match: [] }] }),
  state({ name: "rind@service", branch: by("id") }),
];

export const BUILT_IN_SIGNALS: readonly SignalDecl[] = ["rind@boot", "rind@reload", "rind@shutdown"].map((name) => ({
  name,
  payload: "any",
  branch: [],
  after: [],
  subscribers: [],
  implied: true,
  origin: undefined,
}));

function state(given: Partial<StateDecl> & { readonly name: string }): StateDecl {
  return {
    payload: "json",
    branch: [],
    after: [],
    activateOnNone: [],
    stopOn: [],
    autoPayload: undefined,
    persist: "memory",
    subscribers: [],
    implied: true,
    origin: undefined,
    ...given,
  };
}

function by(field: string): readonly BranchField[] {
  return [{ target: field, source: field }];
}
