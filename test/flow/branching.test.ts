import { expect, test } from "vitest";
import type { ServiceDecl } from "../../src/model/unit-set.ts";
import { branching, G, S, service, signal, state, V } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const login = state("g@login", { branch: [{ target: "sid", source: "sid" }] });
const session = (given: Partial<ServiceDecl> = {}): ServiceDecl => service("g@sess", { branching: branching("g@login", "user"), ...given });

test("68: one process per distinct key, with the key in its environment; the end of a branch stops only its own", async () => {
  const r = rig({ states: [state("g@login", { branch: [{ target: "user", source: "user" }] })], services: [session()] });
  await r.set("g@login", { user: "al" });
  await r.set("g@login", { user: "bo" });
  expect(r.up()).toEqual(["g@sess/al", "g@sess/bo"]);
  expect(r.launcher.last("g@sess/al").plan.env).toEqual({ RIND_SERVICE: "g@sess/al", RIND_BRANCH_KEY: "al" });
  await r.unset("g@login", { user: "al" });
  r.rest();
  expect(r.up()).toEqual(["g@sess/bo"]);
  expect(r.supervisor.instances.get("g@sess/al")).toBeUndefined();
});

test("69: without a key the field id is used", async () => {
  const r = rig({ states: [state("g@disk")], services: [service("g@fsck", { branching: branching("g@disk") })] });
  await r.set("g@disk", { id: "sda" });
  expect(r.up()).toEqual(["g@fsck/sda"]);
});

test("an instance lives from its first branch to its last, and a change of payload does not restart it", async () => {
  const r = rig({ states: [login], services: [session()] });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@login", { sid: 2, user: "al" });
  await r.set("g@login", { sid: 1, tty: "tty1" });
  await r.unset("g@login", { sid: 1 });
  r.rest();
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@sess/al"], 1]);
  await r.unset("g@login", { sid: 2 });
  r.rest();
  expect(r.up()).toEqual([]);
});

test("71: under max-instances the second waits blocked until the first is down", async () => {
  const r = rig({
    states: [state("g@disk")],
    services: [service("g@fsck", { branching: branching("g@disk", "id", { maxInstances: 1 }) })],
  });
  await r.set("g@disk", { id: "a" });
  await r.set("g@disk", { id: "b" });
  expect([r.up(), r.phase("g@fsck/b")]).toEqual([["g@fsck/a"], "blocked"]);
  expect(r.api.status("g@fsck/b")).toMatchObject({ waiting: ["branching: the one place of max-instances is taken"] });
  await r.unset("g@disk", { id: "a" });
  expect([r.up(), r.phase("g@fsck/b")]).toEqual([["g@fsck/a"], "blocked"]);
  r.rest();
  expect(r.up()).toEqual(["g@fsck/b"]);
});

test("places go by the age of the branch, and what ended for good frees its own", async () => {
  const r = rig({
    states: [state("g@disk")],
    services: [service("g@fsck", { branching: branching("g@disk", "id", { maxInstances: 1 }) })],
  });
  for (const id of ["a", "b", "c"]) await r.set("g@disk", { id });
  r.launcher.exit("g@fsck/a", 0);
  expect(r.up()).toEqual(["g@fsck/b"]);
  r.launcher.exit("g@fsck/b", 0);
  expect(r.up()).toEqual(["g@fsck/c"]);
});

test("a waiting instance whose branch goes gives up its wish", async () => {
  const r = rig({
    states: [state("g@disk")],
    services: [service("g@fsck", { branching: branching("g@disk", "id", { maxInstances: 1 }) })],
  });
  for (const id of ["a", "b", "c"]) await r.set("g@disk", { id });
  await r.unset("g@disk", { id: "b" });
  await r.unset("g@disk", { id: "a" });
  r.rest();
  expect(r.up()).toEqual(["g@fsck/c"]);
});

test("a branch whose gate does not hold takes no place", async () => {
  const up = state("g@up", { branch: [{ target: "id", source: "id" }] });
  const decl = service("g@fsck", { startOn: [S("g@up")], branching: branching("g@disk", "id", { maxInstances: 1 }) });
  const r = rig({ states: [state("g@disk"), up], services: [decl] });
  await r.set("g@disk", { id: "a" });
  await r.set("g@disk", { id: "b" });
  await r.set("g@up", { id: "b" });
  expect(r.up()).toEqual(["g@fsck/b"]);
});

test("72: a branch without the key makes no instance, and a warning", async () => {
  const r = rig({ states: [login], services: [session()] });
  await r.set("g@login", { sid: 1 });
  expect([r.up(), [...r.supervisor.instances.all()]]).toEqual([[], []]);
  expect(r.logged.map(({ message }) => message)).toContain("a branch of g@login without user gets no instance");
});

test("73: except skips a key, only allows no other, and both together allow only without except", async () => {
  const taken = state("g@taken", { branch: [{ target: "user", source: "user" }] });
  const make = (given: Partial<NonNullable<ServiceDecl["branching"]>>) => session({ branching: branching("g@login", "user", given) });
  const run = async (decl: ServiceDecl): Promise<string[]> => {
    const r = rig({ states: [login, taken], services: [decl] });
    await r.set("g@taken", { user: "bo" });
    for (const [sid, user] of ["al", "bo", "cy"].entries()) await r.set("g@login", { sid, user });
    return r.up();
  };
  const byState = [{ kind: "state", name: "g@taken" }] as const;
  expect(await run(make({ except: byState }))).toEqual(["g@sess/al", "g@sess/cy"]);
  expect(await run(make({ only: byState }))).toEqual(["g@sess/bo"]);
  expect(await run(make({ only: [{ kind: "text", text: "al" }, ...byState], except: byState }))).toEqual(["g@sess/al"]);
});

test("an instance that becomes excepted stops, and comes back when it no longer is", async () => {
  const taken = state("g@taken", { branch: [{ target: "user", source: "user" }] });
  const r = rig({
    states: [login, taken],
    services: [session({ branching: branching("g@login", "user", { except: [{ kind: "state", name: "g@taken" }] }) })],
  });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@taken", { user: "al" });
  r.rest();
  expect(r.up()).toEqual([]);
  await r.unset("g@taken");
  expect(r.up()).toEqual(["g@sess/al"]);
});

test("var in except is a level too", async () => {
  const decl = session({ branching: branching("g@login", "user", { except: [{ kind: "variable", name: "g@banned" }] }) });
  const r = rig({ states: [login], services: [decl], variables: [{ name: "g@banned", default: ["bo"], env: undefined }] });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@login", { sid: 2, user: "bo" });
  expect(r.up()).toEqual(["g@sess/al"]);
  await r.api.setVariable("g@banned", "al");
  r.rest();
  expect(r.up()).toEqual(["g@sess/bo"]);
});

test("74: an instance that crashes comes back with the same key, and the data of its start", async () => {
  const transport = [
    { id: "env", required: false, options: [{ prefix: "TTY", value: { kind: "own-branch", path: ["tty"], fallback: undefined } }] },
  ] as const;
  const r = rig({ states: [login], services: [session({ transport, restart: { ...service("x").restart, on: "always" } })] });
  await r.set("g@login", { sid: 1, user: "al", tty: "tty1" });
  await r.set("g@login", { sid: 1, tty: "tty9" });
  r.launcher.exit("g@sess/al", 1);
  r.clock.advance(1_000);
  expect(r.launcher.launched.map(({ plan }) => plan.env)).toEqual([
    { RIND_SERVICE: "g@sess/al", RIND_BRANCH_KEY: "al", TTY: "tty1" },
    { RIND_SERVICE: "g@sess/al", RIND_BRANCH_KEY: "al", TTY: "tty1" },
  ]);
});

test("76: stop-on stops all instances, or the one whose branch carries the key", async () => {
  const lock = state("g@lock", { branch: [{ target: "user", source: "user" }] });
  const r = rig({ states: [login, lock, state("g@off", { payload: "none" })], services: [session({ stopOn: [S("g@lock"), S("g@off")] })] });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@login", { sid: 2, user: "bo" });
  await r.set("g@lock", { user: "al" });
  r.rest();
  expect(r.up()).toEqual(["g@sess/bo"]);
  await r.set("g@off");
  r.rest();
  expect(r.up()).toEqual([]);
  await r.unset("g@off");
  expect(r.up()).toEqual(["g@sess/bo"]);
});

test("77: the number 1 and the text 1 are one branch and one instance", async () => {
  const r = rig({ states: [state("g@disk")], services: [service("g@fsck", { branching: branching("g@disk") })] });
  await r.set("g@disk", { id: 1 });
  await r.set("g@disk", { id: "1" });
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@fsck/1"], 1]);
});

test("a signal that carries the key reaches only that instance, one without it all", async () => {
  const r = rig({ states: [login], signals: [signal("g@x")], services: [session({ startOn: [G("g@x")] })] });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@login", { sid: 2, user: "bo" });
  await r.emit("g@x", { user: "al" });
  expect(r.up()).toEqual(["g@sess/al"]);
  await r.emit("g@x");
  expect(r.up()).toEqual(["g@sess/al", "g@sess/bo"]);
});

test("rind stop by the plain name holds for instances to come, until rind start", async () => {
  const r = rig({ states: [login], services: [session()] });
  await r.set("g@login", { sid: 1, user: "al" });
  const stopped = r.api.stop(["g@sess"], { force: false });
  r.rest();
  await stopped;
  await r.set("g@login", { sid: 2, user: "bo" });
  expect(r.up()).toEqual([]);
  await r.api.start(["g@sess"], { force: false });
  expect(r.up()).toEqual(["g@sess/al", "g@sess/bo"]);
  await r.set("g@login", { sid: 3, user: "cy" });
  expect(r.up()).toEqual(["g@sess/al", "g@sess/bo", "g@sess/cy"]);
});

test("a condition on a branching service asks for at least one instance, and all of them", async () => {
  const go = state("g@go", { branch: [{ target: "user", source: "user" }] });
  const r = rig({ states: [login, go], services: [session({ startOn: [S("g@go")] }), service("g@all", { startOn: [V("g@sess")] })] });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@login", { sid: 2, user: "bo" });
  await r.set("g@go", { user: "al" });
  expect(r.up()).toEqual(["g@sess/al"]);
  await r.set("g@go", { user: "bo" });
  expect(r.up()).toEqual(["g@all", "g@sess/al", "g@sess/bo"]);
});

test("two services with the same key pair by it: each instance waits for its partner", async () => {
  const bus = service("g@bus", { branching: branching("g@bussed", "user") });
  const app = session({ after: [{ service: "g@bus", is: "ready" }] });
  const r = rig({ states: [login, state("g@bussed", { branch: [{ target: "user", source: "user" }] })], services: [bus, app] });
  await r.set("g@login", { sid: 1, user: "al" });
  await r.set("g@login", { sid: 2, user: "bo" });
  expect(r.api.status("g@sess/al")).toMatchObject({ phase: "blocked", waiting: ["after: g@bus is not ready (there is no g@bus/al)"] });
  await r.set("g@bussed", { user: "bo" });
  expect(r.up()).toEqual(["g@bus/bo", "g@sess/bo"]);
});
