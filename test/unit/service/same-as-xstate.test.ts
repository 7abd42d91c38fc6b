import fc from "fast-check";
import { expect, test } from "vitest";
import { createActor } from "xstate";
import { type ActorHost, InstanceActor } from "../../../src/service/instance-actor.ts";
import type { InstanceContext, InstanceInput } from "../../../src/service/instance-context.ts";
import type { InstanceEvent } from "../../../src/service/instance-events.ts";
import type { InstancePolicy } from "../../../src/service/instance-policy.ts";
import { serviceMachine } from "../../../src/service/service-machine.ts";
import { RESTART } from "../../support/decls.ts";
import { PROPERTY_RUNS, PROPERTY_TIMEOUT_MS } from "../../support/property-runs.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const policy: fc.Arbitrary<InstancePolicy> = fc.record({
  type: fc.constantFrom("simple" as const, "oneshot" as const),
  restart: fc
    .record({
      on: fc.constantFrom("always" as const, "on-failure" as const, "never" as const),
      maxRetries: fc.constantFrom(0, 1, 3),
      windowMs: fc.constantFrom(undefined, 5_000),
      delayMs: fc.constantFrom(0, 500),
    })
    .map((given) => ({ ...RESTART, ...given })),
  successExitCodes: fc.constant([0]),
  startTimeoutMs: fc.constantFrom(undefined, 2_000),
  stopTimeoutMs: fc.constant(1_000),
  readyDelayMs: fc.constantFrom(undefined, 0, 1_000),
  onUnhealthy: fc.constantFrom(undefined, "ignore" as const, "restart" as const, "stop" as const),
  onWatchdog: fc.constantFrom(undefined, "restart" as const, "stop" as const, "abort" as const),
});

const reason = fc.constantFrom("one", "another");
const event: fc.Arbitrary<InstanceEvent> = fc.oneof(
  fc.record({
    type: fc.constant("service.start" as const),
    by: fc.constantFrom("conditions" as const, "hand" as const),
    open: fc.boolean(),
    circle: fc.boolean(),
    reason,
  }),
  fc.record({ type: fc.constant("service.stop" as const), force: fc.boolean(), hold: fc.boolean(), reason }),
  fc.record({ type: fc.constant("service.restart" as const), circle: fc.boolean(), reason }),
  fc.record({ type: fc.constant("gate.changed" as const), open: fc.boolean() }),
  fc.record({ type: fc.constant("policy.changed" as const), policy }),
  fc.record({ type: fc.constant("process.started" as const) }),
  fc.record({
    type: fc.constant("process.refused" as const),
    failure: fc.record({ kind: fc.constantFrom("system" as const, "not-found" as const), message: reason }),
  }),
  fc.record({
    type: fc.constant("process.exited" as const),
    exit: fc.constantFrom(
      { kind: "code", code: 0 } as const,
      { kind: "code", code: 1 } as const,
      { kind: "killed", by: "SIGTERM" } as const,
    ),
    left: fc.boolean(),
  }),
  fc.record({ type: fc.constant("process.gone" as const) }),
  fc.record({ type: fc.constant("ready.changed" as const), ready: fc.boolean(), reason }),
  fc.record({ type: fc.constant("health.changed" as const), healthy: fc.boolean(), reason }),
  fc.record({ type: fc.constant("watchdog.missed" as const), reason }),
  fc.record({ type: fc.constant("start.extended" as const), ms: fc.constantFrom(100, 3_000) }),
  fc.record({ type: fc.constant("stop.released" as const) }),
);
const step = fc.oneof({ weight: 6, arbitrary: event }, { weight: 2, arbitrary: fc.constantFrom(1, 500, 1_000, 40_000) });
const ended: fc.Arbitrary<InstanceInput["ended"]> = fc.constantFrom(
  undefined,
  { phase: "exited", reason: "of before", outcome: "success", exit: { kind: "code", code: 0 }, retries: 0 } as const,
  { phase: "failed", reason: "of before", outcome: "failure", exit: undefined, retries: 2 } as const,
);

/** What can be seen of a machine from outside. */
interface Machine {
  send(event: InstanceEvent): void;
  readonly clock: VirtualClock;
  isUp(): boolean;
  seen(): unknown;
}

function machineOf(
  given: Pick<InstanceInput, "policy" | "ended">,
  make: (input: InstanceInput, clock: VirtualClock, asked: string[]) => Running,
): Machine {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const world = { now: () => clock.now(), random: () => 0.5 };
  const running = make({ name: "g@s", world, ...given }, clock, asked);
  return {
    clock,
    send: (one) => running.send(one),
    isUp: () => running.context().up,
    seen: () => {
      const { world: _, ...context } = running.context();
      return { phase: running.phase(), context, asked: [...asked], timers: clock.pending };
    },
  };
}

interface Running {
  send(event: InstanceEvent): void;
  phase(): unknown;
  context(): InstanceContext;
}

function ofRind(input: InstanceInput, clock: VirtualClock, asked: string[]): Running {
  const host: ActorHost = {
    took: () => {},
    broke: (_, error) => {
      throw error;
    },
    launch: () => asked.push("launch"),
    terminate: (_, abort) => asked.push(`terminate ${abort}`),
    kill: () => asked.push("kill"),
    setTimer: (_, elapsed, ms) => clock.setTimeout(elapsed, ms),
    clearTimer: (id) => clock.clearTimeout(id),
  };
  const actor = new InstanceActor(input, host);
  return { send: (one) => actor.send(one), phase: () => actor.phase, context: () => actor.context };
}

function ofXState(input: InstanceInput, clock: VirtualClock, asked: string[]): Running {
  const machine = serviceMachine.provide({
    actions: {
      launch: () => asked.push("launch"),
      terminate: ({ context }) => asked.push(`terminate ${context.abort}`),
      kill: () => asked.push("kill"),
    },
  });
  const actor = createActor(machine, { input, clock: clock as never }); // XState declares the id of a timer as a number
  actor.start();
  return { send: (one) => actor.send(one), phase: () => actor.getSnapshot().value, context: () => actor.getSnapshot().context };
}

test(
  "an actor does what XState's own interpreter does with the same machine, whatever the events and whenever",
  () => {
    fc.assert(
      fc.property(policy, ended, fc.array(step, { maxLength: 40 }), (given, before, steps) => {
        const machines = [ofRind, ofXState].map((make) => machineOf({ policy: given, ended: before }, make));
        for (const one of steps) {
          // a process is up once; XState would run a second timer beside the first, and know only one of them
          if (typeof one !== "number" && one.type === "process.started" && machines[0]?.isUp() === true) continue;
          for (const machine of machines) {
            if (typeof one === "number") machine.clock.advance(one);
            else machine.send(one);
          }
          const [mine, theirs] = machines.map((machine) => machine.seen());
          expect(mine).toEqual(theirs);
        }
      }),
      { numRuns: PROPERTY_RUNS * 2 },
    );
  },
  PROPERTY_TIMEOUT_MS,
);

test("who throws while an event is taken ends its own actor, with its timers, and what is sent to it later is nothing", () => {
  const clock = new VirtualClock();
  const broken: string[] = [];
  const host: ActorHost = {
    took: () => {},
    broke: (name, error) => broken.push(`${name}: ${String(error)}`),
    launch: () => {
      throw new Error("no");
    },
    terminate: () => {},
    kill: () => {},
    setTimer: (_, elapsed, ms) => clock.setTimeout(elapsed, ms),
    clearTimer: (id) => clock.clearTimeout(id),
  };
  const given = { ...fc.sample(policy, { numRuns: 1, seed: 1 })[0] } as InstancePolicy;
  const actor = new InstanceActor(
    { name: "g@s", policy: given, ended: undefined, world: { now: () => clock.now(), random: () => 0 } },
    host,
  );
  const start: InstanceEvent = { type: "service.start", by: "hand", open: true, circle: false, reason: "by hand" };
  actor.send(start);
  actor.send(start);
  expect({ broken, isOver: actor.isOver, timers: clock.pending }).toEqual({ broken: ["g@s: Error: no"], isOver: true, timers: 0 });
});

test("what is sent while an event is taken is taken after it", () => {
  const clock = new VirtualClock();
  const phases: string[] = [];
  const host: ActorHost = {
    took: () => phases.push(actor.phase),
    broke: (_, error) => {
      throw error;
    },
    launch: () => actor.send({ type: "process.started" }),
    terminate: () => {},
    kill: () => {},
    setTimer: (_, elapsed, ms) => clock.setTimeout(elapsed, ms),
    clearTimer: (id) => clock.clearTimeout(id),
  };
  const given = { ...fc.sample(policy, { numRuns: 1, seed: 1 })[0], type: "simple", readyDelayMs: undefined } as InstancePolicy;
  const actor: InstanceActor = new InstanceActor(
    { name: "g@s", policy: given, ended: undefined, world: { now: () => clock.now(), random: () => 0 } },
    host,
  );
  actor.send({ type: "service.start", by: "hand", open: true, circle: false, reason: "by hand" });
  expect(phases).toEqual(["starting", "running"]);
});
