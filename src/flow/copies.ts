import type { Json } from "../model/json.ts";
import { Heap } from "./heap.ts";
import { canonicalText } from "./payload.ts";

interface Entry {
  readonly key: string;
  readonly payload: Json;
  readonly text: string;
}

interface Many {
  readonly byKey: Map<string, Entry>;
  /** Holds entries that have been replaced, too: they are dropped when they come up. */
  order: Heap<Entry>;
}

/**
 * Payloads by branch key, and the one whose json text is smallest: that is what is copied where many branches look alike. Texts are
 * made only when there is a choice.
 */
export class Copies {
  #only: { readonly key: string; readonly payload: Json } | undefined;
  #many: Many | undefined;

  set(key: string, payload: Json): void {
    if (this.#many === undefined) {
      const only = this.#only;
      if (only === undefined || only.key === key) {
        this.#only = { key, payload };
        return;
      }
      this.#only = undefined;
      this.#many = { byKey: new Map(), order: emptyOrder() };
      this.#put(this.#many, only.key, only.payload);
    }
    this.#put(this.#many, key, payload);
  }

  delete(key: string): void {
    if (this.#only?.key === key) this.#only = undefined;
    this.#many?.byKey.delete(key);
  }

  /** undefined where there is none. */
  smallest(): Json | undefined {
    if (this.#many === undefined) return this.#only?.payload;
    const { byKey, order } = this.#many;
    for (let top = order.peek(); top !== undefined; top = order.peek()) {
      if (byKey.get(top.key) === top) return top.payload;
      order.pop();
    }
    return undefined;
  }

  #put(many: Many, key: string, payload: Json): void {
    const entry: Entry = { key, payload, text: canonicalText(payload) };
    many.byKey.set(key, entry);
    many.order.push(entry);
    // Payloads that change often would pile up below the smallest one.
    if (many.order.size <= 2 * many.byKey.size + 16) return;
    many.order = emptyOrder();
    for (const live of many.byKey.values()) many.order.push(live);
  }
}

function emptyOrder(): Heap<Entry> {
  return new Heap<Entry>((a, b) => a.text < b.text);
}
