import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Project, project, startDaemon } from "./daemon-rig.ts";
import { RIND, RUNNER } from "./program.ts";

/**
 * What must not creep in again: work for each service that grows with their number, for each event with what does not listen, and wake-ups of a daemon that has
 * nothing to do. Counts, and ratios of processor time within one test: how fast the machine is, and what else it does, changes them little.
 */

const TRACES = spawnSync("strace", ["-c", "true"]).status === 0;

test.skipIf(!TRACES)(
  "a service costs the daemon a flat number of system calls from its start to its end [needs strace, and the right to trace]",
  async () => {
    const [few, some, many] = [await systemCalls(20), await systemCalls(60), await systemCalls(180)];
    const perService = (some - few) / 40;
    expect(perService).toBeLessThan(60);
    expect((many - some) / 120 / perService).toBeLessThan(1.5);
  },
);

test("the processor time of the boot grows no faster than the number of services", { timeout: 180_000 }, async () => {
  const [few, some, many] = [50, 350, 1_250];
  const rounds: Record<number, number>[] = [];
  for (let round = 0; round < 3; round++) {
    rounds.push({ [few]: await bootCpu(few), [some]: await bootCpu(some), [many]: await bootCpu(many) });
  }
  // of a busy machine the best of several says most
  const best = (count: number): number => Math.min(...rounds.map((times) => times[count] ?? Number.NaN));
  const each = (from: number, to: number): number => (best(to) - best(from)) / (to - from);
  expect(each(some, many) / each(few, some)).toBeLessThan(1.8);
});

test("the processor time of an emit that nobody hears does not depend on the number of services declared", async () => {
  const few = await emitter(10);
  const many = await emitter(1_000);
  const rounds = Array.from({ length: 5 }, () => [few, many] as const);
  const times: [number, number][] = [];
  for (const [one, other] of rounds) times.push([await one(), await other()]);
  // Of a busy machine the best of several says most; the first round is the compiler's.
  const best = (which: 0 | 1): number => Math.min(...times.slice(1).map((pair) => pair[which]));
  expect(best(1) / best(0)).toBeLessThan(2);
});

test("a daemon whose services do nothing sleeps", async () => {
  const { child } = await booted(20);
  const pid = child.pid ?? 0;
  let woken = Number.POSITIVE_INFINITY;
  // What follows a start, such as collections of garbage, is over some time.
  for (let second = 0; second < 15 && woken > 0; second++) {
    const before = wakeUps(pid);
    await sleep(1_000);
    woken = wakeUps(pid) - before;
  }
  expect(woken).toBe(0);
});

function services(count: number, startOn: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => {
    const on = startOn(i);
    const declared = on.includes("@") ? "" : `[[signal]]\nname = "${on}"\n`;
    return `${declared}[[service]]\nname = "s${i}"\nrun = ["sleep", "1000"]\nstart-on = ["${on}"]\n`;
  }).join("\n");
}

function units(count: number): Project {
  return project({ "flows/g.toml": services(count, () => "rind@boot") });
}

function booted(count: number): ReturnType<Project["up"]> {
  return units(count).up();
}

/** All system calls of the daemon's main thread, from its start until it has stopped so many services. */
async function systemCalls(count: number): Promise<number> {
  const p = units(count);
  const file = join(p.folder, "calls");
  const daemon = await startDaemon("strace", ["-c", "-o", file, RUNNER, RIND, "up"], { cwd: p.folder, env: p.env });
  await p.rind("down");
  await daemon.ended;
  const total = /^\s*100\.00\s+[\d.]+\s+\d+\s+(\d+)/m.exec(readFileSync(file, "utf8"));
  return Number(total?.[1]);
}

/** Seconds of processor time that the daemon has taken when so many services run and no more comes of that. */
async function bootCpu(count: number): Promise<number> {
  const { child, ended } = await booted(count);
  const now = (): number => cpuSeconds(child.pid ?? 0);
  let seconds = 0;
  for (let next = now(); next - seconds > 0.002; next = now()) {
    seconds = next;
    await sleep(200);
  }
  child.kill("SIGTERM");
  await ended;
  return seconds;
}

/** What tells the processor time that a daemon with so many services, none of them started, takes for a burst of emits. */
async function emitter(count: number): Promise<() => Promise<number>> {
  const p = project({
    "flows/g.toml": `[[signal]]\nname = "unheard"\n\n[[service]]\nname = "one"\nrun = ["sleep", "1000"]\n\n${services(count, (i) => `x${i}`)}`,
  });
  const { child } = await p.up();
  const client = await p.client();
  return async () => {
    const before = cpuSeconds(child.pid ?? 0);
    await Promise.all(Array.from({ length: 2_000 }, () => client.call("flow.emit", { name: "g@unheard" })));
    return cpuSeconds(child.pid ?? 0) - before;
  };
}

/** Processor time of all threads of a process, in seconds; finer than the ticks of its `stat`. */
function cpuSeconds(pid: number): number {
  return threads(pid, "schedstat").reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e9;
}

/** How often the threads of a process have gone to sleep. */
function wakeUps(pid: number): number {
  return threads(pid, "status").reduce((sum, text) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]), 0);
}

function threads(pid: number, file: string): string[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/${file}`, "latin1"));
}
