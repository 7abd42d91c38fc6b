import type { Effect, Flow } from "./flow.ts";
import { equalJson } from "./payload.ts";

/**
 * What is to be seen differently in `after` than in `before`, as after a reload: one fact for each branch that differs, without causes and
 * without signals. States that are gone come first.
 */
export function diffStores(before: Flow, after: Flow): readonly Effect[] {
  const gone = [...before.program.states.values()].filter(({ name }) => !after.program.states.has(name));
  const effects: Effect[] = [];
  for (const { name, hidden } of [...gone, ...after.program.components.flat()]) {
    if (hidden) continue;
    const old = before.branches(name);
    const now = after.branches(name);
    for (const [key, payload] of old) {
      const next = now.get(key);
      if (!equalJson(payload, next)) effects.push({ fact: { kind: "state", name, key, before: payload, after: next }, because: [] });
    }
    for (const [key, payload] of now) {
      if (!old.has(key)) effects.push({ fact: { kind: "state", name, key, before: undefined, after: payload }, because: [] });
    }
  }
  return effects;
}
