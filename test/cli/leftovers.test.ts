import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { livingWith } from "../support/living-with.ts";
import { project, startDaemon } from "./daemon-rig.ts";
import { DIST, type Running } from "./program.ts";

const SCATTERS = resolve(import.meta.dirname, "../support/programs/scatters.sh");

const COLLECTS = resolve(import.meta.dirname, "../support/programs/collect-garbage.cjs");

const ROUNDS = 200;
/** After so many rounds all code is loaded, and most of what it keeps of the past is there. */
const WARM = 100;
function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Megabytes that the daemon holds on to: how many more it has for the moment is the collector's affair, and swings by ten. */
async function memory({ child, err }: Running): Promise<number> {
  const told = (): readonly RegExpExecArray[] => [...err().matchAll(/^live bytes: (\d+)$/gm)];
  const before = told().length;
  child.kill("SIGUSR2");
  await expect.poll(() => told().length, { timeout: 10_000, interval: 5 }).toBe(before + 1);
  return Number(told().at(-1)?.[1]) / 1_048_576;
}

test("N67, N68: 200 starts and stops of a service that scatters its children leave no process, no descriptor and no memory", {
  timeout: 240_000,
}, async () => {
  const mark = `SCATTER_TEST=${process.pid}-${Date.now()}`;
  const [name, value] = mark.split("=");
  const p = project({
    "flows/g.toml": `
[[service]]
name = "scatters"
run = { exec = "sh", args = ["${SCATTERS}"], env = { ${name} = "${value}" } }
ready.log = "scattered"
status = "stop"
stop-timeout = "50ms"
[[service]]
name = "stays"
run = "sleep 1000"
`,
  });
  const words = ["--expose-gc", "--require", COLLECTS, join(DIST, "rind.js"), "up"];
  const daemon = await startDaemon(process.execPath, words, { cwd: p.folder, env: p.env });
  const client = await p.client();
  const pid = Number(daemon.child.pid);
  let before = { descriptors: 0, memory: 0 };
  for (let round = 1; round <= ROUNDS; round++) {
    const [up] = await client.call("service.start", { names: ["g@scatters"], force: false });
    expect(up?.phase).toBe("running");
    // the environment of a process reads as empty while it becomes another program
    await expect.poll(() => livingWith(mark).length, { timeout: 10_000, interval: 5 }).toBeGreaterThanOrEqual(8);
    const [down] = (await client.call("service.stop", { names: ["g@scatters"], force: false })) as ServiceRow[];
    expect(down?.phase).toBe("exited");
    expect(livingWith(mark)).toEqual([]);
    if (round === WARM) before = { descriptors: descriptors(pid), memory: await memory(daemon) };
  }
  expect(descriptors(pid)).toBeLessThanOrEqual(before.descriptors);
  expect((await memory(daemon)) - before.memory).toBeLessThan(5);
});
