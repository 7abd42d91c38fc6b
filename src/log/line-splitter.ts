/** A longer line is cut into pieces: a program that never ends its line must not fill the memory. */
export const MAX_LINE_BYTES = 64 * 1_024;

const NEWLINE = 0x0a;
const MAX_PARTS = 256;

/** Cuts a stream of bytes into lines, without their newline. Lines share their memory with the bytes they came in. */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#add(bytes.subarray(start, end));
      this.#emit();
      start = end + 1;
    }
    if (start < bytes.length) this.#add(bytes.subarray(start));
  }

  /** The stream is at its end: what came after the last newline is a line too. */
  end(): void {
    if (this.#size > 0) this.#emit();
  }

  #add(bytes: Buffer): void {
    let rest = bytes;
    while (this.#size + rest.length > MAX_LINE_BYTES) {
      const cut = this.#cutAt(rest, MAX_LINE_BYTES - this.#size);
      this.#take(rest.subarray(0, cut));
      this.#emit();
      rest = rest.subarray(cut);
    }
    this.#take(rest);
  }

  #take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#size += bytes.length;
    // A program that prints byte by byte: a Buffer takes more memory than what is in it.
    if (this.#parts.length === MAX_PARTS) this.#parts = [Buffer.concat(this.#parts, this.#size)];
  }

  /** `limit`, or up to three bytes less where a character of UTF-8 would be torn. */
  #cutAt(bytes: Buffer, limit: number): number {
    for (let cut = limit; cut > limit - 4 && cut > 0; cut--) {
      if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
    }
    return limit;
  }

  #emit(): void {
    const [only] = this.#parts;
    const line = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    this.#onLine(line);
  }
}
