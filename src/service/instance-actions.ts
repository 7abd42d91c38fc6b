import type { InstanceContext } from "./instance-context.ts";
import { NEW_RUN } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import * as notes from "./instance-notes.ts";
import { FRESH } from "./restart-budget.ts";

/** The delays of a machine; each runs at most once at a time. */
export type TimerName = "deadline" | "stable" | "pause" | "backoff";

/** What an action asks for beside what it writes down. */
export interface Doing {
  launch(): void;
  /** Begins the polite end; `abort`: with SIGABRT at once. */
  terminate(abort: boolean): void;
  kill(): void;
  /** Has the machine hear `event` in `ms` milliseconds. */
  arm(timer: TimerName, ms: number, event: InstanceEvent): void;
  /** No effect where it does not run. */
  disarm(timer: TimerName): void;
}

type Part = Partial<InstanceContext>;

/** Answers the part of the context that is another one from now on; undefined: none. */
export type InstanceAction = (context: InstanceContext, event: InstanceEvent, doing: Doing) => Part | undefined;

/** What the machine does: by these names its states and transitions call for it. */
export const ACTIONS = {
  launch: (_context, _event, doing) => {
    doing.launch();
    return undefined;
  },
  kill: (_context, _event, doing) => {
    doing.kill();
    return undefined;
  },
  noteGate: (_context, event) => ("open" in event ? { open: event.open } : undefined),
  noteReason: (_context, event) => ("reason" in event ? { reason: event.reason } : undefined),
  /** A stop of what has a process. */
  noteStop: (_context, event) =>
    event.type === "service.stop" ? { reason: event.force ? `${event.reason}; killed at once` : event.reason } : undefined,
  noteExit: (_context, event) => (event.type === "process.exited" ? { exit: event.exit } : undefined),
  noteRefusal: (_context, event) => (event.type === "process.refused" ? { reason: event.failure.message, outcome: "failure" } : undefined),
  notePolicy: notes.notePolicy,
  notePolicyOfRun: notes.notePolicyOfRun,

  freshStart: notes.freshStart,
  freshBudget: () => ({ ...FRESH, paused: false }),
  spendForCircle: notes.spendForCircle,
  noteCircleSpent: notes.noteCircleSpent,

  beginRun: () => NEW_RUN,
  noteUp: () => ({ up: true }),
  noteRunning: notes.noteRunning,
  noteProbe: notes.noteProbe,
  noteStillNotReady: (_context, event) => (event.type === "ready.changed" ? { reason: `not ready: ${event.reason}` } : undefined),
  noteEarlyExit: notes.noteEarlyExit,
  noteOverdue: notes.noteOverdue,
  noteFaulty: notes.noteFaulty,
  noteFaultyRest: notes.noteFaultyRest,

  /** The time for a start begins when a probe may first run; of what awaits none, only the run of a oneshot has a limit. */
  armStart: ({ policy, world }, _event, doing) => {
    if (policy.startTimeoutMs === undefined) return undefined;
    const ms = policy.startTimeoutMs + (policy.readyDelayMs ?? 0);
    doing.arm("deadline", ms, { type: "run.overdue" });
    return { deadline: world.now() + ms };
  },
  extendStart: (context, event, doing) => extend(context, event, { type: "run.overdue" }, doing),
  extendStop: (context, event, doing) => extend(context, event, { type: "stop.overdue" }, doing),
  disarm: ({ deadline }, _event, doing) => {
    if (deadline === undefined) return undefined;
    doing.disarm("deadline");
    return { deadline: undefined };
  },
  watchStable: ({ step, policy }, _event, doing) => {
    if (step > 0) doing.arm("stable", policy.restart.stableAfterMs, { type: "run.stable" });
    return undefined;
  },
  unwatchStable: ({ step }, _event, doing) => {
    if (step > 0) doing.disarm("stable");
    return undefined;
  },
  noteStable: notes.noteStable,

  thenRest: (_context, event) =>
    event.type === "service.stop" ? { then: "rest", force: event.force, hold: event.hold && !event.force } : undefined,
  /** What was once released is not held again. */
  restAfterAll: () => ({ then: "rest" }),
  thenStart: (_context, event) => ({ then: "circle" in event && event.circle ? "circle" : "start" }),
  thenJudge: (context) => ({ then: "judge", reason: `${notes.endReason(context)}; ending what it left behind` }),
  /** Asks the process to end, and begins the time that it has for it. */
  endProcess: ({ hold, force, abort, policy, world }, _event, doing) => {
    if (hold) return undefined;
    if (force) {
      doing.kill();
      return undefined;
    }
    doing.terminate(abort);
    doing.arm("deadline", policy.stopTimeoutMs, { type: "stop.overdue" });
    return { deadline: world.now() + policy.stopTimeoutMs };
  },
  dropHold: () => ({ hold: false }),
  noteKill: notes.noteKill,

  noteStopped: () => ({ outcome: "stopped" }),
  noteSuccess: (context) => ({ outcome: "success", reason: notes.endReason(context) }),
  noteRetry: notes.noteRetry,
  noteFailure: notes.noteFailure,

  beginBackoff: ({ delayMs }, _event, doing) => {
    doing.arm("backoff", delayMs, { type: "backoff.over" });
    return undefined;
  },
  endBackoff: (_context, _event, doing) => {
    doing.disarm("backoff");
    return undefined;
  },
  beginPause: ({ paused, delayMs }, _event, doing) => {
    if (paused) doing.arm("pause", delayMs, { type: "pause.over" });
    return undefined;
  },
  endPause: ({ paused }, _event, doing) => {
    if (!paused) return undefined;
    doing.disarm("pause");
    return { paused: false };
  },
} as const satisfies Readonly<Record<string, InstanceAction>>;

export type ActionName = keyof typeof ACTIONS;

function extend(context: InstanceContext, event: InstanceEvent, overdue: InstanceEvent, doing: Doing): Part | undefined {
  const deadline = extended(context, event);
  if (deadline === undefined) return undefined;
  doing.disarm("deadline");
  doing.arm("deadline", deadline - context.world.now(), overdue);
  return { deadline };
}

/** The deadline that a process asked for, where that is later than the one that runs. */
function extended({ deadline, world }: InstanceContext, event: InstanceEvent): number | undefined {
  if (event.type !== "start.extended" || deadline === undefined) return undefined;
  const asked = world.now() + event.ms;
  return asked > deadline ? asked : undefined;
}
