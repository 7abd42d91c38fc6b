import { expect, test } from "vitest";
import { clockOf, systemClock } from "../../../src/lib/clock.ts";

test("a timer of more than 24 days does not come at once", async () => {
  let came = false;
  const timer = systemClock.setTimeout(() => (came = true), 2 ** 32);
  await new Promise((resolve) => setTimeout(resolve, 20));
  systemClock.clearTimeout(timer);
  expect(came).toBe(false);
});

test("when the wall clock is set, durations stay as they are, and moments of before have the date that they had by the new time", () => {
  let steady = 5_000.7;
  let wall = 1_000;
  const clock = clockOf(
    () => steady,
    () => wall,
  );
  const start = clock.now();
  expect(clock.date(start)).toBe(1_000);
  steady += 3_000;
  wall += 3_000 + 1_700_000_000_000;
  expect(clock.now() - start).toBe(3_000);
  expect(clock.date(start)).toBe(1_700_000_001_000);
});

test("a moment has the same date whenever it is asked for, however the two clocks are read", () => {
  let wall = 1_000;
  const clock = clockOf(
    () => 5_000,
    () => wall,
  );
  const date = clock.date(5_000);
  wall += 3;
  expect(clock.date(5_000)).toBe(date);
});

test("what is due at once comes before the next millisecond, can be taken back, and lets others through first", async () => {
  const came: string[] = [];
  systemClock.setTimeout(() => came.push("due"), 0);
  systemClock.clearTimeout(systemClock.setTimeout(() => came.push("taken back"), 0));
  queueMicrotask(() => came.push("others"));
  expect(came).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(came).toEqual(["others", "due"]);
});
