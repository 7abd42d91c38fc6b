import type { Json } from "../model/json.ts";
import type { PayloadKind } from "../model/unit-set.ts";
import { recordOf, type TextRecord } from "./branch-key.ts";
import type { Literal } from "./condition.ts";
import { OpenIndex } from "./open-index.ts";
import { equalJson, matches } from "./payload.ts";
import { type Keeps, Projection } from "./projection.ts";
import { spellingOf } from "./spellings.ts";

/** Who is told of the projections of a memory. */
export interface MemoryOwner {
  gained(memory: Memory, projection: Projection): void;
  lost(memory: Memory, projection: Projection): void;
  /** What it keeps of its members has changed. */
  touched(memory: Memory, projection: Projection): void;
}

export interface MemoryOptions {
  readonly literal: Literal;
  /** Kind of the literal's state. */
  readonly kind: PayloadKind;
  /** The field of the source in each column; undefined: it carries nothing there. */
  readonly fields: readonly (string | undefined)[];
  readonly keeps: Keeps;
  /** Position among the positive literals of the owner; -1: elsewhere. */
  readonly slot: number;
  /** The source depends on what is derived from it. */
  readonly inside: boolean;
  readonly owner: MemoryOwner;
}

/** The branches of one state that one literal accepts, seen through the columns of its owner. */
export class Memory {
  readonly literal: Literal;
  readonly slot: number;
  readonly inside: boolean;
  readonly #options: MemoryOptions;
  readonly #fields: readonly (string | undefined)[];
  // Made by the first branch: of many declared states few are active.
  #projections: Map<string, Projection> | undefined;
  #index: OpenIndex<Projection> | undefined;

  constructor(options: MemoryOptions) {
    this.literal = options.literal;
    this.slot = options.slot;
    this.inside = options.inside;
    this.#options = options;
    this.#fields = options.literal.gate ? options.fields.map(() => undefined) : options.fields;
  }

  /** Made by the first question: a rule with one literal never asks. */
  get index(): OpenIndex<Projection> {
    if (this.#index === undefined) {
      this.#index = new OpenIndex();
      for (const projection of this.#projections?.values() ?? []) this.#index.add(projection);
    }
    return this.#index;
  }

  projectionOf(payload: Json): Projection | undefined {
    const record = this.#see(payload);
    return record === undefined ? undefined : this.#projections?.get(projectionKey(record));
  }

  /** Takes the change of one branch of the source. */
  update(key: string, before: Json | undefined, after: Json | undefined): void {
    const left = this.#see(before);
    const came = this.#see(after);
    const from = left === undefined ? undefined : projectionKey(left);
    const to = came === undefined ? undefined : projectionKey(came);
    if (from !== undefined && from === to) {
      const projection = this.#projections?.get(from);
      if (projection !== undefined && this.#respell(projection, key, before, after)) this.#options.owner.touched(this, projection);
      return;
    }
    if (from !== undefined) this.#leave(from, key, before);
    if (came !== undefined && to !== undefined) this.#enter(came, to, key, after);
  }

  #see(payload: Json | undefined): TextRecord | undefined {
    if (payload === undefined || !matches(this.literal.match, payload, this.#options.kind)) return undefined;
    return recordOf(payload, this.#fields);
  }

  #enter(record: TextRecord, at: string, key: string, payload: Json | undefined): void {
    this.#projections ??= new Map();
    let projection = this.#projections.get(at);
    const isNew = projection === undefined;
    if (projection === undefined) {
      projection = new Projection(record, this.#options.keeps);
      this.#projections.set(at, projection);
      this.#index?.add(projection);
    }
    projection.members++;
    const touched = this.#respell(projection, key, undefined, payload);
    if (isNew) this.#options.owner.gained(this, projection);
    else if (touched) this.#options.owner.touched(this, projection);
  }

  #leave(at: string, key: string, payload: Json | undefined): void {
    const projection = this.#projections?.get(at);
    if (projection === undefined) return;
    projection.members--;
    if (projection.members === 0) {
      this.#projections?.delete(at);
      this.#index?.delete(projection);
      this.#options.owner.lost(this, projection);
    } else if (this.#respell(projection, key, payload, undefined)) this.#options.owner.touched(this, projection);
  }

  /** Brings what is kept of the members up to date; whether that has changed. */
  #respell({ copies, spellings }: Projection, key: string, before: Json | undefined, after: Json | undefined): boolean {
    if (copies !== undefined) {
      if (equalJson(before, after)) return false;
      if (after === undefined) copies.delete(key);
      else copies.set(key, after);
      return true;
    }
    if (spellings === undefined) return false;
    const left = before !== undefined && spellings.remove(spellingOf(before, this.#fields));
    const came = after !== undefined && spellings.add(spellingOf(after, this.#fields));
    return left || came;
  }
}

/** Tells records over the same columns apart. Texts are never empty, so a hole is. */
function projectionKey(record: TextRecord): string {
  if (record.length === 0) return "";
  if (record.length === 1) return record[0] ?? "";
  let key = "";
  for (const text of record) key += text === undefined ? "-" : `${text.length}:${text}`;
  return key;
}
