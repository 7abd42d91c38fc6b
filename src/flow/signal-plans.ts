import type { SignalDecl } from "../model/unit-set.ts";
import type { Conjunction } from "./condition.ts";
import type { TriggerPlan } from "./plan.ts";
import { neverSource, rulePlan, type StateDraft } from "./state-plans.ts";

/** The alternatives of a signal that have a signal in them. */
export function triggerPlans({ name, branch }: SignalDecl, after: readonly Conjunction[]): readonly TriggerPlan[] {
  return after
    .filter(({ signals }) => signals.length > 0)
    .map(({ signals, literals }) => ({
      signal: name,
      on: signals,
      rule: rulePlan(literals, neverSource),
      columns: branch.map(({ source }) => source),
      targets: branch.length === 0 ? undefined : branch.map(({ target }) => target),
    }));
}

/**
 * What watches for the edges of a signal: a hidden state derived from the alternatives without a signal. Each of its branches that
 * appears is one emission.
 */
export function edgeDraft({ name, payload, branch }: SignalDecl, after: readonly Conjunction[]): StateDraft | undefined {
  const levels = after.filter(({ signals }) => signals.length === 0);
  if (levels.length === 0) return undefined;
  return {
    name: `~edge:${name}`,
    kind: "any",
    branch,
    after: levels,
    stopOn: [],
    activateOnNone: [],
    persist: "memory",
    imported: undefined,
    hidden: true,
    auto: false,
    edgeOf: { signal: name, kind: payload },
  };
}
