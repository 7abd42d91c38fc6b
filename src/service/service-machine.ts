import { assign, enqueueActions, setup } from "xstate";
import { formatDuration } from "../lib/duration.ts";
import { type InstanceContext, type InstanceInput, initialContext } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import { backoffDelay, describeExit, isSuccess, wantsRetry } from "./restart-policy.ts";

/** Where a run has ended, whatever its end was, the next one starts in the same way. */
const START_FROM_REST = [
  { guard: "circleInBudget", target: "blocked", actions: "spendForCircle" },
  { guard: "circle", actions: "noteCircleSpent" },
  { guard: "open", target: "starting", actions: "freshStart" },
  { target: "blocked", actions: "freshStart" },
] as const;

/**
 * The life of one instance (SPEC 6.3).
 *
 *   inactive <-> blocked -> starting -> running -> stopping -> exited | failed
 *                   ^          ^           |          |
 *                   +------ backoff <------+----------+
 *
 * The machine decides; it never touches the system. `launch`, `terminate` and `kill` are requests to the supervisor, which
 * provides them once for all actors (providing them per actor costs five times the time and memory). Whether a process may start
 * comes in as `open`, from the guard of the service.
 */
export const serviceMachine = setup({
  types: { input: {} as InstanceInput, context: {} as InstanceContext, events: {} as InstanceEvent },
  actions: {
    launch: () => missing("launch"),
    terminate: () => missing("terminate"),
    kill: () => missing("kill"),

    noteGate: assign(({ event }) => ("open" in event ? { open: event.open } : {})),
    notePolicy: assign(({ event }) => (event.type === "policy.changed" ? { policy: event.policy } : {})),
    noteReason: assign(({ event }) => ("reason" in event ? { reason: event.reason } : {})),
    noteExit: assign(({ event }) => (event.type === "process.exited" ? { exit: event.exit } : {})),
    noteRefusal: assign(({ event }) =>
      event.type === "process.refused" ? { reason: event.failure.message, outcome: "failure" as const } : {},
    ),

    // one assign where three would do the same: each costs as much as the rest of a transition
    freshStart: assign(({ event }) =>
      event.type === "service.start" ? { open: event.open, reason: event.reason, retries: 0, paused: false } : {},
    ),
    freshBudget: assign({ retries: 0, paused: false }),
    spendForCircle: assign(({ context, event }) => ({
      retries: context.retries + 1,
      paused: true,
      ...("open" in event ? { open: event.open } : {}),
      reason: `${"reason" in event ? event.reason : context.reason}: its own last run brought this about, so it counts as a restart`,
    })),
    noteCircleSpent: assign(({ context }) => ({
      reason: `not started again: its own last runs bring about its starts, and ${budgetSpent(context)}`,
    })),

    beginRun: assign({ then: "judge" as const, overdue: false, force: false, exit: undefined, outcome: "none" as const }),
    noteRunning: assign({ reason: "its process is up" }),
    watchRun: enqueueActions(({ context, enqueue }) => {
      const { type, startTimeoutMs, restart } = context.policy;
      if (context.retries > 0) enqueue.raise({ type: "run.stable" }, { id: "stable", delay: restart.stableAfterMs });
      if (type === "oneshot" && startTimeoutMs !== undefined)
        enqueue.raise({ type: "run.overdue" }, { id: "overdue", delay: startTimeoutMs });
    }),
    unwatchRun: enqueueActions(({ context, enqueue }) => {
      if (context.retries > 0) enqueue.cancel("stable");
      if (context.policy.startTimeoutMs !== undefined) enqueue.cancel("overdue");
    }),
    noteOverdue: assign(({ context }) => ({
      overdue: true,
      then: "judge" as const,
      reason: `start-timeout: still running after ${formatDuration(context.policy.startTimeoutMs ?? 0)}`,
    })),

    thenRest: assign(({ event }) => ({ then: "rest" as const, force: event.type === "service.stop" && event.force })),
    thenStart: assign(({ event }) => ({ then: event.type === "service.start" && event.circle ? ("circle" as const) : ("start" as const) })),
    thenRestart: assign({ then: "restart" as const, force: false }),
    thenJudge: assign(({ context }) => ({
      then: "judge" as const,
      force: false,
      reason: `${endReason(context)}; ending what it left behind`,
    })),
    endProcess: enqueueActions(({ context, enqueue }) => enqueue(context.force ? "kill" : "terminate")),
    noteKill: assign(({ context }) => ({
      reason: `${context.reason}; killed, as it did not end within ${formatDuration(context.policy.stopTimeoutMs)}`,
    })),

    noteStopped: assign({ outcome: "stopped" as const }),
    noteSuccess: assign(({ context }) => ({ outcome: "success" as const, reason: endReason(context) })),
    noteRetry: assign(({ context }) => ({
      retries: context.retries + 1,
      outcome: succeeded(context) ? ("success" as const) : ("failure" as const),
      reason: `${endReason(context)}; retry ${context.retries + 1}${ofMax(context)} in ${formatDuration(backoffDelay(context.policy.restart, context.retries + 1))}`,
    })),
    noteFailure: assign(({ context }) => ({
      outcome: "failure" as const,
      reason: wantsRetry(context.policy.restart, succeeded(context))
        ? `${endReason(context)}; ${budgetSpent(context)}`
        : endReason(context),
    })),

    beginPause: enqueueActions(({ context, enqueue }) => {
      if (context.paused)
        enqueue.raise({ type: "pause.over" }, { id: "pause", delay: backoffDelay(context.policy.restart, context.retries) });
    }),
    endPause: enqueueActions(({ context, enqueue }) => {
      if (!context.paused) return;
      enqueue.cancel("pause");
      enqueue.assign({ paused: false });
    }),
    forgetRetries: assign({ retries: 0 }),
  },
  guards: {
    recordedAs: ({ context }, { phase }: { phase: "exited" | "failed" }) => context.ended?.phase === phase,
    open: ({ context, event }) => ("open" in event ? event.open : context.open),
    openAndUnpaused: ({ context, event }) => !context.paused && "open" in event && event.open,
    openByHand: ({ event }) => event.type === "service.start" && event.by === "hand" && event.open,
    byHand: ({ event }) => event.type === "service.start" && event.by === "hand",
    circle: ({ event }) => event.type === "service.start" && event.circle,
    circleInBudget: ({ context, event }) => event.type === "service.start" && event.circle && hasBudget(context),
    incurable: ({ event }) => event.type === "process.refused" && event.failure.kind !== "system",
    left: ({ event }) => event.type === "process.exited" && event.left,
    retries: ({ context, event }) => {
      const ended = withExit(context, event);
      return wantsRetry(ended.policy.restart, succeeded(ended)) && hasBudget(ended);
    },
    failureRetries: ({ context }) => wantsRetry(context.policy.restart, false) && hasBudget(context),
    endsWell: ({ context, event }) => {
      const ended = withExit(context, event);
      return succeeded(ended) && !wantsRetry(ended.policy.restart, true);
    },
    forced: ({ event }) => event.type === "service.stop" && event.force,
    thenRest: ({ context }) => context.then === "rest",
    thenCircle: ({ context }) => context.then === "circle",
    thenUpOpen: ({ context }) => context.then !== "judge" && context.open,
    thenUp: ({ context }) => context.then !== "judge",
    thenRestartOpen: ({ context }) => context.then === "restart" && context.open,
    thenRestart: ({ context }) => context.then === "restart",
    hasBudget: ({ context }) => hasBudget(context),
  },
  delays: {
    backoff: ({ context }) => backoffDelay(context.policy.restart, context.retries),
    stopTimeout: ({ context }) => context.policy.stopTimeoutMs,
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
      on: {
        "process.started": "running",
        "process.refused": [
          { guard: "incurable", target: "failed", actions: "noteRefusal" },
          { guard: "failureRetries", target: "backoff", actions: ["noteRefusal", "noteRetry"] },
          { target: "failed", actions: ["noteRefusal", "noteFailure"] },
        ],
        "process.exited": [
          { guard: "left", target: "stopping", actions: ["noteExit", "thenJudge"] },
          { guard: "failureRetries", target: "backoff", actions: ["noteExit", "noteRetry"] },
          { target: "failed", actions: ["noteExit", "noteFailure"] },
        ],
        "service.stop": { target: "stopping", actions: ["noteReason", "thenRest"] },
        "service.restart": { target: "stopping", actions: ["noteReason", "thenRestart"] },
      },
    },
    running: {
      entry: ["noteRunning", "watchRun"],
      exit: "unwatchRun",
      on: {
        "process.exited": [
          { guard: "left", target: "stopping", actions: ["noteExit", "thenJudge"] },
          { guard: "retries", target: "backoff", actions: ["noteExit", "noteRetry"] },
          { guard: "endsWell", target: "exited", actions: ["noteExit", "noteSuccess"] },
          { target: "failed", actions: ["noteExit", "noteFailure"] },
        ],
        "service.stop": { target: "stopping", actions: ["noteReason", "thenRest"] },
        "service.restart": { target: "stopping", actions: ["noteReason", "thenRestart"] },
        "run.stable": { actions: "forgetRetries" },
        "run.overdue": { target: "stopping", actions: "noteOverdue" },
      },
    },
    stopping: {
      entry: "endProcess",
      after: { stopTimeout: { actions: ["noteKill", "kill"] } },
      on: {
        "service.start": { actions: ["noteGate", "thenStart"] },
        "service.stop": [{ guard: "forced", actions: ["noteReason", "thenRest", "kill"] }, { actions: ["noteReason", "thenRest"] }],
        "service.restart": { actions: "thenRestart" },
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
        { guard: "thenRestartOpen", target: "starting" },
        { guard: "thenRestart", target: "blocked" },
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

/** The context as it will be once the exit in the event is noted: guards are asked before actions run. */
function withExit(context: InstanceContext, event: InstanceEvent): InstanceContext {
  return event.type === "process.exited" ? { ...context, exit: event.exit } : context;
}

function succeeded({ exit, overdue, policy }: InstanceContext): boolean {
  return exit !== undefined && !overdue && isSuccess(exit, policy.successExitCodes);
}

function hasBudget({ retries, policy }: InstanceContext): boolean {
  return retries < policy.restart.maxRetries;
}

function endReason({ exit, overdue, reason }: InstanceContext): string {
  return exit === undefined || overdue ? reason : describeExit(exit);
}

function budgetSpent({ policy }: InstanceContext): string {
  const { maxRetries } = policy.restart;
  return maxRetries === 1 ? "the one retry is spent" : `all ${maxRetries} retries are spent`;
}

function ofMax({ policy }: InstanceContext): string {
  return Number.isFinite(policy.restart.maxRetries) ? ` of ${policy.restart.maxRetries}` : "";
}
