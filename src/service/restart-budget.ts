import { formatDuration } from "../lib/duration.ts";
import type { RestartPolicy } from "../model/unit-set.ts";

/** The retries of an instance, as far as they still count (SPEC 6.4). */
export interface Budget {
  /** What counts for `max-retries`: the retries since the last stable run, or, with a window, those within it. */
  readonly retries: number;
  /** Retries since the last stable run, which the delay goes by. */
  readonly step: number;
  /** When the retries within the window were; empty where no window counts. */
  readonly retryTimes: readonly number[];
}

export const FRESH: Budget = { retries: 0, step: 0, retryTimes: [] };

export function hasBudget(policy: RestartPolicy, budget: Budget, now: number): boolean {
  return (isWindowed(policy) ? within(policy, budget, now).length : budget.retries) < policy.maxRetries;
}

/** One retry more. */
export function spend(policy: RestartPolicy, budget: Budget, now: number): Budget {
  const step = budget.step + 1;
  if (!isWindowed(policy)) return { retries: budget.retries + 1, step, retryTimes: [] };
  const retryTimes = [...within(policy, budget, now), now];
  return { retries: retryTimes.length, step, retryTimes };
}

/** After a run of `stable-after`: a window forgets by itself. */
export function afterStableRun(policy: RestartPolicy, budget: Budget): Budget {
  return isWindowed(policy) ? { ...budget, step: 0 } : FRESH;
}

/** That nothing is left of it, in words. */
export function describeSpent({ maxRetries, windowMs }: RestartPolicy): string {
  const span = windowMs === undefined ? "" : ` within ${formatDuration(windowMs)}`;
  return `gave up after ${maxRetries} ${maxRetries === 1 ? "retry" : "retries"}${span}`;
}

/** Without a limit there is nothing to count, so the list of times cannot grow without end. */
function isWindowed({ windowMs, maxRetries }: RestartPolicy): boolean {
  return windowMs !== undefined && Number.isFinite(maxRetries);
}

function within({ windowMs = 0 }: RestartPolicy, { retryTimes }: Budget, now: number): readonly number[] {
  return retryTimes.filter((time) => time > now - windowMs);
}
