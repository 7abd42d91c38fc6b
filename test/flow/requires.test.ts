import { expect, test } from "vitest";
import type { OrderItem, RequiredItem, ServiceDecl } from "../../src/model/unit-set.ts";
import { branching, G, S, V, service, signal, state, readyByLog, RESTART } from "../support/decls.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { rig } from "../support/rig.ts";

type Rig = ReturnType<typeof rig>;
const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));
const requires = (name: string, given: Partial<RequiredItem> = {}): RequiredItem => ({
  service: name,
  is: "ready",
  onLoss: "stop",
  ...given,
});
const wants = (name: string, is: OrderItem["is"] = "ready"): OrderItem => ({ service: name, is });
const idle = { startOn: [G("g@go")] };
const never = { ...RESTART, on: "never" as const };
const NEVER_READY = readyByLog("never");

const go = { signals: [signal("g@go")] };

async function stop(r: Rig, ...names: string[]): Promise<void> {
  const stopped = r.api.stop(names, { force: false });
  r.rest();
  await stopped;
}

/** What was asked of processes since the last call. */
function asker(r: Rig): () => readonly string[] {
  let seen = 0;
  return () => {
    const asked = r.launcher.asked.slice(seen);
    seen = r.launcher.asked.length;
    return asked;
  };
}

const chain = (given: Partial<ServiceDecl> = {}) => [
  service("g@a", given),
  service("g@b", { requires: [requires("g@a")] }),
  service("g@c", { requires: [requires("g@b")] }),
];

test("requires pulls in what it needs, to any depth, though no start-on of it holds, and waits for it", async () => {
  const r = rig({
    ...go,
    services: [
      service("g@app", { ...idle, requires: [requires("g@db")] }),
      service("g@db", { startOn: [G("g@x")], requires: [requires("g@disk")] }),
      service("g@disk", { startOn: [G("g@x")], type: "oneshot" }),
    ],
    signals: [signal("g@go"), signal("g@x")],
  });
  await r.emit("g@go");
  expect([r.up(), r.phase("g@app"), r.phase("g@db")]).toEqual([["g@disk"], "blocked", "blocked"]);
  expect(r.api.status("g@app")).toMatchObject({ waiting: ["requires: g@db is not ready (g@db is blocked)"] });
  r.launcher.exit("g@disk", 0);
  expect(r.launcher.asked).toEqual(["launch g@disk", "launch g@db", "launch g@app"]);
  expect(r.reason("g@db")).toBe("its process is up");
});

test("a pull is told with its reason, and a start by hand pulls as a condition does", async () => {
  const r = rig({ ...go, services: [service("g@app", { ...idle, requires: [requires("g@db")] }), service("g@db", idle)] });
  const [row] = await r.api.start(["g@app"], { force: false });
  expect([row?.phase, r.up()]).toEqual(["running", ["g@app", "g@db"]]);
  const asked = r.supervisor.history.last(50, (fact) => fact.kind === "request");
  expect(asked).toMatchObject([
    { instance: "g@app", reason: "start by hand" },
    { instance: "g@db", reason: "pulled in by g@app (requires)" },
  ]);
});

test("004-P3: a required service that fails keeps its dependent blocked, with it as the reason", () => {
  const r = rig({ services: [service("g@db", { restart: never, type: "oneshot" }), service("g@app", { requires: [requires("g@db")] })] });
  r.launcher.exit("g@db", 1);
  r.rest();
  expect([r.up(), r.phase("g@app")]).toEqual([[], "blocked"]);
  expect(r.api.status("g@app")).toMatchObject({ waiting: ["requires: g@db is not ready (g@db is failed)"] });
});

test("N41: stopping what others require stops these first, and stopping them leaves it alone", async () => {
  const r = rig({
    services: [
      service("g@database"),
      service("g@app", { requires: [requires("g@database")] }),
      service("g@worker", { requires: [requires("g@database")] }),
    ],
  });
  const asked = asker(r);
  await stop(r, "g@app");
  expect(r.up()).toEqual(["g@database", "g@worker"]);
  await r.api.start(["g@app"], { force: false });
  asked();
  const stopped = r.api.stop(["g@database"], { force: false });
  expect(asked()).toEqual(["SIGTERM g@app", "SIGTERM g@worker"]);
  expect(r.api.status("g@database")).toMatchObject({ phase: "stopping" });
  r.rest();
  await stopped;
  expect(asked()).toEqual(["SIGTERM g@database"]);
  expect([r.phase("g@app"), r.phase("g@database"), r.up()]).toEqual(["blocked", "exited", []]);
});

test("N73: c requires b requires a: they stop as c, b, a, each finished before the next begins", async () => {
  const r = rig({ services: chain() });
  const told: string[] = [];
  for (const name of ["g@a", "g@b", "g@c"]) r.supervisor.bus.phase(name).subscribe(({ to }) => told.push(`${name} ${to}`));
  const asked = asker(r);
  asked();
  await stop(r, "g@a");
  expect(asked()).toEqual(["SIGTERM g@c", "SIGTERM g@b", "SIGTERM g@a"]);
  expect(told).toEqual(["g@a stopping", "g@b stopping", "g@c stopping", "g@c blocked", "g@b blocked", "g@a exited"]);
});

test("a held stop says for whom it waits, and its own time does not run", () => {
  const r = rig({
    services: [service("g@a", { stopTimeoutMs: 100 }), service("g@b", { requires: [requires("g@a")], stopTimeoutMs: 60_000 })],
  });
  r.launcher.ignoresTerm.add("g@b");
  void r.api.stop(["g@a"], { force: false });
  r.clock.advance(10_000);
  expect(r.launcher.asked.filter((asked) => asked.endsWith("g@a"))).toEqual(["launch g@a"]);
  const { waiting } = r.api.why("g@a");
  expect([r.phase("g@a"), waiting[0]]).toEqual(["stopping", "stop: g@b, which requires it, has to be down first (g@b is stopping)"]);
  r.clock.advance(60_000);
  expect(r.up()).toEqual([]);
});

test("a held stop goes on when a reload takes the requirement away, though who is stopping for it starts again at once", async () => {
  const services = (requiring: ServiceDecl["requires"]) => [service("g@a"), service("g@b", { requires: requiring })];
  const r = rig({ services: services([requires("g@a")]) });
  r.launcher.ignoresTerm.add("g@b");
  void r.api.stop(["g@a"], { force: false });
  await r.reload({ services: services([]) });
  r.rest();
  expect([r.phase("g@a"), r.phase("g@b"), r.up()]).toEqual(["exited", "running", ["g@b"]]);
});

test("a held stop that is forced after all is held by nobody any more, and says so", () => {
  const r = rig({ services: chain() });
  r.launcher.ignoresTerm.add("g@c");
  r.launcher.undying.add("g@a");
  void r.api.stop(["g@a"], { force: false });
  void r.api.stop(["g@a"], { force: true });
  expect(r.api.status("g@a")).toMatchObject({
    waiting: ["still there: g@a (pid 1001)", "it was killed, and is killed again until nothing is left"],
  });
});

test("a forced stop waits for nobody, and still stops who requires it", async () => {
  const r = rig({ services: [service("g@a"), service("g@b", { requires: [requires("g@a")] })] });
  const asked = asker(r);
  asked();
  const stopped = r.api.stop(["g@a"], { force: true });
  r.rest();
  await stopped;
  expect(asked()).toEqual(["SIGKILL g@a", "SIGTERM g@b"]);
  expect(r.phase("g@b")).toBe("blocked");
});

test("what was stopped for a loss starts when the other is back; what was stopped by hand does not", async () => {
  const r = rig({ services: [...chain(), service("g@d", { requires: [requires("g@a")] })] });
  await stop(r, "g@a");
  await stop(r, "g@d");
  expect([r.phase("g@b"), r.phase("g@c"), r.phase("g@d")]).toEqual(["blocked", "blocked", "inactive"]);
  await r.api.start(["g@a"], { force: false });
  expect(r.up()).toEqual(["g@a", "g@b", "g@c"]);
});

test("a stop-on, a falling guard and a removal stop dependents first as well", async () => {
  const r = rig({ states: none("g@A", "g@M"), services: chain({ startOn: [S("g@A")], stopOn: [S("g@M")], bound: true }) });
  await r.set("g@A");
  const asked = asker(r);
  const order = ["SIGTERM g@c", "SIGTERM g@b", "SIGTERM g@a"];
  expect(asked()).toHaveLength(3);
  await r.set("g@M");
  r.rest();
  expect(asked()).toEqual(order);
  await r.unset("g@M");
  expect(asked()).toHaveLength(3);
  await r.unset("g@A");
  r.rest();
  expect(asked()).toEqual(order);
  await r.set("g@A");
  expect(asked()).toHaveLength(3);
  await r.reload({ states: none("g@A", "g@M"), services: [] });
  r.rest();
  expect(asked()).toEqual(order);
  expect([...r.supervisor.instances.all()]).toEqual([]);
});

test("retries of what is required are no loss; that its budget is spent is one", () => {
  const restart = { ...service("x").restart, maxRetries: 1 };
  const r = rig({ services: chain({ restart }) });
  const asked = asker(r);
  asked();
  r.launcher.exit("g@a", 1);
  expect([r.phase("g@a"), r.up()]).toEqual(["backoff", ["g@b", "g@c"]]);
  r.clock.advance(1_000);
  expect(asked()).toEqual(["launch g@a"]);
  r.launcher.exit("g@a", 1);
  r.rest();
  expect(asked()).toEqual(["SIGTERM g@b", "SIGTERM g@c"].sort().reverse());
  expect([r.phase("g@a"), r.phase("g@b"), r.phase("g@c")]).toEqual(["failed", "blocked", "blocked"]);
});

test("what loses its ground between two tries waits, those that require it stop first, and all are back with it", async () => {
  const r = rig({ services: chain() });
  const asked = asker(r);
  r.launcher.exit("g@b", 1);
  asked();
  expect([r.phase("g@b"), r.up()]).toEqual(["backoff", ["g@a", "g@c"]]);
  const stopped = r.api.stop(["g@a"], { force: false });
  expect(r.phase("g@b")).toBe("blocked");
  r.rest();
  await stopped;
  expect([asked(), r.phase("g@c")]).toEqual([["SIGTERM g@c", "SIGTERM g@a"], "blocked"]);
  await r.api.start(["g@a"], { force: false });
  expect(r.up()).toEqual(["g@a", "g@b", "g@c"]);
});

test("a restart of what is being stopped is a start: it is wanted again, and its dependents come back", async () => {
  const r = rig({ services: chain() });
  void r.api.stop(["g@a"], { force: false });
  const restarted = r.api.restart(["g@a"]);
  r.rest();
  await restarted;
  expect(r.up()).toEqual(["g@a", "g@b", "g@c"]);
  await stop(r, "g@a");
  expect(r.up()).toEqual([]);
});

test("a stop of what is restarting is a loss at once, not only when it is down", async () => {
  const r = rig({ services: chain() });
  r.launcher.ignoresTerm.add("g@a");
  void r.api.restart(["g@a"]);
  const asked = asker(r);
  asked();
  const stopped = r.api.stop(["g@a"], { force: false });
  expect(asked()).toEqual(["SIGTERM g@c"]);
  r.rest();
  await stopped;
  expect(r.up()).toEqual([]);
});

test("what a forced start stops is not there any more for those that the start pulls in", async () => {
  const services = [
    service("g@a", { conflicts: ["g@c"] }),
    service("g@b", { ...idle, type: "oneshot", requires: [requires("g@a")] }),
    service("g@c", { status: "stop", requires: [requires("g@b", { is: "completed" })] }),
  ];
  const r = rig({ ...go, services });
  void r.api.start(["g@c"], { force: true });
  expect([r.phase("g@a"), r.phase("g@b"), r.phase("g@c")]).toEqual(["stopping", "blocked", "blocked"]);
});

test("a stop by hand still holds against a pull when a daemon follows one that died", async () => {
  const units = { ...go, services: [service("g@app", { ...idle, requires: [requires("g@db")] }), service("g@db")] };
  const store = new MemoryStore();
  await stop(rig(units, { store }), "g@db");
  const next = rig(units, { store });
  await next.emit("g@go");
  expect([next.up(), next.phase("g@app")]).toEqual([[], "blocked"]);
  await next.api.start(["g@db"], { force: false });
  expect(next.up()).toEqual(["g@app", "g@db"]);
});

test("a simple service that ends by itself is lost for who requires it, a oneshot that succeeds is not", () => {
  const r = rig({ services: [...chain(), service("g@once", { type: "oneshot" }), service("g@d", { requires: [requires("g@once")] })] });
  r.launcher.exit("g@once", 0);
  r.launcher.exit("g@a", 0);
  r.rest();
  expect([r.up(), r.phase("g@b")]).toEqual([["g@d"], "blocked"]);
});

test("a required service that comes back by an edge brings back who waited, and no failed one is pulled by a retry", async () => {
  const r = rig({ ...go, services: [service("g@a", { ...idle, restart: never }), service("g@b", { requires: [requires("g@a")] })] });
  r.launcher.exit("g@a", 1);
  r.rest();
  expect([r.phase("g@a"), r.phase("g@b"), r.launcher.launched.length]).toEqual(["failed", "blocked", 2]);
  await r.emit("g@go");
  expect(r.up()).toEqual(["g@a", "g@b"]);
});

test("a new start of the dependent is a new try of what had failed", async () => {
  const r = rig({ ...go, services: [service("g@a", { ...idle, restart: never }), service("g@b", { requires: [requires("g@a")] })] });
  r.launcher.exit("g@a", 1);
  r.rest();
  await r.api.start(["g@b"], { force: false });
  expect(r.up()).toEqual(["g@a", "g@b"]);
});

test("on-loss ignore goes on without it, and holds up no stop", async () => {
  const r = rig({ services: [service("g@a"), service("g@b", { requires: [requires("g@a", { onLoss: "ignore" })] })] });
  await stop(r, "g@a");
  expect([r.up(), r.launcher.asked.at(-1)]).toEqual([["g@b"], "SIGTERM g@a"]);
});

test("on-loss restart restarts after each restart of the other, planned or not; the default does not", async () => {
  const r = rig({
    services: [
      service("g@a"),
      service("g@b", { requires: [requires("g@a", { onLoss: "restart" })] }),
      service("g@c", { requires: [requires("g@a")] }),
    ],
  });
  const asked = asker(r);
  asked();
  void r.api.restart(["g@a"]);
  r.rest();
  expect(asked()).toEqual(["SIGTERM g@a", "launch g@a", "SIGTERM g@b", "launch g@b"]);
  r.launcher.exit("g@a", 1);
  r.rest();
  expect(asked()).toEqual(["launch g@a", "SIGTERM g@b", "launch g@b"]);
  await stop(r, "g@a");
  await r.api.start(["g@a"], { force: false });
  r.rest();
  expect(asked().filter((what) => what.endsWith("g@b"))).toEqual(["SIGTERM g@b", "launch g@b"]);
});

test("on-loss restart restarts who came up with the old run: also while it starts, also when a reload came between", async () => {
  const services = (given: Partial<ServiceDecl> = {}) => [
    service("g@a"),
    service("g@b", { requires: [requires("g@a", { onLoss: "restart" })], ...given }),
    service("g@slow", { requires: [requires("g@a", { onLoss: "restart" })], ready: NEVER_READY }),
  ];
  const r = rig({ services: services() });
  const asked = asker(r);
  asked();
  r.launcher.exit("g@a", 1);
  await r.reload({ services: services({ stopTimeoutMs: 5_000 }) });
  r.rest();
  expect(asked()).toEqual(["launch g@a", "SIGTERM g@b", "SIGTERM g@slow", "launch g@b", "launch g@slow"]);
});

test("a pull goes neither against a stop by hand nor against stop-on nor against status", async () => {
  const app = (name: string): ServiceDecl => service(name, { ...idle, requires: [requires(`${name}-db`)] });
  const r = rig({
    ...go,
    states: none("g@M"),
    services: [
      ...["g@1", "g@2", "g@3"].map(app),
      service("g@1-db"),
      service("g@2-db", { startOn: [G("g@go"), S("g@M")], stopOn: [S("g@M")] }),
      service("g@3-db", { status: "stop" }),
    ],
  });
  await r.set("g@M");
  await stop(r, "g@1-db");
  await r.emit("g@go");
  r.rest();
  expect([r.up(), r.phase("g@1"), r.phase("g@2"), r.phase("g@3")]).toEqual([[], "blocked", "blocked", "blocked"]);
  expect([r.phase("g@1-db"), r.phase("g@2-db"), r.phase("g@3-db")]).toEqual(["exited", "inactive", "inactive"]);
  await r.api.start(["g@1-db", "g@3-db"], { force: false });
  expect(r.up()).toEqual(["g@1", "g@1-db", "g@3", "g@3-db"]);
});

test("what was pulled in stays when the puller stops", async () => {
  const r = rig({ ...go, services: [service("g@app", { requires: [requires("g@db")] }), service("g@db", idle)] });
  await stop(r, "g@app");
  expect(r.up()).toEqual(["g@db"]);
});

test("N36: with what it needs stopped by hand, a start is scheduled and shown as waiting, and follows by itself", async () => {
  const r = rig({ ...go, services: [service("g@beta", { ...idle, requires: [requires("g@gamma")] }), service("g@gamma")] });
  await stop(r, "g@gamma");
  const [row] = await r.api.start(["g@beta"], { force: false });
  expect([row?.phase, row?.waiting]).toEqual(["blocked", ["requires: g@gamma is not ready (g@gamma is exited)"]]);
  await r.api.start(["g@gamma"], { force: false });
  expect(r.up()).toEqual(["g@beta", "g@gamma"]);
});

test("N28: wants starts what it names, waits for it, and ignores its failure and its stop", async () => {
  const r = rig({
    ...go,
    services: [
      service("g@app", { ...idle, wants: [wants("g@cache"), wants("g@off")] }),
      service("g@cache", { startOn: [G("g@x")], ready: NEVER_READY }),
      service("g@off", { status: "stop" }),
    ],
    signals: [signal("g@go"), signal("g@x")],
  });
  await r.emit("g@go");
  expect([r.up(), r.phase("g@app")]).toEqual([["g@cache"], "blocked"]);
  expect(r.api.status("g@app")).toMatchObject({ waiting: ["wants: g@cache is not ready (g@cache is starting)"] });
  r.launcher.exit("g@cache", 1);
  expect([r.phase("g@cache"), r.phase("g@app")]).toEqual(["backoff", "running"]);
  await stop(r, "g@cache");
  expect(r.up()).toEqual(["g@app"]);
});

test("004-P6: wants waits no longer for what has failed once, also while that tries again", async () => {
  const r = rig({ services: [service("g@cache", { ready: NEVER_READY }), service("g@app", { wants: [wants("g@cache")] })] });
  expect(r.up()).toEqual(["g@cache"]);
  r.launcher.exit("g@cache", 1);
  r.clock.advance(1_000);
  expect(r.up()).toEqual(["g@app", "g@cache"]);
  await stop(r, "g@app");
  expect(r.phase("g@cache")).toBe("starting");
  await r.api.start(["g@app"], { force: false });
  expect(r.up()).toEqual(["g@app", "g@cache"]);
});

test("who waits for the next round to know more is judged in it, also where nothing else happens", async () => {
  const c = service("g@c", { ...idle, ready: { ...NEVER_READY, probe: { kind: "log", pattern: "ready" } } });
  const services = [
    service("g@a", { after: [wants("g@c")], wants: [wants("g@b")] }),
    service("g@b", { startOn: [V("g@c")], requires: [requires("g@a")] }),
    c,
  ];
  const r = rig({ ...go, services });
  expect([r.phase("g@a"), r.phase("g@b"), r.up()]).toEqual(["blocked", "blocked", []]);
  await r.emit("g@go");
  r.launcher.print("g@c", "ready\n");
  expect(r.up()).toEqual(["g@a", "g@b", "g@c"]);
});

test.each([
  ["g@a", "g@b"],
  ["g@b", "g@a"],
])("who wants does not slip through in the round in which the other starts: %s wants %s", (puller, wanted) => {
  const pulled = rig({ ...go, services: [service(puller, { wants: [wants(wanted)] }), service(wanted, { ...idle, ready: NEVER_READY })] });
  expect([pulled.up(), pulled.phase(puller)]).toEqual([[wanted], "blocked"]);
  const beside = rig({ services: [service(puller, { wants: [wants(wanted)] }), service(wanted, { ready: NEVER_READY })] });
  expect([beside.up(), beside.phase(puller)]).toEqual([[wanted], "blocked"]);
});

test.each([
  ["g@a", "g@b"],
  ["g@b", "g@a"],
])("who requires does not start in the round in which the other is told to stop: %s requires %s", async (dependent, required) => {
  const services = [
    service(dependent, { startOn: [G("g@go")], requires: [requires(required)] }),
    service(required, { startOn: [S("g@A")], stopOn: [G("g@go")] }),
  ];
  const r = rig({ ...go, states: none("g@A"), services });
  await r.set("g@A");
  await r.emit("g@go");
  r.rest();
  expect([r.up(), r.phase(dependent), r.launcher.launched.length]).toEqual([[], "blocked", 1]);
});

test("wants does not wait for what is blocked itself, so a circle of wants comes up", () => {
  const r = rig({
    services: [
      service("g@a", { wants: [wants("g@b")] }),
      service("g@b", { wants: [wants("g@a")] }),
      service("g@c", { wants: [wants("g@d")] }),
      service("g@d", { after: [wants("g@c")] }),
    ],
  });
  expect(r.up()).toEqual(["g@a", "g@b", "g@c", "g@d"]);
});

test("002-7: wants with completed waits for the end, and takes any", () => {
  const r = rig({
    services: [service("g@job", { type: "oneshot", restart: never }), service("g@app", { wants: [wants("g@job", "completed")] })],
  });
  expect(r.up()).toEqual(["g@job"]);
  r.launcher.exit("g@job", 3);
  expect(r.up()).toEqual(["g@app"]);
});

test("an instance pulls in its partner by key, and waits for one that is not there yet", async () => {
  const field = [{ target: "user", source: "user" }];
  const r = rig({
    ...go,
    states: [state("g@login", { branch: field }), state("g@bussed", { branch: field })],
    services: [
      service("g@bus", { ...idle, branching: branching("g@bussed", "user") }),
      service("g@sess", { branching: branching("g@login", "user"), requires: [requires("g@bus")] }),
    ],
  });
  await r.set("g@bussed", { user: "bo" });
  await r.set("g@login", { user: "al" });
  await r.set("g@login", { user: "bo" });
  expect([r.up(), r.phase("g@sess/al")]).toEqual([["g@bus/bo", "g@sess/bo"], "blocked"]);
  expect(r.api.status("g@sess/al")).toMatchObject({ waiting: ["requires: g@bus is not ready (there is no g@bus/al)"] });
  await r.set("g@bussed", { user: "al" });
  expect(r.up()).toEqual(["g@bus/al", "g@bus/bo", "g@sess/al", "g@sess/bo"]);
  await stop(r, "g@bus/al");
  expect([r.up(), r.phase("g@sess/al")]).toEqual([["g@bus/bo", "g@sess/bo"], "blocked"]);
});

test("an instance that goes with its branch is no loss, and one that comes later changes nothing", async () => {
  const r = rig({
    states: [state("g@disk")],
    services: [service("g@fsck", { branching: branching("g@disk") }), service("g@app", { requires: [requires("g@fsck")] })],
  });
  expect(r.up()).toEqual(["g@app"]);
  await r.set("g@disk", { id: "a" });
  await r.set("g@disk", { id: "b" });
  await r.unset("g@disk", { id: "a" });
  await stop(r, "g@fsck/b");
  expect([r.up(), r.launcher.launched.length, r.launcher.asked.at(-1)]).toEqual([["g@app"], 3, "SIGTERM g@fsck/b"]);
  void r.api.restart(["g@app"]);
  r.rest();
  expect(r.api.status("g@app")).toMatchObject({ phase: "blocked", waiting: ["requires: g@fsck is not ready (g@fsck/b is exited)"] });
});

test("an instance that was there from the start is no loss when it goes with its branch, and a loss when it is stopped", async () => {
  const r = rig({
    ...go,
    states: [state("g@disk")],
    services: [service("g@fsck", { branching: branching("g@disk") }), service("g@app", { ...idle, requires: [requires("g@fsck")] })],
  });
  await r.set("g@disk", { id: "a" });
  await r.set("g@disk", { id: "b" });
  await r.emit("g@go");
  await r.unset("g@disk", { id: "a" });
  r.rest();
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@app", "g@fsck/b"], 3]);
  await stop(r, "g@fsck/b");
  expect([r.up(), r.phase("g@app")]).toEqual([[], "blocked"]);
});

test("a pull of a branching service is of all its present instances", async () => {
  const r = rig({
    ...go,
    states: [state("g@disk")],
    services: [
      service("g@fsck", { ...idle, branching: branching("g@disk") }),
      service("g@app", { ...idle, requires: [requires("g@fsck")] }),
    ],
  });
  await r.set("g@disk", { id: "a" });
  await r.set("g@disk", { id: "b" });
  await r.api.start(["g@app"], { force: false });
  expect(r.up()).toEqual(["g@app", "g@fsck/a", "g@fsck/b"]);
});

test("a reload changes the order at once: who is up pulls in what it newly needs, and loses nothing that never was up", async () => {
  const db = service("g@db", idle);
  const r = rig({ ...go, services: [service("g@app"), db, service("g@other", { after: [wants("g@db")] })] });
  expect([r.up(), r.phase("g@other")]).toEqual([["g@app"], "blocked"]);
  await r.reload({ ...go, services: [service("g@app", { requires: [requires("g@db")] }), db, service("g@other")] });
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@app", "g@db", "g@other"], 3]);
  await stop(r, "g@db");
  expect([r.up(), r.phase("g@app")]).toEqual([["g@other"], "blocked"]);
});

test("N126: why lists each entry of the order lists with the state that the other is in", async () => {
  const r = rig({
    ...go,
    services: [
      service("g@a", { ...idle, after: [wants("g@b")], requires: [requires("g@c")], wants: [wants("g@d")], conflicts: ["g@e"] }),
      service("g@b", idle),
      service("g@c", { type: "oneshot", restart: never }),
      service("g@d", { ready: NEVER_READY }),
      service("g@e"),
    ],
  });
  r.launcher.exit("g@c", 1);
  await r.api.start(["g@a"], { force: false });
  r.launcher.exit("g@c", 1);
  const { waiting, conditions } = r.api.why("g@a");
  expect(waiting).toEqual([
    "after: g@b is not ready (g@b is inactive)",
    "requires: g@c is not ready (g@c is failed)",
    "wants: g@d is not ready (g@d is starting)",
    "conflicts: g@e is not down (g@e is running)",
  ]);
  expect(conditions.map(({ key, rows }) => [key, rows.map(({ text, holds, now }) => `${text}: ${String(holds)}, ${now}`)])).toEqual([
    ["start-on", ["signal g@go: false, "]],
    ["after", ["service g@b is ready: false, g@b is inactive"]],
    ["requires", ["service g@c is ready: false, g@c is failed"]],
    ["wants", ["service g@d is ready, or not to be waited for: false, g@d is starting"]],
    ["conflicts", ["service g@e is down: false, g@e is running"]],
  ]);
});
