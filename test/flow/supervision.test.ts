import { expect, test } from "vitest";
import type { Fact } from "../../src/model/fact.ts";
import type { ReadyDecl } from "../../src/model/unit-set.ts";
import type { InstanceEvent } from "../../src/service/instance-events.ts";
import { readyByLog, RESTART, service, signal } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

/** Readiness that nobody but the test speaks of. */
const TOLD: ReadyDecl = { ...readyByLog("^never printed$"), failureThreshold: 1 };
const HEALTH = { ...TOLD, onUnhealthy: "ignore" } as const;

type Rig = ReturnType<typeof rig>;

/** What a probe found out, as a probe brings it in. */
function tell({ supervisor }: Rig, name: string, event: InstanceEvent): Promise<readonly Fact[]> {
  return supervisor.transact(`probe of ${name}`, (cause) => {
    const instance = supervisor.instances.get(name);
    if (instance !== undefined) supervisor.instances.send(instance, event, cause);
  });
}

const ready = (isReady: boolean): InstanceEvent => ({ type: "ready.changed", ready: isReady, reason: "probe" });
const healthy = (isHealthy: boolean): InstanceEvent => ({ type: "health.changed", healthy: isHealthy, reason: "probe" });

test("flags that change without a phase are in rind@service, with the probe as their cause", async () => {
  const r = rig({ services: [service("g@s", { ready: TOLD, health: HEALTH })] });
  const row = () => r.branches("rind@service")[0];
  expect(row()).toEqual({ id: "g@s", phase: "starting", ready: false, healthy: null });
  await tell(r, "g@s", ready(true));
  expect(row()).toEqual({ id: "g@s", phase: "running", ready: true, healthy: null });
  await tell(r, "g@s", healthy(true));
  expect(row()).toEqual({ id: "g@s", phase: "running", ready: true, healthy: true });
  const facts = await tell(r, "g@s", ready(false));
  expect(row()).toEqual({ id: "g@s", phase: "running", ready: false, healthy: true });
  const [probe, change] = facts;
  expect([probe?.kind, change?.kind, change?.cause]).toEqual(["outside", "state", [probe?.id]]);
});

test("a flag that is told again as it is changes nothing", async () => {
  const r = rig({ services: [service("g@s", { ready: TOLD })] });
  await tell(r, "g@s", ready(true));
  expect((await tell(r, "g@s", ready(true))).map(({ kind }) => kind)).toEqual(["outside"]);
});

test("trace and events of a service tell its flags", async () => {
  const r = rig({ services: [service("g@s", { ready: TOLD }), service("g@other")] });
  await tell(r, "g@s", ready(true));
  const seen: Fact[] = [];
  r.api.followEvents(["g@s"], (facts) => seen.push(...facts));
  await tell(r, "g@s", ready(false));
  const expected = { kind: "state", name: "rind@service", key: "g@s", after: { id: "g@s", phase: "running", ready: false, healthy: null } };
  expect(seen).toEqual([expect.objectContaining(expected)]);
  expect(r.api.trace({ last: 5, name: "g@s" }).at(-1)).toMatchObject(expected);
});

test("on-ready runs each time it becomes ready", async () => {
  const onReady = [{ when: "always", kind: "emit", signal: "g@up", payload: { kind: "none" } } as const];
  const r = rig({ signals: [signal("g@up")], services: [service("g@s", { ready: TOLD, onReady })] });
  let count = 0;
  r.supervisor.bus.signal("g@up").subscribe(() => count++);
  await tell(r, "g@s", ready(true));
  await tell(r, "g@s", healthy(true));
  expect(count).toBe(1);
  await tell(r, "g@s", ready(false));
  await tell(r, "g@s", healthy(false));
  expect(count).toBe(1);
  await tell(r, "g@s", ready(true));
  expect(count).toBe(2);
});

test("a reload that takes the readiness away while it is being stopped does not make it ready", async () => {
  const onReady = [{ when: "always", kind: "emit", signal: "g@up", payload: { kind: "none" } } as const];
  const r = rig({ signals: [signal("g@up")], services: [service("g@s", { ready: TOLD, onReady })] });
  let count = 0;
  r.supervisor.bus.signal("g@up").subscribe(() => count++);
  r.launcher.ignoresTerm.add("g@s");
  const stopped = r.api.stop(["g@s"], { force: false });
  await r.reload({ signals: [signal("g@up")], services: [service("g@s", { onReady })] });
  r.rest();
  await stopped;
  expect(count).toBe(0);
});

test("a oneshot is ready when it has succeeded, whatever it says of readiness", () => {
  const r = rig({ services: [service("g@s", { type: "oneshot", ready: TOLD })] });
  expect(r.phase("g@s")).toBe("running");
  r.launcher.exit("g@s", 0);
  expect(r.branches("rind@service")).toEqual([{ id: "g@s", phase: "exited", ready: true, healthy: null }]);
});

test("004-S7: a oneshot runs once, whatever time goes by after its success", () => {
  const r = rig({ services: [service("g@s", { type: "oneshot" })] });
  r.launcher.exit("g@s", 0);
  r.clock.advance(3_600_000);
  expect(r.phase("g@s")).toBe("exited");
  expect(r.launcher.launched).toHaveLength(1);
});

test("N17, 004-S1: a service without a probe that crashed once is running and ready again, with one retry counted", async () => {
  const r = rig({ services: [service("g@s")] });
  r.launcher.exit("g@s", 1);
  expect(r.phase("g@s")).toBe("backoff");
  r.clock.advance(1_000);
  const [row] = await r.api.start(["g@s"], { force: false });
  expect([row?.phase, row?.ready, row?.restarts]).toEqual(["running", true, 1]);
});

test("N9: a service that has given up says so, and a start by hand has the whole budget again", async () => {
  const r = rig({ services: [service("g@s", { restart: { ...RESTART, maxRetries: 1 } })] });
  r.launcher.exit("g@s", 1);
  r.clock.advance(1_000);
  r.launcher.exit("g@s", 1);
  expect([r.phase("g@s"), r.reason("g@s")]).toEqual(["failed", "exit code 1; gave up after 1 retry"]);
  r.rest();
  expect(r.launcher.launched).toHaveLength(2);
  const [row] = await r.api.start(["g@s"], { force: false });
  expect([row?.phase, row?.restarts]).toEqual(["running", 0]);
});

test("002-13: a policy that says nothing allows ten retries, and then has failed", () => {
  const r = rig({ services: [service("g@s")] });
  for (let run = 0; run < 11; run++) {
    r.launcher.exit("g@s", 1);
    while (r.phase("g@s") === "backoff") r.clock.advance(1_000);
  }
  expect([r.launcher.launched.length, r.phase("g@s"), r.reason("g@s")]).toEqual([11, "failed", "exit code 1; gave up after 10 retries"]);
});

test("N18: a stop while the children of a crashed run are being ended: one start, and it is down", async () => {
  const r = rig({ services: [service("g@s", { restart: { ...RESTART, on: "always" } })] });
  r.launcher.leavesBehind.add("g@s");
  r.launcher.ignoresTerm.add("g@s");
  r.launcher.exit("g@s", 1);
  expect(r.phase("g@s")).toBe("stopping");
  const stopped = r.api.stop(["g@s"], { force: false });
  r.rest();
  const [row] = await stopped;
  r.rest();
  expect([row?.phase, r.launcher.launched.length]).toEqual(["exited", 1]);
});

test("a stop that is not obeyed is told with what lives and what is done next", async () => {
  const r = rig({ services: [service("g@s", { stopTimeoutMs: 5_000 })] });
  r.launcher.ignoresTerm.add("g@s");
  const stopped = r.api.stop(["g@s"], { force: false });
  r.clock.advance(2_000);
  const { pid } = r.launcher.last("g@s");
  const waiting = () => r.api.list().services[0]?.waiting;
  expect(waiting()).toEqual([`still there: g@s (pid ${pid})`, "it was asked to end; SIGKILL in 3s"]);
  r.clock.advance(3_100);
  await stopped;
  expect(r.launcher.last("g@s").signals).toEqual(["SIGTERM", "SIGKILL"]);
});

test("what a kill does not end keeps it stopping, is shown, and is killed again", async () => {
  const r = rig({ services: [service("g@s", { stopTimeoutMs: 1_000 })] });
  const { handle } = r.supervisor.instances.get("g@s")?.process ?? {};
  r.launcher.undying.add("g@s");
  const stopped = r.api.stop(["g@s"], { force: false });
  r.clock.advance(3_500);
  expect(r.launcher.last("g@s").signals).toEqual(["SIGTERM", "SIGKILL", "SIGKILL", "SIGKILL"]);
  const [row] = r.api.list().services;
  expect([row?.phase, row?.waiting]).toEqual([
    "stopping",
    [`still there: g@s (pid ${handle?.pid})`, "it was killed, and is killed again until nothing is left"],
  ]);
  r.launcher.undying.delete("g@s");
  r.clock.advance(2_000);
  const [down] = await stopped;
  expect([down?.phase, down?.reason]).toEqual(["exited", "stop by hand; killed, as it did not end within 1s"]);
  r.rest();
  expect(r.launcher.last("g@s").signals).toHaveLength(5);
});

test("a start that is not ready yet says until when it is waited for", async () => {
  const r = rig({ services: [service("g@s", { ready: TOLD, startTimeoutMs: 30_000 })] });
  r.clock.advance(10_000);
  expect(r.api.list().services[0]?.waiting.join()).toContain("start-timeout in 20s");
  await tell(r, "g@s", ready(true));
  expect(r.api.list().services[0]?.waiting).toEqual([]);
});

test("N53: a start that is not ready in time is stopped, tried again, and given up on", () => {
  const r = rig({ services: [service("g@s", { ready: TOLD, startTimeoutMs: 2_000, restart: { ...RESTART, maxRetries: 1 } })] });
  r.clock.advance(2_100);
  expect([r.phase("g@s"), r.launcher.last("g@s").signals]).toEqual(["backoff", ["SIGTERM"]]);
  r.rest();
  expect([r.phase("g@s"), r.launcher.launched.length]).toEqual(["failed", 2]);
  expect(r.reason("g@s")).toContain("start-timeout: not ready after 2s");
  expect(r.reason("g@s")).toContain("gave up after 1 retry");
});

test("on-unhealthy = restart counts as a retry, on-unhealthy = stop as a stop", async () => {
  const services = [
    service("g@again", { health: { ...HEALTH, onUnhealthy: "restart" } }),
    service("g@down", { health: { ...HEALTH, onUnhealthy: "stop" } }),
  ];
  const r = rig({ services });
  await tell(r, "g@again", healthy(false));
  await tell(r, "g@down", healthy(false));
  r.clock.advance(2_000);
  expect([r.phase("g@again"), r.supervisor.instances.get("g@again")?.context.retries]).toEqual(["running", 1]);
  expect([r.phase("g@down"), r.reason("g@down")]).toEqual(["exited", "unhealthy: probe"]);
});

test("a watchdog with abort ends the process with SIGABRT in place of its stop signal", async () => {
  const r = rig(
    { services: [service("g@s", { watchdog: { intervalMs: 1_000_000, requireReady: false, action: "abort" } })] },
    { socket: "/s" },
  );
  await tell(r, "g@s", { type: "watchdog.missed", reason: "silent" });
  expect(r.launcher.last("g@s").signals).toEqual(["SIGABRT"]);
});

test("jitter is taken from the random source of the world", () => {
  const r = rig({ services: [service("g@s", { restart: { ...RESTART, jitter: 0.5 } })] }, { random: () => 0.5 });
  r.launcher.exit("g@s", 1);
  r.clock.advance(1_249);
  expect(r.phase("g@s")).toBe("backoff");
  r.clock.advance(1);
  expect(r.phase("g@s")).toBe("running");
});

test("N82, 004-T5: the stop signal is the one that the unit names", async () => {
  const r = rig({ services: [service("g@s", { stopSignal: "SIGQUIT", stopTimeoutMs: 1_000 })] });
  const stopped = r.api.stop(["g@s"], { force: false });
  r.rest();
  await stopped;
  expect(r.launcher.last("g@s").signals).toEqual(["SIGQUIT", "SIGKILL"]);
});
