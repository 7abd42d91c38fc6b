import fc from "fast-check";
import { expect, test } from "vitest";
import type { Write } from "../../src/model/change.ts";
import { CYCLIC_NAMES, changesOf, cyclicUnits, OPEN_NAMES, openUnits } from "../support/arbitrary-units.ts";
import { newFlow } from "../support/flow-rig.ts";
import { shownIn, tryStep } from "../support/flow-store.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";

const PROGRAMS = [
  { title: "open programs", units: openUnits, names: OPEN_NAMES },
  { title: "programs with cycles", units: cyclicUnits, names: CYCLIC_NAMES },
];

for (const { title, units, names } of PROGRAMS) {
  test(`the writes up to any moment, in any order, reopen to the store of that moment: ${title}`, { timeout: PROPERTY_TIMEOUT_MS }, () => {
    const property = fc.property(units, changesOf(names), fc.nat(25), fc.boolean(), (set, changes, cut, isReversed) => {
      const flow = newFlow(set);
      flow.boot([]);
      const disk = new Map<string, Write>();
      for (const change of changes.slice(0, cut)) {
        for (const write of tryStep(flow, change)?.writes ?? []) {
          const entry = JSON.stringify([write.state, write.key]);
          if (write.payload === undefined) disk.delete(entry);
          else disk.set(entry, write);
        }
      }
      const reopened = newFlow(set);
      const stored = isReversed ? [...disk.values()].reverse() : [...disk.values()];
      expect(reopened.boot(stored).setAside).toEqual([]);
      expect(shownIn(reopened, set)).toEqual(shownIn(flow, set));
      const fromManual = newFlow(set);
      fromManual.boot(flow.manual());
      expect(shownIn(fromManual, set)).toEqual(shownIn(flow, set));
    });
    fc.assert(property, { numRuns: PROPERTY_RUNS });
  });
}
