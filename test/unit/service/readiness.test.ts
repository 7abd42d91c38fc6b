import { expect, test } from "vitest";
import type { InstanceEvent } from "../../../src/service/instance-events.ts";
import { exited, killed, machineRig, START, STARTED } from "./machine-rig.ts";

const READY: InstanceEvent = { type: "ready.changed", ready: true, reason: "exit code 0" };
const UNREADY: InstanceEvent = { type: "ready.changed", ready: false, reason: "exit code 7" };
const HEALTHY: InstanceEvent = { type: "health.changed", healthy: true, reason: "status 200" };
const UNHEALTHY: InstanceEvent = { type: "health.changed", healthy: false, reason: "status 503" };
const MISSED: InstanceEvent = { type: "watchdog.missed", reason: "no sign of life for 2s" };

/** A service whose readiness is probed from the start of its process on. */
const probed = (policy: Parameters<typeof machineRig>[0] = {}) => machineRig({ readyDelayMs: 0, startTimeoutMs: 30_000, ...policy });

test("a service with readiness is starting until the first word that it is ready", () => {
  const { send, phases, context, clock } = probed();
  send(START, STARTED);
  clock.advance(10_000);
  expect([phases.at(-1), context().up]).toEqual(["starting", true]);
  send(UNREADY);
  expect([phases.at(-1), context().reason]).toEqual(["starting", "not ready: exit code 7"]);
  send(READY);
  expect([phases, context().ready, context().reason]).toEqual([["inactive", "starting", "running"], true, "it is ready"]);
});

test("ready turns false and true again while it runs, and the phase stays", () => {
  const { send, phases, context } = probed();
  send(START, STARTED, READY, UNREADY);
  expect([phases.at(-1), context().ready, context().reason]).toEqual(["running", false, "not ready: exit code 7"]);
  send(READY);
  expect([phases.at(-1), context().ready, context().reason]).toEqual(["running", true, "it is ready again"]);
});

test("healthy has no value before the first verdict, and is shown without another phase where nothing else is asked for", () => {
  const { send, phase, context } = machineRig({ onUnhealthy: "ignore" });
  send(START, STARTED);
  expect(context().healthy).toBeNull();
  send(HEALTHY);
  expect([phase(), context().healthy, context().reason]).toEqual(["running", true, "its process is up"]);
  send(UNHEALTHY);
  expect([phase(), context().healthy, context().reason]).toEqual(["running", false, "unhealthy: status 503"]);
  send(HEALTHY);
  expect([phase(), context().healthy, context().reason]).toEqual(["running", true, "it is healthy again"]);
});

test("a flag that comes back leaves the other's trouble in sight", () => {
  const { send, context } = probed({ onUnhealthy: "ignore" });
  send(START, STARTED, READY, UNREADY, UNHEALTHY, READY);
  expect(context().reason).toBe("unhealthy: status 503");
});

test("N53: a start that is not ready within start-timeout is a failure that is stopped and tried again", () => {
  const { send, phase, context, asked, clock } = probed({ startTimeoutMs: 2_000 });
  send(START, STARTED);
  clock.advance(1_999);
  expect(phase()).toBe("starting");
  clock.advance(1);
  expect([phase(), asked.at(-1), context().reason]).toEqual(["stopping", "terminate", "start-timeout: not ready after 2s"]);
  send(exited(0));
  expect([phase(), context().outcome]).toEqual(["backoff", "failure"]);
  expect(context().reason).toBe("start-timeout: not ready after 2s; retry 1 of 2 in 1s");
  clock.advance(1_000);
  send(STARTED);
  clock.advance(2_000);
  send(killed());
  clock.advance(2_000);
  send(STARTED);
  clock.advance(2_000);
  send(killed());
  expect([phase(), context().reason]).toEqual(["failed", "start-timeout: not ready after 2s; gave up after 2 retries"]);
});

test("N53: a process that asks for more time gets so much from then on, and never less than it had", () => {
  const { send, phase, clock } = probed({ startTimeoutMs: 2_000 });
  send(START, STARTED);
  clock.advance(1_500);
  send({ type: "start.extended", ms: 3_000 });
  clock.advance(2_000);
  send({ type: "start.extended", ms: 100 });
  clock.advance(999);
  expect(phase()).toBe("starting");
  clock.advance(1);
  expect(phase()).toBe("stopping");
});

test("004-M4: the time for a start begins when a probe may first run, and no time runs while it is blocked", () => {
  const { send, phase, clock } = probed({ startTimeoutMs: 2_000, readyDelayMs: 5_000 });
  send({ ...START, open: false });
  clock.advance(60_000);
  expect(phase()).toBe("blocked");
  send({ type: "gate.changed", open: true }, STARTED);
  clock.advance(6_999);
  expect(phase()).toBe("starting");
  clock.advance(1);
  expect(phase()).toBe("stopping");
});

test("once it is ready no start-timeout ends it; without readiness the start is over at once", () => {
  for (const rig of [probed(), machineRig({ startTimeoutMs: 30_000 })]) {
    rig.send(START, STARTED, READY);
    rig.clock.advance(1_000_000);
    expect(rig.phase()).toBe("running");
  }
});

test("to end before it is ready is a failure, also with exit code 0", () => {
  const { send, phase, context } = probed();
  send(START, STARTED, exited(0));
  expect([phase(), context().reason]).toEqual(["backoff", "exit code 0 before it was ready; retry 1 of 2 in 1s"]);
  const leaving = probed({ restart: { on: "never" } });
  leaving.send(START, STARTED, exited(0, true), { type: "process.gone" });
  expect([leaving.phase(), leaving.context().reason]).toEqual(["failed", "exit code 0 before it was ready"]);
});

test("each run begins without a flag", () => {
  const { send, context, clock } = probed({ onUnhealthy: "ignore" });
  send(START, STARTED, READY, HEALTHY, exited(1));
  clock.advance(1_000);
  const { up, ready, healthy } = context();
  expect({ up, ready, healthy }).toEqual({ up: false, ready: false, healthy: null });
});

test("004-H9: unhealthy causes no restart where nothing else is asked for", () => {
  const { send, phase, asked } = machineRig({ onUnhealthy: "ignore" });
  send(START, STARTED, UNHEALTHY);
  expect([phase(), asked]).toEqual(["running", ["launch"]]);
});

test("on-unhealthy = restart ends it and tries again under the budget, whatever ends it is restarted after", () => {
  for (const on of ["never", "on-failure", "always"] as const) {
    const { send, phase, context, asked, clock } = machineRig({ onUnhealthy: "restart", restart: { on, maxRetries: 1 } });
    send(START, STARTED, UNHEALTHY);
    expect([phase(), asked.at(-1), context().reason]).toEqual(["stopping", "terminate", "unhealthy: status 503"]);
    send(exited(0));
    expect([phase(), context().reason]).toEqual(["backoff", "unhealthy: status 503; retry 1 of 1 in 1s"]);
    clock.advance(1_000);
    send(STARTED, UNHEALTHY, exited(0));
    expect([phase(), context().reason]).toEqual(["failed", "unhealthy: status 503; gave up after 1 retry"]);
  }
});

test("on-unhealthy = stop stops it, and it stays down", () => {
  const { send, phase, context, clock } = machineRig({ onUnhealthy: "stop", restart: { on: "always" } });
  send(START, STARTED, UNHEALTHY, killed());
  expect([phase(), context().outcome, context().reason]).toEqual(["exited", "stopped", "unhealthy: status 503"]);
  clock.advance(1_000_000);
  expect(phase()).toBe("exited");
});

test("N52: a watchdog that is never pinged restarts it until the budget is spent", () => {
  const { send, phase, context, asked, clock } = machineRig({ onWatchdog: "restart", restart: { maxRetries: 2 } });
  send(START);
  for (let run = 0; run < 3; run++) {
    send(STARTED, MISSED, killed());
    clock.advance(10_000);
  }
  expect(asked.filter((request) => request === "launch")).toHaveLength(3);
  expect([phase(), context().reason]).toEqual(["failed", "watchdog: no sign of life for 2s; gave up after 2 retries"]);
});

test("a watchdog that is missed before it is ready counts too", () => {
  const { send, phase } = probed({ onWatchdog: "restart" });
  send(START, STARTED, MISSED, killed());
  expect(phase()).toBe("backoff");
});

test("a watchdog may stop it for good, or end it with SIGABRT and try again", () => {
  const stopped = machineRig({ onWatchdog: "stop" });
  stopped.send(START, STARTED, MISSED, killed());
  expect([stopped.phase(), stopped.context().reason]).toEqual(["exited", "watchdog: no sign of life for 2s"]);
  const aborted = machineRig({ onWatchdog: "abort" });
  aborted.send(START, STARTED, MISSED);
  expect(aborted.asked.at(-1)).toBe("abort");
  aborted.send(killed("SIGABRT"));
  expect(aborted.phase()).toBe("backoff");
});

test("a reload that takes the readiness away ends the wait for it", () => {
  const { send, phase, context } = probed();
  send(START, STARTED, { type: "policy.changed", policy: { ...context().policy, readyDelayMs: undefined } });
  expect(phase()).toBe("running");
});

test("a reload that takes the probes away leaves no flag behind", () => {
  const { send, context } = probed({ onUnhealthy: "ignore" });
  send(START, STARTED, READY, UNREADY, UNHEALTHY);
  send({ type: "policy.changed", policy: { ...context().policy, readyDelayMs: undefined, onUnhealthy: undefined } });
  expect([context().ready, context().healthy]).toEqual([true, null]);
});
