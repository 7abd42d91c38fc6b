import fc from "fast-check";
import { expect, test } from "vitest";
import type { Flow } from "../../src/flow/flow.ts";
import type { UnitSet } from "../../src/model/unit-set.ts";
import { CYCLIC_NAMES, changesOf, cyclicUnits, OPEN_NAMES, openUnits } from "../support/arbitrary-units.ts";
import { G, not, S, signal } from "../support/decls.ts";
import { newFlow } from "../support/flow-rig.ts";
import { tryStep } from "../support/flow-store.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";

const SIGNALS = [
  signal("x"),
  signal("edge", { after: [S("d0"), not(S("b1"))] }),
  signal("after-x", { after: [G("x"), S("b0")] }),
  signal("also-after-x", { after: [G("x"), not(S("d1"))] }),
  signal("last", { after: [G("also-after-x")] }),
];

const PROGRAMS = [
  { title: "open programs", units: openUnits, names: OPEN_NAMES },
  { title: "programs with cycles", units: cyclicUnits, names: CYCLIC_NAMES },
];

for (const { title, units, names } of PROGRAMS) {
  test(`the order of declaration leaves no trace in store, facts, causes and order of branches: ${title}`, {
    timeout: PROPERTY_TIMEOUT_MS,
  }, () => {
    const shuffled = units.chain((set) =>
      fc.tuple(
        fc.constant({ ...set, signals: SIGNALS }),
        fc.shuffledSubarray([...set.states], { minLength: set.states.length }),
        fc.shuffledSubarray(SIGNALS, { minLength: SIGNALS.length }),
      ),
    );
    const property = fc.property(shuffled, changesOf(names), ([set, states, signals], changes) => {
      const one = newFlow(set);
      const other = newFlow({ ...set, states, signals });
      expect(other.boot([])).toEqual(one.boot([]));
      for (const change of [...changes, { op: "emit", signal: "x", payload: 1 } as const]) {
        expect(tryStep(other, change)).toEqual(tryStep(one, change));
        expect(ordered(other, set)).toEqual(ordered(one, set));
      }
    });
    fc.assert(property, { numRuns: PROPERTY_RUNS });
  });
}

function ordered(flow: Flow, { states }: UnitSet): unknown {
  return states.map(({ name }) => [name, [...flow.branches(name)]]);
}
