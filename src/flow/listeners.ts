import type { Json } from "../model/json.ts";
import type { Memory } from "./memory.ts";

/** The memories that follow a state. One that can only ever accept a single branch is kept under that key and hears of no other. */
export class Listeners {
  readonly #all: Memory[] = [];
  readonly #byKey = new Map<string, Memory[]>();

  /** `key` undefined: it follows every branch. */
  add(memory: Memory, key: string | undefined): void {
    if (key === undefined) {
      this.#all.push(memory);
      return;
    }
    const list = this.#byKey.get(key);
    if (list === undefined) this.#byKey.set(key, [memory]);
    else list.push(memory);
  }

  *of(key: string): Iterable<Memory> {
    yield* this.#all;
    if (this.#byKey.size > 0) yield* this.#byKey.get(key) ?? [];
  }

  update(key: string, before: Json | undefined, after: Json | undefined): void {
    for (const memory of this.#all) memory.update(key, before, after);
    if (this.#byKey.size === 0) return;
    for (const memory of this.#byKey.get(key) ?? []) memory.update(key, before, after);
  }
}
