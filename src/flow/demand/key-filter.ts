import type { Json } from "../../model/json.ts";
import type { Branching, KeyFilter } from "../../model/unit-set.ts";
import { scalarText } from "../payload.ts";
import type { Count } from "./count.ts";

/** Whether `only` and `except` of a branching service let the instance with this key exist (SPEC 6.7). */
export function admitsKey(
  key: string,
  branching: Branching,
  states: { readonly only: readonly Count[]; readonly except: readonly Count[] },
  variable: (name: string) => Json | undefined,
): boolean {
  const named = (filters: readonly KeyFilter[], counts: readonly Count[]): boolean =>
    counts.some((count) => count.holds(key)) || filters.some((filter) => namesKey(filter, key, variable));
  return (branching.only.length === 0 || named(branching.only, states.only)) && !named(branching.except, states.except);
}

function namesKey(filter: KeyFilter, key: string, variable: (name: string) => Json | undefined): boolean {
  if (filter.kind === "text") return filter.text === key;
  if (filter.kind === "state") return false;
  const value = variable(filter.name);
  const values: readonly (Json | undefined)[] = Array.isArray(value) ? value : [value];
  return values.some((entry) => scalarText(entry) === key);
}
