import { expect, test } from "vitest";
import type { Clock } from "../../../src/lib/clock.ts";
import { whenGroupGone } from "../../../src/process/group-watch.ts";

/** A clock whose next timer is run by hand, and a group that lives until it is told to end. */
function rig() {
  const timers: { readonly fn: () => void; readonly ms: number }[] = [];
  let alive = true;
  const clock: Clock = {
    now: () => 0,
    setTimeout: (fn, ms) => {
      const timer = { fn, ms };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (id) => void timers.splice(0, timers.length, ...timers.filter((timer) => timer !== id)),
  };
  const handle = { groupAlive: () => alive };
  let gone = 0;
  return {
    cancel: whenGroupGone(handle, { clock }, () => (gone += 1)),
    end: () => (alive = false),
    /** Lets the next timer come; how long it was set to. */
    pass: () => {
      const timer = timers.shift();
      timer?.fn();
      return timer?.ms;
    },
    gone: () => gone,
  };
}

test("a group that is gone is told once, and not within the call", () => {
  const { end, pass, gone } = rig();
  end();
  expect(gone()).toBe(0);
  pass();
  expect(gone()).toBe(1);
  expect(pass()).toBeUndefined();
});

test("what is left is looked at after 10 ms, then less and less often, up to every 200 ms", () => {
  const { end, pass, gone } = rig();
  const waits = Array.from({ length: 11 }, pass);
  expect(waits).toEqual([0, 10, 15, 22.5, 33.75, 50.625, 75.9375, 113.90625, 170.859375, 200, 200]);
  end();
  pass();
  expect(gone()).toBe(1);
});

test("a cancelled watch tells nothing", () => {
  const { end, pass, cancel, gone } = rig();
  pass();
  cancel();
  end();
  expect(pass()).toBeUndefined();
  expect(gone()).toBe(0);
});
