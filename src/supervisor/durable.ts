import type { Program } from "../flow/program.ts";
import type { Write } from "../model/change.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Store, StoreWrite } from "../persist/store.ts";

/**
 * What of the flow goes to disk, and how it is named there: `state NAME KEY` for what was set by hand, `variable NAME` for an
 * override, `run INSTANCE` for a run that has ended for good, `daemon` for the boot that is going on.
 * States that end with the boot carry its id.
 */
export function stateWrites(writes: readonly Write[], program: Program, bootId: string): readonly StoreWrite[] {
  return writes.flatMap(({ state, key, payload }) => {
    const persist = program.states.get(state)?.persist ?? "memory";
    if (persist === "memory") return [];
    const value: Json | undefined = payload === undefined ? undefined : persist === "boot" ? { payload, boot: bootId } : { payload };
    return [{ key: `state ${state} ${key}`, value }];
  });
}

/** The states in a store, as they are handed to the flow; what belongs to an earlier boot of the machine is left out. */
export function storedStates(store: Store, bootId: string): readonly Write[] {
  return entriesOf(store, "state").flatMap(([rest, value]) => {
    const space = rest.indexOf(" ");
    if (!isJsonObject(value) || space < 0) return [];
    const { payload, boot } = value;
    if (payload === undefined || (boot !== undefined && boot !== bootId)) return [];
    return [{ state: rest.slice(0, space), key: rest.slice(space + 1), payload }];
  });
}

export function storedVariables(store: Store): Map<string, Json> {
  return new Map(entriesOf(store, "variable"));
}

/** Entries whose key begins with `kind`, the rest of the key first. */
export function entriesOf(store: Store, kind: string): readonly (readonly [string, Json])[] {
  const prefix = `${kind} `;
  return [...store.entries].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : []));
}
