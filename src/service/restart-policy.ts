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

/** The wait before retry number `retries` (from 1), in milliseconds: grows by `backoff`, up to `maxDelayMs`. */
export function backoffDelay(policy: RestartPolicy, retries: number): number {
  return Math.min(policy.delayMs * policy.backoff ** Math.max(retries - 1, 0), policy.maxDelayMs);
}

/** An exit in words. */
export function describeExit(exit: Exit): string {
  return exit.kind === "code" ? `exit code ${exit.code}` : `killed by ${exit.by}`;
}
