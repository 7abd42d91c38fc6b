import { expect, test } from "vitest";
import { exited, killed, machineRig, START, STARTED, STOP } from "./machine-rig.ts";

const HELD = { ...STOP, hold: true };

test("a stop that is held sends nothing, and its time does not run, before it is released", () => {
  const { send, phase, asked, clock } = machineRig();
  send(START, STARTED, HELD);
  clock.advance(1_000_000);
  expect([phase(), asked]).toEqual(["stopping", ["launch"]]);
  send({ type: "stop.released" });
  expect(asked).toEqual(["launch", "terminate"]);
  clock.advance(4_999);
  expect(asked).toHaveLength(2);
  clock.advance(1);
  expect(asked.at(-1)).toBe("kill");
  send(killed("SIGKILL"));
  expect(phase()).toBe("exited");
});

test("a release without a stop that is held, or a second one, changes nothing", () => {
  const { send, phase, asked } = machineRig();
  send(START, STARTED, { type: "stop.released" });
  expect(phase()).toBe("running");
  send(HELD, { type: "stop.released" }, { type: "stop.released" }, HELD);
  expect(asked).toEqual(["launch", "terminate"]);
});

test("a forced stop passes over the hold, and so does one that is not held", () => {
  const forced = machineRig();
  forced.send(START, STARTED, HELD, { ...HELD, force: true });
  expect(forced.asked).toEqual(["launch", "kill"]);
  const plain = machineRig();
  plain.send(START, STARTED, HELD, STOP);
  expect(plain.asked).toEqual(["launch", "terminate"]);
});

test("a forced stop that could be held kills at once", () => {
  const { send, asked } = machineRig();
  send(START, STARTED, { ...HELD, force: true });
  expect(asked).toEqual(["launch", "kill"]);
});

test("what was killed at once is not killed again when the time for its stop would be over", () => {
  const { send, asked, context, clock } = machineRig();
  send(START, STARTED, STOP, { ...STOP, force: true });
  clock.advance(60_000);
  expect([asked, context().reason]).toEqual([["launch", "terminate", "kill"], "by hand; killed at once"]);
});

test("what ends while its stop is held is down", () => {
  const { send, phase, context } = machineRig();
  send(START, STARTED, HELD, exited(1));
  expect([phase(), context().outcome]).toEqual(["exited", "stopped"]);
  send(START, STARTED);
  expect(phase()).toBe("running");
});

test("N18: a stop while the rest of a crashed run is being ended wins: one start, and it is down", () => {
  const { send, phase, asked, context, clock } = machineRig({ restart: { on: "always" } });
  send(START, STARTED, exited(1, true), STOP);
  expect(phase()).toBe("stopping");
  send({ type: "process.gone" });
  clock.advance(1_000_000);
  expect([phase(), context().outcome, asked]).toEqual(["exited", "stopped", ["launch", "terminate"]]);
});

test("N69: a second stop, a restart and a start while it is stopping send no second signal", () => {
  const { send, asked, phase } = machineRig();
  send(START, STARTED, STOP, STOP, { type: "service.restart", circle: false, reason: "again" }, START, STOP);
  expect([phase(), asked]).toEqual(["stopping", ["launch", "terminate"]]);
});

test("004-T2: the whole stop-timeout is waited for, 004-T3: then it is killed, 004-T4: and it is down only when it has ended", () => {
  const { send, asked, phase, clock } = machineRig({ stopTimeoutMs: 10_000 });
  send(START, STARTED, STOP);
  clock.advance(9_999);
  expect(asked).toEqual(["launch", "terminate"]);
  clock.advance(1);
  expect(asked).toEqual(["launch", "terminate", "kill"]);
  clock.advance(1_000_000);
  expect(phase()).toBe("stopping");
  send(killed("SIGKILL"));
  expect(phase()).toBe("exited");
});

test("a process that asks for more time while it is being stopped gets it", () => {
  const { send, asked, clock } = machineRig();
  send(START, STARTED, STOP, { type: "start.extended", ms: 8_000 });
  clock.advance(7_999);
  expect(asked.at(-1)).toBe("terminate");
  clock.advance(1);
  expect(asked.at(-1)).toBe("kill");
});

test("what a crashed run leaves behind and what has to be killed is told with the reason", () => {
  const { send, phase, context, clock } = machineRig({ restart: { on: "never" } });
  send(START, STARTED, exited(1, true));
  expect(context().reason).toBe("exit code 1; ending what it left behind");
  clock.advance(5_000);
  send({ type: "process.gone" });
  expect([phase(), context().reason]).toEqual(["failed", "exit code 1"]);
});

test("a start-timeout that ends in a kill says both", () => {
  const { send, context, clock } = machineRig({ readyDelayMs: 0, startTimeoutMs: 2_000, restart: { on: "never" } });
  send(START, STARTED);
  clock.advance(7_000);
  send(killed("SIGKILL"));
  expect(context().reason).toBe("start-timeout: not ready after 2s; killed, as it did not end within 5s");
});

test("a planned restart begins with a fresh budget", () => {
  const { send, context, phase, clock } = machineRig();
  send(START, STARTED, exited(1));
  clock.advance(1_000);
  send(STARTED);
  expect(context().retries).toBe(1);
  send({ type: "service.restart", circle: false, reason: "by hand" }, killed(), STARTED);
  expect([phase(), context().retries]).toEqual(["running", 0]);
});
