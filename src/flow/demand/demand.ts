import type { Fact, SignalFact } from "../../model/fact.ts";

/** What the conditions of a service ask of one instance, after a settled round. */
export interface Demand {
  readonly key: string;
  /** Id of the fact that brought it about. */
  readonly cause: number;
  /**
   * `appeared`: there is a branch for it; `gone`: there is none any more. `wait`: its process has to end, and it is to come back when
   * the gate lets it. `renew`: what it requires runs anew, while its own process, ready or not, is of before. `gate`: what it must wait
   * for before a process may start has changed.
   */
  readonly request: "appeared" | "gone" | "start" | "stop" | "wait" | "restart" | "renew" | "reload" | "gate";
  /** Of `start`, `wait` and `gate`: nothing is unmet, a process may start now. */
  readonly open: boolean;
  /** Of `start`: who asks. */
  readonly by: "conditions" | "hand";
  /** The signal that triggered a start. */
  readonly signal: (Fact & SignalFact) | undefined;
  /** For people. */
  readonly reason: string;
}

/** What a guard knows of one instance between two rounds; kept over a reload and, as far as it matters, over a crash. */
export interface Judgement {
  /** The level of `start-on` holds. */
  readonly level: boolean;
  /** `start-on` holds with every signal taken as given. */
  readonly guard: boolean;
  /** A `stop-on` state holds. */
  readonly blocked: boolean;
  /** Somebody wants it up: it is, or is about to be, or waits. */
  readonly wanted: boolean;
  /** `stop-on` took it down or kept it down: it starts when that clears, if the level holds. */
  readonly held: boolean;
  /** Started by hand with force: `stop-on` does not keep it from starting. */
  readonly forced: boolean;
  /** Stopped by hand: nobody pulls it in. */
  readonly stopped: boolean;
  /** The gate as it was told last. */
  readonly open: boolean;
}

export const UNJUDGED: Judgement = {
  level: false,
  guard: false,
  blocked: false,
  wanted: false,
  held: false,
  forced: false,
  stopped: false,
  open: false,
};
