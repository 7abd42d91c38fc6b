import type { Clock } from "../lib/clock.ts";
import { formatDuration } from "../lib/duration.ts";

/** Waits for signs of life. Begins unarmed; says once that one was missed, and then no more. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #missed: (reason: string) => void;
  #intervalMs: number;
  #timer: unknown;
  #lastSign = 0;
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
    this.sign();
    this.#wait(this.#intervalMs);
  }

  sign(): void {
    this.#lastSign = this.#clock.now();
  }

  /** A new interval, which begins now. */
  setInterval(ms: number): void {
    this.#intervalMs = ms;
    if (this.#phase !== "armed") return;
    this.#clock.clearTimeout(this.#timer);
    this.sign();
    this.#wait(ms);
  }

  /** The process itself says that it is not well. */
  trigger(): void {
    if (this.#phase !== "over") this.#miss("it asked for it itself (WATCHDOG=trigger)");
  }

  end(): void {
    this.#phase = "over";
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), ms);
  }

  /** Looks when one could have been missed, so that a sign costs no timer. */
  #look(): void {
    const silent = Math.max(this.#clock.now() - this.#lastSign, 0);
    if (silent < this.#intervalMs) this.#wait(this.#intervalMs - silent);
    else this.#miss(`no sign of life for ${formatDuration(this.#intervalMs)}`);
  }

  #miss(reason: string): void {
    this.end();
    this.#missed(reason);
  }
}
