import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readOwnChildren, readProcStat } from "../../src/lib/proc.ts";
import { linesOf } from "../support/lines-of.ts";
import { reapsOrphans } from "../support/reaps-orphans.ts";
import { gone, LAUNCHERS, launch, launching, PROGRAMS } from "../support/launch.ts";
import { tempFolder } from "../support/temp-folder.ts";

beforeAll(reapsOrphans);

function exitOf(program: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => spawn(program, args, { stdio: "ignore" }).once("exit", resolve));
}

function zombies(): number[] {
  return (readOwnChildren() ?? []).filter((pid) => readProcStat(pid)?.state === "Z");
}

/** The pids that a script writes, one a line. */
function pidsIn(file: string): number[] {
  return readFileSync(file, "utf8").trim().split("\n").map(Number);
}

test("N76: an orphan that ends is reaped at once", async () => {
  const { exited, out, ended } = launch({ args: ["-c", "(setsid sh -c 'echo $$; exec sleep 0.05' &)"] });
  await exited;
  await ended;
  const orphan = Number(out()[0]);
  await expect.poll(() => readProcStat(orphan), { timeout: 1_000, interval: 10 }).toBeUndefined();
});

test("300 own children with exit codes beside 300 orphans: no exit is lost, no zombie is left", { timeout: 60_000 }, async () => {
  const file = join(tempFolder(), "pids");
  writeFileSync(file, "");
  const own: Promise<number | null>[] = [];
  for (let i = 0; i < 300; i++) {
    own.push(exitOf("/bin/sh", ["-c", `(sh -c 'echo $$ >> "$0"; exec true' "${file}" &); exit ${i % 200}`]));
    if (i % 20 === 19) await own[i - 10];
  }
  expect(await Promise.all(own)).toEqual(Array.from({ length: 300 }, (_, i) => i % 200));
  await expect.poll(() => pidsIn(file).length, { timeout: 10_000 }).toBe(300);
  await expect.poll(() => pidsIn(file).filter((pid) => readProcStat(pid) !== undefined), { timeout: 10_000 }).toEqual([]);
  await expect.poll(zombies, { timeout: 10_000 }).toEqual([]);
});

describe.each(Object.entries(LAUNCHERS))("what belongs to a process of the %s launcher", (_, launcher) => {
  const { launch } = launching(launcher);
  const WAYS = {
    "N66: a child in its group": "sleep 300 & echo $! > pids",
    "N67: a child in a group of its own": "set -m; sleep 300 & echo $! > pids",
    "a child in a session of its own": "setsid sh -c 'echo $$ > pids; exec sleep 300' &",
    "an orphan in its session": "(sh -c 'echo $$ > pids; exec sleep 300' &)",
    "an orphan in its session that cleared its environment": "(env -i sh -c 'echo $$ > pids; exec sleep 300' &)",
    "an orphan in a group of its own": "(set -m; sh -c 'echo $$ > pids; exec sleep 300' &)",
    "an orphan in a session of its own": "(setsid sh -c 'echo $$ > pids; exec sleep 300' &)",
    "what descends from an orphan that cleared its environment":
      "(setsid sh -c 'env -i setsid sh -c \"echo \\$\\$ > pids; exec sleep 300\"; true' &)",
    "a child that cleared its environment in a session of its own": "env -i setsid sh -c 'echo $$ > pids; exec sleep 300' &",
    "what ignores SIGTERM in a session of its own": "setsid sh -c 'trap \"\" TERM; echo $$ > pids; while :; do sleep 300; done' &",
  };

  for (const [title, script] of Object.entries(WAYS)) {
    test(`${title} is ended with it`, async () => {
      const cwd = tempFolder();
      const { handle, line, exited } = launch({
        cwd,
        args: ["-c", `${script}\nwhile [ ! -s pids ]; do sleep 0.01; done; echo up; wait; exec sleep 300`],
      });
      await line("up");
      const [child] = pidsIn(join(cwd, "pids"));
      expect(handle.living().map(({ pid }) => pid)).toContain(child);
      handle.signal("SIGTERM");
      await exited;
      if (handle.alive()) handle.signal("SIGKILL");
      if (handle.alive()) await gone(handle);
      expect(readProcStat(child ?? 0)).toBeUndefined();
    });

    test(`${title} is ended after it`, async () => {
      const cwd = tempFolder();
      const { handle, line, exited } = launch({
        cwd,
        args: ["-c", `${script}\nwhile [ ! -s pids ]; do sleep 0.01; done; echo up; exec sleep 300`],
      });
      await line("up");
      const [child] = pidsIn(join(cwd, "pids"));
      // What was seen to come from it is known by that.
      expect(handle.living().map(({ pid }) => pid)).toContain(child);
      handle.signalMain("SIGKILL");
      await exited;
      expect(handle.alive()).toBe(true);
      const left = gone(handle);
      handle.signal("SIGKILL");
      await left;
      expect(readProcStat(child ?? 0)).toBeUndefined();
    });
  }

  test("N69: the main process, its group and what left it get a signal exactly once", async () => {
    const cwd = tempFolder();
    const hears = join(PROGRAMS, "hears-term.sh");
    const { handle, exited } = launch({ cwd, args: ["-c", `setsid ${hears} session & ${hears} group & exec ${hears} main`] });
    await expect.poll(() => linesOf(cwd, "ready"), { timeout: 10_000 }).toEqual(["group", "main", "session"]);
    handle.signal("SIGTERM");
    await expect.poll(() => linesOf(cwd, "heard"), { timeout: 10_000 }).toEqual(["group", "main", "session"]);
    writeFileSync(join(cwd, "end"), "");
    await exited;
    if (handle.alive()) await gone(handle);
    expect(linesOf(cwd, "heard")).toEqual(["group", "main", "session"]);
  });

  test("what started more while it was killed is killed whole", async () => {
    const forks = "f() { setsid sh -c 'while :; do (setsid sleep 300 &); sleep 0.01; done' & }; f; f; f; echo up; wait";
    const { handle, line, exited } = launch({ args: ["-c", forks] });
    await line("up");
    await expect.poll(() => handle.living().length, { timeout: 10_000 }).toBeGreaterThan(30);
    handle.signal("SIGKILL");
    await exited;
    if (handle.alive()) await gone(handle);
    expect(handle.living()).toEqual([]);
  });

  test("the processes of one are not those of another", async () => {
    const one = launch({ args: ["-c", "(setsid sleep 300 &); echo up; exec sleep 300"] });
    const other = launch({ args: ["-c", "(setsid sleep 300 &); echo up; exec sleep 300"] });
    await Promise.all([one.line("up"), other.line("up")]);
    one.handle.signal("SIGKILL");
    await one.exited;
    if (one.handle.alive()) await gone(one.handle);
    const names = (): string[] => other.handle.living().map(({ name }) => name);
    await expect.poll(names, { timeout: 10_000 }).toEqual(["sleep", "sleep"]);
  });
});
