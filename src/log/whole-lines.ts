/** A longer line is cut into pieces: a program that never ends its line must not fill the memory. */
export const MAX_LINE_BYTES = 64 * 1_024;

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
/** What is kept of the memory for an unfinished line when that is finished. */
const SMALL = 4 * 1_024;

/** Takes `count` lines, with a newline between any two and none after the last. `lines` is only itself during the call. */
export type TakeLines = (lines: Buffer, count: number) => void;

/**
 * Cuts a stream of bytes at the ends of lines, and nowhere else: what comes at once goes on at once, at most `MAX_LINE_BYTES` of it, and no line is
 * looked at. Only the unfinished line is kept.
 */
export class WholeLines {
  readonly #onLines: TakeLines;
  readonly #newlines: (bytes: Buffer) => number;
  /** Of the line that has no end yet; the first `#size` bytes. */
  #begun = EMPTY;
  #size = 0;

  /** `newlines`: how many there are in these bytes. */
  constructor(onLines: TakeLines, newlines = countNewlines) {
    this.#onLines = onLines;
    this.#newlines = newlines;
  }

  push(bytes: Buffer): void {
    if (bytes.length <= MAX_LINE_BYTES) this.#take(bytes);
    else for (let start = 0; start < bytes.length; start += MAX_LINE_BYTES) this.#take(bytes.subarray(start, start + MAX_LINE_BYTES));
  }

  /** The stream is at its end: what came after the last newline is a line too. */
  end(): void {
    if (this.#size > 0) this.#emit();
  }

  /** Of what is no longer than a line may be, only the line that was begun before can be too long. */
  #take(bytes: Buffer): void {
    let start = 0;
    if (this.#size > 0) {
      const end = bytes.indexOf(NEWLINE);
      const until = end === -1 ? bytes.length : end;
      this.#keep(bytes, this.#cutLong(bytes, until), until);
      if (end === -1) return;
      this.#emit();
      start = end + 1;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= start) {
      const lines = bytes.subarray(start, last);
      this.#onLines(lines, this.#newlines(lines) + 1);
      start = last + 1;
    }
    this.#keep(bytes, start, bytes.length);
  }

  /** Hands on whole pieces of a begun line that is too long; returns where the rest begins. */
  #cutLong(bytes: Buffer, end: number): number {
    let rest = 0;
    while (this.#size + end - rest > MAX_LINE_BYTES) {
      const before = this.#size;
      const length = this.#pieceLength(bytes, rest);
      // the first bytes of a character, which go with the others of it
      const torn = Buffer.from(this.#begun.subarray(Math.min(length, before), before));
      if (length < before) this.#size = length;
      else this.#keep(bytes, rest, rest + length - before);
      rest += Math.max(0, length - before);
      this.#emit();
      this.#keep(torn, 0, torn.length);
    }
    return rest;
  }

  /** The greatest length of the line so far, going on at `rest`, or up to three bytes less where a character of UTF-8 would be torn. */
  #pieceLength(bytes: Buffer, rest: number): number {
    for (let length = MAX_LINE_BYTES; length > MAX_LINE_BYTES - 4; length--) {
      const next = length < this.#size ? this.#begun[length] : bytes[rest + length - this.#size];
      if (((next ?? 0) & 0xc0) !== 0x80) return length;
    }
    return MAX_LINE_BYTES;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    const size = this.#size + end - start;
    if (size > this.#begun.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(MAX_LINE_BYTES, Math.max(2 * size, 64)));
      this.#begun.copy(larger, 0, 0, this.#size);
      this.#begun = larger;
    }
    bytes.copy(this.#begun, this.#size, start, end);
    this.#size = size;
  }

  #emit(): void {
    const line = this.#begun.subarray(0, this.#size);
    this.#size = 0;
    this.#onLines(line, 1);
    if (this.#begun.length > SMALL) this.#begun = EMPTY;
  }
}

/** Calls back for each of the lines that `TakeLines` takes. */
export function eachLine(lines: Buffer, count: number, onLine: (line: Buffer) => void): void {
  let start = 0;
  for (let i = 1; i < count; i++) {
    const end = lines.indexOf(NEWLINE, start);
    onLine(lines.subarray(start, end));
    start = end + 1;
  }
  onLine(start === 0 ? lines : lines.subarray(start));
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
