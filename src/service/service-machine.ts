import { assign, enqueueActions, setup } from "xstate";
import { type InstanceContext, type InstanceInput, initialContext, NEW_RUN } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import * as notes from "./instance-notes.ts";
import { FRESH } from "./restart-budget.ts";

/** Where a run has ended, whatever its end was, the next one starts in the same way. */
const START_FROM_REST = [
  { guard: "circleInBudget", target: "blocked", actions: "spendForCircle" },
  { guard: "circle", actions: "noteCircleSpent" },
  { guard: "open", target: "starting", actions: "freshStart" },
  { target: "blocked", actions: "freshStart" },
] as const;

/** A stop, a restart and a missing sign of life mean the same before and after it is ready. */
const END_OF_RUN = {
  "service.stop": { target: "stopping", actions: ["noteStop", "thenRest"] },
  "service.restart": { target: "stopping", actions: ["noteReason", "thenStart"] },
  "watchdog.missed": [
    { guard: "watchdogStops", target: "stopping", actions: "noteFaultyRest" },
    { target: "stopping", actions: "noteFaulty" },
  ],
  "run.overdue": { target: "stopping", actions: "noteOverdue" },
  "start.extended": { actions: "extendStart" },
} as const;

/**
 * The life of one instance (SPEC 6.3).
 *
 *   inactive <-> blocked -> starting -> running -> stopping -> exited | failed
 *                   ^          ^           |          |
 *                   +------ backoff <------+----------+
 *
 * The machine decides; it never touches the system. `launch`, `terminate` and `kill` are requests to the supervisor, which
 * provides them once for all actors (providing them per actor costs five times the time and memory). Whether a process may start
 * comes in as `open`, from the guard of the service; what probes see comes in as events.
 */
export const serviceMachine = setup({
  types: { input: {} as InstanceInput, context: {} as InstanceContext, events: {} as InstanceEvent },
  actions: {
    launch: () => missing("launch"),
    terminate: () => missing("terminate"),
    kill: () => missing("kill"),

    noteGate: assign(({ event }) => ("open" in event ? { open: event.open } : {})),
    noteReason: assign(({ event }) => ("reason" in event ? { reason: event.reason } : {})),
    /** A stop of what has a process. */
    noteStop: assign(({ event }) =>
      event.type === "service.stop" ? { reason: event.force ? `${event.reason}; killed at once` : event.reason } : {},
    ),
    noteExit: assign(({ event }) => (event.type === "process.exited" ? { exit: event.exit } : {})),
    noteRefusal: assign(({ event }) =>
      event.type === "process.refused" ? { reason: event.failure.message, outcome: "failure" as const } : {},
    ),
    notePolicy: assign(({ context, event }) => notes.notePolicy(context, event)),
    notePolicyOfRun: assign(({ context, event }) => notes.notePolicyOfRun(context, event)),

    freshStart: assign(({ context, event }) => notes.freshStart(context, event)),
    freshBudget: assign({ ...FRESH, paused: false }),
    spendForCircle: assign(({ context, event }) => notes.spendForCircle(context, event)),
    noteCircleSpent: assign(({ context }) => notes.noteCircleSpent(context)),

    beginRun: assign(NEW_RUN),
    noteUp: assign({ up: true }),
    noteRunning: assign(({ context }) => notes.noteRunning(context)),
    noteProbe: assign(({ context, event }) => notes.noteProbe(context, event)),
    noteStillNotReady: assign(({ event }) => (event.type === "ready.changed" ? { reason: `not ready: ${event.reason}` } : {})),
    noteEarlyExit: assign(({ context, event }) => notes.noteEarlyExit(context, event)),
    noteOverdue: assign(({ context }) => notes.noteOverdue(context)),
    noteFaulty: assign(({ context, event }) => notes.noteFaulty(context, event)),
    noteFaultyRest: assign(({ context, event }) => notes.noteFaultyRest(context, event)),

    /** The time for a start begins when a probe may first run; of what awaits none, only the run of a oneshot has a limit. */
    armStart: enqueueActions(({ context, enqueue }) => {
      const { startTimeoutMs, readyDelayMs } = context.policy;
      if (startTimeoutMs === undefined) return;
      const ms = startTimeoutMs + (readyDelayMs ?? 0);
      enqueue.raise({ type: "run.overdue" }, { id: "deadline", delay: ms });
      enqueue.assign({ deadline: context.world.now() + ms });
    }),
    extendStart: enqueueActions(({ context, event, enqueue }) => {
      const deadline = extended(context, event);
      if (deadline === undefined) return;
      enqueue.cancel("deadline");
      enqueue.raise({ type: "run.overdue" }, { id: "deadline", delay: deadline - context.world.now() });
      enqueue.assign({ deadline });
    }),
    extendStop: enqueueActions(({ context, event, enqueue }) => {
      const deadline = extended(context, event);
      if (deadline === undefined) return;
      enqueue.cancel("deadline");
      enqueue.raise({ type: "stop.overdue" }, { id: "deadline", delay: deadline - context.world.now() });
      enqueue.assign({ deadline });
    }),
    disarm: enqueueActions(({ context, enqueue }) => {
      if (context.deadline === undefined) return;
      enqueue.cancel("deadline");
      enqueue.assign({ deadline: undefined });
    }),
    watchStable: enqueueActions(({ context, enqueue }) => {
      if (context.step > 0) enqueue.raise({ type: "run.stable" }, { id: "stable", delay: context.policy.restart.stableAfterMs });
    }),
    unwatchStable: enqueueActions(({ context, enqueue }) => {
      if (context.step > 0) enqueue.cancel("stable");
    }),
    noteStable: assign(({ context }) => notes.noteStable(context)),

    thenRest: assign(({ event }) =>
      event.type === "service.stop" ? { then: "rest" as const, force: event.force, hold: event.hold && !event.force } : {},
    ),
    /** What was once released is not held again. */
    restAfterAll: assign({ then: "rest" as const }),
    thenStart: assign(({ event }) => ({ then: "circle" in event && event.circle ? ("circle" as const) : ("start" as const) })),
    thenJudge: assign(({ context }) => ({
      then: "judge" as const,
      reason: `${notes.endReason(context)}; ending what it left behind`,
    })),
    /** Asks the process to end, and begins the time that it has for it. */
    endProcess: enqueueActions(({ context, enqueue }) => {
      if (context.hold) return;
      if (context.force) {
        enqueue("kill");
        return;
      }
      enqueue("terminate");
      enqueue.raise({ type: "stop.overdue" }, { id: "deadline", delay: context.policy.stopTimeoutMs });
      enqueue.assign({ deadline: context.world.now() + context.policy.stopTimeoutMs });
    }),
    dropHold: assign({ hold: false }),
    noteKill: assign(({ context }) => notes.noteKill(context)),

    noteStopped: assign({ outcome: "stopped" as const }),
    noteSuccess: assign(({ context }) => ({ outcome: "success" as const, reason: notes.endReason(context) })),
    noteRetry: assign(({ context }) => notes.noteRetry(context)),
    noteFailure: assign(({ context }) => notes.noteFailure(context)),

    beginPause: enqueueActions(({ context, enqueue }) => {
      if (context.paused) enqueue.raise({ type: "pause.over" }, { id: "pause", delay: context.delayMs });
    }),
    endPause: enqueueActions(({ context, enqueue }) => {
      if (!context.paused) return;
      enqueue.cancel("pause");
      enqueue.assign({ paused: false });
    }),
  },
  guards: {
    recordedAs: ({ context }, { phase }: { phase: "exited" | "failed" }) => context.ended?.phase === phase,
    open: ({ context, event }) => ("open" in event ? event.open : context.open),
    openAndUnpaused: ({ context, event }) => !context.paused && "open" in event && event.open,
    openByHand: ({ event }) => event.type === "service.start" && event.by === "hand" && event.open,
    byHand: ({ event }) => event.type === "service.start" && event.by === "hand",
    circle: ({ event }) => event.type === "service.start" && event.circle,
    circleInBudget: ({ context, event }) => event.type === "service.start" && event.circle && notes.isInBudget(context),
    incurable: ({ event }) => event.type === "process.refused" && event.failure.kind !== "system",
    left: ({ event }) => event.type === "process.exited" && event.left,
    awaitsReady: ({ context }) => notes.awaitsReady(context),
    isOneshot: ({ context }) => context.policy.type === "oneshot",
    becomesReady: ({ event }) => event.type === "ready.changed" && event.ready,
    needsNoProbe: ({ context, event }) => context.up && event.type === "policy.changed" && event.policy.readyDelayMs === undefined,
    unhealthyRestarts: ({ context, event }) =>
      event.type === "health.changed" && !event.healthy && context.policy.onUnhealthy === "restart",
    unhealthyStops: ({ context, event }) => event.type === "health.changed" && !event.healthy && context.policy.onUnhealthy === "stop",
    watchdogStops: ({ context, event }) => event.type === "watchdog.missed" && context.policy.onWatchdog === "stop",
    retries: ({ context, event }) => {
      const ended = notes.withExit(context, event);
      return notes.isRetryWanted(ended) && notes.isInBudget(ended);
    },
    failureRetries: ({ context }) => notes.isRetryWanted({ ...context, exit: undefined }) && notes.isInBudget(context),
    endsWell: ({ context, event }) => {
      const ended = notes.withExit(context, event);
      return notes.succeeded(ended) && !notes.isRetryWanted(ended);
    },
    forced: ({ event }) => event.type === "service.stop" && event.force,
    held: ({ context }) => context.hold,
    letsGo: ({ context, event }) => context.hold && event.type === "service.stop" && !event.hold,
    thenRest: ({ context }) => context.then === "rest",
    thenCircle: ({ context }) => context.then === "circle",
    thenUpOpen: ({ context }) => context.then !== "judge" && context.open,
    thenUp: ({ context }) => context.then !== "judge",
    hasBudget: ({ context }) => notes.isInBudget(context),
  },
  delays: {
    backoff: ({ context }) => context.delayMs,
  },
}).createMachine({
  id: "service",
  context: ({ input }) => initialContext(input),
  initial: "recorded",
  on: { "gate.changed": { actions: "noteGate" }, "policy.changed": { actions: "notePolicy" } },
  states: {
    /** Never observed: an actor leaves it at once, for where the last run left it. */
    recorded: {
      always: [
        { guard: { type: "recordedAs", params: { phase: "exited" } }, target: "exited" },
        { guard: { type: "recordedAs", params: { phase: "failed" } }, target: "failed" },
        { target: "inactive" },
      ],
    },
    inactive: {
      on: {
        "service.start": [
          { guard: "open", target: "starting", actions: "freshStart" },
          { target: "blocked", actions: "freshStart" },
        ],
      },
    },
    blocked: {
      entry: "beginPause",
      exit: "endPause",
      on: {
        "service.start": [{ guard: "openByHand", target: "starting", actions: ["noteGate", "noteReason"] }, { actions: "noteGate" }],
        "gate.changed": [{ guard: "openAndUnpaused", target: "starting", actions: "noteGate" }, { actions: "noteGate" }],
        "pause.over": [{ guard: "open", target: "starting" }, { actions: "endPause" }],
        "service.stop": { target: "inactive", actions: "noteReason" },
      },
    },
    starting: {
      entry: ["beginRun", "launch"],
      exit: "disarm",
      on: {
        ...END_OF_RUN,
        "process.started": [
          { guard: "awaitsReady", actions: ["noteUp", "armStart"] },
          { guard: "isOneshot", target: "running", actions: "armStart" },
          { target: "running" },
        ],
        "ready.changed": [{ guard: "becomesReady", target: "running" }, { actions: "noteStillNotReady" }],
        "policy.changed": [{ guard: "needsNoProbe", target: "running", actions: "notePolicy" }, { actions: "notePolicy" }],
        "process.refused": [
          { guard: "incurable", target: "failed", actions: "noteRefusal" },
          { guard: "failureRetries", target: "backoff", actions: ["noteRefusal", "noteRetry"] },
          { target: "failed", actions: ["noteRefusal", "noteFailure"] },
        ],
        "process.exited": [
          { guard: "left", target: "stopping", actions: ["noteEarlyExit", "thenJudge"] },
          { guard: "failureRetries", target: "backoff", actions: ["noteEarlyExit", "noteRetry"] },
          { target: "failed", actions: ["noteEarlyExit", "noteFailure"] },
        ],
      },
    },
    running: {
      entry: ["noteRunning", "watchStable"],
      exit: ["unwatchStable", "disarm"],
      on: {
        ...END_OF_RUN,
        "policy.changed": { actions: "notePolicyOfRun" },
        "ready.changed": { actions: "noteProbe" },
        "health.changed": [
          { guard: "unhealthyRestarts", target: "stopping", actions: ["noteProbe", "noteFaulty"] },
          { guard: "unhealthyStops", target: "stopping", actions: ["noteProbe", "noteFaultyRest"] },
          { actions: "noteProbe" },
        ],
        "process.exited": [
          { guard: "left", target: "stopping", actions: ["noteExit", "thenJudge"] },
          { guard: "retries", target: "backoff", actions: ["noteExit", "noteRetry"] },
          { guard: "endsWell", target: "exited", actions: ["noteExit", "noteSuccess"] },
          { target: "failed", actions: ["noteExit", "noteFailure"] },
        ],
        "run.stable": { actions: "noteStable" },
      },
    },
    stopping: {
      entry: "endProcess",
      exit: "disarm",
      on: {
        "stop.released": { guard: "held", actions: ["dropHold", "endProcess"] },
        "stop.overdue": { actions: ["disarm", "noteKill", "kill"] },
        "start.extended": { actions: "extendStop" },
        "service.start": { actions: ["noteGate", "thenStart"] },
        "service.stop": [
          { guard: "forced", actions: ["noteStop", "thenRest", "disarm", "kill"] },
          { guard: "letsGo", actions: ["noteStop", "thenRest", "endProcess"] },
          { actions: ["noteReason", "restAfterAll"] },
        ],
        "service.restart": { actions: "thenStart" },
        "process.exited": [
          { guard: "left", actions: "noteExit" },
          { target: "ended", actions: "noteExit" },
        ],
        "process.gone": "ended",
        "process.refused": { target: "ended", actions: "noteRefusal" },
      },
    },
    /** Never observed: what was being stopped is gone, and the machine is on its way to what follows. */
    ended: {
      always: [
        { guard: "thenRest", target: "exited", actions: "noteStopped" },
        { guard: "thenCircle", target: "circled" },
        { guard: "thenUpOpen", target: "starting", actions: "freshBudget" },
        { guard: "thenUp", target: "blocked", actions: "freshBudget" },
        { guard: "retries", target: "backoff", actions: "noteRetry" },
        { guard: "endsWell", target: "exited", actions: "noteSuccess" },
        { target: "failed", actions: "noteFailure" },
      ],
    },
    /** Never observed: a start that counts as a restart, as far as the budget goes. */
    circled: {
      always: [
        { guard: "hasBudget", target: "blocked", actions: "spendForCircle" },
        { target: "exited", actions: ["noteStopped", "noteCircleSpent"] },
      ],
    },
    backoff: {
      after: { backoff: [{ guard: "open", target: "starting" }, { target: "blocked" }] },
      on: {
        "service.start": [
          { guard: "openByHand", target: "starting", actions: "freshStart" },
          { guard: "byHand", target: "blocked", actions: "freshStart" },
          { actions: "noteGate" },
        ],
        "service.stop": { target: "exited", actions: ["noteReason", "noteStopped"] },
      },
    },
    exited: { on: { "service.start": START_FROM_REST } },
    failed: { on: { "service.start": START_FROM_REST } },
  },
});

function missing(action: string): never {
  throw new Error(`the action ${action} is not provided`);
}

/** The deadline that a process asked for, where that is later than the one that runs. */
function extended({ deadline, world }: InstanceContext, event: InstanceEvent): number | undefined {
  if (event.type !== "start.extended" || deadline === undefined) return undefined;
  const asked = world.now() + event.ms;
  return asked > deadline ? asked : undefined;
}
