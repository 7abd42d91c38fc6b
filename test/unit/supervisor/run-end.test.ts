import { expect, test } from "vitest";
import type { Exit } from "../../../src/model/exit.ts";
import type { Phase } from "../../../src/model/phase.ts";
import type { ServiceDecl } from "../../../src/model/unit-set.ts";
import type { Outcome } from "../../../src/service/instance-context.ts";
import { type EndedInstance, goesOn, worstExit } from "../../../src/supervisor/run-end.ts";
import { branching, S, service } from "../../support/decls.ts";

const nobodyHeld = (): boolean => false;

function at(phase: Phase, given: { outcome?: Outcome; exit?: Exit; failedBy?: string; decl?: ServiceDecl } = {}): EndedInstance {
  const { outcome = "none", exit, failedBy, decl = service("g@s") } = given;
  return { name: decl.name, decl, phase, context: { outcome, exit, failedBy } };
}

test("a run goes on while a process lives, is in backoff, or rests because somebody stopped it", () => {
  for (const phase of ["starting", "running", "stopping", "backoff"] as const) {
    expect([phase, goesOn([], [at("failed"), at(phase)], nobodyHeld)]).toEqual([phase, true]);
  }
  expect(goesOn([], [at("exited", { outcome: "stopped" })], nobodyHeld)).toBe(true);
});

test("a run is over when all has ended, failed, or waits for what has", () => {
  for (const phase of ["exited", "failed", "inactive", "blocked"] as const) {
    expect([phase, goesOn([service("g@s")], [at(phase, { outcome: "success" })], nobodyHeld)]).toEqual([phase, false]);
  }
});

test("what its health or watchdog has stopped rests for good, which is no good end", () => {
  const stopped = at("exited", { outcome: "stopped", failedBy: "unhealthy: no answer", exit: { kind: "killed", by: "SIGTERM" } });
  expect(goesOn([service("g@s")], [stopped], nobodyHeld)).toBe(false);
  expect(worstExit([stopped])).toBe(1);
});

test("start-on, branching and a stop-on that may end can start a service; a status that asks for a hand cannot", () => {
  expect(goesOn([service("g@s", { startOn: [S("g@a")] })], [], nobodyHeld)).toBe(true);
  expect(goesOn([service("g@s", { branching: branching("g@a") })], [], nobodyHeld)).toBe(true);
  expect(goesOn([service("g@s", { stopOn: [S("g@a")] })], [], (name) => name === "g@s")).toBe(true);
  for (const status of ["stop", "ignore"] as const)
    expect(goesOn([service("g@s", { status, startOn: [S("g@a")] })], [], nobodyHeld)).toBe(false);
});

test("what waits for a state, by stop-on, by a required transport or for its user, may still start", () => {
  const decl = service("g@s", { transport: [{ id: "env", options: [], required: true }] });
  const ofUser = service("g@s", { space: { kind: "user" } });
  for (const waits of [decl, ofUser]) expect(goesOn([waits], [at("blocked", { decl: waits })], nobodyHeld)).toBe(true);
  expect(goesOn([], [at("blocked")], () => true)).toBe(true);
});

test("the exit code of a run is the worst of its services: their own, 128 and the signal, or 1 for what never ran", () => {
  const failed = (exit: Exit | undefined): EndedInstance => at("failed", exit === undefined ? {} : { exit });
  expect(worstExit([at("exited", { exit: { kind: "code", code: 3 }, outcome: "success" })])).toBe(0);
  expect(worstExit([failed({ kind: "code", code: 3 }), failed({ kind: "code", code: 2 })])).toBe(3);
  expect(worstExit([failed({ kind: "killed", by: "SIGKILL" })])).toBe(137);
  expect(worstExit([failed(undefined)])).toBe(1);
  // a service that ended before it was ready
  expect(worstExit([failed({ kind: "code", code: 0 })])).toBe(1);
  expect(worstExit([at("blocked")])).toBe(1);
});
