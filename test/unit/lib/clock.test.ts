import { expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock.ts";

function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("a timer that is set late in a long turn is not early", async () => {
  await new Promise((resolve) => setImmediate(resolve));
  busyFor(60);
  const set = performance.now();
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 50));
  expect(performance.now() - set).toBeGreaterThanOrEqual(50);
});

test("a timer that is taken back never comes, also when it was armed anew", async () => {
  let came = false;
  await new Promise((resolve) => setImmediate(resolve));
  busyFor(60);
  const timer = systemClock.setTimeout(() => (came = true), 40);
  await new Promise((resolve) => setTimeout(resolve, 20));
  systemClock.clearTimeout(timer);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(came).toBe(false);
});

test("nothing was set, nothing is taken back", () => {
  expect(() => systemClock.clearTimeout(undefined)).not.toThrow();
});

test("a timer of more than 24 days does not come at once", async () => {
  let came = false;
  const timer = systemClock.setTimeout(() => (came = true), 2 ** 32);
  await new Promise((resolve) => setTimeout(resolve, 20));
  systemClock.clearTimeout(timer);
  expect(came).toBe(false);
});
