import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { phaseOf } from "./await-phase.ts";
import { type Project, printed, project } from "./daemon-rig.ts";

/** How much later than asked a busy machine may start a process. */
const SLACK_MS = 1_000;
/** The wait has begun when the fact of it is recorded: on a busy machine that much shorter does it look. */
const EARLY_MS = 20;

const failing = (restart: string) => `
[[service]]
name = "fails"
run.shell = "echo another run; exit 1"
restart = ${restart}
[[service]]
name = "stays"
run = "sleep 1000"
`;

/** The waits between the end of a run and the next start, as they were, in milliseconds. */
async function waits(p: Project): Promise<number[]> {
  const facts = await (await p.client()).call("event.trace", { last: 1_000, name: "g@fails" });
  const phases = facts.flatMap((fact) => (fact.kind === "phase" ? [fact] : []));
  return phases.flatMap(({ to, time }, i) => {
    const next = phases[i + 1];
    return to === "backoff" && next !== undefined ? [next.time - time] : [];
  });
}

async function row(p: Project): Promise<ServiceRow> {
  return (await p.json("status", "g@fails")) as ServiceRow;
}

test("N1: with five retries a line is printed six times, then the service stays down, and it is said that it was given up on", async () => {
  const p = project({ "flows/g.toml": failing('{ max-retries = 5, delay = "20ms", backoff = 1 }') });
  const daemon = await p.up();
  await phaseOf(p, "g@fails", "failed");
  expect(await row(p)).toMatchObject({ restarts: 5, reason: "exit code 1; gave up after 5 retries", exit: { code: 1, signal: null } });
  expect(await p.json("status", "g@stays")).toMatchObject({ phase: "running" });
  expect(daemon.out().match(/another run/g)).toHaveLength(6);
});

test("N7: the waits double up to the cap, each as long as the policy says", async () => {
  const p = project({ "flows/g.toml": failing('{ max-retries = 5, delay = "100ms", max-delay = "400ms" }') });
  await p.up();
  await phaseOf(p, "g@fails", "failed");
  const found = await waits(p);
  expect(found).toHaveLength(5);
  for (const [i, expected] of [100, 200, 400, 400, 400].entries()) {
    expect(found[i]).toBeGreaterThanOrEqual(expected - EARLY_MS);
    expect(found[i]).toBeLessThan(expected + SLACK_MS);
  }
});

test("N4: the next start comes after the delay, and a stop in the gap ends at once with no further start", async () => {
  const p = project({ "flows/g.toml": failing('{ delay = "1s", backoff = 5 }') });
  const daemon = await p.up();
  await printed(daemon, "out", /another run[^]*another run/);
  await phaseOf(p, "g@fails", "backoff");
  const [wait = 0] = await waits(p);
  expect(wait).toBeGreaterThanOrEqual(1_000 - EARLY_MS);
  expect(wait).toBeLessThan(1_000 + SLACK_MS);
  expect(await row(p)).toMatchObject({ phase: "backoff", ready: null, restarts: 2 });
  const client = await p.client();
  const before = performance.now();
  const [stopped] = await client.call("service.stop", { names: ["g@fails"], force: false });
  expect([stopped?.phase, performance.now() - before < SLACK_MS]).toEqual(["exited", true]);
  expect(daemon.out().match(/another run/g)).toHaveLength(2);
});
