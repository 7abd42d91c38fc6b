import { measure } from "mitata";
import { report, rounded } from "./measure.ts";

/**
 * Measures something small that can be done again and again, with what the runs differ by and what of the heap each takes; `size`: bytes that it goes through,
 * for a rate beside it.
 */
export async function precisely(what: string, run: () => unknown, size?: number): Promise<void> {
  const { p50, p99, heap } = await measure(run, { heap: () => process.memoryUsage().heapUsed });
  report(what, {
    medianUs: rounded(p50 / 1e3),
    p99Us: rounded(p99 / 1e3),
    ...(heap === undefined ? {} : { heapBytes: rounded(heap.avg, 0) }),
    ...(size === undefined ? {} : { MBperSecond: rounded(size / 1e6 / (p50 / 1e9), 1) }),
  });
}
