const NEWLINE = 0x0a;

/** What a piece takes of the memory beside its bytes. */
const OVERHEAD = 200;
const EMPTY = Buffer.alloc(0);

/** Bytes in the order of their arrival, in the pieces in which they came. */
export class ChunkQueue {
  #chunks: Buffer[] = [];
  /** Places of `#chunks` that are used up: shifting a long array for each write would cost more than the write. */
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What it takes of the memory, about: a program may print byte by byte. */
  get cost(): number {
    return this.#size + (this.#chunks.length - this.#head) * OVERHEAD;
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  /** The first pieces up to `max` bytes in all, and at most `pieces` of them; they stay in the queue. */
  peek(max: number, pieces: number): Buffer[] {
    const taken: Buffer[] = [];
    let room = max;
    for (let i = this.#head; i < this.#chunks.length && taken.length < pieces && room > 0; i++) {
      const chunk = this.#chunks[i] ?? EMPTY;
      taken.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
      room -= chunk.length;
    }
    return taken;
  }

  drop(bytes: number): void {
    let rest = Math.min(bytes, this.#size);
    this.#size -= rest;
    while (rest > 0) {
      const chunk = this.#chunks[this.#head] ?? EMPTY;
      if (chunk.length > rest) {
        this.#chunks[this.#head] = chunk.subarray(rest);
        return;
      }
      rest -= chunk.length;
      this.#chunks[this.#head] = EMPTY;
      this.#head += 1;
    }
    if (this.#head === this.#chunks.length) {
      this.#chunks = [];
      this.#head = 0;
    } else if (this.#head > 1_024) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }

  /** How many bytes there are up to the end of the first line that ends at or after byte `from` (counted from 1); undefined: none ends there. */
  lineEnd(from: number): number | undefined {
    let before = 0;
    for (let i = this.#head; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] ?? EMPTY;
      if (before + chunk.length >= from) {
        const at = chunk.indexOf(NEWLINE, Math.max(0, from - 1 - before));
        if (at !== -1) return before + at + 1;
      }
      before += chunk.length;
    }
    return undefined;
  }
}