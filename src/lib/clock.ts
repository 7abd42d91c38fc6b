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
  // `performance` takes half a millisecond to be loaded
  () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
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
    // of less than one millisecond Node makes one, which is longer than a process takes to be replaced; beyond 2^31 - 1 it fires at once
    setTimeout: (fn, ms) => (ms < 1 ? setImmediate(fn) : setTimeout(fn, Math.min(ms, 2 ** 31 - 1))),
    clearTimeout: (id) => (isImmediate(id) ? clearImmediate(id) : clearTimeout(id as NodeJS.Timeout)), // every id that comes in went out above
  };
}

function isImmediate(id: unknown): id is NodeJS.Immediate {
  return typeof id === "object" && id !== null && !("refresh" in id);
}
