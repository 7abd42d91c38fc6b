import { LineQueue, type LogFollower } from "./ring-follower.ts";
import type { RingLine } from "./ring-line.ts";
import { ServiceRing } from "./service-ring.ts";

export interface RingQuery {
  /** Services or instances, a service standing for all its instances; empty: all. */
  readonly names: readonly string[];
  /** At most so many, the newest; undefined: all that are kept. */
  readonly lines: number | undefined;
  /** Only lines after this moment, milliseconds since 1970. */
  readonly since: number | undefined;
  /** Only lines with a greater number. */
  readonly after: number | undefined;
}

export const DEFAULT_LINES = 1_000;
const BYTES_PER_INSTANCE = 1_024 * 1_024;
const BYTES_IN_ALL = 64 * 1_024 * 1_024;

interface Following {
  readonly names: readonly string[];
  readonly queue: LineQueue;
}

/**
 * The output of all services, as far as it is kept.
 *
 * Every line gets the next number of one sequence over all services. Each instance keeps its last lines, bounded by count and by bytes, and all
 * together are bounded too: who prints more than there is room for loses its own oldest lines first. Whoever follows has a bounded queue of its
 * own, is only woken, and takes lines at its own pace. Lines are bytes as printed.
 */
export class LogRing {
  readonly #now: () => number;
  readonly #rings = new Map<string, ServiceRing>();
  readonly #followers = new Set<Following>();
  #seq = 0;
  #bytes = 0;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The number of the newest line; 0 before the first. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** `line` is copied. */
  append(instance: string, stream: RingLine["stream"], line: Buffer): void {
    this.appendLines(instance, stream, line, 1);
  }

  /** Lines that were printed at once: with a newline between any two and none after the last. They are copied. */
  appendLines(instance: string, stream: RingLine["stream"], lines: Buffer, count: number): void {
    const ring = this.#ring(instance);
    const time = this.#now();
    const seq = this.#seq + 1;
    this.#seq += count;
    this.#bytes += ring.push(stream, seq, time, lines, count);
    if (this.#bytes > BYTES_IN_ALL) this.#shed();
    for (const { names, queue } of this.#followers) {
      if (matches(names, instance)) queue.offer(ring.source(stream), seq, time, lines, count);
    }
  }

  /** How many lines of this instance are kept from now on (`log.lines`). */
  setLines(instance: string, lines: number): void {
    if (lines === DEFAULT_LINES && !this.#rings.has(instance)) return;
    this.#bytes += this.#ring(instance).limit(lines);
  }

  /** Drops all that is kept of an instance: it will not come back. Who follows it still gets what waits. */
  forget(instance: string): void {
    const ring = this.#rings.get(instance);
    if (ring === undefined) return;
    this.#bytes -= ring.bytes;
    this.#rings.delete(instance);
  }

  /** What is kept and asked for, in order. */
  query({ names, lines = Number.POSITIVE_INFINITY, since = Number.NEGATIVE_INFINITY, after = 0 }: RingQuery): RingLine[] {
    const found: RingLine[] = [];
    for (const ring of this.#rings.values()) {
      if (matches(names, ring.instance)) found.push(...ring.newest(lines, after, since));
    }
    found.sort((a, b) => a.seq - b.seq);
    return found.length <= lines ? found : found.slice(found.length - lines);
  }

  /** From the line after number `after` on. `wake` is called in the middle of an `append`: it must be short, and not throw. */
  follow({ names, after, wake }: { names: readonly string[]; after: number; wake: () => void }): LogFollower {
    const kept = this.query({ names, after, lines: undefined, since: undefined });
    const queue = new LineQueue(kept, wake);
    const following: Following = { names, queue };
    this.#followers.add(following);
    return { pull: (max, maxBytes) => queue.pull(max, maxBytes), close: () => this.#followers.delete(following) };
  }

  /** The largest gives up its older half: rare, as that makes room for a while. */
  #shed(): void {
    let largest: ServiceRing | undefined;
    for (const ring of this.#rings.values()) {
      if (largest === undefined || ring.bytes > largest.bytes) largest = ring;
    }
    if (largest !== undefined) this.#bytes += largest.dropOlderHalf();
  }

  #ring(instance: string): ServiceRing {
    let ring = this.#rings.get(instance);
    if (ring === undefined) {
      ring = new ServiceRing(instance, DEFAULT_LINES, BYTES_PER_INSTANCE);
      this.#rings.set(instance, ring);
    }
    return ring;
  }
}

function matches(names: readonly string[], instance: string): boolean {
  return names.length === 0 || names.some((name) => instance === name || instance.startsWith(`${name}/`));
}
