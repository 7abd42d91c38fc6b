import type { Clock } from "../lib/clock.ts";
import type { ProbeResult } from "../process/probes/look.ts";
import { type Thresholds, VerdictCount } from "./verdict-count.ts";

/** A probe that is told: by the process itself, or by what it prints. What it is told before its initial delay is over counts from then on. */
export class ToldProbe {
  readonly count: VerdictCount;
  readonly #clock: Clock;
  readonly #onVerdict: (count: VerdictCount) => void;
  #announced: boolean | undefined;
  #isOpen = false;
  readonly #timer: unknown;

  constructor(
    { clock, timing, onVerdict }: { readonly clock: Clock; readonly timing: Thresholds; readonly onVerdict: (count: VerdictCount) => void },
    delayMs: number,
    verdict: boolean | undefined,
  ) {
    this.#clock = clock;
    this.#onVerdict = onVerdict;
    // what the process says of itself needs no second word
    this.count = new VerdictCount({ ...timing, failureThreshold: 1 }, verdict);
    this.#announced = verdict;
    if (delayMs > 0) this.#timer = clock.setTimeout(() => this.#open(), delayMs);
    else this.#isOpen = true;
  }

  take(result: ProbeResult): void {
    this.count.take(result);
    this.#announce();
  }

  end(): void {
    this.#isOpen = false;
    this.#clock.clearTimeout(this.#timer);
  }

  #open(): void {
    this.#isOpen = true;
    this.#announce();
  }

  #announce(): void {
    if (!this.#isOpen || this.count.verdict === this.#announced) return;
    this.#announced = this.count.verdict;
    this.#onVerdict(this.count);
  }
}
