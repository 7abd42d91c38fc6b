import { AS_THE_DAEMON } from "../../src/model/as-the-daemon.ts";
import { expect, test } from "vitest";
import type { Condition, Match } from "../../src/model/condition.ts";
import type { Hook } from "../../src/model/unit-set.ts";
import { all, any, G, not, S, service, signal, state, V } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));
const matching = (name: string, ...match: Match[]): Condition => ({ kind: "state", name, match });

test("1: a service on a state is inactive at boot, and up once after the state is set", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@s", { startOn: [S("g@A")] })] });
  expect([r.up(), r.phase("g@s")]).toEqual([[], "inactive"]);
  await r.set("g@A");
  expect([r.up(), r.phase("g@s"), r.launcher.launched.length]).toEqual([["g@s"], "running", 1]);
});

test("2: all of start-on must hold, in whatever order it comes about", async () => {
  for (const order of [
    ["g@A", "g@B"],
    ["g@B", "g@A"],
  ] as const) {
    const r = rig({ states: none("g@A", "g@B"), services: [service("g@s", { startOn: [S("g@A"), S("g@B")] })] });
    await r.set(order[0]);
    expect(r.up()).toEqual([]);
    await r.set(order[1]);
    expect(r.up()).toEqual(["g@s"]);
  }
});

test("3: without stop-on a start-on that falls stops the service", async () => {
  const r = rig({ states: none("g@A", "g@B"), services: [service("g@s", { startOn: [S("g@A"), S("g@B")] })] });
  await r.set("g@A");
  await r.set("g@B");
  await r.unset("g@B");
  r.rest();
  expect([r.up(), r.phase("g@s"), r.reason("g@s")]).toEqual([[], "exited", "start-on no longer holds"]);
});

test("4: with stop-on a start-on that falls changes nothing, the stop-on stops it", async () => {
  const r = rig({ states: none("g@A", "g@B", "g@M"), services: [service("g@s", { startOn: [S("g@A"), S("g@B")], stopOn: [S("g@M")] })] });
  await r.set("g@A");
  await r.set("g@B");
  await r.unset("g@B");
  r.rest();
  expect(r.up()).toEqual(["g@s"]);
  await r.set("g@M");
  r.rest();
  expect([r.up(), r.reason("g@s")]).toEqual([[], "stop-on holds: state g@M"]);
});

test("bound says explicitly whether a falling start-on stops", async () => {
  const services = [
    service("g@a", { startOn: [S("g@A")], stopOn: [S("g@M")], bound: true }),
    service("g@b", { startOn: [S("g@A")], bound: false }),
  ];
  const r = rig({ states: none("g@A", "g@M"), services });
  await r.set("g@A");
  await r.unset("g@A");
  r.rest();
  expect(r.up()).toEqual(["g@b"]);
});

test("6: while a stop-on state holds the service stays down; when it clears what was kept down starts", async () => {
  const r = rig({ states: none("g@A", "g@M"), services: [service("g@s", { startOn: [S("g@A")], stopOn: [S("g@M")] })] });
  await r.set("g@M");
  await r.set("g@A");
  expect(r.up()).toEqual([]);
  await r.unset("g@M");
  expect(r.up()).toEqual(["g@s"]);
});

test("what a stop-on state took down starts when it clears, if the level still holds", async () => {
  const r = rig({ states: none("g@A", "g@M"), services: [service("g@s", { startOn: [S("g@A")], stopOn: [S("g@M")] })] });
  await r.set("g@A");
  await r.set("g@M");
  r.rest();
  await r.unset("g@M");
  expect(r.up()).toEqual(["g@s"]);
  await r.set("g@M");
  await r.unset("g@A");
  r.rest();
  await r.unset("g@M");
  expect(r.up()).toEqual([]);
});

test("what had ended by itself, or was stopped by hand, stays down when a stop-on state clears", async () => {
  const r = rig({
    states: none("g@A", "g@M"),
    services: [
      service("g@ended", { startOn: [S("g@A")], stopOn: [S("g@M")] }),
      service("g@stopped", { startOn: [S("g@A")], stopOn: [S("g@M")] }),
    ],
  });
  await r.set("g@A");
  r.launcher.exit("g@ended", 0);
  const stopped = r.api.stop(["g@stopped"], { force: false });
  r.rest();
  await stopped;
  await r.set("g@M");
  await r.unset("g@M");
  expect(r.up()).toEqual([]);
});

test("7: a service that ended by itself stays down when its start-on falls", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@s", { startOn: [S("g@A")] })] });
  await r.set("g@A");
  r.launcher.exit("g@s", 0);
  await r.unset("g@A");
  r.rest();
  expect([r.up(), r.phase("g@s"), r.launcher.launched.length]).toEqual([[], "exited", 1]);
});

test("8: the end of a stop-on state does not stop a running service", async () => {
  const r = rig({ states: none("g@A", "g@M"), services: [service("g@s", { startOn: [S("g@A")], stopOn: [S("g@M")] })] });
  await r.set("g@M");
  await r.set("g@A");
  const started = r.api.start(["g@s"], { force: true });
  await started;
  await r.unset("g@M");
  r.rest();
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@s"], 1]);
});

test("9: a signal starts a service, and again after it has exited", async () => {
  const r = rig({ signals: [signal("g@x")], services: [service("g@s", { startOn: [G("g@x")] })] });
  await r.emit("g@x");
  expect(r.up()).toEqual(["g@s"]);
  r.launcher.exit("g@s", 0);
  expect(r.up()).toEqual([]);
  await r.emit("g@x");
  expect([r.up(), r.launcher.launched.length]).toEqual([["g@s"], 2]);
});

test("a stop-on signal stops once; the next trigger starts again, and a stop beats a start of the same round", async () => {
  const services = [
    service("g@s", { startOn: [G("g@go")], stopOn: [G("g@halt")] }),
    service("g@both", { startOn: [G("g@halt")], stopOn: [G("g@halt")] }),
  ];
  const r = rig({ signals: [signal("g@go"), signal("g@halt")], services });
  await r.emit("g@go");
  await r.emit("g@halt");
  r.rest();
  expect(r.up()).toEqual([]);
  await r.emit("g@go");
  expect(r.up()).toEqual(["g@s"]);
});

test("a signal with a state in start-on triggers only while the state holds, and its fall stops", async () => {
  const r = rig({ states: none("g@A"), signals: [signal("g@x")], services: [service("g@s", { startOn: [G("g@x"), S("g@A")] })] });
  await r.emit("g@x");
  expect(r.up()).toEqual([]);
  await r.set("g@A");
  expect(r.up()).toEqual([]);
  await r.emit("g@x");
  expect(r.up()).toEqual(["g@s"]);
  await r.unset("g@A");
  r.rest();
  expect(r.up()).toEqual([]);
});

test("11: a text target starts the service only for that text", async () => {
  const r = rig({
    states: [state("g@A", { payload: "string" })],
    services: [service("g@s", { startOn: [matching("g@A", { kind: "equals", text: "ready" })] })],
  });
  await r.set("g@A", "other");
  expect(r.up()).toEqual([]);
  await r.set("g@A", "ready");
  expect(r.up()).toEqual(["g@s"]);
});

test("17: target and branch given together must both match", async () => {
  const r = rig({
    states: [state("g@A")],
    services: [service("g@s", { startOn: [matching("g@A", { kind: "as", value: { a: 1 } }, { kind: "as", value: { id: "x" } })] })],
  });
  await r.set("g@A", { id: "x" });
  await r.set("g@A", { id: "y", a: 1 });
  expect(r.up()).toEqual([]);
  await r.set("g@A", { id: "x", a: 1 });
  expect(r.up()).toEqual(["g@s"]);
});

test("any, all and not say what they say", async () => {
  const r = rig({
    states: none("g@A", "g@B", "g@C"),
    services: [service("g@s", { startOn: [any(S("g@A"), all(S("g@B"), not(S("g@C"))))] })],
  });
  await r.set("g@B");
  expect(r.up()).toEqual(["g@s"]);
  await r.set("g@C");
  r.rest();
  expect(r.up()).toEqual([]);
  await r.set("g@A");
  expect(r.up()).toEqual(["g@s"]);
});

test("19: a state set to what it is already starts no second process", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@s", { startOn: [S("g@A")] })] });
  await r.set("g@A");
  expect(await r.set("g@A")).toEqual({ changed: false, effects: [], notes: [] });
  expect(r.launcher.launched).toHaveLength(1);
});

test("22: start of a running service keeps its one process", async () => {
  const r = rig({ services: [service("g@s")] });
  const [row] = await r.api.start(["g@s"], { force: false });
  expect([row?.phase, r.launcher.launched.length]).toEqual(["running", 1]);
});

test("24: environment and arguments arrive unchanged", () => {
  const run = {
    program: "/bin/x",
    args: ["a b", "$HOME", "", "ü\n"],
    env: { A: "1 2", B: "$A" },
    envFiles: [],
    cwd: "/",
    stdin: undefined,
    reload: undefined,
    ...AS_THE_DAEMON,
  };
  const r = rig({ services: [service("g@s", { run })] });
  const { plan } = r.launcher.last("g@s");
  expect(plan.args).toEqual(run.args);
  expect(plan.env).toEqual({ ...run.env, RIND_SERVICE: "g@s" });
});

test("a service condition holds while the other service is as asked", async () => {
  const services = [
    service("g@db", { startOn: [S("g@A")] }),
    service("g@api", { startOn: [V("g@db")] }),
    service("g@alarm", { startOn: [V("g@db", "failed")] }),
  ];
  const r = rig({
    states: none("g@A"),
    services: services.map((decl) => ({ ...decl, restart: { ...decl.restart, on: "never" as const } })),
  });
  await r.set("g@A");
  expect(r.up()).toEqual(["g@api", "g@db"]);
  r.launcher.exit("g@db", 1);
  r.rest();
  expect(r.up()).toEqual(["g@alarm"]);
});

test("rind start starts whatever start-on says, and rind stop keeps down until an edge", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@s", { startOn: [S("g@A")] })] });
  await r.api.start(["g@s"], { force: false });
  expect(r.up()).toEqual(["g@s"]);
  const stopped = r.api.stop(["g@s"], { force: false });
  r.rest();
  await stopped;
  expect(r.up()).toEqual([]);
  await r.set("g@A");
  expect(r.up()).toEqual(["g@s"]);
});

test("rind start against stop-on waits blocked and says for what; force passes over it", async () => {
  const r = rig({ states: none("g@M"), services: [service("g@s", { startOn: [S("g@M")], stopOn: [S("g@M")], status: "start" })] });
  await r.set("g@M");
  const [row] = await r.api.start(["g@s"], { force: false });
  expect([row?.phase, row?.waiting]).toEqual(["blocked", ["stop-on: state g@M holds"]]);
  const [forced] = await r.api.start(["g@s"], { force: true });
  expect(forced?.phase).toBe("running");
});

test("a start by hand that waits for stop-on to clear starts then", async () => {
  const r = rig({ states: none("g@M"), services: [service("g@s", { startOn: [G("rind@reload")], stopOn: [S("g@M")] })] });
  await r.set("g@M");
  await r.api.start(["g@s"], { force: false });
  expect(r.phase("g@s")).toBe("blocked");
  await r.unset("g@M");
  expect(r.up()).toEqual(["g@s"]);
});

test("status stop and ignore start by hand only", async () => {
  const r = rig({
    states: none("g@A"),
    services: [service("g@stop", { startOn: [S("g@A")], status: "stop" }), service("g@ignore", { status: "ignore" })],
  });
  await r.set("g@A");
  expect(r.up()).toEqual([]);
  await r.api.start(["g@stop", "g@ignore"], { force: false });
  expect(r.up()).toEqual(["g@ignore", "g@stop"]);
});

test("restart-on restarts with no delay, only while it runs; reload-on sends the reload signal", async () => {
  const run = { ...service("g@x").run, reload: { kind: "signal", signal: "SIGUSR1" } as const };
  const services = [
    service("g@s", { restartOn: [S("g@conf")] }),
    service("g@idle", { startOn: [G("g@never")], restartOn: [S("g@conf")] }),
    service("g@l", { run, reloadOn: [G("g@again")] }),
  ];
  const r = rig({ states: [state("g@conf")], signals: [signal("g@never"), signal("g@again")], services });
  await r.set("g@conf", { id: "a", v: 1 });
  r.rest();
  expect(r.launcher.asked.filter((asked) => asked.endsWith("g@s"))).toEqual(["launch g@s", "SIGTERM g@s", "launch g@s"]);
  expect(r.phase("g@idle")).toBe("inactive");
  await r.emit("g@again");
  expect(r.launcher.asked.at(-1)).toBe("SIGUSR1 g@l");
});

test("boot emits rind@boot once and sets rind@up when all that boot started runs", () => {
  const r = rig({ services: [service("g@s"), service("g@b", { startOn: [G("rind@boot")] }), service("g@u", { startOn: [S("rind@up")] })] });
  expect(r.up()).toEqual(["g@b", "g@s", "g@u"]);
  expect(r.branches("rind@up")).toEqual([null]);
});

test("rind@service tells the phase of every service", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@s", { startOn: [S("g@A")] })] });
  expect(r.branches("rind@service")).toEqual([{ id: "g@s", phase: "inactive", ready: null, healthy: null }]);
  await r.set("g@A");
  expect(r.branches("rind@service")).toEqual([{ id: "g@s", phase: "running", ready: true, healthy: null }]);
});

test("a pulse within one transaction gives a start and a stop", async () => {
  const hook = { when: "always", kind: "unset", state: "g@A", filter: undefined } as const;
  const r = rig({
    states: none("g@A"),
    services: [service("g@s", { startOn: [S("g@A")] }), service("g@off", { startOn: [S("g@A")], bound: false, onStart: [hook] })],
  });
  await r.set("g@A");
  r.rest();
  expect(r.launcher.asked.filter((asked) => asked.endsWith("g@s"))).toEqual(["launch g@s", "SIGTERM g@s"]);
});

test("services that bring about each other's starts count as restarts: delay and budget apply, and the log names the circle", async () => {
  const restart = { ...service("g@x").restart, maxRetries: 3 };
  const hook = (name: string) => [{ when: "always", kind: "emit", signal: name, payload: { kind: "none" } } as const];
  const services = [
    service("g@a", { startOn: [G("g@x")], onStop: hook("g@y"), restart }),
    service("g@b", { startOn: [G("g@y")], onStop: hook("g@x"), restart }),
  ];
  const r = rig({ signals: [signal("g@x"), signal("g@y")], services });
  await r.emit("g@x");
  for (let i = 0; i < 40; i++) {
    for (const name of r.up()) r.launcher.exit(name, 0);
    r.clock.advance(10_000);
  }
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@a")).toHaveLength(4);
  const circle = r.logged.find(({ message }) => message.includes("counts as a restart"));
  expect(String(circle?.fields["circle"])).toContain("g@a -> ");
});

test("a hook that starts its own service again counts as a restart as well, though it counts as by hand", () => {
  const again = (name: string): Hook => ({ when: "always", kind: "service", service: name, action: "start" });
  const restart = { ...service("g@x").restart, on: "never", maxRetries: 2 } as const;
  const r = rig({
    services: [
      service("g@a", { restart, onStop: [again("g@b")] }),
      service("g@b", { restart, status: "stop", onStop: [again("g@a")] }),
      service("g@crash", { restart: { ...restart, on: "on-failure" }, onStop: [again("g@crash")] }),
    ],
  });
  for (let i = 0; i < 20; i++) {
    for (const name of r.up()) r.launcher.exit(name, name === "g@crash" ? 1 : 0);
    r.clock.advance(10);
  }
  expect(r.launcher.launched.map(({ plan }) => plan.instance)).toEqual(["g@a", "g@crash", "g@b"]);
  for (let i = 0; i < 20; i++) {
    for (const name of r.up()) r.launcher.exit(name, name === "g@crash" ? 1 : 0);
    r.clock.advance(10_000);
  }
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@a")).toHaveLength(3);
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@crash")).toHaveLength(3);
});

test("a service that brings about its own planned restart waits as for a restart, and gives up like one", () => {
  const restart = { ...service("g@x").restart, maxRetries: 2 };
  const r = rig({
    signals: [signal("g@x")],
    services: [
      service("g@a", {
        restart,
        restartOn: [G("g@x")],
        onReady: [{ when: "always", kind: "emit", signal: "g@x", payload: { kind: "none" } }],
      }),
      service("g@b", { restart, onReady: [{ when: "always", kind: "service", service: "g@b", action: "restart" }] }),
    ],
  });
  r.clock.advance(500);
  expect(r.launcher.launched).toHaveLength(2);
  expect([r.phase("g@a"), r.reason("g@a")]).toEqual([
    "blocked",
    "restart-on: signal g@x: its own last run brought this about, so it counts as a restart",
  ]);
  r.rest();
  expect(r.launcher.launched).toHaveLength(6);
  expect([r.phase("g@a"), r.phase("g@b")]).toEqual(["exited", "exited"]);
  expect(r.reason("g@b")).toContain("gave up after 2 retries");
});

test("a transaction without end is cut, and Rind goes on", async () => {
  const r = rig({
    states: [state("g@A")],
    services: [service("g@s", { startOn: [S("g@B")] })].map((decl) => ({ ...decl, startOn: [S("g@A")] })),
  });
  let count = 0;
  r.supervisor.bus.state("g@A").subscribe(({ id }) => {
    count++;
    if (count < 20_000)
      r.supervisor.later(() => r.supervisor.apply([{ op: "set", state: "g@A", payload: { id: 1, count }, replace: false }], [id]));
  });
  await r.set("g@A", { id: 1 });
  expect(count).toBe(10_000);
  expect(r.logged.some(({ message }) => message.startsWith("a transaction was cut"))).toBe(true);
  count = 20_000;
  await r.set("g@A", { id: 2 });
  expect(r.branches("g@A")).toHaveLength(2);
});

test("an actor whose request throws fails alone, and the next start works", async () => {
  const r = rig({ states: none("g@A"), services: [service("g@bad", { startOn: [S("g@A")] }), service("g@good", { startOn: [S("g@A")] })] });
  const real = r.launcher.launch.bind(r.launcher);
  r.launcher.launch = (plan, listener) => {
    if (plan.instance === "g@bad") throw new Error("a fault");
    return real(plan, listener);
  };
  await r.set("g@A");
  expect([r.up(), r.phase("g@bad")]).toEqual([["g@good"], "failed"]);
  expect(r.branches("rind@service")).toContainEqual({ id: "g@bad", phase: "failed", ready: null, healthy: null });
  r.launcher.launch = real;
  await r.api.start(["g@bad"], { force: false });
  expect(r.up()).toEqual(["g@bad", "g@good"]);
});

test("of one round all stops are asked for before any start, whatever the names", async () => {
  const states = [...none("g@A"), state("g@B", { payload: "none", activateOnNone: [{ state: "g@A", branch: undefined }] })];
  const r = rig({ states, services: [service("g@a", { startOn: [S("g@A")] }), service("g@z", { startOn: [S("g@B")] })] });
  expect(r.up()).toEqual(["g@z"]);
  const { effects } = await r.set("g@A");
  expect(effects.filter(({ kind }) => kind.startsWith("service"))).toEqual([
    { kind: "service.stop", name: "g@z" },
    { kind: "service.start", name: "g@a" },
  ]);
});
