import type { Clock } from "../../src/lib/clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** Time that moves only when told. A timer that a timer sets fires at its own time, not at the end of the jump. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #order = 0;
  readonly #timers = new Map<number, Timer>();

  now(): number {
    return this.#now;
  }

  date(moment: number): number {
    return moment;
  }

  setTimeout(fn: () => void, ms: number): number {
    const order = ++this.#order;
    this.#timers.set(order, { at: this.#now + ms, order, fn });
    return order;
  }

  clearTimeout(id: unknown): void {
    this.#timers.delete(id as number);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = next.at;
      this.#timers.delete(next.order);
      next.fn();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.at <= end && (best === undefined || timer.at < best.at || (timer.at === best.at && timer.order < best.order))) best = timer;
    }
    return best;
  }
}
