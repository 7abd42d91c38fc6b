import { median, report, rounded } from "../support/measure.ts";
import type { Peer } from "./peer.ts";

/** What one row of the table was measured to be, for each peer. */
export class Row {
  readonly #name: string;
  readonly #figures: ReadonlyMap<string, number[]>;

  constructor(name: string, peers: readonly Peer[]) {
    this.#name = name;
    this.#figures = new Map(peers.map((peer) => [peer.name, []]));
  }

  add(peer: Peer, figure: number): void {
    this.#figures.get(peer.name)?.push(figure);
  }

  /** One line for each peer that has figures: their median, and how many times that of this peer the first one's is, which is Rind's. */
  report(digits = 1): void {
    const measured = [...this.#figures].filter(([, all]) => all.length > 0);
    const own = median(measured[0]?.[1] ?? []);
    for (const [peer, all] of measured) {
      const value = median(all);
      report(this.#name, {
        peer,
        median: rounded(value, digits),
        rindTakes: rounded(own / value),
        all: all.map((one) => rounded(one, digits)),
      });
    }
  }
}
