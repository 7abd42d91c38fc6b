import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cgroupsBelow, ownCgroup } from "../../src/process/cgroup-folder.ts";
import { strays } from "../../src/process/strays.ts";
import { cgroupOf, daemonFolder, makesCgroups } from "../support/cgroups.ts";
import { gone, LAUNCHERS, launch, launching, PROGRAMS, refusal } from "../support/launch.ts";
import { linesOf } from "../support/lines-of.ts";
import { lives } from "../support/lives.ts";
import { reapsOrphans } from "../support/reaps-orphans.ts";
import { tempFolder } from "../support/temp-folder.ts";

const lack = makesCgroups();
const own = ownCgroup();

/** Leaves its parents, its session and its environment behind, in that order, so that nothing but its cgroup tells whose it is. */
const HIDES = `(sh -c 'sh -c "env -i setsid sh -c \\"sleep 0.05; echo \\\\$\\\\$ > pid; exec sleep 300\\" &"; exit' &)`;
const WAITS = "while [ ! -s pid ]; do sleep 0.01; done";

const HEARS = join(PROGRAMS, "hears-term.sh");

/** The folder of a run, once the process is in it. */
async function folderOf(pid: number): Promise<string> {
  await expect.poll(() => cgroupOf(pid), { timeout: 10_000, interval: 5 }).toMatch(/\/rind-[^/]+\/[^/]+$/);
  return `${own?.folder ?? ""}${cgroupOf(pid).slice(own?.name.length)}`;
}

/** Starts a script that begins when its process is in its cgroup. */
async function inCgroup(script: string, by = launch) {
  const cwd = tempFolder();
  const run = by({ cwd, args: ["-c", `while [ ! -e go ]; do sleep 0.01; done; ${script}`] });
  const folder = await folderOf((await run.started).pid);
  writeFileSync(join(cwd, "go"), "");
  return { ...run, folder, pid: () => Number(readFileSync(join(cwd, "pid"), "utf8")) };
}

beforeAll(reapsOrphans);

describe.skipIf(lack !== undefined)(`a process that begins in its cgroup${lack === undefined ? "" : `: skipped, ${lack}`}`, () => {
  test("is there before its program runs", async () => {
    const { ended, out } = launch({ program: "cat", args: ["/proc/self/cgroup"] });
    await ended;
    expect(out().join("\n")).toMatch(/^0::.*\/rind-[^/]+\/[^/]+$/m);
  });

  test("takes with it what gives up parents, session and environment at once", async () => {
    const cwd = tempFolder();
    const { exited, handle } = launch({ cwd, args: ["-c", `${HIDES}; ${WAITS}`] });
    await exited;
    const pid = Number(readFileSync(join(cwd, "pid"), "utf8"));
    // it notes its number before it becomes what it is
    await expect.poll(() => handle.living(), { timeout: 10_000 }).toEqual([{ pid, name: "sleep" }]);
    const left = gone(handle);
    handle.signal("SIGKILL");
    await left;
    expect(lives(pid)).toBe(false);
  });

  for (const [title, main, others] of [
    ["goes on", `exec ${HEARS} main`, ["group", "main", "session"]],
    ["ends at once", "exec sleep 300", ["group", "session"]],
  ] as const)
    test(`and ${title} when it is to end: its group and what left it hear of it too, once each`, async () => {
      const cwd = tempFolder();
      const { handle, exited } = launch({ cwd, args: ["-c", `setsid ${HEARS} session & ${HEARS} group & ${main}`] });
      await expect.poll(() => linesOf(cwd, "ready"), { timeout: 10_000 }).toEqual(others);
      handle.signal("SIGTERM");
      await expect.poll(() => linesOf(cwd, "heard"), { timeout: 10_000 }).toEqual(others);
      writeFileSync(join(cwd, "end"), "");
      await exited;
      if (handle.alive()) await gone(handle);
      expect(linesOf(cwd, "heard")).toEqual(others);
    });

  test("and cannot be run leaves no folder", async () => {
    const before = cgroupsBelow(daemonFolder());
    expect(await refusal({ oomScoreAdj: 5_000 })).toMatch(/^bad-plan/);
    expect(cgroupsBelow(daemonFolder())).toEqual(before);
  });
});

describe.skipIf(lack !== undefined).each(Object.entries(LAUNCHERS))(
  "what belongs to a process of the %s launcher by its cgroup",
  (_, launcher) => {
    const { launch } = launching(launcher);

    test("what gave up parents, session and environment is ended after the process", async () => {
      const { handle, exited, folder, pid } = await inCgroup(`${HIDES}; ${WAITS}`, launch);
      await exited;
      expect(handle.alive()).toBe(true);
      // it notes its number before it becomes what it is
      await expect.poll(() => handle.living(), { timeout: 10_000 }).toEqual([{ pid: pid(), name: "sleep" }]);
      expect(strays()).toEqual([]);
      const left = gone(handle);
      handle.signal("SIGKILL");
      await left;
      expect({ lives: lives(pid()), alive: handle.alive() }).toEqual({ lives: false, alive: false });
      await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
    });

    test("what gave up parents, session and environment is ended with the process", async () => {
      const { handle, line, exited, folder, pid } = await inCgroup(`${HIDES}; ${WAITS}; echo up; exec sleep 300`, launch);
      await line("up");
      expect(handle.living().map((member) => member.pid)).toEqual([handle.pid, pid()]);
      handle.signal("SIGTERM");
      await exited;
      if (handle.alive()) await gone(handle);
      expect(lives(pid())).toBe(false);
      await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
    });

    test("what had been forked before the process was moved is moved as well", async () => {
      const cwd = tempFolder();
      const { handle, started } = launch({ cwd, args: ["-c", `sh -c 'echo $$ > pid; sleep 300 & wait' & exec sleep 300`] });
      const folder = await folderOf((await started).pid);
      await expect.poll(() => handle.living().length, { timeout: 10_000 }).toBe(3);
      const names = (): readonly string[] => handle.living().map(({ pid }) => basename(cgroupOf(pid)));
      await expect.poll(names, { timeout: 10_000 }).toEqual(Array.from({ length: 3 }, () => basename(folder)));
    });

    test("what made a cgroup of its own below is ended too, and that is removed", async () => {
      const { handle, exited, folder, pid } = await inCgroup(
        `own=${own?.folder ?? ""}$(sed -n "s/^0:://p" /proc/self/cgroup | cut -c${1 + (own?.name.length ?? 0)}-)
      mkdir -p "$own/a/b"; (env -i setsid sh -c 'echo 0 > "$0/a/b/cgroup.procs"; echo $$ > pid; exec sleep 300' "$own" &); ${WAITS}`,
        launch,
      );
      await exited;
      expect(cgroupOf(pid())).toMatch(/\/a\/b$/);
      // it notes its number before it becomes what it is
      await expect.poll(() => handle.living(), { timeout: 10_000 }).toEqual([{ pid: pid(), name: "sleep" }]);
      const left = gone(handle);
      handle.signal("SIGKILL");
      await left;
      expect(lives(pid())).toBe(false);
      await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
    });

    test("what was put into its cgroup from elsewhere is ended with it", async () => {
      const one = await inCgroup("exec sleep 300", launch);
      const other = launch({ args: ["-c", "exec sleep 300"] });
      await folderOf((await other.started).pid);
      writeFileSync(join(one.folder, "cgroup.procs"), String(other.handle.pid));
      const living = (): readonly number[] => one.handle.living().map(({ pid }) => pid);
      await expect.poll(living, { timeout: 10_000 }).toEqual([one.handle.pid, other.handle.pid]);
      one.handle.signal("SIGKILL");
      expect(await other.exited).toEqual({ kind: "killed", by: "SIGKILL" });
    });

    test("100 starts and stops leave no folder", { timeout: 60_000 }, async () => {
      for (let i = 0; i < 100; i++) {
        const { handle, exited, started } = launch({ args: ["-c", "sleep 300 & exec sleep 300"] });
        await started;
        // Some are killed while they are moved, some after that.
        if (i % 4 === 0) await folderOf(handle.pid);
        handle.signal("SIGKILL");
        await exited;
        if (handle.alive()) await gone(handle);
      }
      await expect.poll(() => cgroupsBelow(daemonFolder()), { timeout: 10_000 }).toEqual([]);
    });
  },
);
