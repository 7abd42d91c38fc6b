import type { BenchService } from "./peer.ts";
import type { Programs } from "./programs.ts";

/** So many services that each say when they run, and stay. */
export function staying({ service }: Programs, count: number) {
  return (fifo: string): readonly BenchService[] => Array.from({ length: count }, (_, i) => ({ name: `s${i}`, words: [service, fifo] }));
}

/** So many that each say that they run, and end; each starts when the one before has ended. */
export function chained({ service }: Programs, count: number) {
  return (fifo: string): readonly BenchService[] =>
    Array.from({ length: count }, (_, i) => ({
      name: `s${i}`,
      words: [service, fifo, "once"],
      oneshot: true,
      ...(i === 0 ? {} : { after: `s${i - 1}` }),
    }));
}
