/** Plain timing: the best of several, as a busy machine only ever adds. */

export function bestOf(times: number, run: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) best = Math.min(best, run());
  return best;
}

/** Milliseconds that `run` takes. */
export function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Milliseconds of processor time that `run` takes, the collector's included: what to compare runs by while others use the machine. */
export function cpuTimed(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** Bytes of heap in use after a collection; 0 without `--expose-gc`. */
export function heapUsed(): number {
  if (globalThis.gc === undefined) return 0;
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** One result as a line of json. */
export function report(bench: string, result: Readonly<Record<string, number | string | readonly number[]>>): void {
  console.log(JSON.stringify({ bench, ...result }));
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The value that so many percent are not above. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
