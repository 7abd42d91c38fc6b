import { formatDuration } from "../lib/duration.ts";
import type { InstanceContext } from "./instance-context.ts";
import type { InstanceEvent } from "./instance-events.ts";
import { afterStableRun, describeSpent, FRESH, hasBudget, spend } from "./restart-budget.ts";
import { backoffDelay, describeExit, isSuccess, wantsRetry } from "./restart-policy.ts";

/*
 * What the machine writes down, and what it decides by. All of it is pure: a context and an event in, a part of the next context or
 * a verdict out.
 */

type Part = Partial<InstanceContext>;

export function succeeded({ exit, failedBy, policy }: InstanceContext): boolean {
  return exit !== undefined && failedBy === undefined && isSuccess(exit, policy.successExitCodes);
}

export function isInBudget(context: InstanceContext): boolean {
  return hasBudget(context.policy.restart, context, context.world.now());
}

/** Whether another try is wanted after the run as it ended, the budget aside. */
export function isRetryWanted(context: InstanceContext): boolean {
  return context.retryAsked || wantsRetry(context.policy.restart, succeeded(context));
}

export function awaitsReady({ policy }: InstanceContext): boolean {
  return policy.readyDelayMs !== undefined;
}

/** The context as it will be once the exit in the event is noted: guards are asked before actions run. */
export function withExit(context: InstanceContext, event: InstanceEvent): InstanceContext {
  return event.type === "process.exited" ? { ...context, exit: event.exit } : context;
}

/** An end before it was ready is a failure, whatever its code. */
export function noteEarlyExit(context: InstanceContext, event: InstanceEvent): Part {
  if (event.type !== "process.exited") return {};
  const failedBy = `${describeExit(event.exit)}${awaitsReady(context) ? " before it was ready" : ""}`;
  return { exit: event.exit, failedBy };
}

export function noteRunning(context: InstanceContext): Part {
  return { reason: awaitsReady(context) ? "it is ready" : "its process is up", up: true, ready: true };
}

/** The word of a probe while it runs; a flag that comes back leaves the other's trouble in sight. */
export function noteProbe(context: InstanceContext, event: InstanceEvent): Part {
  if (event.type === "ready.changed") {
    const reason = event.ready
      ? context.healthy === false
        ? {}
        : { reason: "it is ready again" }
      : { reason: `not ready: ${event.reason}` };
    return { ready: event.ready, ...reason };
  }
  if (event.type === "health.changed") {
    const reason = event.healthy
      ? context.ready && context.healthy === false
        ? { reason: "it is healthy again" }
        : {}
      : { reason: `unhealthy: ${event.reason}` };
    return { healthy: event.healthy, ...reason };
  }
  return {};
}

/** What a reload takes away can be neither missing nor bad. */
export function notePolicy(context: InstanceContext, event: InstanceEvent): Part {
  if (event.type !== "policy.changed") return {};
  const { policy } = event;
  return {
    policy,
    ready: context.ready || (context.up && policy.readyDelayMs === undefined),
    healthy: policy.onUnhealthy === undefined ? null : context.healthy,
  };
}

/** The same for one that runs: its reason must not tell on of a trouble that is no more. */
export function notePolicyOfRun(context: InstanceContext, event: InstanceEvent): Part {
  const part = notePolicy(context, event);
  const { ready = context.ready, healthy = context.healthy } = part;
  const wasInTrouble = !context.ready || context.healthy === false;
  return ready && healthy !== false && wasInTrouble ? { ...part, reason: "what was said to be wrong is not looked at any more" } : part;
}

export function noteOverdue({ policy }: InstanceContext): Part {
  const still = policy.type === "oneshot" ? "still running" : "not ready";
  const reason = `start-timeout: ${still} after ${formatDuration(policy.startTimeoutMs ?? 0)}`;
  return { then: "judge", failedBy: reason, reason };
}

/** What a probe or a watchdog found brings about its end, and another try. */
export function noteFaulty(context: InstanceContext, event: InstanceEvent): Part {
  const reason = faultOf(event);
  return { then: "judge", failedBy: reason, retryAsked: true, abort: abortsOn(context, event), reason };
}

/** The same, where it is to stay down. */
export function noteFaultyRest(_context: InstanceContext, event: InstanceEvent): Part {
  const reason = faultOf(event);
  return { then: "rest", failedBy: reason, reason };
}

export function noteKill({ failedBy, exit, then, reason, policy }: InstanceContext): Part {
  const after = formatDuration(policy.stopTimeoutMs);
  const left = then === "judge" && exit !== undefined;
  const note = left ? `what was left did not end within ${after} and was killed` : `killed, as it did not end within ${after}`;
  return { reason: `${reason}; ${note}`, ...(failedBy === undefined ? {} : { failedBy: `${failedBy}; ${note}` }) };
}

export function noteRetry(context: InstanceContext): Part {
  const due = retryDue(context);
  const { maxRetries } = context.policy.restart;
  const ofMax = Number.isFinite(maxRetries) ? ` of ${maxRetries}` : "";
  return {
    ...due,
    outcome: succeeded(context) ? "success" : "failure",
    reason: `${endReason(context)}; retry ${due.retries}${ofMax} in ${formatDuration(due.delayMs)}`,
  };
}

export function noteFailure(context: InstanceContext): Part {
  const end = endReason(context);
  return { outcome: "failure", reason: isRetryWanted(context) ? `${end}; ${describeSpent(context.policy.restart)}` : end };
}

/** A start that counts as a restart. */
export function spendForCircle(context: InstanceContext, event: InstanceEvent): Part {
  const reason = "reason" in event ? event.reason : context.reason;
  return {
    ...retryDue(context),
    paused: true,
    ...("open" in event ? { open: event.open } : {}),
    reason: `${reason}: its own last run brought this about, so it counts as a restart`,
  };
}

export function noteCircleSpent({ policy }: InstanceContext): Part {
  return { reason: `not started again: its own last runs bring about its starts; ${describeSpent(policy.restart)}` };
}

export function freshStart(_context: InstanceContext, event: InstanceEvent): Part {
  if (event.type !== "service.start") return {};
  const { retries, step, retryTimes } = FRESH;
  return { retries, step, retryTimes, open: event.open, reason: event.reason, paused: false };
}

export function noteStable(context: InstanceContext): Part {
  return afterStableRun(context.policy.restart, context);
}

/** How the run ended, in words. */
export function endReason({ exit, failedBy, reason }: InstanceContext): string {
  return failedBy ?? (exit === undefined ? reason : describeExit(exit));
}

function retryDue(context: InstanceContext): Pick<InstanceContext, "retries" | "step" | "retryTimes" | "delayMs"> {
  const { restart } = context.policy;
  const budget = spend(restart, context, context.world.now());
  const delayMs = backoffDelay(restart, budget.step, restart.jitter === 0 ? 0 : context.world.random());
  return { ...budget, delayMs };
}

function abortsOn({ policy }: InstanceContext, event: InstanceEvent): boolean {
  return event.type === "watchdog.missed" && policy.onWatchdog === "abort";
}

function faultOf(event: InstanceEvent): string {
  const reason = "reason" in event ? event.reason : "";
  return event.type === "watchdog.missed" ? `watchdog: ${reason}` : `unhealthy: ${reason}`;
}
