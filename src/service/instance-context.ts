import type { Exit } from "../model/exit.ts";
import type { InstancePolicy } from "./instance-policy.ts";
import { type Budget, FRESH } from "./restart-budget.ts";

/** How an actor begins: anew, or where its last run left it. */
export interface InstanceInput {
  readonly name: string;
  readonly policy: InstancePolicy;
  /** The record of a run under an earlier daemon that has ended for good; undefined: anew. */
  readonly ended: EndedRun | undefined;
  readonly world: MachineWorld;
}

/** What a machine asks of the world; tests answer it by hand. */
export interface MachineWorld {
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
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
export type Then = "rest" | "start" | "circle" | "judge";

export interface InstanceContext extends Budget {
  readonly name: string;
  readonly world: MachineWorld;
  readonly policy: InstancePolicy;
  readonly ended: EndedRun | undefined;
  /** Nothing is unmet: kept up to date by the guard, through the bus. */
  readonly open: boolean;
  /** The wait before the retry that is due, in milliseconds. */
  readonly delayMs: number;
  /** A start that counts as a restart still has to wait. */
  readonly paused: boolean;
  readonly then: Then;
  /** Why this run is a failure, whatever its code; undefined: its exit says what it was. */
  readonly failedBy: string | undefined;
  /** Another try is asked for, whatever ends the policy restarts after. */
  readonly retryAsked: boolean;
  /** Others have to be down first: nothing is sent to the process yet. */
  readonly hold: boolean;
  /** The stop is to be a SIGKILL at once. */
  readonly force: boolean;
  /** The process is to get SIGABRT in place of its stop signal. */
  readonly abort: boolean;
  /** When the time for the start or the stop is over; undefined: no time runs. */
  readonly deadline: number | undefined;
  /** Its process is there, whether ready or not. */
  readonly up: boolean;
  /** What its readiness probe says; without one: its process is up. Outside of `running` it means nothing. */
  readonly ready: boolean;
  /** What its health probe says; null: no probe, or no verdict yet. */
  readonly healthy: boolean | null;
  readonly exit: Exit | undefined;
  readonly outcome: Outcome;
  /** Why it is in the phase that it is in, for people. */
  readonly reason: string;
}

/** How each run begins. */
export const NEW_RUN = {
  then: "judge",
  failedBy: undefined,
  retryAsked: false,
  hold: false,
  force: false,
  abort: false,
  deadline: undefined,
  up: false,
  ready: false,
  healthy: null,
  exit: undefined,
  outcome: "none",
} as const satisfies Partial<InstanceContext>;

/** Written out in full: two spreads with so many fields cost as much as the rest of a start. */
export function initialContext({ name, world, policy, ended }: InstanceInput): InstanceContext {
  const retries = ended?.retries ?? 0;
  return {
    name,
    world,
    policy,
    ended,
    retries,
    step: retries,
    retryTimes: FRESH.retryTimes,
    open: false,
    delayMs: 0,
    paused: false,
    then: NEW_RUN.then,
    failedBy: NEW_RUN.failedBy,
    retryAsked: NEW_RUN.retryAsked,
    hold: NEW_RUN.hold,
    force: NEW_RUN.force,
    abort: NEW_RUN.abort,
    deadline: NEW_RUN.deadline,
    up: NEW_RUN.up,
    ready: NEW_RUN.ready,
    healthy: NEW_RUN.healthy,
    exit: ended?.exit,
    outcome: ended?.outcome ?? "none",
    reason: ended?.reason ?? "",
  };
}
