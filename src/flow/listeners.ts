import type { Json } from "../model/json.ts";
import type { Memory } from "./memory.ts";

const NOBODY: Memory[] = [];

/** The memories that follow a state. One that can only ever accept a single branch is kept under that key and hears of no other. */
export class Listeners {
  // Made when needed: most states have few followers, and none by key.
  #all: Memory[] = NOBODY;
  #byKey: Map<string, Memory[]> | undefined;

  /** `key` undefined: it follows every branch. */
  add(memory: Memory, key: string | undefined): void {
    if (key === undefined) {
      if (this.#all === NOBODY) this.#all = [];
      this.#all.push(memory);
      return;
    }
    this.#byKey ??= new Map();
    const list = this.#byKey.get(key);
    if (list === undefined) this.#byKey.set(key, [memory]);
    else list.push(memory);
  }

  *of(key: string): Iterable<Memory> {
    yield* this.#all;
    yield* this.#byKey?.get(key) ?? NOBODY;
  }

  update(key: string, before: Json | undefined, after: Json | undefined): void {
    for (const memory of this.#all) memory.update(key, before, after);
    if (this.#byKey === undefined) return;
    for (const memory of this.#byKey.get(key) ?? NOBODY) memory.update(key, before, after);
  }
}
