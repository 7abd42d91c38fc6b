import type { Flow } from "../../src/flow/flow.ts";
import type { Change } from "../../src/model/change.ts";
import type { Json } from "../../src/model/json.ts";
import type { UnitSet } from "../../src/model/unit-set.ts";
import { RejectedError } from "../../src/errors/rind-error.ts";
import type { Store } from "./naive-evaluator.ts";

/** What is to be seen of the declared states, comparable whatever the order. */
export function shownIn(flow: Flow, { states }: UnitSet): Record<string, Record<string, Json>> {
  return plain(states.map(({ name }) => [name, flow.branches(name)]));
}

export function plain(store: Iterable<readonly [string, ReadonlyMap<string, Json>]>): Record<string, Record<string, Json>> {
  return Object.fromEntries([...store].map(([name, branches]) => [name, Object.fromEntries(branches)]));
}

export function byHand(flow: Flow): Store {
  const store = new Map<string, Map<string, Json>>();
  for (const { state, key, payload } of flow.manual()) {
    const branches = store.get(state) ?? new Map<string, Json>();
    if (payload !== undefined) branches.set(key, payload);
    store.set(state, branches);
  }
  return store;
}

/** Those of the changes that a step would not refuse. */
export function acceptable(flow: Flow, changes: readonly Change[]): Change[] {
  return changes.filter((change) => {
    try {
      flow.check(change);
      return true;
    } catch (error) {
      if (error instanceof RejectedError) return false;
      throw error;
    }
  });
}

/** One step with these changes; undefined where it was refused. */
export function tryStep(flow: Flow, ...changes: Change[]): ReturnType<Flow["step"]> | undefined {
  try {
    return flow.step(changes, new Set());
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}
