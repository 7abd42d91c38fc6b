import { keyIn } from "../flow/demand/count.ts";
import type { Flow } from "../flow/flow.ts";
import type { Json } from "../model/json.ts";
import { WHOLE } from "../model/name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { TransportView } from "../service/transport.ts";

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
  for (const payload of flow.branches(decl.branching.sourceState).values()) if (keyIn(payload, decl.branching.key) === key) return payload;
  return undefined;
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
      const all = [...world.flow.branches(state).values()].filter(isSeen);
      return { all, own: field === undefined ? [] : all.filter((payload) => keyIn(payload, field) === key) };
    },
    variable: (name) => world.variable(name),
  };
}
