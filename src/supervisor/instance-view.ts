import { keyIn } from "../flow/demand/count.ts";
import type { Flow } from "../flow/flow.ts";
import type { Json } from "../model/json.ts";
import { WHOLE } from "../model/name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { TransportView } from "../service/transport.ts";
import type { UserView } from "./run-user.ts";

/** Whether an instance sees a branch or a signal: it carries its key, or none (SPEC 6.7). */
export function sees(decl: ServiceDecl, key: string): (payload: Json) => boolean {
  const field = decl.branching?.key;
  return (payload) => {
    const carried = keyIn(payload, field);
    return carried === undefined || carried === key;
  };
}

/** The oldest branch of the source state that carries the key of an instance. */
export function ownBranch(decl: ServiceDecl, key: string, flow: Flow): Json | undefined {
  if (decl.branching === undefined || key === WHOLE) return undefined;
  const { sourceState, key: field } = decl.branching;
  const named = branchByKey(sourceState, field, key, flow);
  if (named !== undefined) return named;
  for (const payload of flow.branches(sourceState).values()) if (keyIn(payload, field) === key) return payload;
  return undefined;
}

/** The one branch that can carry the key, where the key field is the whole identity: a look-up, where a scan would cost the size of the state. */
function branchByKey(state: string, field: string, key: string, flow: Flow): Json | undefined {
  const identity = flow.program.states.get(state)?.identity ?? [];
  return identity.length === 1 && identity[0] === field ? flow.branches(state).get(key) : undefined;
}

/** What the references of an instance's transport and hooks look at. */
export function transportView(
  decl: ServiceDecl,
  key: string,
  start: { readonly ownBranch: Json | undefined; readonly startSignal: Json | undefined },
  world: { readonly flow: Flow; variable(name: string): Json | undefined },
): TransportView {
  const field = decl.branching?.key;
  const isSeen = sees(decl, key);
  return {
    ownBranch: start.ownBranch,
    startSignal: start.startSignal,
    branches: (state) => {
      const named = field === undefined ? undefined : branchByKey(state, field, key, world.flow);
      if (named !== undefined) return { own: [named], all: [named] };
      const all = [...world.flow.branches(state).values()].filter(isSeen);
      return { all, own: field === undefined ? [] : all.filter((payload) => keyIn(payload, field) === key) };
    },
    variable: (name) => world.variable(name),
  };
}

/** Where an instance looks for the name of its user; `ownBranch`: its own branch. */
export function userView(
  decl: ServiceDecl,
  key: string,
  ownBranch: Json | undefined,
  world: { readonly flow: Flow; variable(name: string): Json | undefined },
): UserView {
  const { branches } = transportView(decl, key, { ownBranch, startSignal: undefined }, world);
  const isSeen = sees(decl, key);
  return {
    ownBranch,
    branches,
    identified: (state) => {
      const { flow } = world;
      const found = flow.program.states.get(state)?.identity.length === 1 ? flow.branches(state).get(key) : undefined;
      return found !== undefined && isSeen(found) ? found : undefined;
    },
  };
}
