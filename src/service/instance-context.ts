import type { Exit } from "../model/exit.ts";
import type { InstancePolicy } from "./instance-policy.ts";

/** How an actor begins: anew, or where its last run left it. */
export interface InstanceInput {
  readonly name: string;
  readonly policy: InstancePolicy;
  /** The record of a run under an earlier daemon that has ended for good; undefined: anew. */
  readonly ended: EndedRun | undefined;
}

export interface EndedRun {
  readonly phase: "exited" | "failed";
  readonly reason: string;
  readonly outcome: Outcome;
  readonly exit: Exit | undefined;
  readonly retries: number;
}

/** How the last run ended; `none`: there was none, or it is still going on. */
export type Outcome = "none" | "success" | "failure" | "stopped";

/** What is to follow when the process that is being stopped is gone; `judge`: the restart policy decides. */
export type Then = "rest" | "start" | "circle" | "restart" | "judge";

export interface InstanceContext {
  readonly name: string;
  readonly policy: InstancePolicy;
  readonly ended: EndedRun | undefined;
  /** Nothing is unmet: kept up to date by the guard, through the bus. */
  readonly open: boolean;
  /** Retries since the last stable run. */
  readonly retries: number;
  readonly then: Then;
  /** Rind ended the run because it took too long: a failure, whatever its code. */
  readonly overdue: boolean;
  /** A start that counts as a restart still has to wait. */
  readonly paused: boolean;
  /** The stop is to be a SIGKILL at once. */
  readonly force: boolean;
  readonly exit: Exit | undefined;
  readonly outcome: Outcome;
  /** Why it is in the phase that it is in, for people. */
  readonly reason: string;
}

export function initialContext(input: InstanceInput): InstanceContext {
  return {
    name: input.name,
    policy: input.policy,
    ended: input.ended,
    open: false,
    retries: input.ended?.retries ?? 0,
    then: "judge",
    overdue: false,
    paused: false,
    force: false,
    exit: input.ended?.exit,
    outcome: input.ended?.outcome ?? "none",
    reason: input.ended?.reason ?? "",
  };
}
