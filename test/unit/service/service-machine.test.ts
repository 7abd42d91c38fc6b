import { expect, test } from "vitest";
import { BY_HAND, exited, killed, machineRig, START, STARTED, STOP } from "./machine-rig.ts";

test("a start with nothing unmet launches, and the machine runs when the process is up", () => {
  const { send, phases, asked } = machineRig();
  send(START, STARTED);
  expect(phases).toEqual(["inactive", "starting", "running"]);
  expect(asked).toEqual(["launch"]);
});

test("22: a running service takes a second start for nothing", () => {
  const { send, asked, phase } = machineRig();
  send(START, STARTED, START, BY_HAND);
  expect(asked).toEqual(["launch"]);
  expect(phase()).toBe("running");
});

test("something unmet blocks a start until the gate opens", () => {
  const { send, phases } = machineRig();
  send({ ...START, open: false }, { type: "gate.changed", open: true });
  expect(phases).toEqual(["inactive", "blocked", "starting"]);
});

test("a stop while blocked cancels the start", () => {
  const { send, phase, asked } = machineRig();
  send({ ...START, open: false }, STOP, { type: "gate.changed", open: true });
  expect(phase()).toBe("inactive");
  expect(asked).toEqual([]);
});

test("31: restart = always starts again after success and after failure, without limit", () => {
  const { clock, send, asked, phase } = machineRig({ restart: { on: "always", maxRetries: Number.POSITIVE_INFINITY, backoff: 1 } });
  send(START);
  for (let i = 0; i < 50; i++) {
    send(STARTED, exited(i % 2));
    expect(phase()).toBe("backoff");
    clock.advance(1_000);
  }
  expect(asked).toHaveLength(51);
});

test("32: restart = never leaves a failure failed and a success exited", () => {
  const failing = machineRig({ restart: { on: "never" } });
  failing.send(START, STARTED, exited(1));
  expect([failing.phase(), failing.context().reason]).toEqual(["failed", "exit code 1"]);
  const fine = machineRig({ restart: { on: "never" } });
  fine.send(START, STARTED, exited(0));
  expect(fine.phase()).toBe("exited");
});

test("33: with two retries a service that always fails runs exactly three times", () => {
  const { clock, send, asked, phase, context } = machineRig();
  send(START);
  for (let run = 0; run < 3; run++) {
    send(STARTED, exited(1));
    clock.advance(60_000);
  }
  expect(asked).toEqual(["launch", "launch", "launch"]);
  expect(phase()).toBe("failed");
  expect(context().reason).toBe("exit code 1; gave up after 2 retries");
});

test("34: on-failure does not start again after success", () => {
  const { clock, send, asked, phase } = machineRig();
  send(START, STARTED, exited(0));
  clock.advance(60_000);
  expect([phase(), asked.length]).toEqual(["exited", 1]);
});

test("35b: one failure, then success: exited, and it can start again with a fresh budget", () => {
  const { clock, send, phase, context } = machineRig();
  send(START, STARTED, exited(1));
  clock.advance(1_000);
  send(STARTED, exited(0));
  expect(phase()).toBe("exited");
  send(START, STARTED);
  expect([phase(), context().retries]).toEqual(["running", 0]);
});

test("the delay grows by backoff up to its cap", () => {
  const { clock, send, phase } = machineRig({ restart: { maxRetries: 10, delayMs: 1_000, backoff: 3, maxDelayMs: 5_000 } });
  send(START);
  for (const delay of [1_000, 3_000, 5_000, 5_000]) {
    send(STARTED, exited(1));
    clock.advance(delay - 1);
    expect(phase()).toBe("backoff");
    clock.advance(1);
    expect(phase()).toBe("starting");
  }
});

test("a run of stable-after resets the counter, a shorter one does not", () => {
  const { clock, send, context } = machineRig();
  send(START, STARTED, exited(1));
  clock.advance(1_000);
  send(STARTED);
  clock.advance(29_999);
  expect(context().retries).toBe(1);
  clock.advance(1);
  expect(context().retries).toBe(0);
});

test("a program that is not there fails at once, whatever the policy", () => {
  const { send, phase, context } = machineRig({ restart: { on: "always", maxRetries: Number.POSITIVE_INFINITY } });
  send(START, { type: "process.refused", failure: { kind: "not-found", message: "no such program: /nope" } });
  expect([phase(), context().reason]).toEqual(["failed", "no such program: /nope"]);
});

test("a launch that the system refuses is tried again", () => {
  const { clock, send, phase, asked } = machineRig();
  send(START, { type: "process.refused", failure: { kind: "system", message: "EAGAIN" } });
  expect(phase()).toBe("backoff");
  clock.advance(1_000);
  expect(asked).toEqual(["launch", "launch"]);
});

test("37: a stop that is ignored becomes a kill", () => {
  const { clock, asked, send, phase, context } = machineRig();
  send(START, STARTED, STOP);
  clock.advance(4_999);
  expect(asked).toEqual(["launch", "terminate"]);
  clock.advance(1);
  expect(asked).toEqual(["launch", "terminate", "kill"]);
  send(killed("SIGKILL"));
  expect(phase()).toBe("exited");
  expect(context().reason).toBe("by hand; killed, as it did not end within 5s");
});

test("38: a forced stop kills at once, also one that is already stopping", () => {
  const at = machineRig();
  at.send(START, STARTED, { ...STOP, force: true });
  expect([at.asked, at.context().reason]).toEqual([["launch", "kill"], "by hand; killed at once"]);
  const late = machineRig();
  late.send(START, STARTED, STOP, { ...STOP, force: true });
  expect(late.asked).toEqual(["launch", "terminate", "kill"]);
});

test("a stop that was asked for ends in exited, whatever the code", () => {
  for (const end of [exited(0), exited(3), killed()]) {
    const { send, phase, context } = machineRig({ restart: { on: "always" } });
    send(START, STARTED, STOP, end);
    expect([phase(), context().outcome]).toEqual(["exited", "stopped"]);
  }
});

test("a signal that nobody asked for is a failure, a code in success-exit-codes a success", () => {
  const shot = machineRig({ restart: { on: "never" } });
  shot.send(START, STARTED, killed("SIGSEGV"));
  expect([shot.phase(), shot.context().reason]).toEqual(["failed", "killed by SIGSEGV"]);
  const fine = machineRig({ successExitCodes: [0, 7] });
  fine.send(START, STARTED, exited(7));
  expect(fine.phase()).toBe("exited");
});

test("a start during stopping begins when the old process is gone; a later stop takes it back", () => {
  const { send, asked, phase } = machineRig();
  send(START, STARTED, STOP, START);
  expect(asked).toEqual(["launch", "terminate"]);
  send(killed());
  expect([phase(), asked.at(-1)]).toEqual(["starting", "launch"]);
  send(STARTED, STOP, START, STOP, killed());
  expect(phase()).toBe("exited");
});

test("a planned restart has no delay and costs no budget", () => {
  const { send, asked, phase, context } = machineRig();
  send(START, STARTED, { type: "service.restart", circle: false, reason: "restart-on" }, killed(), STARTED);
  expect(asked).toEqual(["launch", "terminate", "launch"]);
  expect([phase(), context().retries]).toEqual(["running", 0]);
});

test("a stop during backoff wins at once; an edge in backoff changes nothing, a hand does", () => {
  const stopped = machineRig();
  stopped.send(START, STARTED, exited(1), STOP);
  expect(stopped.phase()).toBe("exited");
  stopped.clock.advance(60_000);
  expect(stopped.asked).toHaveLength(1);
  const edge = machineRig();
  edge.send(START, STARTED, exited(1), START);
  expect(edge.phase()).toBe("backoff");
  edge.send(BY_HAND);
  expect([edge.phase(), edge.context().retries]).toEqual(["starting", 0]);
});

test("backoff ends blocked where something has become unmet", () => {
  const { clock, send, phase } = machineRig();
  send(START, STARTED, exited(1), { type: "gate.changed", open: false });
  clock.advance(1_000);
  expect(phase()).toBe("blocked");
  send({ type: "gate.changed", open: true });
  expect(phase()).toBe("starting");
});

test("what a process leaves behind in its group is ended before the machine goes on", () => {
  const { clock, send, phase, asked } = machineRig();
  send(START, STARTED, exited(0, true));
  expect([phase(), asked.at(-1)]).toEqual(["stopping", "terminate"]);
  clock.advance(5_000);
  expect(asked.at(-1)).toBe("kill");
  send({ type: "process.gone" });
  expect(phase()).toBe("exited");
});

test("a oneshot that outlives start-timeout is ended and has failed", () => {
  const { clock, send, phase, context } = machineRig({ type: "oneshot", startTimeoutMs: 2_000, restart: { on: "never" } });
  send(START, STARTED);
  clock.advance(2_000);
  expect(phase()).toBe("stopping");
  send(exited(0));
  expect([phase(), context().outcome]).toEqual(["failed", "failure"]);
  expect(context().reason).toBe("start-timeout: still running after 2s");
});

test("a start that goes back to the instance's own last run waits as a restart and spends its budget", () => {
  const { clock, send, phase, asked } = machineRig({ restart: { maxRetries: 1 } });
  send(START, STARTED, exited(0), { ...START, circle: true });
  expect(phase()).toBe("blocked");
  clock.advance(999);
  expect(asked).toHaveLength(1);
  clock.advance(1);
  expect(asked).toHaveLength(2);
  send(STARTED, exited(0), { ...START, circle: true });
  expect(phase()).toBe("exited");
});

test("an actor begins where the last run of an earlier daemon left it", () => {
  const { phases, send } = machineRig({
    ended: { phase: "failed", reason: "exit code 3", outcome: "failure", exit: { kind: "code", code: 3 }, retries: 2 },
  });
  expect(phases).toEqual(["failed"]);
  send(START);
  expect(phases).toEqual(["failed", "starting"]);
});

test("004-M2, 004-M3, 004-M5, 004-M7, 004-M8: the phases are what they are called", () => {
  const { send, phase, asked } = machineRig({ restart: { on: "never" } });
  expect([phase(), asked]).toEqual(["inactive", []]);
  send({ ...START, open: false });
  expect([phase(), asked]).toEqual(["blocked", []]);
  send({ type: "gate.changed", open: true }, STARTED);
  expect([phase(), asked]).toEqual(["running", ["launch"]]);
  send(exited(0));
  expect(phase()).toBe("exited");
  send(START, STARTED, exited(2));
  expect(phase()).toBe("failed");
});
