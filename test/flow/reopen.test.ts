import { expect, test } from "vitest";
import { G, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));

test("states set by hand are there after a restart, derived ones are derived again", async () => {
  const units = { states: [state("g@A"), state("g@D", { after: [S("g@A")] })] };
  const r = rig(units);
  await r.set("g@A", { id: 1, x: 1 });
  await r.set("g@A", { id: 2 });
  await r.unset("g@A", { id: 2 });
  const again = rig(units, { store: r.store.reopened() });
  expect([again.branches("g@A"), again.branches("g@D")]).toEqual([[{ id: 1, x: 1 }], [{ id: 1, x: 1 }]]);
  expect([...r.store.entries.keys()].filter((key) => key.startsWith("state g@D"))).toEqual([]);
});

test("101: a state that is kept in memory only is not there after a restart", async () => {
  const units = { states: [state("g@_tmp", { persist: "memory" }), state("g@kept")] };
  const r = rig(units);
  await r.set("g@_tmp", { id: 1 });
  await r.set("g@kept", { id: 1 });
  const again = rig(units, { store: r.store.reopened() });
  expect([again.branches("g@_tmp"), again.branches("g@kept")]).toEqual([[], [{ id: 1 }]]);
});

test("a state that ends with the boot is gone when the machine has booted anew", async () => {
  const units = { states: [state("g@A", { persist: "boot" })] };
  const r = rig(units);
  await r.set("g@A", { id: 1 });
  expect(rig(units, { store: r.store.reopened() }).branches("g@A")).toEqual([{ id: 1 }]);
  expect(rig(units, { store: r.store.reopened(), bootId: "boot-2" }).branches("g@A")).toEqual([]);
});

test("67: a signal is not listed among the states, and is not there after a restart", async () => {
  const units = {
    signals: [signal("g@x")],
    services: [service("g@s", { startOn: [G("g@x")], restart: { ...service("x").restart, on: "never" as const } })],
  };
  const r = rig(units);
  await r.emit("g@x");
  expect(r.api.states().map(({ name }) => name)).not.toContain("g@x");
  r.launcher.exit("g@s", 0);
  const again = rig(units, { store: r.store.reopened() });
  expect(again.up()).toEqual([]);
});

test("a daemon that follows one that died goes on from the recorded runs, and emits no rind@boot", async () => {
  const units = {
    states: none("g@A"),
    services: [
      service("g@up"),
      service("g@ended"),
      service("g@stopped"),
      service("g@boot", { startOn: [G("rind@boot")] }),
      service("g@a", { startOn: [S("g@A")] }),
    ],
  };
  const r = rig(units);
  r.launcher.exit("g@ended", 0);
  r.launcher.exit("g@boot", 0);
  const stopped = r.api.stop(["g@stopped"], { force: false });
  r.rest();
  await stopped;
  const again = rig(units, { store: r.store.reopened() });
  expect(again.up()).toEqual(["g@up"]);
  expect(again.phase("g@ended")).toBe("exited");
  expect(again.api.status("g@stopped")).toMatchObject({ phase: "exited", reason: "stop by hand" });
  await again.set("g@A");
  expect(again.up()).toEqual(["g@a", "g@up"]);
});

test("what was asked to stop stays down under the next daemon, also where it was not down yet or waited", async () => {
  const units = {
    services: [
      service("g@db"),
      service("g@app", { requires: [{ service: "g@db", is: "ready", onLoss: "stop" }] }),
      service("g@off", { status: "stop" }),
      service("g@waits", { after: [{ service: "g@off", is: "ready" }] }),
    ],
  } satisfies Parameters<typeof rig>[0];
  const r = rig(units);
  r.launcher.ignoresTerm.add("g@app");
  await r.api.stop(["g@waits"], { force: false });
  void r.api.stop(["g@db"], { force: false });
  expect([r.phase("g@db"), r.phase("g@app"), r.phase("g@waits")]).toEqual(["stopping", "stopping", "inactive"]);
  const again = rig(units, { store: r.store.reopened() });
  expect(again.up()).toEqual([]);
  expect([again.phase("g@db"), again.phase("g@app"), again.phase("g@waits")]).toEqual(["exited", "blocked", "inactive"]);
  await again.api.start(["g@db"], { force: false });
  expect(again.up()).toEqual(["g@app", "g@db"]);
});

test("what waited or was between two tries goes on under the next daemon, and pulls in nothing anew", async () => {
  const units = {
    signals: [signal("g@x")],
    services: [
      service("g@off", { status: "stop" }),
      service("g@waits", { startOn: [G("g@x")], after: [{ service: "g@off", is: "ready" }] }),
      service("g@crash", { startOn: [G("g@x")] }),
      service("g@db", { restart: { ...service("x").restart, on: "never" } }),
      service("g@app", { requires: [{ service: "g@db", is: "ready", onLoss: "stop" }] }),
    ],
  } satisfies Parameters<typeof rig>[0];
  const r = rig(units);
  await r.emit("g@x");
  r.launcher.exit("g@crash", 1);
  r.launcher.exit("g@db", 1);
  r.clock.advance(10);
  const phases = (of: typeof r) => ["g@waits", "g@crash", "g@db", "g@app"].map((name) => of.phase(name));
  expect(phases(r)).toEqual(["blocked", "backoff", "failed", "blocked"]);
  const again = rig(units, { store: r.store.reopened() });
  expect(phases(again)).toEqual(["blocked", "running", "failed", "blocked"]);
  await again.api.start(["g@off"], { force: false });
  await again.api.start(["g@db"], { force: false });
  expect(phases(again)).toEqual(["running", "running", "running", "running"]);
});

test("what a stop-on took down comes back when that clears, also under the next daemon", async () => {
  const units = { states: none("g@M"), services: [service("g@s", { stopOn: [S("g@M")] }), service("g@kept", { stopOn: [S("g@M")] })] };
  const r = rig(units);
  const stopped = r.api.stop(["g@kept"], { force: false });
  r.rest();
  await stopped;
  await r.set("g@M");
  r.rest();
  const again = rig(units, { store: r.store.reopened() });
  expect(again.up()).toEqual([]);
  await again.unset("g@M");
  expect(again.up()).toEqual(["g@s"]);
});

test("after a reboot of the machine everything is judged as at boot", async () => {
  const units = { services: [service("g@ended"), service("g@boot", { startOn: [G("rind@boot")] })] };
  const r = rig(units);
  r.launcher.exit("g@ended", 0);
  const again = rig(units, { store: r.store.reopened(), bootId: "boot-2" });
  expect(again.up()).toEqual(["g@boot", "g@ended"]);
});

test("an override of a variable is kept", async () => {
  const units = { variables: [{ name: "g@v", default: "d", env: "V" }] };
  const r = rig(units, { env: { V: "e" } });
  expect(r.api.variables()).toEqual([{ name: "g@v", value: "e", from: "env" }]);
  await r.api.setVariable("g@v", "o");
  const again = rig(units, { store: r.store.reopened() });
  expect(again.api.variables()).toEqual([{ name: "g@v", value: "o", from: "override" }]);
  await again.api.setVariable("g@v", undefined);
  expect(again.api.variables()).toEqual([{ name: "g@v", value: "d", from: "default" }]);
});

test("what cannot be stored stands in memory, is answered as not stored, and shows as degraded until it is", async () => {
  const r = rig({ states: [state("g@A")] });
  r.store.refusal = new Error("no space left on device");
  await expect(r.set("g@A", { id: 1 })).rejects.toThrow("no space left on device");
  expect([r.branches("g@A"), r.branches("rind@degraded")]).toEqual([
    [{ id: 1 }],
    [{ item: "state-store", message: "no space left on device" }],
  ]);
  r.store.refusal = undefined;
  await r.set("g@A", { id: 2 });
  expect(r.branches("rind@degraded")).toEqual([]);
});
