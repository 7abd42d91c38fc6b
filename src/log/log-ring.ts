import { ServiceRing } from "./service-ring.ts";

/**
 * The output of all services, as far as it is kept.
 *
 * Every line gets the next number of one sequence over all services. Each instance keeps its last lines, bounded by count and by bytes, and all
 * together are bounded too: who prints more than there is room for loses its own oldest lines first. Whoever follows is only woken, and takes lines
 * at its own pace; what the ring dropped in the meantime is counted, never silently left out. Lines are bytes as printed.
 */
export interface RingLine {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly instance: string;
  readonly stream: "stdout" | "stderr";
  /** Without its newline. */
  readonly bytes: Buffer;
}

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

/** A reader with a place of its own in the ring. */
export interface LogFollower {
  /**
   * The oldest lines that were not taken yet, up to `max`, and how many were lost before them. Nothing to take: `wake` will be called once, with the
   * next line.
   */
  pull(max: number): { readonly lines: readonly RingLine[]; readonly missed: number };
  close(): void;
}

export const DEFAULT_LINES = 1_000;
const BYTES_PER_INSTANCE = 1_024 * 1_024;
const BYTES_IN_ALL = 64 * 1_024 * 1_024;

interface Follower {
  readonly names: readonly string[];
  readonly wake: () => void;
  asleep: boolean;
  /** Of each instance, how many lines it had printed up to the last one taken. */
  readonly taken: Map<string, number>;
  /** Lines of forgotten instances that it had not taken yet, and was not told of. */
  lost: number;
}

export class LogRing {
  readonly #now: () => number;
  readonly #rings = new Map<string, ServiceRing<RingLine>>();
  readonly #followers = new Set<Follower>();
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

  /** `line` must not change afterwards. */
  append(instance: string, stream: RingLine["stream"], line: Buffer): void {
    const ring = this.#ring(instance);
    this.#seq += 1;
    this.#bytes += ring.push({ seq: this.#seq, time: this.#now(), instance, stream, bytes: line });
    if (this.#bytes > BYTES_IN_ALL) this.#shed();
    for (const follower of this.#followers) {
      if (!follower.asleep || !matches(follower.names, instance)) continue;
      follower.asleep = false;
      follower.wake();
    }
  }

  /** How many lines of this instance are kept from now on (`log.lines`). */
  setLines(instance: string, lines: number): void {
    if (lines === DEFAULT_LINES && !this.#rings.has(instance)) return;
    this.#bytes += this.#ring(instance).limit(lines);
  }

  /** Drops all that is kept of an instance: it will not come back. */
  forget(instance: string): void {
    const ring = this.#rings.get(instance);
    if (ring === undefined) return;
    this.#bytes -= ring.bytes;
    this.#rings.delete(instance);
    for (const follower of this.#followers) {
      if (!matches(follower.names, instance)) continue;
      follower.lost += ring.printed - (follower.taken.get(instance) ?? 0);
      follower.taken.delete(instance);
    }
  }

  /** What is kept and asked for, in order. */
  query({ names, lines, since, after }: RingQuery): RingLine[] {
    const found: RingLine[] = [];
    for (const ring of this.#matching(names)) {
      const fit = ring.from(after ?? 0).filter((line) => since === undefined || line.time > since);
      found.push(...newest(fit, lines));
    }
    return newest(found.sort(bySeq), lines);
  }

  /** From the line after number `after` on. `wake` is called in the middle of `append`: it must be short, and not throw. */
  follow({ names, after, wake }: { names: readonly string[]; after: number; wake: () => void }): LogFollower {
    const taken = new Map(this.#matching(names).map((ring) => [ring.instance, ring.printedUpTo(after)]));
    const follower: Follower = { names, wake, asleep: false, taken, lost: 0 };
    this.#followers.add(follower);
    return { pull: (max) => this.#pull(follower, max), close: () => this.#followers.delete(follower) };
  }

  #pull(follower: Follower, max: number): { lines: RingLine[]; missed: number } {
    let missed = follower.lost;
    follower.lost = 0;
    const found: RingLine[] = [];
    for (const ring of this.#matching(follower.names)) {
      const taken = follower.taken.get(ring.instance) ?? 0;
      const lost = Math.max(0, ring.dropped - taken);
      missed += lost;
      if (lost > 0) follower.taken.set(ring.instance, ring.dropped);
      found.push(...ring.after(taken + lost, max));
    }
    const lines = found.sort(bySeq).slice(0, max);
    for (const { instance } of lines) follower.taken.set(instance, (follower.taken.get(instance) ?? 0) + 1);
    if (lines.length === 0 && missed === 0) follower.asleep = true;
    return { lines, missed };
  }

  /** The largest gives up its older half: rare, as that makes room for a while. */
  #shed(): void {
    let largest: ServiceRing<RingLine> | undefined;
    for (const ring of this.#rings.values()) {
      if (largest === undefined || ring.bytes > largest.bytes) largest = ring;
    }
    if (largest !== undefined) this.#bytes += largest.dropOlderHalf();
  }

  #ring(instance: string): ServiceRing<RingLine> {
    let ring = this.#rings.get(instance);
    if (ring === undefined) {
      ring = new ServiceRing(instance, DEFAULT_LINES, BYTES_PER_INSTANCE);
      this.#rings.set(instance, ring);
    }
    return ring;
  }

  #matching(names: readonly string[]): ServiceRing<RingLine>[] {
    return [...this.#rings.values()].filter((ring) => matches(names, ring.instance));
  }
}

function matches(names: readonly string[], instance: string): boolean {
  return names.length === 0 || names.some((name) => instance === name || instance.startsWith(`${name}/`));
}

function newest(lines: RingLine[], count: number | undefined): RingLine[] {
  return count === undefined || lines.length <= count ? lines : lines.slice(lines.length - count);
}

function bySeq(a: RingLine, b: RingLine): number {
  return a.seq - b.seq;
}
