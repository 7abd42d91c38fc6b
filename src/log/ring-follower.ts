import { LineStore, type LineSource, type RingLine } from "./line-store.ts";

/** A reader of the ring at its own pace. */
export interface LogFollower {
  /**
   * The oldest lines that were not taken yet, and how many were lost before them: as many as are there, up to `max`, and not much more than
   * `maxBytes`. Nothing to take: `wake` will be called once, with the next line.
   */
  pull(max: number, maxBytes: number): { readonly lines: readonly RingLine[]; readonly missed: number };
  close(): void;
}

/** What may wait for one reader: all that a burst brings in one turn of the event loop, many times what a terminal takes. */
const WAITING_LIMIT = 2 * 1_024 * 1_024;

/**
 * The lines that wait for one reader. Whoever keeps up, bursts included, gets every line; what comes when there is no more room for it is
 * counted, and told at the place where it is missing.
 */
export class LineQueue {
  readonly #wake: () => void;
  readonly #waiting = new LineStore();
  /** Lines that are missing, by how many lines had been taken in before them. */
  readonly #gaps: { readonly before: number; lines: number }[] = [];
  #pushed = 0;
  #asleep = false;

  /** `kept`: what waits from the beginning, however much. */
  constructor(kept: readonly RingLine[], wake: () => void) {
    this.#wake = wake;
    for (const line of kept) this.#push(line, line.seq, line.time, line.bytes);
  }

  offer(source: LineSource, seq: number, time: number, bytes: Buffer): void {
    if (this.#waiting.cost + bytes.length <= WAITING_LIMIT) this.#push(source, seq, time, bytes);
    else this.#miss();
    if (!this.#asleep) return;
    this.#asleep = false;
    this.#wake();
  }

  pull(max: number, maxBytes: number): { lines: RingLine[]; missed: number } {
    const lines: RingLine[] = [];
    let missed = 0;
    let bytes = 0;
    while (lines.length < max && bytes < maxBytes) {
      const [gap] = this.#gaps;
      if (gap !== undefined && gap.before === this.#pushed - this.#waiting.count) {
        // what is missing is told with the line after it
        if (lines.length > 0) break;
        missed += gap.lines;
        this.#gaps.shift();
      }
      const line = this.#waiting.line(0);
      if (line === undefined) break;
      this.#waiting.dropOldest();
      lines.push(line);
      bytes += line.bytes.length;
    }
    if (lines.length === 0 && missed === 0) this.#asleep = true;
    return { lines, missed };
  }

  #push(source: LineSource, seq: number, time: number, bytes: Buffer): void {
    this.#waiting.push(source, seq, time, bytes);
    this.#pushed += 1;
  }

  #miss(): void {
    const last = this.#gaps.at(-1);
    if (last?.before === this.#pushed) last.lines += 1;
    else this.#gaps.push({ before: this.#pushed, lines: 1 });
  }
}
