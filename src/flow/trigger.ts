import type { Json } from "../model/json.ts";
import { recordOf, type TextRecord } from "./branch-key.ts";
import { Memory, type MemoryOwner } from "./memory.ts";
import { mergeRecords } from "./open-index.ts";
import { matches } from "./payload.ts";
import type { Program, TriggerPlan } from "./plan.ts";
import { Projection } from "./projection.ts";
import { spellingOf } from "./spellings.ts";
import { mappedPayload } from "./supports.ts";

/** One alternative of a signal that another signal sets off, while the rest of it holds (SPEC 4). */
export class Trigger implements MemoryOwner {
  readonly plan: TriggerPlan;
  readonly memories: readonly Memory[];
  readonly #kind: Parameters<typeof matches>[2];
  readonly #positive: readonly Memory[];
  readonly #negative: readonly Memory[];

  constructor(program: Program, plan: TriggerPlan) {
    this.plan = plan;
    this.#kind = program.signals.get(plan.on[0]?.name ?? "")?.kind ?? "any";
    const remember = (literal: Memory["literal"], keeps: "number" | "spellings"): Memory =>
      new Memory({
        literal,
        kind: program.states.get(literal.state)?.kind ?? "json",
        fields: plan.columns,
        keeps,
        slot: -1,
        inside: false,
        owner: this,
      });
    this.#positive = plan.rule.positive.map((literal) => remember(literal, "spellings"));
    this.#negative = plan.rule.negative.map((literal) => remember(literal, "number"));
    this.memories = [...this.#positive, ...this.#negative];
  }

  /** What is emitted when its signal comes with this payload: without `branch` the payload, once; else one for each combination. */
  payloads(payload: Json): readonly Json[] {
    if (!this.plan.on.every(({ match }) => matches(match, payload, this.#kind))) return [];
    const { columns, targets } = this.plan;
    const own = new Projection(recordOf(payload, columns), "spellings");
    own.spellings?.add(spellingOf(payload, columns));
    const combinations = this.#combinations(0, own.record, [own]);
    if (targets === undefined) return combinations.next().done === true ? [] : [payload];
    const found: Json[] = [];
    for (const { record, premises } of combinations) {
      if (record.every((text) => text !== undefined)) found.push(mappedPayload(targets, record, premises));
    }
    return found;
  }

  // What holds is read when the signal comes; changes of states by themselves set nothing off.
  gained(): void {}
  lost(): void {}
  touched(): void {}

  *#combinations(at: number, record: TextRecord, premises: readonly Projection[]): Generator<Combination> {
    const memory = this.#positive[at];
    if (memory === undefined) {
      if (!this.#negative.some(({ index }) => index.hasAgreeing(record))) yield { record, premises };
      return;
    }
    for (const projection of memory.index.agreeing(record)) {
      const merged = mergeRecords(record, projection.record);
      if (merged !== undefined) yield* this.#combinations(at + 1, merged, [...premises, projection]);
    }
  }
}

interface Combination {
  readonly record: TextRecord;
  readonly premises: readonly Projection[];
}
