import type { InstanceContext } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import * as notes from "./instance-notes.ts";

export type InstanceGuard = (context: InstanceContext, event: InstanceEvent) => boolean;

/** What the transitions of the machine depend on, by the names under which they ask. */
export const GUARDS = {
  recordedExited: ({ ended }) => ended?.phase === "exited",
  recordedFailed: ({ ended }) => ended?.phase === "failed",
  open: ({ open }, event) => ("open" in event ? event.open : open),
  openAndUnpaused: ({ paused }, event) => !paused && "open" in event && event.open,
  openByHand: (_context, event) => event.type === "service.start" && event.by === "hand" && event.open,
  byHand: (_context, event) => event.type === "service.start" && event.by === "hand",
  circle: (_context, event) => event.type === "service.start" && event.circle,
  circleInBudget: (context, event) => event.type === "service.start" && event.circle && notes.isInBudget(context),
  incurable: (_context, event) => event.type === "process.refused" && event.failure.kind !== "system",
  left: (_context, event) => event.type === "process.exited" && event.left,
  awaitsReady: (context) => notes.awaitsReady(context),
  isOneshot: ({ policy }) => policy.type === "oneshot",
  becomesReady: (_context, event) => event.type === "ready.changed" && event.ready,
  needsNoProbe: ({ up }, event) => up && event.type === "policy.changed" && event.policy.readyDelayMs === undefined,
  unhealthyRestarts: ({ policy }, event) => event.type === "health.changed" && !event.healthy && policy.onUnhealthy === "restart",
  unhealthyStops: ({ policy }, event) => event.type === "health.changed" && !event.healthy && policy.onUnhealthy === "stop",
  watchdogStops: ({ policy }, event) => event.type === "watchdog.missed" && policy.onWatchdog === "stop",
  retries: (context, event) => {
    const ended = notes.withExit(context, event);
    return notes.isRetryWanted(ended) && notes.isInBudget(ended);
  },
  failureRetries: (context) => notes.isRetryWanted({ ...context, exit: undefined }) && notes.isInBudget(context),
  endsWell: (context, event) => {
    const ended = notes.withExit(context, event);
    return notes.succeeded(ended) && !notes.isRetryWanted(ended);
  },
  forced: (_context, event) => event.type === "service.stop" && event.force,
  held: ({ hold }) => hold,
  letsGo: ({ hold }, event) => hold && event.type === "service.stop" && !event.hold,
  thenRest: ({ then }) => then === "rest",
  thenCircle: ({ then }) => then === "circle",
  thenUpOpen: ({ then, open }) => then !== "judge" && open,
  thenUp: ({ then }) => then !== "judge",
  hasBudget: (context) => notes.isInBudget(context),
} as const satisfies Readonly<Record<string, InstanceGuard>>;

export type GuardName = keyof typeof GUARDS;
