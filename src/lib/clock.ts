/**
 * Time, as far as Rind needs it; tests move it by hand. Ids are opaque. XState takes the same shape.
 *
 * Whatever waits or measures goes by `now`, which nobody can set; the clock on the wall, which jumps by years when a machine without a battery
 * hears what time it is, is only shown.
 */
export interface Clock {
  /** Milliseconds since some moment before this process began. It never jumps. */
  now(): number;
  /** What a moment of `now` is on the wall, as that is set at the time of the call: milliseconds since 1970. */
  date(moment: number): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/** A smaller difference is no jump: the two clocks are read one after the other. */
const JUMP_MS = 20;

export const systemClock = clockOf(
  () => performance.now(),
  () => Date.now(),
);

/** The clock of a machine with a steady time and one on the wall; timers are those of this process. */
export function clockOf(steady: () => number, wall: () => number): Clock {
  const now = (): number => Math.trunc(steady());
  // kept, so that a moment has the same date each time
  let ahead = wall() - now();
  return {
    now,
    date: (moment) => {
      const fresh = wall() - now();
      if (Math.abs(fresh - ahead) > JUMP_MS) ahead = fresh;
      return moment + ahead;
    },
    // beyond 2^31 - 1 Node fires at once
    setTimeout: (fn, ms) => setTimeout(fn, Math.min(ms, 2 ** 31 - 1)),
    clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout), // every id that comes in went out above
  };
}
