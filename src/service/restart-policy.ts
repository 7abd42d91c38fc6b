import type { Exit } from "../model/exit.ts";
import type { RestartPolicy } from "../model/unit-set.ts";

/** Whether a run that ended by itself was a success: a code among `successExitCodes`; a signal never is. */
export function isSuccess(exit: Exit, successExitCodes: readonly number[]): boolean {
  return exit.kind === "code" && successExitCodes.includes(exit.code);
}

/** Whether the policy wants another try after a run that ended so, the budget aside. */
export function wantsRetry(policy: RestartPolicy, success: boolean): boolean {
  return policy.on === "always" || (policy.on === "on-failure" && !success);
}

/**
 * The wait before retry number `step` (from 1) since the last stable run, in whole milliseconds: grows by `backoff` up to `maxDelayMs`, and
 * is then lengthened by `jitter`. `chance` is a number from 0 to 1.
 */
export function backoffDelay(policy: RestartPolicy, step: number, chance: number): number {
  const delay = Math.min(policy.delayMs * policy.backoff ** Math.max(step - 1, 0), policy.maxDelayMs);
  return Math.round(delay * (1 + policy.jitter * chance));
}

/** An exit in words. */
export function describeExit(exit: Exit): string {
  return exit.kind === "code" ? `exit code ${exit.code}` : `killed by ${exit.by}`;
}
