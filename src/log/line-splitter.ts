/** A longer line is cut into pieces: a program that never ends its line must not fill the memory. */
export const MAX_LINE_BYTES = 64 * 1_024;

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
/** What is kept of the memory for an unfinished line when that is finished. */
const SMALL = 4 * 1_024;

/** Cuts a stream of bytes into lines, without their newline. Neither the bytes nor the lines are kept: a line is only itself during the call. */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  /** Of the line that has no end yet; the first `#size` bytes. */
  #begun = EMPTY;
  #size = 0;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const rest = this.#cutLong(bytes, start, end);
      if (this.#size === 0) this.#onLine(bytes.subarray(rest, end));
      else {
        this.#keep(bytes, rest, end);
        this.#emit();
      }
      start = end + 1;
    }
    this.#keep(bytes, this.#cutLong(bytes, start, bytes.length), bytes.length);
  }

  /** The stream is at its end: what came after the last newline is a line too. */
  end(): void {
    if (this.#size > 0) this.#emit();
  }

  /** Hands on whole pieces of a line that is too long; returns where the rest begins. */
  #cutLong(bytes: Buffer, start: number, end: number): number {
    let rest = start;
    while (this.#size + end - rest > MAX_LINE_BYTES) {
      const cut = cutAt(bytes, rest, rest + MAX_LINE_BYTES - this.#size);
      this.#keep(bytes, rest, cut);
      this.#emit();
      rest = cut;
    }
    return rest;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
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
    this.#onLine(line);
    if (this.#begun.length > SMALL) this.#begun = EMPTY;
  }
}

/** `limit`, or up to three bytes less where a character of UTF-8 would be torn. */
function cutAt(bytes: Buffer, start: number, limit: number): number {
  for (let cut = limit; cut > limit - 4 && cut > start; cut--) {
    if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
  }
  return limit;
}
