import type { ProbeResult } from "../process/probes/look.ts";

export interface Thresholds {
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** How a probe fails at present. */
export interface Failing {
  readonly why: string;
  readonly inARow: number;
}

/** Makes verdicts of results: so many successes in a row make it true, so many failures in a row false; whatever breaks a row ends it. */
export class VerdictCount {
  readonly #thresholds: Thresholds;
  #verdict: boolean | undefined;
  #successes = 0;
  #failing: Failing | undefined;

  /** `verdict`: what holds so far; undefined: nothing was found out yet. */
  constructor(thresholds: Thresholds, verdict: boolean | undefined) {
    this.#thresholds = thresholds;
    this.#verdict = verdict;
  }

  /** Whether the verdict is another one after this result. */
  take(result: ProbeResult): boolean {
    const { successThreshold, failureThreshold } = this.#thresholds;
    if (result.ok) {
      this.#failing = undefined;
      this.#successes += 1;
      return this.#successes >= successThreshold && this.#become(true);
    }
    this.#successes = 0;
    this.#failing = { why: result.why, inARow: (this.#failing?.inARow ?? 0) + 1 };
    return this.#failing.inARow >= failureThreshold && this.#become(false);
  }

  get verdict(): boolean | undefined {
    return this.#verdict;
  }

  /** How many successes in a row there are, of those that it takes: `2 of 3`; undefined: none. */
  get progress(): string | undefined {
    return this.#successes === 0 ? undefined : `${this.#successes} of ${this.#thresholds.successThreshold}`;
  }

  /** undefined: its last result was a success, or there is none. */
  get failing(): Failing | undefined {
    return this.#failing;
  }

  #become(verdict: boolean): boolean {
    if (verdict === this.#verdict) return false;
    this.#verdict = verdict;
    return true;
  }
}

/** `tcp 127.0.0.1:80: connection refused (3 failures)`. */
export function describeFailing({ why, inARow }: Failing): string {
  return inARow === 1 ? why : `${why} (${inARow} failures)`;
}
