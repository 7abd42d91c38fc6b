import { expect, test } from "vitest";
import type { ServiceIs } from "../../src/model/condition.ts";
import type { ServiceDecl } from "../../src/model/unit-set.ts";
import { S, service, state, readyByLog, RESTART } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));
const after = (...names: string[]) => names.map((name) => ({ service: name, is: "ready" as const }));

test("26: after waits for all of its services, then starts once", async () => {
  const services = [
    service("g@a", { startOn: [S("g@A")] }),
    service("g@b", { startOn: [S("g@B")] }),
    service("g@s", { after: after("g@a", "g@b") }),
  ];
  const r = rig({ states: none("g@A", "g@B"), services });
  expect(r.phase("g@s")).toBe("blocked");
  await r.set("g@A");
  expect(r.api.status("g@s")).toMatchObject({ phase: "blocked", waiting: ["after: g@b is not ready (g@b is inactive)"] });
  await r.set("g@B");
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@a", "g@b", "g@s"], 3]);
});

test("28: a crash and restart of a dependency starts no second process of who waited for it", () => {
  const restart = { ...service("x").restart, on: "always" as const };
  const r = rig({ services: [service("g@db", { restart }), service("g@api", { after: after("g@db") })] });
  r.launcher.exit("g@db", 1);
  r.rest();
  expect(r.up()).toEqual(["g@api", "g@db"]);
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@api")).toHaveLength(1);
});

test("29: start-on holds while the dependency is down: blocked, and up when it comes", async () => {
  const services = [service("g@db", { startOn: [S("g@B")] }), service("g@s", { startOn: [S("g@A")], after: after("g@db") })];
  const r = rig({ states: none("g@A", "g@B"), services });
  await r.set("g@A");
  expect([r.up(), r.phase("g@s")]).toEqual([[], "blocked"]);
  await r.set("g@B");
  expect(r.up()).toEqual(["g@db", "g@s"]);
});

test("a guard that is lost while blocked cancels the start", async () => {
  const services = [service("g@db", { startOn: [S("g@B")] }), service("g@s", { startOn: [S("g@A")], after: after("g@db") })];
  const r = rig({ states: none("g@A", "g@B"), services });
  await r.set("g@A");
  await r.unset("g@A");
  expect(r.phase("g@s")).toBe("inactive");
  await r.set("g@B");
  expect(r.up()).toEqual(["g@db"]);
});

test("after a oneshot waits for its success", () => {
  const r = rig({ services: [service("g@migrate", { type: "oneshot" }), service("g@s", { after: after("g@migrate") })] });
  expect(r.up()).toEqual(["g@migrate"]);
  r.launcher.exit("g@migrate", 0);
  expect(r.up()).toEqual(["g@s"]);
});

test("36: a program that is not there leaves its service failed with the reason, and dependents not started", () => {
  const r = rig({ services: [service("g@bad", { startOn: [S("g@A")] }), service("g@s", { after: after("g@bad") })], states: none("g@A") });
  r.launcher.refuses.set("g@bad", { kind: "not-found", message: "no program /nope" });
  void r.set("g@A");
  expect(r.api.status("g@bad")).toMatchObject({ phase: "failed", reason: "no program /nope" });
  expect(r.api.status("g@s")).toMatchObject({ phase: "blocked", waiting: ["after: g@bad is not ready (g@bad is failed)"] });
});

test("a chain of a thousand starts in order, within one event each", () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `g@s${String(i).padStart(4, "0")}`);
  const services = names.map((name, i) => service(name, { after: i === 0 ? [] : after(names[i - 1] ?? "") }));
  const r = rig({ services: [...services].reverse() });
  expect(r.launcher.launched.map(({ plan }) => plan.instance)).toEqual(names);
});

const never = { ...RESTART, on: "never" as const };

test("N31: a diamond: the consumer starts when both producers are ready, and each of these once", () => {
  const producer = (name: string): ServiceDecl => service(name, { after: after("g@source"), ready: readyByLog("ready") });
  const r = rig({ services: [service("g@sink", { after: after("g@p", "g@q") }), producer("g@p"), producer("g@q"), service("g@source")] });
  expect(r.launcher.asked).toEqual(["launch g@source", "launch g@p", "launch g@q"]);
  r.launcher.print("g@q", "ready\n");
  expect([r.up(), r.phase("g@sink")]).toEqual([["g@p", "g@q", "g@source"], "blocked"]);
  r.launcher.print("g@p", "ready\n");
  expect(r.launcher.asked).toEqual(["launch g@source", "launch g@p", "launch g@q", "launch g@sink"]);
});

test("N32, N33: with started a chain comes up in order, long before anybody is ready", () => {
  const started = (name: string) => [{ service: name, is: "started" as const }];
  const r = rig({
    services: [
      service("g@c", { after: started("g@b") }),
      service("g@b", { after: started("g@a"), ready: readyByLog("never") }),
      service("g@a", { ready: readyByLog("never") }),
    ],
  });
  expect(r.launcher.asked).toEqual(["launch g@a", "launch g@b", "launch g@c"]);
  expect([r.phase("g@a"), r.phase("g@b"), r.phase("g@c")]).toEqual(["starting", "starting", "running"]);
});

test("a process that is being stopped is nothing to start after", async () => {
  const follower = service("g@b", { startOn: [S("g@A")], after: [{ service: "g@a", is: "started" }] });
  const r = rig({ states: none("g@A"), services: [service("g@a"), follower] });
  r.launcher.ignoresTerm.add("g@a");
  const stopped = r.api.stop(["g@a"], { force: false });
  await r.set("g@A");
  expect(r.api.status("g@b")).toMatchObject({ phase: "blocked", waiting: ["after: g@a is not started (g@a is stopping)"] });
  r.rest();
  await stopped;
  expect(r.up()).toEqual([]);
});

/** What the other does, and whether its dependent runs while it is up, once it has ended with 0, and once it has ended with 1. */
const TABLE: readonly [ServiceDecl["type"], ServiceIs, readonly [boolean, boolean, boolean]][] = [
  ["simple", "started", [true, true, true]],
  ["simple", "ready", [true, true, true]],
  ["simple", "completed", [false, true, true]],
  ["simple", "succeeded", [false, true, false]],
  ["oneshot", "started", [true, true, true]],
  ["oneshot", "ready", [false, true, false]],
  ["oneshot", "succeeded", [false, true, false]],
  ["oneshot", "completed", [false, true, true]],
  ["oneshot", "failed", [false, false, true]],
];

test.each(TABLE)(
  "N34: after a %s that is %s, the dependent runs exactly when that is so",
  (type, is, [whileUp, afterSuccess, afterFailure]) => {
    const make = () => rig({ services: [service("g@a", { type, restart: never }), service("g@b", { after: [{ service: "g@a", is }] })] });
    const runs = (r: ReturnType<typeof rig>): boolean => r.up().includes("g@b");
    const good = make();
    expect(runs(good)).toBe(whileUp);
    good.launcher.exit("g@a", 0);
    expect(runs(good)).toBe(afterSuccess);
    const bad = make();
    bad.launcher.exit("g@a", 1);
    expect(runs(bad)).toBe(afterFailure);
  },
);

test("N34: a process that fails before it is ready does not let its dependent start, one that began does", () => {
  const make = (is: ServiceIs) =>
    rig({
      services: [service("g@a", { ready: readyByLog("never"), restart: never }), service("g@b", { after: [{ service: "g@a", is }] })],
    });
  for (const [is, runs] of [
    ["ready", false],
    ["healthy", false],
    ["started", true],
    ["completed", true],
  ] as const) {
    const r = make(is);
    r.launcher.exit("g@a", 1);
    expect([is, r.up()]).toEqual([is, runs ? ["g@b"] : []]);
  }
});

test("N23: a oneshot that fails keeps its follower blocked, and the reason names it and its phase", () => {
  const r = rig({ services: [service("g@a", { type: "oneshot", restart: never }), service("g@b", { after: after("g@a") })] });
  r.launcher.exit("g@a", 1);
  r.rest();
  expect(r.api.status("g@b")).toMatchObject({ phase: "blocked", waiting: ["after: g@a is not ready (g@a is failed)"] });
});

test("N29: after orders only: what it names may fail for good, and its follower goes on", () => {
  const r = rig({ services: [service("g@a", { restart: never }), service("g@b", { after: after("g@a") })] });
  r.launcher.exit("g@a", 1);
  r.rest();
  expect([r.phase("g@a"), r.up()]).toEqual(["failed", ["g@b"]]);
});

test("N22: after waits for the readiness of what it names, and a readiness that is lost later is no loss", () => {
  const r = rig({ services: [service("g@a", { ready: readyByLog("ready") }), service("g@b", { after: after("g@a") })] });
  expect([r.up(), r.phase("g@a"), r.phase("g@b")]).toEqual([["g@a"], "starting", "blocked"]);
  r.launcher.print("g@a", "ready\n");
  expect(r.up()).toEqual(["g@a", "g@b"]);
});
