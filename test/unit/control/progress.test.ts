import { expect, test } from "vitest";
import { Progress } from "../../../src/control/progress.ts";
import type { Phase } from "../../../src/model/phase.ts";

function progress(...rows: readonly (readonly [name: string, phase: Phase, ready?: boolean | null])[]): Progress {
  const made = new Progress();
  for (const [name, phase, ready = null] of rows) made.note(name, { phase, ready });
  return made;
}

test("all is ready when what runs is ready and the rest has ended well or is not to run", () => {
  expect(progress(["a", "running", true], ["b", "exited"], ["c", "inactive"]).isReady).toBe(true);
  for (const phase of ["starting", "stopping", "backoff", "blocked"] as const) {
    expect([phase, progress(["a", "running", true], ["b", phase]).isSettled]).toEqual([phase, false]);
  }
  expect(progress(["a", "running", false]).isSettled).toBe(false);
});

test("with one that has failed the rest may be settled, and is not ready", () => {
  const made = progress(["a", "running", true], ["b", "failed"]);
  expect([made.isSettled, made.isReady, made.hasFailed, made.failed()]).toEqual([true, false, true, ["b"]]);
});

test("it is still when nothing lives and nothing comes by itself, whatever waits", () => {
  expect(progress(["a", "blocked"], ["b", "failed"]).isStill).toBe(true);
  expect(progress(["a", "blocked"], ["b", "backoff"]).isStill).toBe(false);
});

test("what is told later replaces what was told before, and what is gone counts no more", () => {
  const made = progress(["a", "starting"], ["b", "failed"]);
  made.note("a", { phase: "running", ready: true });
  made.note("b", undefined);
  expect([made.isReady, made.hasFailed, made.isStill]).toEqual([true, false, false]);
});
