import { addToBag, itemsOfBag, removeFromBag } from "./bag.ts";
import { keyOfRecord, type TextRecord, UNNAMED } from "./branch-key.ts";
import type { Literal } from "./condition.ts";
import { Memory, type MemoryOwner } from "./memory.ts";
import { mergeRecords, OpenIndex } from "./open-index.ts";
import type { Program, RulePlan, StatePlan } from "./plan.ts";
import type { Keeps, Projection, Row, Support, Supported } from "./projection.ts";
import { CopiedSupport, MappedSupport } from "./supports.ts";

/**
 * One alternative of a derived state.
 *
 * Invariant: the rows are the join of the memories of the positive literals at every moment. Literals are updated one after the
 * other and each update is carried through, so no combination is ever made twice or forgotten. A row is blocked while something in a memory
 * of a negated literal agrees with it.
 */
export class Rule implements MemoryOwner {
  readonly memories: readonly Memory[];
  readonly #state: StatePlan;
  readonly #plan: RulePlan;
  readonly #rank: { readonly order: number; readonly circular: boolean };
  readonly #heads: Supported;
  readonly #positive: readonly Memory[];
  readonly #negative: readonly Memory[];
  /** Only where there are negated literals. */
  readonly #rows: OpenIndex<Row> | undefined;
  /** Of a state that copies: the support that all rows with the same source share. */
  readonly #copied: Map<Projection | undefined, CopiedSupport> | undefined;

  constructor(program: Program, state: StatePlan, order: number, plan: RulePlan, heads: Supported) {
    this.#state = state;
    this.#plan = plan;
    this.#heads = heads;
    const isInside = ({ state: name }: Literal): boolean => state.recursive && program.states.get(name)?.component === state.component;
    const remember = (literal: Literal, slot: number, keeps: Keeps): Memory =>
      new Memory({
        literal,
        kind: program.states.get(literal.state)?.kind ?? "json",
        fields: state.columns,
        keeps,
        slot,
        inside: slot >= 0 && isInside(literal),
        owner: this,
      });
    this.#positive = plan.positive.map((literal, slot) => remember(literal, slot, this.#keeps(slot)));
    this.#negative = plan.negative.map((literal) => remember(literal, -1, "number"));
    this.memories = [...this.#positive, ...this.#negative];
    this.#rank = { order, circular: this.#positive.some(({ inside }) => inside) };
    this.#copied = state.mode === "copy" ? new Map() : undefined;
    this.#rows = plan.negative.length > 0 ? new OpenIndex() : undefined;
  }

  /** Makes the one row of a rule that rests on nothing. Only for rules without positive literals. */
  begin(): void {
    if (this.#positive.length === 0) this.#make([], emptyRecord(this.#state.columns.length));
  }

  gained(memory: Memory, projection: Projection): void {
    if (memory.slot < 0) this.#recheck(projection);
    else if (this.#positive.length === 1) this.#make([projection], projection.record);
    else this.#join(memory.slot, projection);
  }

  lost(memory: Memory, projection: Projection): void {
    if (memory.slot < 0) {
      this.#recheck(projection);
      return;
    }
    for (const row of itemsOfBag(projection.rows)) {
      for (const premise of row.premises) if (premise !== projection) premise.rows = removeFromBag(premise.rows, row);
      this.#rows?.delete(row);
      if (!row.blocked) this.#lose(row);
    }
    projection.rows = undefined;
    this.#copied?.delete(projection);
  }

  touched(_memory: Memory, projection: Projection): void {
    if (this.#copied !== undefined) {
      const copied = this.#copied.get(projection);
      if (copied !== undefined && copied.rows > 0) this.#heads.touch(copied.head);
      return;
    }
    for (const row of itemsOfBag(projection.rows)) if (!row.blocked) this.#heads.touch(row.head);
  }

  #keeps(slot: number): Keeps {
    if (this.#state.mode === "copy") return slot === this.#plan.source ? "copies" : "number";
    return this.#state.recursive ? "number" : "spellings";
  }

  /** All combinations with `first` in its slot. */
  #join(slot: number, first: Projection): void {
    const chosen: Projection[] = [];
    const extend = (at: number, record: TextRecord): void => {
      const memory = this.#positive[at];
      if (memory === undefined) {
        this.#make([...chosen], record);
        return;
      }
      for (const projection of at === slot ? [first] : memory.index.agreeing(record)) {
        const merged = at === slot ? record : mergeRecords(record, projection.record);
        if (merged === undefined) continue;
        chosen[at] = projection;
        extend(at + 1, merged);
      }
    };
    extend(0, first.record);
  }

  #make(premises: readonly Projection[], record: TextRecord): void {
    const support = this.#supportOf(premises, record);
    if (support === undefined) return;
    const blocked = this.#isBlocked(record);
    const row: Row = { record, premises, head: support.head, heads: this.#heads, support, blocked };
    for (const premise of premises) premise.rows = addToBag<Row>(premise.rows, row);
    this.#rows?.add(row);
    if (!blocked) this.#gain(row);
  }

  /** undefined: the row names no branch, as it carries only some of the fields. */
  #supportOf(premises: readonly Projection[], record: TextRecord): Support | undefined {
    if (this.#copied === undefined) {
      const head = keyOfRecord(record);
      return head === undefined || head === UNNAMED ? undefined : new MappedSupport(this.#rank, this.#state, { record, premises, head });
    }
    const source = premises[this.#plan.source];
    const known = this.#copied.get(source);
    if (known !== undefined) return known;
    const head = source === undefined ? UNNAMED : keyOfRecord(source.record);
    if (head === undefined) return undefined;
    const support = new CopiedSupport(this.#rank, this.#state, head, source);
    this.#copied.set(source, support);
    return support;
  }

  /** A negated literal got or lost a projection: looks again at the rows that agree with it. */
  #recheck({ record }: Projection): void {
    for (const row of this.#rows?.agreeing(record) ?? []) {
      const blocked = this.#isBlocked(row.record);
      if (blocked === row.blocked) continue;
      row.blocked = blocked;
      if (blocked) this.#lose(row);
      else this.#gain(row);
    }
  }

  #isBlocked(record: TextRecord): boolean {
    return this.#negative.some((memory) => memory.index.hasAgreeing(record));
  }

  #gain({ support }: Row): void {
    if (!(support instanceof CopiedSupport) || ++support.rows === 1) this.#heads.gain(support);
  }

  #lose({ support }: Row): void {
    if (!(support instanceof CopiedSupport) || --support.rows === 0) this.#heads.lose(support);
  }
}

function emptyRecord(width: number): TextRecord {
  return Array.from({ length: width }, () => undefined);
}
