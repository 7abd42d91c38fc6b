/** Time, as far as Rind needs it; tests move it by hand. Ids are opaque. XState takes the same shape. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/** Node's own timers hold at most so much. */
const LONGEST_MS = 2 ** 31 - 1;

/** Timers are never early: Node's own count from the moment at which its turn of the loop began, and a turn may be long. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => {
    const due = performance.now() + ms;
    const timer: SystemTimer = { handle: undefined };
    const arm = (left: number): void => {
      timer.handle = setTimeout(
        () => {
          const rest = due - performance.now();
          if (rest > 0) arm(rest);
          else fn();
        },
        Math.min(Math.ceil(left), LONGEST_MS),
      );
    };
    arm(ms);
    return timer;
  },
  // every id that comes in went out above
  clearTimeout: (id) => clearTimeout((id as SystemTimer | undefined)?.handle),
};

interface SystemTimer {
  handle: NodeJS.Timeout | undefined;
}
