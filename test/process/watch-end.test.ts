import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { isRunning, knownProcess, watchEnd } from "../../src/process/watch-end.ts";

function sleeper() {
  const child = spawn("sleep", ["300"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const known = knownProcess(child.pid ?? 0);
  if (known === undefined) throw new Error("it did not start");
  return { child, known };
}

test("the end of a process is told once, and of each by its own", async () => {
  const [first, second] = [sleeper(), sleeper()];
  const told: string[] = [];
  const end = new Promise<void>((resolve) => {
    watchEnd(first.known, () => {
      told.push("first");
      resolve();
    });
  });
  const endSecond = watchEnd(second.known, () => told.push("second"));
  first.child.kill("SIGKILL");
  await end;
  expect([told, isRunning(first.known), isRunning(second.known)]).toEqual([["first"], false, true]);
  endSecond?.();
});

test("a watch that was ended tells nothing", async () => {
  const [quiet, loud] = [sleeper(), sleeper()];
  let told = 0;
  watchEnd(quiet.known, () => told++)?.();
  const end = new Promise<void>((resolve) => watchEnd(loud.known, resolve));
  quiet.child.kill("SIGKILL");
  await once(quiet.child, "exit");
  loud.child.kill("SIGKILL");
  await end;
  expect(told).toBe(0);
});

test("a process that has ended, and another one with its pid, are not watched", async () => {
  const { child, known } = sleeper();
  expect(watchEnd({ ...known, start: known.start - 1 }, () => {})).toBeUndefined();
  child.kill("SIGKILL");
  await once(child, "exit");
  expect([watchEnd(known, () => {}), knownProcess(known.pid)]).toEqual([undefined, undefined]);
});
