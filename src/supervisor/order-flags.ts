import type { BORN, ENDING, LOST, PENDING, RUN } from "../flow/demand/order-lists.ts";
import type { Json } from "../model/json.ts";
import type { Phase } from "../model/phase.ts";
import type { InstanceContext } from "../service/instance-context.ts";

/** What the order of others depends on, beside what conditions ask (SPEC 6.2): fields of the row of an instance in its hidden state. */
export type OrderFlags = Readonly<Record<typeof LOST | typeof ENDING | typeof PENDING | typeof RUN | typeof BORN, Json>>;

/** Of an instance that never ran. */
export const NEVER_RAN: OrderFlags = { "~lost": false, "~ending": false, "~pending": false, "~run": 0, "~born": 0 };

export interface OrderedRun {
  readonly phase: Phase;
  readonly context: Pick<InstanceContext, "outcome" | "then" | "hold" | "retries">;
  readonly decl: { readonly type: string; readonly branching: unknown };
  /** Number of its last run; 0: there was none. */
  readonly runFact: number;
  readonly bornFact: number;
  readonly gone: boolean;
}

export function orderFlags(instance: OrderedRun): OrderFlags {
  return {
    "~lost": isLost(instance),
    "~ending": instance.phase === "stopping",
    "~pending": isOnItsWay(instance),
    "~run": instance.runFact,
    "~born": instance.bornFact,
  };
}

/**
 * Who requires it has to stop: it is on its way to a rest that somebody asked for, down for good, or waits without limit for what it
 * lost itself. Retries and planned restarts are no loss, nor is the success of a oneshot, nor an instance that goes with its branch.
 */
function isLost({ phase, context, decl, runFact, gone }: OrderedRun): boolean {
  if (gone && decl.branching !== undefined) return false;
  switch (phase) {
    case "stopping":
      return context.hold || context.then === "rest";
    case "exited":
      return decl.type !== "oneshot" || context.outcome !== "success";
    case "failed":
      return true;
    case "inactive":
    case "blocked":
      return runFact !== 0;
    case "starting":
    case "running":
    case "backoff":
      return false;
  }
}

/** Who wants it waits: it has a process, and did not fail yet. */
function isOnItsWay({ phase, context }: OrderedRun): boolean {
  return (phase === "starting" || phase === "running" || phase === "stopping") && context.retries === 0;
}
