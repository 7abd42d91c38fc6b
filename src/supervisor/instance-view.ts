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

/** What was kept of the moment at which a run was started. */
type RunStart = Pick<TransportView, "ownBranch" | "startSignal">;

/** The states and variables that an instance looks at. */
interface Sight {
  readonly flow: Flow;
  variable(name: string): Json | undefined;
}

/** What the references of an instance's transport and hooks look at. */
export function transportView(decl: ServiceDecl, key: string, start: RunStart, world: Sight): TransportView {
  return new InstanceView(decl, key, start, world);
}

/** Where an instance looks for the name of its user; `ownBranch`: its own branch. */
export function userView(decl: ServiceDecl, key: string, branch: Json | undefined, world: Sight): UserView {
  return new InstanceView(decl, key, { ownBranch: branch, startSignal: undefined }, world);
}

/** Made for each start, and mostly not looked at: it does nothing until it is. */
class InstanceView implements TransportView, UserView {
  readonly ownBranch: Json | undefined;
  readonly startSignal: Json | undefined;
  readonly #decl: ServiceDecl;
  readonly #key: string;
  readonly #world: Sight;

  constructor(decl: ServiceDecl, key: string, start: RunStart, world: Sight) {
    this.ownBranch = start.ownBranch;
    this.startSignal = start.startSignal;
    this.#decl = decl;
    this.#key = key;
    this.#world = world;
  }

  branches(state: string): { readonly own: readonly Json[]; readonly all: readonly Json[] } {
    const field = this.#decl.branching?.key;
    const { flow } = this.#world;
    const named = field === undefined ? undefined : branchByKey(state, field, this.#key, flow);
    if (named !== undefined) return { own: [named], all: [named] };
    const all = [...flow.branches(state).values()].filter(sees(this.#decl, this.#key));
    return { all, own: field === undefined ? [] : all.filter((payload) => keyIn(payload, field) === this.#key) };
  }

  identified(state: string): Json | undefined {
    const { flow } = this.#world;
    const found = flow.program.states.get(state)?.identity.length === 1 ? flow.branches(state).get(this.#key) : undefined;
    return found !== undefined && sees(this.#decl, this.#key)(found) ? found : undefined;
  }

  variable(name: string): Json | undefined {
    return this.#world.variable(name);
  }
}
