import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { livingWith } from "../support/living-with.ts";
import { project } from "./daemon-rig.ts";

const SCATTERS = resolve(import.meta.dirname, "../support/programs/scatters.sh");

const ROUNDS = 200;
/** After so many rounds the daemon's heap has its size. */
const WARM = 100;
/** Over so many rounds the least counts: what the collector has not looked at yet is no leak. */
const WINDOW = 40;

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident megabytes. */
function memory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1_024;
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
  const daemon = await p.up();
  const client = await p.client();
  const pid = Number(daemon.child.pid);
  let before = { descriptors: 0, memory: 0 };
  const memories: number[] = [];
  const least = (): number => Math.min(...memories.slice(-WINDOW));
  for (let round = 1; round <= ROUNDS; round++) {
    const [up] = await client.call("service.start", { names: ["g@scatters"], force: false });
    expect(up?.phase).toBe("running");
    // the environment of a process reads as empty while it becomes another program
    await expect.poll(() => livingWith(mark).length, { timeout: 10_000, interval: 5 }).toBeGreaterThanOrEqual(8);
    const [down] = (await client.call("service.stop", { names: ["g@scatters"], force: false })) as ServiceRow[];
    expect(down?.phase).toBe("exited");
    expect(livingWith(mark)).toEqual([]);
    memories.push(memory(pid));
    if (round === WARM) before = { descriptors: descriptors(pid), memory: least() };
  }
  expect(descriptors(pid)).toBeLessThanOrEqual(before.descriptors);
  expect(least() - before.memory).toBeLessThan(5);
});
