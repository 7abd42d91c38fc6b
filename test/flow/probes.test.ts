import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import type { HealthDecl, ProbeDecl, ProbeTiming, ReadyDecl, ServiceDecl, WatchdogDecl } from "../../src/model/unit-set.ts";
import { service } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const TCP: ProbeDecl = { kind: "tcp", host: "127.0.0.1", port: 80 };
const WHAT = "tcp 127.0.0.1:80";
const REFUSED = { ok: false, why: `${WHAT}: connection refused` } as const;
const TIMING: ProbeTiming = { initialDelayMs: 0, periodMs: 10_000, timeoutMs: 1_000, successThreshold: 1, failureThreshold: 3 };

const ready = (given: Partial<ReadyDecl> = {}): ReadyDecl => ({ ...TIMING, startPeriodMs: 1_000, probe: TCP, ...given });
const health = (given: Partial<HealthDecl> = {}): HealthDecl => ({ ...TIMING, probe: TCP, onUnhealthy: "ignore", ...given });
const watchdog = (given: Partial<WatchdogDecl> = {}): WatchdogDecl => ({
  intervalMs: 2_000,
  requireReady: true,
  action: "restart",
  ...given,
});
const NOTIFY: ProbeDecl = { kind: "notify" };

/** One service g@s, from before its first look on. */
function one(given: Partial<ServiceDecl>) {
  const r = rig({ services: [service("g@s", given), service("g@other")] }, { socket: "/run/rind/s" });
  const env = () => r.launcher.last("g@s").plan.env;
  return {
    ...r,
    row: () => r.api.status("g@s") as ServiceRow,
    env,
    says: (text: string) => r.prober.say(env()["NOTIFY_SOCKET"], text),
    fails: () => r.prober.seen.set(WHAT, REFUSED),
    passes: () => r.prober.seen.set(WHAT, { ok: true }),
    redeclare: (changed: Partial<ServiceDecl>) => r.reload({ services: [service("g@s", changed), service("g@other")] }),
  };
}

test("002-16: a service is starting until its probe succeeds, and says what it has seen meanwhile", () => {
  const r = one({ ready: ready() });
  r.fails();
  expect(r.row()).toMatchObject({ phase: "starting", ready: false, waiting: [`ready: ${WHAT}: not yet`] });
  r.clock.advance(1_100);
  expect(r.row().waiting).toEqual([`ready: ${REFUSED.why} (2 failures)`]);
  r.passes();
  r.clock.advance(1_000);
  expect(r.row()).toMatchObject({ phase: "running", ready: true, waiting: [] });
});

test("failures in a row take readiness away, with the reason in sight, and a success brings it back", () => {
  const r = one({ ready: ready() });
  r.clock.advance(100);
  r.fails();
  r.clock.advance(20_000);
  expect(r.row()).toMatchObject({ phase: "running", ready: true });
  r.clock.advance(10_000);
  expect(r.row()).toMatchObject({ phase: "running", ready: false, reason: `not ready: ${REFUSED.why} (3 failures)` });
  r.passes();
  r.clock.advance(10_000);
  expect(r.row()).toMatchObject({ phase: "running", ready: true });
});

test("a verdict is one transaction, whatever number of looks it took, and goes back to the run", () => {
  const r = one({ ready: ready() });
  r.clock.advance(60_000);
  const facts = r.api.trace({ last: 1_000, name: "g@s" });
  const verdicts = facts.filter((fact) => fact.kind === "outside" && fact.what.includes("ready"));
  expect(verdicts).toHaveLength(1);
  const run = facts.find((fact) => fact.kind === "phase" && fact.to === "starting");
  expect(verdicts[0]?.cause).toEqual([run?.id]);
});

test("health is looked at from the moment at which it is ready, and shown; without on-unhealthy nothing follows", () => {
  const r = one({ ready: ready(), health: health({ probe: { kind: "unix", path: "/s" }, initialDelayMs: 500, failureThreshold: 2 }) });
  r.fails();
  r.prober.seen.set("unix /s", { ok: false, why: "unix /s: gone" });
  r.clock.advance(5_100);
  expect(r.prober.looks).not.toContain("unix /s");
  r.passes();
  r.clock.advance(1_300);
  expect(r.prober.looks).not.toContain("unix /s");
  r.clock.advance(200);
  expect(r.prober.looks).toContain("unix /s");
  expect(r.row().healthy).toBe(null);
  r.clock.advance(10_000);
  expect(r.row()).toMatchObject({ phase: "running", healthy: false, restarts: 0, reason: "unhealthy: unix /s: gone (2 failures)" });
  r.prober.seen.set("unix /s", { ok: true });
  r.clock.advance(10_000);
  expect(r.row()).toMatchObject({ phase: "running", healthy: true });
});

test("nobody looks at a service that is being stopped or has ended", () => {
  const r = one({ ready: ready() });
  r.prober.seen.set(WHAT, "hangs");
  r.launcher.ignoresTerm.add("g@s");
  r.clock.advance(100);
  expect(r.prober.open.size).toBe(1);
  void r.api.stop(["g@s"], { force: false });
  expect(r.prober.open.size).toBe(0);
  r.rest();
  expect(r.row().phase).toBe("exited");
  expect(r.prober.looks).toHaveLength(1);
});

test("each run is followed from its beginning: what was seen of the one before does not count", () => {
  const r = one({ ready: ready({ successThreshold: 2 }) });
  r.clock.advance(500);
  r.launcher.exit("g@s", 1);
  r.clock.advance(1_100);
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@s")).toHaveLength(2);
  r.clock.advance(500);
  expect(r.row()).toMatchObject({ phase: "starting", waiting: [`ready: ${WHAT}: 1 of 2 successes`] });
  r.clock.advance(1_000);
  expect(r.row().phase).toBe("running");
});

test("002-17: N46: READY=1 makes it ready; its socket lies beside the control socket and goes with the run", () => {
  const r = one({ ready: ready({ probe: NOTIFY }) });
  r.clock.advance(5_000);
  expect(r.row()).toMatchObject({ phase: "starting", waiting: ["ready: READY=1 on its notify socket: not yet"] });
  expect(r.env()["NOTIFY_SOCKET"]).toMatch(/^\/run\/rind\/notify-\d+-1$/);
  expect(r.env()).not.toHaveProperty("WATCHDOG_USEC");
  r.says("READY=1");
  expect(r.row()).toMatchObject({ phase: "running", ready: true });
  r.launcher.exit("g@s", 1);
  r.rest();
  expect([...r.prober.sockets.keys()]).toEqual([r.env()["NOTIFY_SOCKET"]]);
  expect(r.env()["NOTIFY_SOCKET"]).toMatch(/-2$/);
});

test("only who is to say something about itself has a socket", () => {
  const r = one({ ready: ready() });
  expect(r.env()).not.toHaveProperty("NOTIFY_SOCKET");
  expect(r.prober.sockets.size).toBe(0);
});

test("a daemon that can give no socket says so, and the service fails", () => {
  const r = rig({ services: [service("g@s", { ready: ready({ probe: NOTIFY }) })] });
  r.rest();
  expect(r.phase("g@s")).toBe("failed");
  expect(r.reason("g@s")).toBe("it cannot have a notify socket: the daemon has no folder for it");
});

test("N48: READY and STATUS of one datagram count both; what it says is shown as long as it lives", () => {
  const r = one({ ready: ready({ probe: NOTIFY }) });
  r.says("STATUS=loading\n");
  expect(r.row()).toMatchObject({ phase: "starting", status_text: "loading" });
  r.says("READY=1\nSTATUS=3 clients");
  expect(r.row()).toMatchObject({ phase: "running", status_text: "3 clients" });
  void r.api.stop(["g@s"], { force: false });
  r.rest();
  expect(r.row().status_text).toBe(null);
});

test("RELOADING=1 takes readiness away until READY=1 comes again, STOPPING=1 for good", () => {
  const r = one({ ready: ready({ probe: NOTIFY }) });
  r.says("READY=1");
  r.says("RELOADING=1\nMONOTONIC_USEC=1");
  expect(r.row()).toMatchObject({ phase: "running", ready: false, reason: "not ready: it reloads (RELOADING=1)" });
  r.says("READY=1");
  expect(r.row()).toMatchObject({ ready: true });
  r.says("STOPPING=1");
  expect(r.row()).toMatchObject({ phase: "running", ready: false, reason: "not ready: it is about to end (STOPPING=1)" });
});

test("a process that says that it is about to end gives no signs of life any more, and may take the time that it asks for", () => {
  const r = one({ watchdog: watchdog({ requireReady: false }), stopTimeoutMs: 1_000 });
  r.says("EXTEND_TIMEOUT_USEC=60000000");
  r.says("STOPPING=1");
  r.clock.advance(60_000);
  expect(r.row()).toMatchObject({ phase: "running", restarts: 0 });
  r.says("EXTEND_TIMEOUT_USEC=60000000");
  r.launcher.ignoresTerm.add("g@s");
  void r.api.stop(["g@s"], { force: false });
  r.says("EXTEND_TIMEOUT_USEC=5000000");
  r.clock.advance(4_900);
  expect(r.row().phase).toBe("stopping");
  r.rest();
  expect(r.row()).toMatchObject({ phase: "exited", reason: expect.stringContaining("killed") });
});

test("what a process has said of itself before anybody asked for its health counts for that too", () => {
  const r = one({ ready: ready(), health: health({ probe: NOTIFY }) });
  r.fails();
  r.says("READY=1");
  r.clock.advance(5_000);
  expect(r.row()).toMatchObject({ phase: "starting", healthy: null });
  r.passes();
  r.clock.advance(1_100);
  expect(r.row()).toMatchObject({ phase: "running", healthy: true });
  r.says("RELOADING=1");
  expect(r.row()).toMatchObject({ phase: "running", ready: true, healthy: false });
});

test("002-24: what is told before the initial delay is over counts from then on", () => {
  const r = one({ ready: ready({ probe: NOTIFY, initialDelayMs: 3_000 }) });
  r.says("READY=1");
  r.clock.advance(2_999);
  expect(r.row().phase).toBe("starting");
  r.clock.advance(1);
  expect(r.row().phase).toBe("running");
});

test("a line of either stream that matches makes it ready", () => {
  const r = one({ ready: ready({ probe: { kind: "log", pattern: "^listening on \\d+$" } }) });
  r.launcher.print("g@s", "not listening on 80\nlistening on");
  expect(r.row()).toMatchObject({ phase: "starting", waiting: ["ready: a line that matches /^listening on \\d+$/: not yet"] });
  r.launcher.print("g@s", "listening on 80\n", "stderr");
  expect(r.row().phase).toBe("running");
});

test("a line that is too long to be compared is passed over", () => {
  const r = one({ ready: ready({ probe: { kind: "log", pattern: "ready" } }) });
  r.launcher.print("g@s", `${"x".repeat(5_000)} ready\n`);
  expect(r.row().phase).toBe("starting");
});

test("002-39: 002-41: N51: a watchdog counts from READY=1 on; the interval is handed to the process", () => {
  const r = one({ watchdog: watchdog() });
  expect(r.env()["WATCHDOG_USEC"]).toBe("2000000");
  r.clock.advance(60_000);
  expect(r.row()).toMatchObject({ phase: "running", restarts: 0 });
  r.says("READY=1");
  r.clock.advance(1_999);
  expect(r.row().phase).toBe("running");
  r.clock.advance(1);
  expect(r.row()).toMatchObject({ phase: "stopping", reason: "watchdog: no sign of life for 2s" });
});

test("002-40: 002-42: N52: a watchdog that does not wait for READY=1 counts from the start, and each miss is a retry, as far as they go", () => {
  const restart = { ...service("x").restart, maxRetries: 2, delayMs: 100 };
  const r = one({ watchdog: watchdog({ requireReady: false }), restart });
  r.clock.advance(2_000 + 60_000);
  expect(r.launcher.launched.filter(({ plan }) => plan.instance === "g@s")).toHaveLength(3);
  expect(r.row()).toMatchObject({ phase: "failed", restarts: 2 });
});

test("N49: signs of life keep it up; WATCHDOG=trigger is the end at once, WATCHDOG_USEC another interval", () => {
  const r = one({ watchdog: watchdog({ requireReady: false, action: "stop" }) });
  for (let i = 0; i < 20; i++) {
    r.clock.advance(500);
    r.says("WATCHDOG=1");
  }
  expect(r.row().phase).toBe("running");
  r.says("WATCHDOG_USEC=60000000");
  r.clock.advance(59_000);
  expect(r.row().phase).toBe("running");
  r.says("WATCHDOG=trigger");
  r.rest();
  expect(r.row()).toMatchObject({ phase: "exited" });
});

test("N57: with another probe a watchdog counts from the moment at which that has made it ready", () => {
  const r = one({ ready: ready(), watchdog: watchdog() });
  r.fails();
  expect(r.env()).toHaveProperty("NOTIFY_SOCKET");
  r.clock.advance(10_100);
  expect(r.row().phase).toBe("starting");
  r.passes();
  r.clock.advance(1_000);
  for (let i = 0; i < 20; i++) {
    r.says("WATCHDOG=1");
    r.clock.advance(1_500);
  }
  expect(r.row()).toMatchObject({ phase: "running", restarts: 0 });
  r.clock.advance(600);
  expect(r.row()).toMatchObject({ restarts: 1 });
});

test("N53: who is not ready in time has failed; EXTEND_TIMEOUT_USEC puts that off", () => {
  const never = { ...service("x").restart, on: "never" } as const;
  const r = one({ ready: ready({ probe: NOTIFY }), startTimeoutMs: 2_000, restart: never });
  r.clock.advance(1_500);
  r.says("EXTEND_TIMEOUT_USEC=3000000");
  r.clock.advance(2_900);
  expect(r.row().phase).toBe("starting");
  r.rest();
  expect(r.row()).toMatchObject({ phase: "failed", reason: expect.stringContaining("start-timeout") });
});

test("a process that asks for more time with every breath makes no transaction of each", () => {
  const r = one({ ready: ready({ probe: NOTIFY }), startTimeoutMs: 2_000 });
  for (let i = 0; i < 1_000; i++) {
    r.says("EXTEND_TIMEOUT_USEC=3000000");
    r.clock.advance(1);
  }
  const asked = r.api.trace({ last: 1_000, name: undefined }).filter((fact) => fact.kind === "outside" && fact.what.includes("more time"));
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.length).toBeLessThanOrEqual(11);
});

test("a oneshot is asked for nothing: it is ready when it has succeeded", () => {
  const r = one({ type: "oneshot", ready: ready(), health: health() });
  r.clock.advance(5_000);
  expect(r.prober.looks).toEqual([]);
});

test("a reload changes the probes of a service that runs, and forgets nothing of what is known", async () => {
  const r = one({ ready: ready() });
  r.clock.advance(100);
  await r.redeclare({ ready: ready({ probe: { kind: "unix", path: "/s" }, periodMs: 500, failureThreshold: 2 }) });
  r.prober.seen.set("unix /s", { ok: false, why: "unix /s: gone" });
  expect(r.row()).toMatchObject({ phase: "running", ready: true, stale: false });
  r.clock.advance(1_000);
  expect(r.row()).toMatchObject({ ready: false, reason: "not ready: unix /s: gone (2 failures)" });
  await r.redeclare({ ready: ready(), health: health() });
  r.clock.advance(100);
  expect(r.row()).toMatchObject({ ready: true, healthy: true });
  await r.redeclare({});
  r.clock.advance(60_000);
  expect(r.row()).toMatchObject({ phase: "running", ready: true, healthy: null });
  const looks = r.prober.looks.length;
  r.clock.advance(60_000);
  expect(r.prober.looks).toHaveLength(looks);
});

test("a probe that a reload takes away leaves no word of what it found", async () => {
  const r = one({ ready: ready(), health: health() });
  r.clock.advance(100);
  r.fails();
  r.clock.advance(60_000);
  expect(r.row()).toMatchObject({ phase: "running", ready: false, healthy: false });
  await r.redeclare({ health: health() });
  expect(r.row()).toMatchObject({ ready: true, healthy: false, reason: expect.stringContaining(WHAT) as string });
  await r.redeclare({});
  expect(r.row()).toMatchObject({ ready: true, healthy: null, reason: "what was said to be wrong is not looked at any more" });
});

test("an initial delay that is over does not begin anew with a reload, nor does the watch over one that asked for no probe before", async () => {
  const r = one({});
  r.clock.advance(5_000);
  r.fails();
  await r.redeclare({ ready: ready({ initialDelayMs: 4_000 }) });
  r.clock.advance(2_100);
  expect(r.row()).toMatchObject({ phase: "running", ready: false });
});

test("a socket that a reload asks for comes with the next start, which list shows as stale", async () => {
  const r = one({});
  await r.redeclare({ watchdog: watchdog({ requireReady: false }) });
  r.rest();
  expect(r.row()).toMatchObject({ phase: "running", stale: true });
});
