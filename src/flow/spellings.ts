import type { Json } from "../model/json.ts";
import type { TextRecord } from "./branch-key.ts";
import { ownField } from "./payload.ts";

/**
 * How the members of a projection spell the columns that they share: `1` and `"1"` are one text, but two values. A spelling is a bit mask
 * of the columns that are strings; with that and the text the value is known.
 */
export class Spellings {
  #only: number | undefined;
  #counts: Map<number, number> | undefined;
  #members = 0;

  /** Whether the choice of spellings has changed. */
  add(spelling: number): boolean {
    this.#members++;
    if (this.#counts === undefined) {
      if (this.#only === undefined || this.#only === spelling) {
        const isNew = this.#only === undefined;
        this.#only = spelling;
        return isNew;
      }
      this.#counts = new Map([[this.#only, this.#members - 1]]);
    }
    const count = this.#counts.get(spelling) ?? 0;
    this.#counts.set(spelling, count + 1);
    return count === 0;
  }

  remove(spelling: number): boolean {
    this.#members--;
    if (this.#counts === undefined) {
      if (this.#members > 0) return false;
      this.#only = undefined;
      return true;
    }
    const count = (this.#counts.get(spelling) ?? 0) - 1;
    if (count > 0) {
      this.#counts.set(spelling, count);
      return false;
    }
    this.#counts.delete(spelling);
    return true;
  }

  /** The spelling whose json text is smallest over `columns`, which are in the order of that text: a quote sorts before all else. */
  best(columns: readonly number[]): number {
    if (this.#counts === undefined) return this.#only ?? 0;
    let best: number | undefined;
    for (const spelling of this.#counts.keys()) {
      if (best === undefined) best = spelling;
      else {
        const known = best;
        const differs = columns.find((column) => ((spelling ^ known) & (1 << column)) !== 0);
        if (differs !== undefined && (spelling & (1 << differs)) !== 0) best = spelling;
      }
    }
    return best ?? 0;
  }
}

export function spellingOf(payload: Json, fields: readonly (string | undefined)[]): number {
  let spelling = 0;
  for (const [column, field] of fields.entries()) {
    if (field !== undefined && typeof ownField(payload, field) === "string") spelling |= 1 << column;
  }
  return spelling;
}

/** The value behind a text that is spelled so. */
export function spelledValue(record: TextRecord, column: number, spelling: number): Json {
  const text = record[column] ?? "";
  if ((spelling & (1 << column)) !== 0) return text;
  return text === "true" ? true : text === "false" ? false : Number(text);
}
