import { expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock.ts";

test("a timer of more than 24 days does not come at once", async () => {
  let came = false;
  const timer = systemClock.setTimeout(() => (came = true), 2 ** 32);
  await new Promise((resolve) => setTimeout(resolve, 20));
  systemClock.clearTimeout(timer);
  expect(came).toBe(false);
});
