import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { printed, project } from "./daemon-rig.ts";

const SERVICES = 20;
const RETRIES = 8;
const DELAY_MS = 300;
const TICK_MS = 10;
/** What one restart may cost the daemon: at 50 a second this would be a core; bench/scenario/crash-loop says what it really is. */
const RESTART_CPU_MS = 20;

const unit = (i: number): string => `
[[service]]
name = "s${i}"
run = "false"
restart = { max-retries = ${RETRIES}, delay = "${DELAY_MS}ms", backoff = 1 }
`;

/** Processor time of the process itself, without its children, in milliseconds. */
function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

test("N14: services that crash all at once and again and again are each restarted after their delay, at little cost", async () => {
  const units = Array.from({ length: SERVICES }, (_, i) => unit(i)).join("");
  const p = project({
    "flows/g.toml": `${units}
[[service]]
name = "tells"
run.shell = "echo all is over; exec sleep 1000"
start-on = [${Array.from({ length: SERVICES }, (_, i) => `{ service = "s${i}", is = "failed" }`).join(", ")}]
`,
  });
  const daemon = await p.up();
  const before = cpuTime(Number(daemon.child.pid));
  await printed(daemon, "out", /all is over/);
  const perRestart = (cpuTime(Number(daemon.child.pid)) - before) / (SERVICES * RETRIES);
  const facts = await (await p.client()).call("event.trace", { last: 8_000 });
  const waits = Array.from({ length: SERVICES }, (_, i) => `g@s${i}`).flatMap((name) => {
    const phases = facts.flatMap((fact) => (fact.kind === "phase" && fact.instance === name ? [fact] : []));
    return phases.flatMap(({ to, time }, i) => (to === "backoff" ? [(phases[i + 1]?.time ?? 0) - time] : []));
  });
  expect(waits).toHaveLength(SERVICES * RETRIES);
  // a timer of Node may be a little early by the wall clock
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(DELAY_MS - 2);
  const [median = 0] = waits.sort((a, b) => a - b).slice(waits.length >> 1);
  expect(median).toBeLessThan(DELAY_MS * 3);
  expect(perRestart).toBeLessThan(RESTART_CPU_MS);
});
