import type { SignalFact, StateFact } from "../model/fact.ts";

/** Something that a step made happen. */
export interface Effect {
  readonly fact: StateFact | SignalFact;
  /** Indexes of earlier effects of the same step; -1 - i is the i-th change itself. Empty at boot, for what was stored. */
  readonly because: readonly number[];
}
