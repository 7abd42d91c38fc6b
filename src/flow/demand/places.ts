/**
 * The places of a branching service under `max-instances`. A place is taken when an instance is to start and free when it is down
 * and no longer wanted; who waits is served by the age of its branch.
 */
export class Places {
  readonly #max: number;
  readonly #taken = new Set<string>();
  readonly #waiting = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether `key` has a place now. `age`: smaller is older. */
  ask(key: string, age: number): boolean {
    if (this.#taken.has(key)) return true;
    if (this.#taken.size < this.#max) {
      this.#taken.add(key);
      this.#waiting.delete(key);
      return true;
    }
    this.#waiting.set(key, age);
    return false;
  }

  has(key: string): boolean {
    return this.#taken.has(key);
  }

  get max(): number {
    return this.#max;
  }

  /** Gives up the place, or the wish for one. Returns the keys that have a place now because of it. */
  release(key: string): readonly string[] {
    this.#waiting.delete(key);
    if (this.#taken.delete(key)) return this.#admit();
    return [];
  }

  #admit(): readonly string[] {
    if (this.#waiting.size === 0) return [];
    const admitted = [...this.#waiting]
      .sort(([, a], [, b]) => a - b)
      .slice(0, this.#max - this.#taken.size)
      .map(([key]) => key);
    for (const key of admitted) {
      this.#waiting.delete(key);
      this.#taken.add(key);
    }
    return admitted;
  }
}
