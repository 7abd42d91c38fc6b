import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { processStart } from "../../src/process/start-times.ts";
import { phaseOf } from "./await-phase.ts";
import { type Project, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run, type Running } from "./program.ts";

const SLEEPER = '[[service]]\nname = "s"\nrun = "sleep 600"\n';
const SLOW_JOB = '[[service]]\nname = "job"\ntype = "oneshot"\nrun.shell = "sleep 0.4; echo done > mark"\n';
const BAD_JOB = '[[service]]\nname = "bad"\ntype = "oneshot"\nrestart = false\nrun.shell = "sleep 0.2; exit 3"\n';
const ENDLESS_JOB = '[[service]]\nname = "endless"\ntype = "oneshot"\nrun = "sleep 600"\n';
const WAITS_FOR_IT = '[[service]]\nname = "late"\nrun = "sleep 600"\nafter = ["endless"]\n';

/** `rind up` without waiting for anything that it says. */
function begin(p: Project, ...args: string[]): Running {
  return run(RUNNER, [RIND, "up", ...args], { cwd: p.folder, env: p.env });
}

/** The daemon that was started in this folder. */
function processWith(folder: string): number {
  const found = readdirSync("/proc").filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--background");
    } catch {
      return false;
    }
  });
  return Number(found[0]);
}

test("up -d --wait returns when all are ready, what runs once ended well, and not before", async () => {
  const p = project({ "flows/g.toml": SLEEPER + SLOW_JOB });
  const { code, out } = await p.rind("up", "-d", "--wait");
  expect([code, out.trim().split("\n").at(-1)]).toEqual([0, "all services ready"]);
  expect(await p.json("status", "g@job")).toMatchObject({ phase: "exited" });
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running", ready: true });
  await p.rind("down");
});

test("up -d --wait returns 1 as soon as one has failed, and says which and why; the rest runs on", async () => {
  const p = project({ "flows/g.toml": SLEEPER + BAD_JOB });
  const { code, err } = await p.rind("up", "-d", "--wait");
  expect([code, err]).toEqual([1, "rind: not all services can become ready\ng@bad failed: exit code 3\n"]);
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
  await p.rind("down");
});

test("up -d --wait --timeout returns 1 when the time is over, and says what each waits for", async () => {
  const p = project({ "flows/g.toml": SLEEPER + ENDLESS_JOB + WAITS_FOR_IT });
  const { code, err } = await p.rind("up", "-d", "--wait", "--timeout", "4s");
  expect(code).toBe(1);
  expect(err).toMatch(/^rind: not all services are ready after 4s$/m);
  expect(err).toMatch(/^g@endless is running: /m);
  expect(err).toMatch(/^g@late is blocked: waits for .*g@endless/m);
  expect(err).not.toContain("g@s");
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
  await p.rind("down");
});

test("up -d --wait of a run that is over before it can be looked at returns by its exit code", async () => {
  const good = project({ "flows/g.toml": '[[service]]\nname = "job"\ntype = "oneshot"\nrun = "true"\n' });
  expect((await good.rind("up", "-d", "--wait")).code).toBe(0);
  const bad = project({ "flows/g.toml": '[[service]]\nname = "job"\ntype = "oneshot"\nrestart = false\nrun.shell = "exit 3"\n' });
  const { code, err } = await bad.rind("up", "-d", "--wait");
  expect(err).toContain("g@job");
  expect(code).toBe(1);
});

test("up -d --wait --timeout counts the startup program too", async () => {
  const p = project({ "flows/g.toml": `[settings]\nstartup = { exec = "sleep", args = ["600"] }\n${SLEEPER}` });
  const { code, err } = await p.rind("up", "-d", "--wait", "--timeout", "500ms");
  expect([code, err]).toEqual([1, expect.stringMatching(/^rind: the daemon does not answer after 500ms \(log .*\)\n$/)]);
  // nobody answers there yet, so a signal has to end it
  const pid = processWith(p.folder);
  process.kill(pid, "SIGTERM");
  await expect.poll(() => processStart(pid), { timeout: 20_000 }).toBeUndefined();
});

test("up --wait in the foreground goes on when all are ready, also after its time", async () => {
  const p = project({ "flows/g.toml": SLEEPER + SLOW_JOB });
  const daemon = await p.up("--wait", "--timeout", "2s");
  await phaseOf(p, "g@job", "exited");
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
  await p.rind("down");
  expect(await daemon.ended).toBe(0);
});

test("up --wait --timeout in the foreground ends with 1 after an orderly stop when the time is over", async () => {
  const p = project({
    "flows/g.toml": `${ENDLESS_JOB}[[service]]\nname = "s"\nrun.shell = "trap 'echo stopped; exit 0' TERM; echo up; while :; do sleep 0.05; done"\n`,
  });
  const daemon = begin(p, "--wait", "--timeout", "1s");
  expect(await daemon.ended).toBe(1);
  expect(daemon.err()).toContain("not all services are ready after 1s");
  expect(daemon.out()).toContain("g@s | stopped");
});

test("up --wait in the foreground ends with 1 when one has failed", async () => {
  const p = project({ "flows/g.toml": SLEEPER + BAD_JOB });
  const daemon = begin(p, "--wait");
  expect(await daemon.ended).toBe(1);
  expect(daemon.err()).toContain("g@bad failed: exit code 3");
});

test("--timeout without --wait, and one that is no duration, are mistakes in the words", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  expect((await p.rind("up", "--timeout", "30s")).code).toBe(64);
  expect((await p.rind("up", "--wait", "--timeout", "soon")).code).toBe(64);
});
