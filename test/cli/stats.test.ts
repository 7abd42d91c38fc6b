import { expect, test } from "vitest";
import type { ServiceStats } from "../../src/control/api.ts";
import { phaseOf } from "./await-phase.ts";
import { project } from "./daemon-rig.ts";

/** A shell that holds 40 MiB, with three children. */
const FAMILY = `
[[service]]
name = "family"
run.shell = 'for i in 1 2 3; do sleep 1000 & done; wait'
[[service]]
name = "busy"
run.shell = 'while :; do :; done'
[[service]]
name = "idle"
run = ["sleep", "1000"]
[[service]]
name = "down"
run = ["sleep", "1000"]
status = "stop"
[[service]]
name = "user"
run = ["sleep", "1000"]
branching = { source-state = "login", key = "username" }
[[state]]
name = "login"
branch = ["username"]
`;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

test("N123: stats of a service with three children tell its own pid and all descendants with their memory", async () => {
  const p = project({ "flows/app.toml": FAMILY });
  await p.up();
  await phaseOf(p, "app@family", "running");
  const client = await p.client();
  let stats: ServiceStats = { pid: 0 };
  // the shell may not have forked yet
  while (stats.processes?.filter(({ name }) => name === "sleep").length !== 3) {
    stats = (await client.call("service.stats", { name: "app@family" })) as ServiceStats;
  }
  const status = await client.call("service.status", { name: "app@family" });
  expect(stats).toMatchObject({ pid: "pid" in status ? status.pid : 0 });
  expect(stats.processes?.[0]?.pid).toBe(stats.pid);
  expect(stats.processes).toHaveLength(4);
  expect(stats.processes?.every((each) => each.memory_bytes > 10_000)).toBe(true);
  expect(stats.memory_bytes).toBe(sum(stats.processes?.map((each) => each.memory_bytes) ?? []));
});

test("N123, 004-L4: a service that is down answers {pid: 0}", async () => {
  const p = project({ "flows/app.toml": FAMILY });
  await p.up();
  expect(await p.json("stats", "app@down")).toEqual({ pid: 0 });
});

test("004-L5, 004-L6: memory and a real share of the processor are told while it runs", async () => {
  const p = project({ "flows/app.toml": FAMILY });
  await p.up();
  await phaseOf(p, "app@busy", "running");
  await phaseOf(p, "app@idle", "running");
  const client = await p.client();
  const stats = async (name: string) => (await client.call("service.stats", { name })) as ServiceStats;
  let busy = await stats("app@busy");
  // on a machine that has no time for it, what it gets in a tenth of a second may be nothing
  while ((busy.cpu_percent ?? 0) < 2) busy = await stats("app@busy");
  expect(busy.cpu_percent).toBeLessThan(200);
  const idle = await stats("app@idle");
  expect(idle.cpu_percent).toBeLessThan(2);
  expect(idle.memory_bytes).toBeGreaterThan(10_000);
});

test("004-L7: what a service uses is measured when it is asked for: one that has been halted since uses nothing", async () => {
  const p = project({ "flows/app.toml": FAMILY });
  await p.up();
  await phaseOf(p, "app@busy", "running");
  const client = await p.client();
  const percent = async () => ((await client.call("service.stats", { name: "app@busy" })) as ServiceStats).cpu_percent ?? 0;
  while ((await percent()) < 2);
  await client.call("service.kill", { names: ["app@busy"], signal: "SIGSTOP" });
  expect(await percent()).toBe(0);
});

test("stats of a branching service are a list, of one instance they are its own", async () => {
  const p = project({ "flows/app.toml": FAMILY });
  await p.up();
  await p.rind("set", "app@login", "username=ann");
  await phaseOf(p, "app@user/ann", "running");
  expect(await p.json("stats", "app@user")).toMatchObject([{ name: "app@user/ann", pid: expect.any(Number) }]);
  expect(await p.json("stats", "app@user/ann")).toMatchObject({ pid: expect.any(Number), cpu_percent: expect.any(Number) });
  expect((await p.rind("stats", "app@user/bob")).code).toBe(66);
});

test("rind stats shows a row for the service and one for each process", async () => {
  const p = project({ "flows/app.toml": FAMILY });
  await p.up();
  await phaseOf(p, "app@idle", "running");
  const { out } = await p.rind("stats", "app@idle");
  expect(out).toMatch(/^SERVICE +PID +MEMORY +CPU\napp@idle +\d+ +[\d.]+ [KM]iB +[\d.]+%\n {2}sleep +\d+ +/);
});
