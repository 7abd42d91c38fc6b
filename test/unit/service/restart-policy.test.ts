import { expect, test } from "vitest";
import type { RestartPolicy } from "../../../src/model/unit-set.ts";
import { backoffDelay } from "../../../src/service/restart-policy.ts";
import { RESTART } from "../../support/decls.ts";
import { exited, killed, machineRig, START, STARTED } from "./machine-rig.ts";

/** The waits of a service that ends at once each time; `survive` gives the length of a run. */
function waits(restart: Partial<RestartPolicy>, runs: number, survive: (run: number) => number = () => 0, random = () => 0): number[] {
  const { clock, send, phase } = machineRig({ restart: { ...RESTART, ...restart }, random });
  const found: number[] = [];
  send(START);
  for (let run = 1; run <= runs; run++) {
    send(STARTED);
    clock.advance(survive(run));
    send(exited(1));
    const from = clock.now();
    for (let ms = 0; phase() === "backoff" && ms < 400_000; ms += 10) clock.advance(10);
    if (phase() !== "starting") return found;
    found.push(clock.now() - from);
  }
  return found;
}

test("N6, 004-R10: the defaults give waits of 1, 2, 4 ... 256 s and then no more than the cap", () => {
  expect(waits({ maxRetries: Number.POSITIVE_INFINITY }, 11).map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test("N7, 004-R4, 004-R5, 004-R6: the first wait is the delay, each further one twice that, and none is above the cap", () => {
  expect(waits({ delayMs: 100, maxDelayMs: 400 }, 5)).toEqual([100, 200, 400, 400, 400]);
});

test("N8, 004-R7: after a stable run the wait is the first one again", () => {
  const policy = { delayMs: 100, maxDelayMs: 400, stableAfterMs: 1_000 };
  expect(waits(policy, 6, (run) => (run === 3 ? 1_001 : 0))).toEqual([100, 200, 100, 200, 400, 400]);
});

test("N8, 004-R8: after a stable run the count is at its start again, so the whole budget is there", () => {
  const policy = { delayMs: 100, maxDelayMs: 400, stableAfterMs: 1_000, maxRetries: 2 };
  expect(waits(policy, 10, (run) => (run === 3 ? 1_001 : 0))).toEqual([100, 200, 100, 200]);
  expect(waits(policy, 10)).toEqual([100, 200]);
});

test("N9, 004-R9: three retries are four runs, then it has failed until it is asked for, with a fresh budget", () => {
  const { clock, send, phase, asked, context } = machineRig({ restart: { maxRetries: 3 } });
  const crashAll = () => {
    for (let run = 0; run < 4; run++) {
      send(STARTED, exited(1));
      clock.advance(100_000);
    }
  };
  send(START);
  crashAll();
  expect([asked.length, phase(), context().reason]).toEqual([4, "failed", "exit code 1; gave up after 3 retries"]);
  clock.advance(10_000_000);
  expect(asked).toHaveLength(4);
  send({ ...START, by: "hand" });
  expect(context().retries).toBe(0);
  crashAll();
  expect([asked.length, phase()]).toEqual([8, "failed"]);
});

test("N3, N11, 002-11, 004-R1: always restarts after exit 0 too, and that counts", () => {
  const { clock, send, phase, context } = machineRig({ restart: { on: "always", maxRetries: 3 } });
  send(START);
  for (let run = 0; run < 4; run++) {
    send(STARTED, exited(0));
    clock.advance(100_000);
  }
  expect([phase(), context().retries, context().reason]).toEqual(["failed", 3, "exit code 0; gave up after 3 retries"]);
});

test("N12, 002-10: on-failure does not restart after exit 0", () => {
  const { clock, send, phase, context } = machineRig();
  send(START, STARTED, exited(0));
  clock.advance(1_000_000);
  expect([phase(), context().retries]).toEqual(["exited", 0]);
});

test("004-R2: on-failure restarts after another code and after a signal", () => {
  for (const end of [exited(1), killed("SIGSEGV")]) {
    const { send, phase } = machineRig();
    send(START, STARTED, end);
    expect(phase()).toBe("backoff");
  }
});

test("N2, 002-12, 004-R3: never starts it again only when it is asked for", () => {
  const { clock, send, phase, asked } = machineRig({ restart: { on: "never" } });
  send(START, STARTED, exited(1));
  clock.advance(1_000_000);
  expect([phase(), asked.length]).toEqual(["failed", 1]);
  send({ ...START, by: "hand" }, STARTED);
  expect(phase()).toBe("running");
});

test("N13: of a window only the retries within it count", () => {
  const { clock, send, phase, context } = machineRig({
    restart: { maxRetries: 5, windowMs: 10_000, delayMs: 100, backoff: 1, stableAfterMs: 100_000 },
  });
  const crash = () => {
    send(STARTED, exited(1));
    clock.advance(100);
  };
  send(START);
  for (let i = 0; i < 4; i++) crash();
  expect(context().retries).toBe(4);
  send(STARTED);
  clock.advance(10_001);
  send(exited(1));
  expect([phase(), context().retries, context().reason]).toEqual(["backoff", 1, "exit code 1; retry 1 of 5 in 100ms"]);
  clock.advance(100);
  for (let i = 0; i < 4; i++) crash();
  send(STARTED, exited(1));
  expect([phase(), context().reason]).toEqual(["failed", "exit code 1; gave up after 5 retries within 10s"]);
});

test("with a window a stable run resets the delay only", () => {
  const { clock, send, context } = machineRig({ restart: { maxRetries: 5, windowMs: 100_000, stableAfterMs: 1_000 } });
  send(START, STARTED, exited(1));
  clock.advance(1_000);
  send(STARTED);
  clock.advance(1_000);
  send(exited(1));
  expect([context().retries, context().delayMs]).toEqual([2, 1_000]);
});

test("N14, 002-14: without a limit it is restarted for ever, with a growing wait, and remembers no more for it", () => {
  for (const windowMs of [undefined, 1_000]) {
    const { clock, send, phase, context } = machineRig({ restart: { maxRetries: Number.POSITIVE_INFINITY, windowMs } });
    send(START);
    for (let run = 0; run < 200; run++) {
      send(STARTED, exited(1));
      expect(phase()).toBe("backoff");
      clock.advance(60_000);
    }
    expect([context().retries, context().retryTimes, context().delayMs]).toEqual([200, [], 60_000]);
  }
});

test("jitter lengthens each wait by a random part of itself up to that much", () => {
  expect(
    waits(
      { jitter: 0.5 },
      3,
      () => 0,
      () => 1,
    ),
  ).toEqual([1_500, 3_000, 6_000]);
  expect(
    waits(
      { jitter: 0.5 },
      3,
      () => 0,
      () => 0,
    ),
  ).toEqual([1_000, 2_000, 4_000]);
  expect(backoffDelay({ ...RESTART, jitter: 0.1 }, 1, 0.5)).toBe(1_050);
});

test("N4: a stop in the gap ends at once, with no further start", () => {
  const { clock, send, phase, asked } = machineRig({ restart: { delayMs: 2_000 } });
  send(START, STARTED, exited(1));
  clock.advance(1_000);
  send({ type: "service.stop", force: false, hold: false, reason: "by hand" });
  expect(phase()).toBe("exited");
  clock.advance(1_000_000);
  expect(asked).toEqual(["launch"]);
});

test("N16: a start by hand after a clean exit runs with no retry counted and no stale end", () => {
  const { send, phases, context } = machineRig();
  send(START, STARTED, exited(0), { ...START, by: "hand" }, STARTED);
  expect(phases.slice(-3)).toEqual(["exited", "starting", "running"]);
  expect([context().retries, context().exit, context().outcome]).toEqual([0, undefined, "none"]);
});

test("the time of one run does not go on in the next", () => {
  const quick = { delayMs: 10, backoff: 1, maxRetries: 5 };
  const oneshot = machineRig({ type: "oneshot", startTimeoutMs: 2_000, restart: quick });
  oneshot.send(START, STARTED);
  oneshot.clock.advance(1_900);
  oneshot.send(exited(1));
  oneshot.clock.advance(10);
  oneshot.send(STARTED);
  oneshot.clock.advance(1_999);
  expect(oneshot.phase()).toBe("running");
  const stable = machineRig({ restart: { ...quick, stableAfterMs: 1_000 } });
  stable.send(START, STARTED, exited(1));
  stable.clock.advance(10);
  stable.send(STARTED);
  stable.clock.advance(900);
  stable.send(exited(1));
  stable.clock.advance(10);
  stable.send(STARTED);
  stable.clock.advance(999);
  expect(stable.context().retries).toBe(2);
});
