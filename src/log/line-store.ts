/** Where a line comes from; one object for all lines of a stream. */
export interface LineSource {
  readonly instance: string;
  readonly stream: "stdout" | "stderr";
}

export interface RingLine extends LineSource {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Without its newline. */
  readonly bytes: Buffer;
}

/** What a line takes of the memory beside its bytes. */
export const LINE_OVERHEAD = 32;

const FIRST_BYTES = 1_024;
const FIRST_LINES = 16;

/**
 * A queue of lines in flat memory, which is made once and then used round and round. A flood of output is millions of lines: as objects they would
 * cost ten times as much, and the collector as much again.
 */
export class LineStore {
  #bytes = Buffer.alloc(0);
  /** Where the bytes of the oldest line begin. */
  #begin = 0;
  #size = 0;
  #sources: LineSource[] = [];
  #seqs = new Float64Array(0);
  #times = new Float64Array(0);
  #lengths = new Uint32Array(0);
  #starts = new Uint32Array(0);
  /** The place of the oldest line. */
  #first = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes of memory, about. */
  get cost(): number {
    return this.#size + this.#count * LINE_OVERHEAD;
  }

  push(source: LineSource, seq: number, time: number, bytes: Buffer): void {
    if (this.#count === this.#seqs.length) this.#growLines();
    if (this.#size + bytes.length > this.#bytes.length) this.#growBytes(this.#size + bytes.length);
    const place = this.#place(this.#count);
    const start = (this.#begin + this.#size) % (this.#bytes.length || 1);
    this.#sources[place] = source;
    this.#seqs[place] = seq;
    this.#times[place] = time;
    this.#lengths[place] = bytes.length;
    this.#starts[place] = start;
    const copied = bytes.copy(this.#bytes, start);
    if (copied < bytes.length) bytes.copy(this.#bytes, 0, copied);
    this.#size += bytes.length;
    this.#count += 1;
  }

  dropOldest(): void {
    if (this.#count === 0) return;
    const length = this.#lengths[this.#first] ?? 0;
    this.#begin = (this.#begin + length) % (this.#bytes.length || 1);
    this.#size -= length;
    this.#first = this.#place(1);
    this.#count -= 1;
  }

  /** `index` counts from the oldest line. */
  seq(index: number): number {
    return this.#seqs[this.#place(index)] ?? 0;
  }

  time(index: number): number {
    return this.#times[this.#place(index)] ?? 0;
  }

  /** A copy. */
  line(index: number): RingLine | undefined {
    const place = this.#place(index);
    const source = this.#sources[place];
    if (index >= this.#count || source === undefined) return undefined;
    const { instance, stream } = source;
    return { seq: this.seq(index), time: this.time(index), instance, stream, bytes: this.#copy(place) };
  }

  #copy(place: number): Buffer {
    const length = this.#lengths[place] ?? 0;
    const start = this.#starts[place] ?? 0;
    const copy = Buffer.allocUnsafe(length);
    const copied = this.#bytes.copy(copy, 0, start, start + length);
    if (copied < length) this.#bytes.copy(copy, copied, 0, length - copied);
    return copy;
  }

  #place(index: number): number {
    return (this.#first + index) % (this.#seqs.length || 1);
  }

  #growLines(): void {
    const room = Math.max(FIRST_LINES, this.#count * 2);
    const sources: LineSource[] = [];
    const seqs = new Float64Array(room);
    const times = new Float64Array(room);
    const lengths = new Uint32Array(room);
    const starts = new Uint32Array(room);
    for (let index = 0; index < this.#count; index++) {
      const place = this.#place(index);
      const source = this.#sources[place];
      if (source !== undefined) sources.push(source);
      seqs[index] = this.#seqs[place] ?? 0;
      times[index] = this.#times[place] ?? 0;
      lengths[index] = this.#lengths[place] ?? 0;
      starts[index] = this.#starts[place] ?? 0;
    }
    this.#sources = sources;
    this.#seqs = seqs;
    this.#times = times;
    this.#lengths = lengths;
    this.#starts = starts;
    this.#first = 0;
  }

  #growBytes(needed: number): void {
    let room = Math.max(FIRST_BYTES, this.#bytes.length);
    while (room < needed) room *= 2;
    const bytes = Buffer.allocUnsafeSlow(room);
    const copied = this.#bytes.copy(bytes, 0, this.#begin, Math.min(this.#bytes.length, this.#begin + this.#size));
    if (copied < this.#size) this.#bytes.copy(bytes, copied, 0, this.#size - copied);
    this.#bytes = bytes;
    this.#begin = 0;
    let start = 0;
    for (let index = 0; index < this.#count; index++) {
      const place = this.#place(index);
      this.#starts[place] = start;
      start += this.#lengths[place] ?? 0;
    }
  }
}
