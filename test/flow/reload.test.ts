import { expect, test } from "vitest";
import { branching, G, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));

test("106: a reload stops what was removed, judges what was added against the states of now, and derives anew", async () => {
  const states = [...none("g@A", "g@B"), state("g@D", { payload: "none", after: [S("g@A")] })];
  const r = rig({ states, services: [service("g@old"), service("g@kept"), service("g@d", { startOn: [S("g@D")] })] });
  await r.set("g@B");
  const answer = await r.reload({
    states: [...none("g@A", "g@B"), state("g@D", { payload: "none", after: [S("g@B")] })],
    services: [service("g@kept"), service("g@d", { startOn: [S("g@D")] }), service("g@new", { startOn: [S("g@B")] })],
  });
  r.rest();
  expect(answer).toMatchObject({ added: ["g@new"], removed: ["g@old"], changed: [], stale: [] });
  expect(r.up()).toEqual(["g@d", "g@kept", "g@new"]);
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@kept")).toHaveLength(1);
  expect(() => r.api.status("g@old")).toThrow("no service g@old");
});

test("a reload is no boot: what had ended or was stopped by hand stays down, only a level that rose starts", async () => {
  const services = [service("g@ended"), service("g@stopped"), service("g@rises", { startOn: [S("g@B")] })];
  const r = rig({ states: none("g@A", "g@B"), services });
  await r.set("g@A");
  r.launcher.exit("g@ended", 0);
  const stopped = r.api.stop(["g@stopped"], { force: false });
  r.rest();
  await stopped;
  await r.reload({
    states: none("g@A", "g@B"),
    services: [service("g@ended"), service("g@stopped"), service("g@rises", { startOn: [S("g@A")] })],
  });
  expect(r.up()).toEqual(["g@rises"]);
});

test("a changed condition counts at once, a changed command at the next start, which list shows as stale", async () => {
  const run = { ...service("x").run, args: ["new"] };
  const r = rig({ states: none("g@A"), services: [service("g@s"), service("g@c")] });
  const answer = await r.reload({ states: none("g@A"), services: [service("g@s", { run }), service("g@c", { startOn: [S("g@A")] })] });
  r.rest();
  expect(answer).toMatchObject({ changed: ["g@c", "g@s"], stale: ["g@s"] });
  expect(r.up()).toEqual(["g@s"]);
  expect(r.api.status("g@s")).toMatchObject({ stale: true });
  const restarted = r.api.restart(["g@s"]);
  r.rest();
  await restarted;
  expect(r.launcher.last("g@s").plan.args).toEqual(["new"]);
  expect(r.api.status("g@s")).toMatchObject({ stale: false });
});

test("another log file comes with the next start, which list shows as stale", async () => {
  const log = { ...service("x").log, file: "/log/s.log" };
  const r = rig({ services: [service("g@s")] });
  expect(await r.reload({ services: [service("g@s", { log })] })).toMatchObject({ changed: ["g@s"], stale: ["g@s"] });
});

test("reload with restart restarts what is stale, and nothing else", async () => {
  const run = { ...service("x").run, args: ["new"] };
  const r = rig({ services: [service("g@s"), service("g@t")] });
  await r.reload({ services: [service("g@s", { run }), service("g@t")] }, { restart: true });
  r.rest();
  expect(r.launcher.launched.map(({ plan }) => plan.instance)).toEqual(["g@s", "g@t", "g@s"]);
});

test("another source-state or key ends the old instances", async () => {
  const states = [state("g@A"), state("g@B")];
  const r = rig({ states, services: [service("g@s", { branching: branching("g@A") })] });
  await r.set("g@A", { id: "x" });
  await r.set("g@B", { id: "y" });
  await r.reload({ states, services: [service("g@s", { branching: branching("g@B") })] });
  r.rest();
  expect(r.up()).toEqual(["g@s/y"]);
});

test("what a reload derives anew is no edge for signals, but rind@reload is emitted", async () => {
  const services = [service("g@edge", { startOn: [G("g@x")] }), service("g@on", { startOn: [G("rind@reload")] })];
  const before = { states: none("g@A", "g@B"), signals: [signal("g@x", { after: [S("g@B")] })], services };
  const r = rig(before);
  await r.set("g@A");
  await r.reload({ ...before, signals: [signal("g@x", { after: [S("g@A")] })] });
  expect(r.up()).toEqual(["g@on"]);
});

test("a stored state whose declaration goes is set aside, and returns with it", async () => {
  const r = rig({ states: [state("g@A"), state("g@B")] });
  await r.set("g@A", { id: 1 });
  await r.reload({ states: [state("g@B")] });
  expect(() => r.api.get("g@A")).toThrow("no state g@A");
  expect(r.logged.some(({ message }) => message.startsWith("a stored state is set aside"))).toBe(true);
  await r.reload({ states: [state("g@A"), state("g@B")] });
  expect(r.branches("g@A")).toEqual([{ id: 1 }]);
});

test("107: a set with errors changes nothing", async () => {
  const r = rig({ services: [service("g@s")] });
  const before = r.api.list();
  await expect(r.reload({ services: [service("g@s", { startOn: [G("g@none")] })] })).rejects.toThrow("g@none");
  expect(r.api.list()).toEqual(before);
});
