import type { Json } from "../model/json.ts";
import type { Bag } from "./bag.ts";
import type { TextRecord } from "./branch-key.ts";
import { Copies } from "./copies.ts";
import { Spellings } from "./spellings.ts";

/** What a projection remembers of its members besides their number. */
export type Keeps = "number" | "copies" | "spellings";

/** The branches of a source that look alike through the columns of a rule: the unit of joining. */
export class Projection {
  readonly record: TextRecord;
  members = 0;
  /** The rows that it is a premise of. */
  rows: Bag<Row> | undefined = undefined;
  readonly copies: Copies | undefined;
  readonly spellings: Spellings | undefined;

  constructor(record: TextRecord, keeps: Keeps) {
    this.record = record;
    this.copies = keeps === "copies" ? new Copies() : undefined;
    this.spellings = keeps === "spellings" ? new Spellings() : undefined;
  }
}

/** What holds up a derived branch. */
export interface Support {
  /** Number of the alternative: of several supports the earliest gives the payload. */
  readonly order: number;
  /** It rests on a state of its own component, and so perhaps on itself. */
  readonly circular: boolean;
  /** It carries nothing: the payload is the empty one, or that of an auto-payload. */
  readonly bare: boolean;
  readonly head: string;
  payload(): Json;
}

/** One combination of projections that agree: a member of the join of a rule's memories. */
export interface Row {
  readonly record: TextRecord;
  readonly premises: readonly Projection[];
  /** Key of the branch that it holds up, and the state of which that is one. */
  readonly head: string;
  readonly heads: Supported;
  readonly support: Support;
  /** A negated literal of the rule has something that agrees with it. */
  blocked: boolean;
}

/** What a rule tells of the branches that it holds up. */
export interface Supported {
  gain(support: Support): void;
  lose(support: Support): void;
  /** The payload of a support has changed. */
  touch(head: string): void;
}
