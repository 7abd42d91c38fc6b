/** Time, as far as Rind needs it; tests move it by hand. Ids are opaque. XState takes the same shape. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // beyond 2^31 - 1 Node fires at once
  setTimeout: (fn, ms) => setTimeout(fn, Math.min(ms, 2 ** 31 - 1)),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout), // every id that comes in went out above
};
