import { FRAME_LIMIT } from "./protocol.ts";

const NEWLINE = 0x0a;

/** What the next line is: its bytes, or that it is longer than the limit (the rest of the stream is then of no use). */
export type Frame = { readonly kind: "frame"; readonly bytes: Buffer } | { readonly kind: "too-long" };

/** Cuts a stream of bytes into lines; never holds more than the limit and one chunk of unread input. */
export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #length = 0;
  /** So many of the first bytes are known to hold no line end: a long line must not be searched anew with each chunk. */
  #searched = 0;

  constructor(limit: number = FRAME_LIMIT) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next whole line without its end; undefined: more bytes are needed. */
  next(): Frame | undefined {
    const end = this.#findEnd();
    if (end < 0) return this.#length > this.#limit ? { kind: "too-long" } : undefined;
    if (end > this.#limit) return { kind: "too-long" };
    return { kind: "frame", bytes: this.#take(end, end + 1) };
  }

  /** What is left when the stream has ended: a last line without line end. */
  rest(): Buffer {
    return this.#take(this.#length, this.#length);
  }

  /** Nothing waits, not even the begin of a line. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  #findEnd(): number {
    let offset = 0;
    for (const chunk of this.#chunks) {
      if (offset + chunk.length > this.#searched) {
        const found = chunk.indexOf(NEWLINE, Math.max(0, this.#searched - offset));
        if (found >= 0) return offset + found;
      }
      offset += chunk.length;
    }
    this.#searched = this.#length;
    return -1;
  }

  /** The first `count` bytes; those before `next` are not seen again. */
  #take(count: number, next: number): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = all.length > next ? [all.subarray(next)] : [];
    this.#length = all.length - next;
    this.#searched = 0;
    return all.length > count ? all.subarray(0, count) : all;
  }
}
