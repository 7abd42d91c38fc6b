import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { readProcStat } from "../../src/lib/proc.ts";
import { cgroupsBelow, ownCgroup } from "../../src/process/cgroup-folder.ts";
import { cgroupOf, makesCgroups } from "../support/cgroups.ts";
import { lives } from "../support/lives.ts";
import { type Project, project } from "./daemon-rig.ts";
import { RIND, RUNNER, runToEnd } from "./program.ts";

const lack = makesCgroups();

/** Once `go` is there, starts what gives up parents, session and environment. */
const HIDES = `while [ ! -e go ]; do sleep 0.01; done
(env -i setsid sh -c 'sleep 0.05; echo $$ > hidden; exec sleep 300' &)
exec sleep 300`;

const UNITS = { "flows/g.toml": `[[service]]\nname = "hides"\nrun = ["sh", "hides.sh"]\nstop-timeout = "1s"\n`, "hides.sh": HIDES };

async function mainPid(p: Project): Promise<number> {
  return ((await p.json("status", "g@hides")) as ServiceRow).pid ?? 0;
}

/** Up, with the pid of the hidden process and the name of the daemon's cgroup. */
async function hidden(p: Project) {
  const daemon = await p.up();
  const pid = await mainPid(p);
  await expect.poll(() => cgroupOf(pid), { timeout: 10_000 }).toMatch(/\/rind-[^/]+\/[^/]+$/);
  writeFileSync(join(p.folder, "go"), "");
  const read = (): number => Number(readFileSync(join(p.folder, "hidden"), { encoding: "utf8", flag: "a+" }));
  await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(0);
  return { daemon, pid: read(), cgroup: cgroupOf(pid).split("/").at(-2) };
}

const folders = (): readonly string[] => cgroupsBelow(ownCgroup()?.folder ?? "");

describe.skipIf(lack !== undefined)(`cgroups of a daemon${lack === undefined ? "" : `: skipped, ${lack}`}`, () => {
  test("what hides is ended by a stop, and no folder outlives the daemon", async () => {
    const p = project(UNITS);
    const { daemon, pid, cgroup } = await hidden(p);
    expect(folders()).toContain(cgroup);
    expect((await p.rind("stop", "g@hides")).code).toBe(0);
    expect(lives(pid)).toBe(false);
    expect((await p.rind("down")).code).toBe(0);
    await daemon.ended;
    expect(folders()).not.toContain(cgroup);
  });

  test("what hides is ended by the daemon that comes after one that was killed, with its folder", async () => {
    const p = project(UNITS);
    const { daemon, pid, cgroup } = await hidden(p);
    daemon.child.kill("SIGKILL");
    await daemon.ended;
    expect({ lives: lives(pid), folder: folders().includes(cgroup ?? "") }).toEqual({ lives: true, folder: true });
    await p.up();
    expect({ lives: lives(pid), folder: folders().includes(cgroup ?? "") }).toEqual({ lives: false, folder: false });
  });

  test("a Rind in a service has its cgroups below that of the service, and goes with all that it runs", async () => {
    const inner = project(UNITS);
    const outer = project({
      "flows/o.toml": `
[[service]]
name = "inner"
run = { exec = "${RUNNER}", args = ["${RIND}", "up", "--socket", "${inner.socket}"], cwd = "${inner.folder}", env = { RIND_STATE_PATH = "${inner.statePath}" } }
ready.log = "rind is up"
`,
    });
    await outer.up();
    await expect.poll(async () => (await inner.rind("status", "g@hides")).code, { timeout: 10_000 }).toBe(0);
    const pid = await mainPid(inner);
    await expect.poll(() => cgroupOf(pid), { timeout: 10_000 }).toMatch(/(\/rind-[^/]+\/[^/]+){2}$/);
    const name = cgroupOf(pid).split("/").at(-4);
    writeFileSync(join(inner.folder, "go"), "");
    const read = (): number => Number(readFileSync(join(inner.folder, "hidden"), { encoding: "utf8", flag: "a+" }));
    await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(0);
    expect((await outer.rind("kill", "o@inner", "--signal", "SIGKILL")).code).toBe(0);
    await expect.poll(() => [readProcStat(pid), readProcStat(read())], { timeout: 15_000 }).toEqual([undefined, undefined]);
    expect((await outer.rind("down")).code).toBe(0);
    await expect.poll(() => folders().includes(name ?? ""), { timeout: 10_000 }).toBe(false);
  });

  test("a daemon leaves the folder of another alone, though nothing is in that and its daemon lives in another PID namespace", async () => {
    const first = project({ "flows/g.toml": `[[service]]\nname = "later"\nstatus = "stop"\nrun = "sleep 300"\n` });
    await first.up();
    const started = async (): Promise<string> => {
      expect((await first.rind("start", "g@later")).code).toBe(0);
      const pid = ((await first.json("status", "g@later")) as ServiceRow).pid ?? 0;
      await expect.poll(() => cgroupOf(pid), { timeout: 10_000 }).toMatch(/\/rind-[^/]+\/[^/]+$/);
      return cgroupOf(pid).split("/").at(-2) ?? "";
    };
    const cgroup = await started();
    expect((await first.rind("stop", "g@later")).code).toBe(0);
    const second = project({ "flows/g.toml": `[[service]]\nname = "a"\nrun = "true"\n` });
    const words = ["--pid", "--fork", "--mount-proc", RUNNER, RIND, "up"];
    expect((await runToEnd("unshare", words, { cwd: second.folder, env: second.env })).code).toBe(0);
    expect(folders()).toContain(cgroup);
    expect(await started()).toBe(cgroup);
  });
});
