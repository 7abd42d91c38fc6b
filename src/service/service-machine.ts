import { setup } from "xstate";
import { type InstanceContext, type InstanceInput, initialContext } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import { xstateActions, xstateGuards } from "./xstate-parts.ts";

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
 * The machine decides; it never touches the system. `launch`, `terminate` and `kill` are requests to the supervisor. Whether a process
 * may start comes in as `open`, from the guard of the service; what probes see comes in as events. `InstanceActor` runs it; XState's own
 * interpreter runs it in the same way, once the three requests are provided.
 */
export const serviceMachine = setup({
  types: { input: {} as InstanceInput, context: {} as InstanceContext, events: {} as InstanceEvent },
  actions: { ...xstateActions(), launch: () => missing("launch"), terminate: () => missing("terminate"), kill: () => missing("kill") },
  guards: xstateGuards(),
}).createMachine({
  id: "service",
  context: ({ input }) => initialContext(input),
  initial: "recorded",
  on: { "gate.changed": { actions: "noteGate" }, "policy.changed": { actions: "notePolicy" } },
  states: {
    /** Never observed: an actor leaves it at once, for where the last run left it. */
    recorded: {
      always: [{ guard: "recordedExited", target: "exited" }, { guard: "recordedFailed", target: "failed" }, { target: "inactive" }],
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
      entry: "beginBackoff",
      exit: "endBackoff",
      on: {
        "backoff.over": [{ guard: "open", target: "starting" }, { target: "blocked" }],
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
