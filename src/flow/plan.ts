import type { PayloadKind, StateDecl } from "../model/unit-set.ts";
import type { Literal, Path, SignalLiteral } from "./condition.ts";

/** One alternative of an `after`. */
export interface RulePlan {
  readonly positive: readonly Literal[];
  readonly negative: readonly Literal[];
  /** Index in `positive` of what is copied; -1: nothing is. */
  readonly source: number;
}

/** One way in which branches of a state are masked: all literals hold. */
export interface BlockPlan {
  readonly literals: readonly Literal[];
  /** For each identity field of the masked state the field of the blocker that is compared with it; undefined: none. */
  readonly fields: readonly (string | undefined)[];
}

/** A state, ready to be evaluated. */
export interface StatePlan {
  readonly name: string;
  readonly kind: PayloadKind;
  /** Fields that tell its branches apart, by its own names; empty where there is only the unnamed branch. */
  readonly identity: readonly string[];
  /** `branch` was given: a payload must have every identity field. */
  readonly branched: boolean;
  readonly persist: StateDecl["persist"];
  /** It mirrors a state of the system's daemon: nobody sets it here, and nothing of it is stored. */
  readonly imported: boolean;
  /** Kept for Rind's own use and never listed: the service states and what watches for the edges of signals. */
  readonly hidden: boolean;
  /** It has an `auto-payload`. */
  readonly auto: boolean;
  /** `map`: the derived payload holds the identity fields and nothing else; `copy`: it is that of the rule's source. */
  readonly mode: "map" | "copy";
  /** Fields of the sources on which they join, one for each identity field. */
  readonly columns: readonly string[];
  readonly rules: readonly RulePlan[];
  readonly blocks: readonly BlockPlan[];
  /** The signal that is emitted for each branch that appears; nothing else is to be seen of such a state. */
  readonly edgeOf: string | undefined;
  /** Number of its component in the order of evaluation. */
  readonly component: number;
  /** It depends on itself through other states: it hands on identity only, spelled as text. */
  readonly recursive: boolean;
}

export interface SignalPlan {
  readonly name: string;
  readonly kind: PayloadKind;
  /** It is emitted by the system's daemon: nobody emits it here. */
  readonly imported: boolean;
}

/** An alternative of a signal's `after` that has a signal in it. */
export interface TriggerPlan {
  readonly signal: string;
  /** Restrictions on the signal that sets it off, all of one name. */
  readonly on: readonly SignalLiteral[];
  readonly rule: RulePlan;
  /** Fields of the sources, and of the signal's payload, that `branch` takes. */
  readonly columns: readonly string[];
  /** What they are called in the payload; undefined: no `branch`, the payload is passed on. */
  readonly targets: readonly string[] | undefined;
}

/** A unit set, compiled. */
export interface Program {
  readonly states: ReadonlyMap<string, StatePlan>;
  readonly signals: ReadonlyMap<string, SignalPlan>;
  /** By the name of the signal that sets them off. */
  readonly triggers: ReadonlyMap<string, readonly TriggerPlan[]>;
  /** In the order of evaluation; the states of one component depend on each other. */
  readonly components: readonly (readonly StatePlan[])[];
}

/** A mistake that only the whole set shows. */
export interface Finding {
  readonly kind: "state" | "signal" | "service";
  readonly item: string;
  /** Keys inside the item's table in the spelling of TOML: `["after", 0, "any", 2]`. */
  readonly path: Path;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint: string;
}
