import type { Json } from "./json.ts";
import type { Phase } from "./phase.ts";

/** A branch came, changed or went. `undefined` is absence; null is a payload. */
export interface StateFact {
  readonly kind: "state";
  readonly name: string;
  readonly key: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  /** Only where it is shown to somebody who may not see payloads of this state: they are then null, and the key is empty. */
  readonly restricted?: true;
}

export interface SignalFact {
  readonly kind: "signal";
  readonly name: string;
  readonly payload: Json;
  /** As of a state. */
  readonly restricted?: true;
}

export interface PhaseFact {
  readonly kind: "phase";
  readonly instance: string;
  readonly from: Phase;
  readonly to: Phase;
  /** Why, for people: "start-on holds", "exit code 1", "stopped by hand". */
  readonly reason: string;
}

/** What Rind asked of an instance. */
export interface RequestFact {
  readonly kind: "request";
  readonly action: "start" | "stop" | "restart" | "reload";
  readonly instance: string;
  readonly reason: string;
}

/** What came from outside and opened a transaction: a client's call, an exit, a timer. */
export interface OutsideFact {
  readonly kind: "outside";
  readonly what: string;
}

export type FactBody = StateFact | SignalFact | PhaseFact | RequestFact | OutsideFact;

/** A fact with its place in history. */
export type Fact = FactBody & {
  readonly id: number;
  /** Number of the transaction. */
  readonly tx: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Ids of the facts that caused it; empty for what came from outside with no cause known. */
  readonly cause: readonly number[];
};
