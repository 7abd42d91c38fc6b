import { addToBags, type Bag, itemsOfBag, removeFromBags } from "./bag.ts";
import type { TextRecord } from "./branch-key.ts";

interface Recorded {
  readonly record: TextRecord;
}

/** Items whose records have the same columns; by text of those columns that questions had in common with them. */
interface Shelf<T extends Recorded> {
  readonly items: Set<T>;
  readonly byCommon: Map<number, Map<string, Bag<T>>>;
}

/**
 * Finds, among records with holes, those that agree with a given one: no column that both carry differs.
 * One hash map for each pair (columns of the stored, columns in common), made by the first question that needs it.
 */
export class OpenIndex<T extends Recorded> {
  readonly #shelves = new Map<number, Shelf<T>>();

  add(item: T): void {
    const mask = maskOf(item.record);
    let shelf = this.#shelves.get(mask);
    if (shelf === undefined) {
      shelf = { items: new Set(), byCommon: new Map() };
      this.#shelves.set(mask, shelf);
    }
    shelf.items.add(item);
    for (const [common, bags] of shelf.byCommon) addToBags(bags, textOf(item.record, common), item);
  }

  delete(item: T): void {
    const shelf = this.#shelves.get(maskOf(item.record));
    if (shelf === undefined) return;
    shelf.items.delete(item);
    for (const [common, bags] of shelf.byCommon) removeFromBags(bags, textOf(item.record, common), item);
  }

  /** A copy, so that the caller may change the index while walking. */
  agreeing(record: TextRecord): readonly T[] {
    const found: T[] = [];
    const mask = maskOf(record);
    for (const [own, shelf] of this.#shelves) {
      for (const item of candidates(shelf, own & mask, record)) found.push(item);
    }
    return found;
  }

  hasAgreeing(record: TextRecord): boolean {
    const mask = maskOf(record);
    for (const [own, shelf] of this.#shelves) {
      const common = own & mask;
      if (common === 0 ? shelf.items.size > 0 : bagsOf(shelf, common).has(textOf(record, common))) return true;
    }
    return false;
  }

  /** Whether there is a record that agrees with every other. */
  hasLoose(): boolean {
    return (this.#shelves.get(0)?.items.size ?? 0) > 0;
  }
}

/** The union of two records; undefined where they contradict each other. */
export function mergeRecords(a: TextRecord, b: TextRecord): TextRecord | undefined {
  const merged: (string | undefined)[] = [];
  for (const [i, text] of a.entries()) {
    const other = b[i];
    if (text !== undefined && other !== undefined && text !== other) return undefined;
    merged.push(text ?? other);
  }
  return merged;
}

function candidates<T extends Recorded>(shelf: Shelf<T>, common: number, record: TextRecord): Iterable<T> {
  return common === 0 ? shelf.items : itemsOfBag(bagsOf(shelf, common).get(textOf(record, common)));
}

function bagsOf<T extends Recorded>({ items, byCommon }: Shelf<T>, common: number): Map<string, Bag<T>> {
  const known = byCommon.get(common);
  if (known !== undefined) return known;
  const bags = new Map<string, Bag<T>>();
  for (const item of items) addToBags(bags, textOf(item.record, common), item);
  byCommon.set(common, bags);
  return bags;
}

function maskOf(record: TextRecord): number {
  let mask = 0;
  for (let i = 0; i < record.length; i++) if (record[i] !== undefined) mask |= 1 << i;
  return mask;
}

/** The texts of the columns in `mask`, each with its length before it unless there is one. */
function textOf(record: TextRecord, mask: number): string {
  if ((mask & (mask - 1)) === 0) return record[31 - Math.clz32(mask)] ?? "";
  let text = "";
  for (let i = 0; i < record.length; i++) {
    if ((mask & (1 << i)) === 0) continue;
    const part = record[i] ?? "";
    text += `${part.length}:${part}`;
  }
  return text;
}
