import { type Judgement, UNJUDGED } from "./demand.ts";

/** What a guard knows of each instance that exists, and how old their branches are. */
export class Judgements {
  readonly #byKey = new Map<string, Judgement>();
  /** undefined: nobody asks. */
  readonly #ages: Map<string, number> | undefined;
  #nextAge = 0;

  constructor(keepsAges: boolean) {
    this.#ages = keepsAges ? new Map() : undefined;
  }

  get all(): ReadonlyMap<string, Judgement> {
    return this.#byKey;
  }

  get(key: string): Judgement | undefined {
    return this.#byKey.get(key);
  }

  isWanted(key: string): boolean {
    return this.#byKey.get(key)?.wanted === true;
  }

  /** An instance that is known from now on. */
  add(key: string, judgement: Judgement = UNJUDGED): void {
    this.#byKey.set(key, judgement);
    this.#ages?.set(key, this.#nextAge++);
  }

  /** Says nothing of an instance that does not exist. */
  update(key: string, changes: Partial<Judgement>): void {
    const judgement = this.#byKey.get(key);
    if (judgement !== undefined) this.#byKey.set(key, { ...judgement, ...changes });
  }

  delete(key: string): boolean {
    this.#ages?.delete(key);
    return this.#byKey.delete(key);
  }

  /** Smaller is older. */
  ageOf(key: string): number {
    return this.#ages?.get(key) ?? this.#nextAge;
  }
}
