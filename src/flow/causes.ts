/** Indexes of what brought something about (see `Effect.because`); most have one. */
export type Causes = number | ReadonlySet<number>;

export const NO_CAUSE: Causes = new Set();
const NOTHING: ReadonlyMap<string, Causes> = new Map();

/** Heads that have to be looked at, in the order in which they were marked, and why. */
export class Marks {
  #causes: Map<string, number | Set<number>> | undefined;

  /** Live: a head that is marked while walking is walked as well. */
  entries(): Iterable<[string, Causes]> {
    return this.#causes?.entries() ?? NOTHING.entries();
  }

  causesOf(head: string): Causes | undefined {
    return this.#causes?.get(head);
  }

  mark(head: string, causes: Causes): void {
    this.#causes ??= new Map();
    const known = this.#causes.get(head);
    if (known === causes) return;
    this.#causes.set(head, known === undefined ? ownCopy(causes) : union(known, causes));
  }

  delete(head: string): void {
    this.#causes?.delete(head);
  }

  clear(): void {
    if (this.#causes !== undefined && this.#causes.size > 0) this.#causes.clear();
  }
}

/** Adds to `known` in place where it can: many causes of one head must not cost their square. */
function union(known: number | Set<number>, more: Causes): Set<number> {
  const all = typeof known === "number" ? new Set([known]) : known;
  if (typeof more === "number") return all.add(more);
  for (const cause of more) all.add(cause);
  return all;
}

function ownCopy(causes: Causes): number | Set<number> {
  return typeof causes === "number" ? causes : new Set(causes);
}

export function causeList(causes: Causes): readonly number[] {
  return typeof causes === "number" ? [causes] : [...causes];
}
