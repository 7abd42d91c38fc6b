import { expect, test } from "vitest";
import { shutDown } from "../../src/supervisor/shutdown.ts";
import { SETTINGS, G, service } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

/** Carries a shutdown through in simulated time, a second at a time; answers how long it took. */
async function down(r: ReturnType<typeof rig>, abort = new AbortController()): Promise<number> {
  const begun = r.clock.now();
  let over = false;
  const done = shutDown(r.supervisor, abort.signal).then(() => {
    over = true;
  });
  for (let i = 0; i < 1_000 && !over; i++) {
    // what the shutdown awaits is settled in microtasks: they come before the next second
    await new Promise((resolve) => setImmediate(resolve));
    if (!over) r.clock.advance(1_000);
  }
  await done;
  return r.clock.now() - begun;
}

test("services stop in the reverse of their order, layer by layer", async () => {
  const after = (name: string) => [{ service: name, is: "ready" as const }];
  const r = rig({
    services: [service("g@db"), service("g@api", { after: after("g@db") }), service("g@web", { after: after("g@api") }), service("g@log")],
  });
  await down(r);
  expect(r.launcher.asked.filter((asked) => asked.startsWith("SIGTERM"))).toEqual([
    "SIGTERM g@web",
    "SIGTERM g@api",
    "SIGTERM g@db",
    "SIGTERM g@log",
  ]);
  expect(r.up()).toEqual([]);
});

test("what rind@shutdown starts is waited for before anything is stopped, and from then on nothing starts", async () => {
  const last = service("g@last", { type: "oneshot", startOn: [G("rind@shutdown")] });
  const r = rig({ services: [service("g@s"), last] });
  r.clock.setTimeout(() => r.launcher.exit("g@last", 0), 5_500);
  expect(await down(r)).toBeGreaterThanOrEqual(5_500);
  expect(r.launcher.asked).toEqual(["launch g@s", "launch g@last", "SIGTERM g@s"]);
  await expect(r.api.start(["g@s"], { force: false })).rejects.toThrow("a shutdown is under way");
  expect(r.up()).toEqual([]);
});

test("what does not end within shutdown-timeout is killed", async () => {
  const r = rig({ services: [service("g@s", { stopTimeoutMs: 1_000_000 })], settings: { ...SETTINGS, shutdownTimeoutMs: 7_000 } });
  r.launcher.ignoresTerm.add("g@s");
  const took = await down(r);
  expect(r.launcher.asked.at(-1)).toBe("SIGKILL g@s");
  expect([took >= 7_000, took <= 10_000]).toEqual([true, true]);
});

test("a second request to end kills at once", async () => {
  const r = rig({ services: [service("g@s", { stopTimeoutMs: 1_000_000 })] });
  r.launcher.ignoresTerm.add("g@s");
  const abort = new AbortController();
  r.clock.setTimeout(() => abort.abort(), 2_000);
  expect(await down(r, abort)).toBeLessThanOrEqual(5_000);
  expect(r.launcher.asked.at(-1)).toBe("SIGKILL g@s");
});

test("N73: a shutdown stops in the reverse of requires and wants as well, in parallel within a layer", async () => {
  const needs = (name: string) => [{ service: name, is: "ready" as const, onLoss: "stop" as const }];
  const r = rig({
    services: [
      service("g@a"),
      service("g@b", { requires: needs("g@a") }),
      service("g@c", { requires: needs("g@b") }),
      service("g@d", { requires: needs("g@b"), wants: needs("g@e") }),
      service("g@e", { wants: needs("g@d") }),
      service("g@f", { requires: needs("g@d") }),
    ],
  });
  const told: string[] = [];
  for (const name of ["g@a", "g@b", "g@c", "g@d", "g@e", "g@f"])
    r.supervisor.bus.phase(name).subscribe(({ to }) => told.push(`${name} ${to}`));
  await down(r);
  expect(told).toEqual([
    "g@f stopping",
    "g@f exited",
    "g@c stopping",
    "g@d stopping",
    "g@c exited",
    "g@d exited",
    "g@b stopping",
    "g@b exited",
    "g@a stopping",
    "g@e stopping",
    "g@a exited",
    "g@e exited",
  ]);
});

test("N81: while a shutdown stops everything, nothing that waited for another's end starts", async () => {
  const r = rig({
    services: [service("g@a"), service("g@b", { conflicts: ["g@a"] }), service("g@c", { after: [{ service: "g@a", is: "completed" }] })],
  });
  await down(r);
  expect(r.launcher.launched.map(({ plan }) => plan.instance)).toEqual(["g@a"]);
});

test("N81: what a stop of the layer above would let start is not started either", async () => {
  const r = rig({
    services: [service("g@a", { after: [{ service: "g@x", is: "ready" }] }), service("g@x"), service("g@b", { conflicts: ["g@a"] })],
  });
  expect([r.up(), r.phase("g@b")]).toEqual([["g@b", "g@x"], "running"]);
  const stopped = r.api.stop(["g@b"], { force: false });
  r.rest();
  await stopped;
  await r.api.start(["g@b"], { force: false });
  expect([r.up(), r.phase("g@b")]).toEqual([["g@a", "g@x"], "blocked"]);
  await down(r);
  expect([r.up(), r.launcher.launched.length]).toEqual([[], 3]);
});

test("N19: a restart that waits for the old process when a shutdown comes fails, and starts nothing", async () => {
  const r = rig({ services: [service("g@s", { stopTimeoutMs: 5_000 })] });
  r.launcher.ignoresTerm.add("g@s");
  const refused = r.api.restart(["g@s"]).catch((error: unknown) => error);
  await down(r);
  expect(await refused).toMatchObject({ message: expect.stringContaining("a shutdown is under way") as string });
  expect([r.launcher.launched.length, r.up()]).toEqual([1, []]);
});

test("N81: what crashes or waits for a retry while a shutdown stops the layer above starts no more", async () => {
  const db = { service: "g@db", is: "started" } as const;
  const r = rig({
    services: [service("g@db"), service("g@late"), service("g@app", { after: [db, { service: "g@late", is: "started" }] })],
  });
  r.launcher.ignoresTerm.add("g@app");
  r.launcher.exit("g@db", 1);
  r.clock.setTimeout(() => r.launcher.exit("g@late", 1), 2_500);
  await down(r);
  expect(r.launcher.launched.map(({ plan }) => plan.instance)).toEqual(["g@db", "g@late", "g@app"]);
  expect([r.phase("g@db"), r.phase("g@late"), r.up()]).toEqual(["inactive", "inactive", []]);
});

test("N19: a restart below a layer that is slow to stop starts nothing either", async () => {
  const r = rig({ services: [service("g@db"), service("g@app", { after: [{ service: "g@db", is: "ready" }] })] });
  r.launcher.ignoresTerm.add("g@app");
  r.launcher.ignoresTerm.add("g@db");
  const refused = r.api.restart(["g@db"]).catch((error: unknown) => error);
  await down(r);
  expect(await refused).toMatchObject({ message: expect.stringContaining("a shutdown is under way") as string });
  expect([r.launcher.launched.length, r.up()]).toEqual([2, []]);
});
