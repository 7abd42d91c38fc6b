import { copyLines, LinePieces, PIECE_OVERHEAD } from "./line-pieces.ts";
import type { LineSource, RingLine } from "./ring-line.ts";
import { bytesPassed } from "./spent-buffers.ts";

/** A reader of the ring at its own pace. */
export interface LogFollower {
  /**
   * The oldest lines that were not taken yet, and how many were lost before them: as many as are there, up to `max`, and not much more than
   * `maxBytes`. Nothing to take: `wake` will be called once, with the next line.
   */
  pull(max: number, maxBytes: number): { readonly lines: readonly RingLine[]; readonly missed: number };
  close(): void;
}

/** What may wait for one reader: all that a burst brings in some turns of the event loop, many times what a terminal takes. */
const WAITING_LIMIT = 3 * 1_024 * 1_024;

/**
 * The lines that wait for one reader. Whoever keeps up, bursts included, gets every line; what comes when there is no more room for it is
 * counted, and told at the place where it is missing.
 */
export class LineQueue {
  readonly #wake: () => void;
  readonly #waiting = new LinePieces(WAITING_LIMIT);
  /** Those that a tag of a piece that waits stands for. */
  #sources: LineSource[] = [];
  readonly #tags = new Map<LineSource, number>();
  /** Lines that are missing, by how many lines had been taken in before them. */
  readonly #gaps: { readonly before: number; lines: number }[] = [];
  #pushed = 0;
  #asleep = false;

  /** `kept`: what waits from the beginning, however much. */
  constructor(kept: readonly RingLine[], wake: () => void) {
    this.#wake = wake;
    const sources = new Map<string, LineSource>();
    for (const line of kept) {
      const name = `${line.stream} ${line.instance}`;
      const source = sources.get(name) ?? { instance: line.instance, stream: line.stream };
      sources.set(name, source);
      this.#push(source, line.seq, line.time, line.bytes, 1);
    }
  }

  offer(source: LineSource, seq: number, time: number, lines: Buffer, count: number): void {
    if (this.#waiting.cost + PIECE_OVERHEAD + lines.length <= WAITING_LIMIT) this.#push(source, seq, time, lines, count);
    else this.#miss(count);
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
      const taken = this.#takeLines(lines, max - lines.length, maxBytes - bytes);
      if (taken === 0) break;
      bytes += taken;
    }
    if (this.#waiting.count === 0) {
      this.#sources = [];
      this.#tags.clear();
    }
    if (lines.length === 0 && missed === 0) this.#asleep = true;
    // they are copies
    bytesPassed(bytes);
    return { lines, missed };
  }

  /** Takes lines of the oldest piece; answers what they cost, 0: there is none. */
  #takeLines(into: RingLine[], max: number, maxBytes: number): number {
    const piece = this.#waiting.first();
    const source = piece === undefined ? undefined : this.#sources[piece.tag];
    if (piece === undefined || source === undefined) return 0;
    // as many of them as there is room for, if all are of one length
    const fitting = Math.ceil((maxBytes * piece.count) / Math.max(1, piece.lines.length));
    const count = Math.min(piece.count, max, Math.max(1, fitting));
    const { instance, stream } = source;
    let cost = 0;
    copyLines(piece, 0, count, (seq, bytes) => {
      into.push({ seq, time: piece.time, instance, stream, bytes });
      cost += bytes.length + 1;
    });
    this.#waiting.dropLines(count);
    return cost;
  }

  #push(source: LineSource, seq: number, time: number, lines: Buffer, count: number): void {
    let tag = this.#tags.get(source);
    if (tag === undefined) {
      tag = this.#sources.push(source) - 1;
      this.#tags.set(source, tag);
    }
    this.#waiting.push({ tag, seq, time, count, lines });
    this.#pushed += count;
  }

  #miss(count: number): void {
    const last = this.#gaps.at(-1);
    if (last?.before === this.#pushed) last.lines += count;
    else this.#gaps.push({ before: this.#pushed, lines: count });
  }
}
