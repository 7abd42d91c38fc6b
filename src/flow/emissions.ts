import type { Json } from "../model/json.ts";
import { canonicalText } from "./payload.ts";

export interface Emission {
  readonly name: string;
  readonly payload: Json;
  readonly because: readonly number[];
}

/** Signals that wait to be delivered, first in, first out; each name and payload at most once per transaction. */
export class Emissions {
  #waiting: Emission[] = [];

  push(emission: Emission): void {
    this.#waiting.push(emission);
  }

  /** `seen` are the signals of the transaction so far. What is pushed meanwhile is delivered as well. */
  deliver(seen: Set<string>, visit: (emission: Emission) => void): void {
    for (const emission of this.#waiting) {
      const text = `${emission.name} ${canonicalText(emission.payload)}`;
      if (seen.has(text)) continue;
      seen.add(text);
      visit(emission);
    }
    this.drop();
  }

  drop(): void {
    this.#waiting = [];
  }
}
