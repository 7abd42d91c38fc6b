import fc from "fast-check";
import { expect, test } from "vitest";
import { describeFailing, VerdictCount } from "../../../src/service/verdict-count.ts";
import { PROPERTY_RUNS } from "../../support/property-runs.ts";

const FAILED = { ok: false, why: "tcp 127.0.0.1:80: connection refused" } as const;

/** The verdict after each result, by its definition: looks back as far as the thresholds say. */
function naive(results: readonly boolean[], success: number, failure: number): (boolean | undefined)[] {
  let verdict: boolean | undefined;
  return results.map((_, at) => {
    const last = (count: number, wanted: boolean): boolean => {
      const row = results.slice(Math.max(at + 1 - count, 0), at + 1);
      return row.length === count && row.every((result) => result === wanted);
    };
    if (last(success, true)) verdict = true;
    else if (last(failure, false)) verdict = false;
    return verdict;
  });
}

test("002-22: 002-23: verdicts are those of so many results in a row, whatever comes", () => {
  const threshold = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), threshold, threshold, (results, successThreshold, failureThreshold) => {
      const count = new VerdictCount({ successThreshold, failureThreshold }, undefined);
      let before: boolean | undefined;
      const verdicts = results.map((ok) => {
        const isNew = count.take(ok ? { ok } : FAILED);
        expect(isNew).toBe(count.verdict !== before);
        before = count.verdict;
        return count.verdict;
      });
      expect(verdicts).toEqual(naive(results, successThreshold, failureThreshold));
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test("N54: success-threshold = 3 asks for three successes in a row; a failure in between begins a new row", () => {
  const count = new VerdictCount({ successThreshold: 3, failureThreshold: 3 }, undefined);
  const after = [true, true, false, true, true, true].map((ok) => {
    count.take(ok ? { ok } : FAILED);
    return count.verdict;
  });
  expect(after).toEqual([undefined, undefined, undefined, undefined, undefined, true]);
});

test("what fails is told with its last reason and how often it failed in a row", () => {
  const count = new VerdictCount({ successThreshold: 1, failureThreshold: 3 }, undefined);
  const told = [FAILED, FAILED, { ok: true } as const, FAILED].map((result) => {
    count.take(result);
    return count.failing === undefined ? "" : describeFailing(count.failing);
  });
  expect(told).toEqual([FAILED.why, `${FAILED.why} (2 failures)`, "", FAILED.why]);
});
