import { expect, test } from "vitest";
import { Watchdog } from "../../../src/service/watchdog.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function rig(intervalMs = 1_000) {
  const clock = new VirtualClock();
  const missed: string[] = [];
  const watchdog = new Watchdog(clock, intervalMs, (reason) => missed.push(reason));
  return { clock, watchdog, missed };
}

test("N49: who gives a sign more often than the interval misses none", () => {
  const { clock, watchdog, missed } = rig(2_000);
  watchdog.arm();
  for (let i = 0; i < 100; i++) {
    clock.advance(1_999);
    watchdog.sign();
  }
  expect(missed).toEqual([]);
});

test("a sign that is missed is told once, exactly when the interval after the last one is over", () => {
  const { clock, watchdog, missed } = rig();
  watchdog.arm();
  clock.advance(700);
  watchdog.sign();
  clock.advance(999);
  expect(missed).toEqual([]);
  clock.advance(1);
  expect(missed).toEqual(["no sign of life for 1s"]);
  watchdog.sign();
  clock.advance(10_000);
  expect({ missed: missed.length, timers: clock.pending }).toEqual({ missed: 1, timers: 0 });
});

test("002-41: nothing is missed before it is armed", () => {
  const { clock, watchdog, missed } = rig();
  clock.advance(10_000);
  expect(missed).toEqual([]);
  watchdog.arm();
  clock.advance(1_000);
  expect(missed).toHaveLength(1);
});

test("the process may ask for its own end, also before it was armed", () => {
  const { watchdog, missed } = rig();
  watchdog.trigger();
  expect(missed).toEqual(["it asked for it itself (WATCHDOG=trigger)"]);
});

test("another interval counts from the moment at which it is said", () => {
  const { clock, watchdog, missed } = rig();
  watchdog.arm();
  clock.advance(900);
  watchdog.setInterval(5_000);
  clock.advance(4_999);
  expect(missed).toEqual([]);
  clock.advance(1);
  expect(missed).toEqual(["no sign of life for 5s"]);
});

test("an end is for good", () => {
  const { clock, watchdog, missed } = rig();
  watchdog.arm();
  watchdog.end();
  watchdog.arm();
  watchdog.setInterval(10);
  watchdog.trigger();
  clock.advance(10_000);
  expect({ missed, timers: clock.pending }).toEqual({ missed: [], timers: 0 });
});
