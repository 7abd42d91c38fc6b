import fc from "fast-check";
import { expect, test } from "vitest";
import { CYCLIC_NAMES, changesOf, cyclicUnits, OPEN_NAMES, openUnits } from "../support/arbitrary-units.ts";
import { newFlow } from "../support/flow-rig.ts";
import { byHand, plain, shownIn, tryStep } from "../support/flow-store.ts";
import { evaluate, type Reached } from "../support/naive-evaluator.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";

const PROGRAMS = [
  { title: "open programs", units: openUnits, names: OPEN_NAMES },
  { title: "programs with cycles", units: cyclicUnits, names: CYCLIC_NAMES },
];

for (const { title, units, names } of PROGRAMS) {
  test(`after every change the store equals an evaluation from scratch: ${title}`, { timeout: PROPERTY_TIMEOUT_MS }, () => {
    const reached = { joins: 0, blockedRows: 0, masks: 0, derived: 0, liveCycles: 0, programs: 0 };
    const property = fc.property(units, changesOf(names), (set, changes) => {
      const found: Reached & { derived: number; liveCycles: number } = { joins: 0, blockedRows: 0, masks: 0, derived: 0, liveCycles: 0 };
      const flow = newFlow(set);
      flow.boot([]);
      const compare = (): void => expect(shownIn(flow, set)).toEqual(plain(evaluate(set, byHand(flow), found)));
      compare();
      for (const change of changes) {
        tryStep(flow, change);
        compare();
        for (const plan of flow.program.states.values()) {
          if (plan.rules.length > 0 && flow.branches(plan.name).size > 0) found.derived++;
          if (plan.recursive && flow.branches(plan.name).size > 0) found.liveCycles++;
        }
      }
      reached.programs++;
      for (const key of ["joins", "blockedRows", "masks", "derived", "liveCycles"] as const) if (found[key] > 0) reached[key]++;
    });
    fc.assert(property, { numRuns: PROPERTY_RUNS });
    expectShare(
      reached,
      title === "open programs"
        ? { derived: 0.5, joins: 0.08, blockedRows: 0.1, masks: 0.1 }
        : { derived: 0.5, liveCycles: 0.3, joins: 0.08, blockedRows: 0.05, masks: 0.05 },
    );
  });

  test(`several changes in one step give the store that they give one by one: ${title}`, { timeout: PROPERTY_TIMEOUT_MS }, () => {
    const property = fc.property(units, changesOf(names), (set, changes) => {
      const single = newFlow(set);
      single.boot([]);
      const accepted = changes
        .filter((change) => change.op !== "set" || change.payload !== undefined)
        .filter((change) => tryStep(single, change) !== undefined);
      const whole = newFlow(set);
      whole.boot([]);
      whole.step(accepted, new Set());
      expect(shownIn(whole, set)).toEqual(plain(evaluate(set, byHand(whole))));
    });
    fc.assert(property, { numRuns: PROPERTY_RUNS });
  });

  test(`a step with one refused change leaves no trace: ${title}`, { timeout: PROPERTY_TIMEOUT_MS }, () => {
    const property = fc.property(units, changesOf(names), (set, changes) => {
      const flow = newFlow(set);
      flow.boot([]);
      const middle = Math.floor(changes.length / 2);
      for (const change of changes.slice(0, middle)) tryStep(flow, change);
      const before = { shown: shownIn(flow, set), hand: [...flow.manual()] };
      const refused = { op: "set", state: "b0", payload: 1, replace: false } as const;
      expect(tryStep(flow, ...changes.slice(middle), refused)).toBeUndefined();
      expect({ shown: shownIn(flow, set), hand: [...flow.manual()] }).toEqual(before);
      expect(flow.step([], new Set())).toEqual({ effects: [], writes: [], due: [] });
    });
    fc.assert(property, { numRuns: PROPERTY_RUNS / 2 });
  });
}

function expectShare(reached: Record<string, number> & { programs: number }, shares: Record<string, number>): void {
  for (const [what, share] of Object.entries(shares)) {
    expect(reached[what], `programs that reach ${what}, of ${reached.programs}`).toBeGreaterThan(reached.programs * share);
  }
}
