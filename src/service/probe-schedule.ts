import type { Clock } from "../lib/clock.ts";
import type { ProbeTiming } from "../model/unit-set.ts";
import type { ProbeResult } from "../process/probes/look.ts";
import { VerdictCount } from "./verdict-count.ts";

/** Begins one look; calls back once, never inside of this call. Returns the way to give it up: then nothing is called back any more. */
export type Attempt = (done: (result: ProbeResult) => void) => () => void;

export interface ProbePlan {
  readonly clock: Clock;
  readonly timing: ProbeTiming;
  /** The period until it is true for the first time. */
  readonly startPeriodMs: number;
  readonly attempt: Attempt;
  /** A new verdict; `count` has it, and why. */
  readonly onVerdict: (count: VerdictCount) => void;
}

/**
 * When one probe looks. A look begins a period after the one before has begun, or, where that takes longer, when it has ended: there are never
 * two at once. Each has a time limit of its own, which is kept by who makes the attempt.
 */
export class ProbeSchedule {
  readonly count: VerdictCount;
  readonly #plan: ProbePlan;
  #wasTrue: boolean;
  #timer: unknown;
  #giveUp: (() => void) | undefined;
  #ended = false;

  /** `delayMs`: from now to the first look. `verdict`: what holds so far. */
  constructor(plan: ProbePlan, delayMs: number, verdict: boolean | undefined) {
    this.#plan = plan;
    this.count = new VerdictCount(plan.timing, verdict);
    this.#wasTrue = verdict === true;
    this.#lookIn(delayMs);
  }

  /** Ends it, with the look that is under way. */
  end(): void {
    this.#ended = true;
    this.#plan.clock.clearTimeout(this.#timer);
    this.#giveUp?.();
    this.#giveUp = undefined;
  }

  #lookIn(ms: number): void {
    this.#timer = this.#plan.clock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const { clock, attempt } = this.#plan;
    const begun = clock.now();
    this.#giveUp = attempt((result) => {
      if (this.#ended) return;
      this.#giveUp = undefined;
      this.#take(result);
      // a verdict may have ended it
      if (this.#ended) return;
      const { startPeriodMs, timing } = this.#plan;
      const period = this.#wasTrue ? timing.periodMs : startPeriodMs;
      // a wall clock that was set back must not stretch the wait
      const taken = Math.max(clock.now() - begun, 0);
      this.#lookIn(Math.max(period - taken, 0));
    });
  }

  #take(result: ProbeResult): void {
    const isNew = this.count.take(result);
    if (this.count.verdict === true) this.#wasTrue = true;
    if (isNew) this.#plan.onVerdict(this.count);
  }
}
