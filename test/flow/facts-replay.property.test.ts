import fc from "fast-check";
import { expect, test } from "vitest";
import type { Effect } from "../../src/flow/flow.ts";
import type { Json } from "../../src/model/json.ts";
import { CYCLIC_NAMES, changesOf, cyclicUnits, OPEN_NAMES, openUnits } from "../support/arbitrary-units.ts";
import { newFlow } from "../support/flow-rig.ts";
import { acceptable, plain, shownIn, tryStep } from "../support/flow-store.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../support/property-runs.ts";

const PROGRAMS = [
  { title: "open programs", units: openUnits, names: OPEN_NAMES },
  { title: "programs with cycles", units: cyclicUnits, names: CYCLIC_NAMES },
];

for (const { title, units, names } of PROGRAMS) {
  test(`facts replayed over the old store give the new one, one per branch and step: ${title}`, { timeout: PROPERTY_TIMEOUT_MS }, () => {
    const property = fc.property(units, fc.array(changesOf(names), { minLength: 1, maxLength: 4 }), (set, batches) => {
      const flow = newFlow(set);
      const mirror = new Map(set.states.map(({ name }) => [name, new Map<string, Json>()]));
      replay(flow.boot([]).effects, mirror, 0);
      for (const batch of batches) {
        const together = acceptable(flow, batch);
        replay(flow.step(together, new Set()).effects, mirror, together.length);
        for (const change of batch) replay(tryStep(flow, change)?.effects ?? [], mirror, 1);
      }
      expect(plain(mirror)).toEqual(shownIn(flow, set));
      for (const [name, branches] of mirror) expect([...branches.keys()]).toEqual([...flow.branches(name).keys()]);
    });
    fc.assert(property, { numRuns: PROPERTY_RUNS });
  });
}

function replay(effects: readonly Effect[], mirror: Map<string, Map<string, Json>>, changes: number): void {
  const told = new Set<string>();
  for (const [index, { fact, because }] of effects.entries()) {
    expect(because.every((cause) => cause < index && cause >= -changes)).toBe(true);
    expect(because.length > 0 || changes === 0).toBe(true);
    if (fact.kind !== "state") continue;
    const branch = JSON.stringify([fact.name, fact.key]);
    expect(told.has(branch)).toBe(false);
    told.add(branch);
    const branches = mirror.get(fact.name);
    expect(branches?.get(fact.key)).toEqual(fact.before);
    expect(fact.after).not.toEqual(fact.before);
    if (fact.after === undefined) branches?.delete(fact.key);
    else branches?.set(fact.key, fact.after);
  }
}
