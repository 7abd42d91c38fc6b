import { expect, test } from "vitest";
import { S, service, state } from "../support/decls.ts";
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
