import type { Json } from "../model/json.ts";
import type { TextRecord } from "./branch-key.ts";
import { emptyPayload, objectOf } from "./payload.ts";
import type { StatePlan } from "./plan.ts";
import type { Projection, Support } from "./projection.ts";
import { spelledValue } from "./spellings.ts";

/** A row of a state that maps fields: each holds up its branch by itself, with the values of its premises. */
export class MappedSupport implements Support {
  readonly order: number;
  readonly circular: boolean;
  readonly bare = false;
  readonly head: string;
  readonly #record: TextRecord;
  readonly #premises: readonly Projection[];
  readonly #plan: StatePlan;

  constructor(
    { order, circular }: { readonly order: number; readonly circular: boolean },
    plan: StatePlan,
    row: { readonly record: TextRecord; readonly premises: readonly Projection[]; readonly head: string },
  ) {
    this.order = order;
    this.circular = circular;
    this.head = row.head;
    this.#record = row.record;
    this.#premises = row.premises;
    this.#plan = plan;
  }

  payload(): Json {
    const { identity, recursive } = this.#plan;
    if (recursive) return objectOf(identity.map((field, column) => [field, this.#record[column] ?? ""]));
    return mappedPayload(identity, this.#record, this.#premises);
  }
}

/** All rows of a rule that copy the same projection: however many they are, the payload is one. */
export class CopiedSupport implements Support {
  readonly order: number;
  readonly circular: boolean;
  readonly bare: boolean;
  readonly head: string;
  /** How many rows are not blocked. */
  rows = 0;
  readonly #source: Projection | undefined;
  readonly #plan: StatePlan;

  constructor(
    { order, circular }: { readonly order: number; readonly circular: boolean },
    plan: StatePlan,
    head: string,
    source: Projection | undefined,
  ) {
    this.order = order;
    this.circular = circular;
    this.bare = source === undefined;
    this.head = head;
    this.#source = source;
    this.#plan = plan;
  }

  payload(): Json {
    return this.#source?.copies?.smallest() ?? emptyPayload(this.#plan.kind);
  }
}

/** `fields` with the values that the premises carry; each column is that of the first premise that carries it. */
export function mappedPayload(fields: readonly string[], record: TextRecord, premises: readonly Projection[]): Json {
  const order = [...fields.keys()].sort((a, b) => ((fields[a] ?? "") < (fields[b] ?? "") ? -1 : 1));
  const spellings = new Map<Projection, number>();
  const entries = fields.map((field, column): readonly [string, Json] => {
    const premise = premises.find((one) => one.record[column] !== undefined);
    if (premise === undefined) return [field, record[column] ?? ""];
    let spelling = spellings.get(premise);
    if (spelling === undefined) {
      const own = order.filter((other) => premises.find((one) => one.record[other] !== undefined) === premise);
      spelling = premise.spellings?.best(own) ?? 0;
      spellings.set(premise, spelling);
    }
    return [field, spelledValue(record, column, spelling)];
  });
  return objectOf(entries);
}
