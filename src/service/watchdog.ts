import type { Clock } from "../lib/clock.ts";
import { formatDuration } from "../lib/duration.ts";

/** Waits for signs of life. Begins unarmed; says once that one was missed, and then no more. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #missed: (reason: string) => void;
  #intervalMs: number;
  #timer: unknown;
  #phase: "unarmed" | "armed" | "over" = "unarmed";

  constructor(clock: Clock, intervalMs: number, missed: (reason: string) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#missed = missed;
  }

  /** From now on signs are missed; no effect where that is so already. */
  arm(): void {
    if (this.#phase !== "unarmed") return;
    this.#phase = "armed";
    this.#wait();
  }

  sign(): void {
    // a timer anew each time, and no look at the clock: that may be set while one waits
    if (this.#phase === "armed") this.#wait();
  }

  /** A new interval, which begins now. */
  setInterval(ms: number): void {
    this.#intervalMs = ms;
    this.sign();
  }

  /** The process itself says that it is not well. */
  trigger(): void {
    if (this.#phase !== "over") this.#miss("it asked for it itself (WATCHDOG=trigger)");
  }

  end(): void {
    this.#phase = "over";
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#miss(`no sign of life for ${formatDuration(this.#intervalMs)}`), this.#intervalMs);
  }

  #miss(reason: string): void {
    this.end();
    this.#missed(reason);
  }
}
