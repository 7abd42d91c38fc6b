import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProbeTiming } from "../../../src/model/unit-set.ts";
import { ProbeSchedule } from "../../../src/service/probe-schedule.ts";
import { PROPERTY_RUNS } from "../../support/property-runs.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const TIMING: ProbeTiming = { initialDelayMs: 0, periodMs: 1_000, timeoutMs: 500, successThreshold: 1, failureThreshold: 3 };

interface Given {
  /** What look number i sees, and how long it takes. */
  readonly looks?: (i: number) => { readonly ok: boolean; readonly ms: number };
  readonly timing?: Partial<ProbeTiming>;
  readonly startPeriodMs?: number;
  readonly delayMs?: number;
}

/** A schedule on simulated time: when its looks begin, how many are under way at most, and its verdicts. */
function rig({ looks = () => ({ ok: true, ms: 10 }), timing = {}, startPeriodMs, delayMs = 0 }: Given) {
  const clock = new VirtualClock();
  const start = clock.now();
  const begun: number[] = [];
  const verdicts: string[] = [];
  let open = 0;
  let most = 0;
  let givenUp = 0;
  const whole = { ...TIMING, ...timing };
  const schedule = new ProbeSchedule(
    {
      clock,
      timing: whole,
      startPeriodMs: startPeriodMs ?? whole.periodMs,
      attempt: (done) => {
        const { ok, ms } = looks(begun.length);
        begun.push(clock.now() - start);
        open += 1;
        most = Math.max(most, open);
        const timer = clock.setTimeout(() => {
          open -= 1;
          done(ok ? { ok } : { ok, why: "no" });
        }, ms);
        return () => {
          open -= 1;
          givenUp += 1;
          clock.clearTimeout(timer);
        };
      },
      onVerdict: (count) => verdicts.push(`${count.verdict} at ${clock.now() - start}`),
    },
    delayMs,
    undefined,
  );
  return { clock, schedule, begun, verdicts, most: () => most, open: () => open, givenUp: () => givenUp };
}

test("004-H5: looks begin one period after another, however long each takes", () => {
  const { clock, begun } = rig({ looks: (i) => ({ ok: true, ms: i * 100 }) });
  clock.advance(4_500);
  expect(begun).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
});

test("N59: 002-19: 004-H7: nobody looks before the initial delay is over", () => {
  const { clock, begun } = rig({ delayMs: 2_000 });
  clock.advance(1_999);
  expect(begun).toEqual([]);
  clock.advance(1);
  expect(begun).toEqual([2_000]);
});

test("002-20: the shorter period lasts until it is true for the first time, and does not come back", () => {
  const { clock, begun, verdicts } = rig({ looks: (i) => ({ ok: i === 2, ms: 0 }), startPeriodMs: 100 });
  clock.advance(5_500);
  expect(begun).toEqual([0, 100, 200, 1_200, 2_200, 3_200, 4_200, 5_200]);
  expect(verdicts).toEqual(["true at 200", "false at 3200"]);
});

test("a look that takes longer than the period is followed by the next at once, and there are never two", () => {
  const { clock, begun, most } = rig({ looks: () => ({ ok: false, ms: 2_500 }) });
  clock.advance(6_000);
  expect({ begun, most: most() }).toEqual({ begun: [0, 2_500, 5_000], most: 1 });
});

test("there are never two looks at once, and each begins a period after the one before, or at its end", () => {
  const look = fc.record({ ok: fc.boolean(), ms: fc.integer({ min: 0, max: 3_000 }) });
  fc.assert(
    fc.property(fc.array(look, { minLength: 10, maxLength: 10 }), fc.integer({ min: 1, max: 2_000 }), (given, periodMs) => {
      const { clock, begun, most } = rig({ looks: (i) => given[i] ?? { ok: true, ms: 0 }, timing: { periodMs } });
      clock.advance(31_000);
      expect(most()).toBe(1);
      for (const [i, { ms }] of given.entries()) {
        const next = begun[i + 1];
        if (next !== undefined) expect(next - (begun[i] ?? 0)).toBe(Math.max(periodMs, ms));
      }
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test("an end gives up the look that is under way, and nothing is told after it", () => {
  const { clock, schedule, begun, verdicts, open, givenUp } = rig({ looks: () => ({ ok: true, ms: 200 }) });
  clock.advance(100);
  schedule.end();
  clock.advance(10_000);
  expect({ begun, verdicts, open: open(), givenUp: givenUp(), timers: clock.pending }).toEqual({
    begun: [0],
    verdicts: [],
    open: 0,
    givenUp: 1,
    timers: 0,
  });
});
