import { eachLine } from "./whole-lines.ts";

/** Lines that were printed at once, by one stream: they bear one time, and their numbers follow one another. */
export interface Piece {
  /** Whose it is: a number of the holder's choice. */
  readonly tag: number;
  /** The number of its first line. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly count: number;
  /** A newline between any two lines and none after the last. */
  readonly lines: Buffer;
}

/** What a piece takes of the memory beside its bytes. */
export const PIECE_OVERHEAD = 32;

const LENGTH_AT = 0;
const COUNT_AT = 4;
const TAG_AT = 8;
const SEQ_AT = 16;
const TIME_AT = 24;

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
const FIRST_BYTES = 256;
/** So much memory is kept when there is nothing in it. */
const IDLE_BYTES = 1_024 * 1_024;
/** So much more than is kept: wherever the gap is that pieces leave at the end of the memory, the next one of usual size has room. */
const SLACK_BYTES = 3 * 64 * 1_024;

/**
 * A queue of pieces in flat memory, which is made once and then used round and round. A flood of output is millions of lines: as objects they would
 * cost ten times as much, and the collector as much again; here one costs its bytes, and all that were printed at once some more.
 */
export class LinePieces {
  /** What is meant to be kept at most, in bytes; more has room too. */
  readonly #usual: number;
  #memory = EMPTY;
  /** The oldest piece. */
  #begin = 0;
  /** Where the next one goes. */
  #end = 0;
  /** Where the older ones end, when the newer ones begin at 0 again; -1: they do not. */
  #wrap = -1;
  #count = 0;
  #cost = 0;

  constructor(usual: number) {
    this.#usual = usual;
  }

  /** Lines. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory. */
  get cost(): number {
    return this.#cost;
  }

  /** `lines` are copied. */
  push({ tag, seq, time, count, lines }: Piece): void {
    const start = this.#place(PIECE_OVERHEAD + lines.length);
    const memory = this.#memory;
    memory.writeUInt32LE(lines.length, start + LENGTH_AT);
    memory.writeUInt32LE(count, start + COUNT_AT);
    memory.writeUInt32LE(tag, start + TAG_AT);
    memory.writeDoubleLE(seq, start + SEQ_AT);
    memory.writeDoubleLE(time, start + TIME_AT);
    lines.copy(memory, start + PIECE_OVERHEAD);
    this.#end = start + PIECE_OVERHEAD + lines.length;
    this.#count += count;
    this.#cost += PIECE_OVERHEAD + lines.length;
  }

  /** The oldest piece, as it is in memory: until the next change. */
  first(): Piece | undefined {
    return this.#count === 0 ? undefined : this.#piece(this.#begin);
  }

  /** How many lines the oldest piece has; 0: there is none. */
  firstCount(): number {
    return this.#count === 0 ? 0 : this.#memory.readUInt32LE(this.#begin + COUNT_AT);
  }

  dropFirst(): void {
    if (this.#count === 0) return;
    const size = PIECE_OVERHEAD + this.#memory.readUInt32LE(this.#begin + LENGTH_AT);
    this.#count -= this.firstCount();
    this.#cost -= size;
    this.#begin += size;
    if (this.#begin === this.#wrap) {
      this.#begin = 0;
      this.#wrap = -1;
    }
    if (this.#count > 0) return;
    this.#begin = 0;
    this.#end = 0;
    this.#wrap = -1;
    if (this.#memory.length > IDLE_BYTES) this.#memory = EMPTY;
  }

  /** Drops so many of the oldest lines, also in the middle of a piece. */
  dropLines(lines: number): void {
    let rest = lines;
    for (let count = this.firstCount(); count > 0 && count <= rest; count = this.firstCount()) {
      this.dropFirst();
      rest -= count;
    }
    const first = rest > 0 ? this.first() : undefined;
    if (first === undefined) return;
    let dropped = 0;
    for (let i = 0; i < rest; i++) dropped = first.lines.indexOf(NEWLINE, dropped) + 1;
    // what tells of the piece moves up to where its lines now begin
    const memory = this.#memory;
    memory.copyWithin(this.#begin + dropped, this.#begin, this.#begin + PIECE_OVERHEAD);
    this.#begin += dropped;
    memory.writeUInt32LE(first.lines.length - dropped, this.#begin + LENGTH_AT);
    memory.writeUInt32LE(first.count - rest, this.#begin + COUNT_AT);
    memory.writeDoubleLE(first.seq + rest, this.#begin + SEQ_AT);
    this.#count -= rest;
    this.#cost -= dropped;
  }

  /** Oldest first, as they are in memory: until the next change. */
  *[Symbol.iterator](): Generator<Piece> {
    if (this.#count === 0) return;
    const older = this.#wrap === -1 ? this.#end : this.#wrap;
    for (let at = this.#begin; at < older; at += PIECE_OVERHEAD + this.#memory.readUInt32LE(at)) yield this.#piece(at);
    if (this.#wrap === -1) return;
    for (let at = 0; at < this.#end; at += PIECE_OVERHEAD + this.#memory.readUInt32LE(at)) yield this.#piece(at);
  }

  #piece(at: number): Piece {
    const memory = this.#memory;
    const start = at + PIECE_OVERHEAD;
    return {
      tag: memory.readUInt32LE(at + TAG_AT),
      seq: memory.readDoubleLE(at + SEQ_AT),
      time: memory.readDoubleLE(at + TIME_AT),
      count: memory.readUInt32LE(at + COUNT_AT),
      lines: memory.subarray(start, start + memory.readUInt32LE(at + LENGTH_AT)),
    };
  }

  /** Where a piece of this size goes: behind the newest, or before the oldest when nothing is behind. */
  #place(size: number): number {
    const memory = this.#memory;
    if (this.#wrap !== -1) return size <= this.#begin - this.#end ? this.#end : this.#grow(size);
    if (size <= memory.length - this.#end) return this.#end;
    if (size > this.#begin) return this.#grow(size);
    this.#wrap = this.#end;
    return 0;
  }

  #grow(size: number): number {
    const old = this.#memory;
    const needed = this.#cost + size;
    const memory = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(Math.max(2 * old.length, FIRST_BYTES), this.#usual + SLACK_BYTES)));
    const copied = old.copy(memory, 0, this.#begin, this.#wrap === -1 ? this.#end : this.#wrap);
    if (this.#wrap !== -1) old.copy(memory, copied, 0, this.#end);
    this.#memory = memory;
    this.#begin = 0;
    this.#wrap = -1;
    return this.#cost;
  }
}

/** The lines of a piece from its line `from` on, counted from 0, at most `max`: their number and their bytes, in one copy of all of them. */
export function copyLines(piece: Piece, from: number, max: number, take: (seq: number, line: Buffer) => void): void {
  const { lines, count, seq } = piece;
  let start = 0;
  for (let i = 0; i < from; i++) start = lines.indexOf(NEWLINE, start) + 1;
  let end = lines.length;
  const taken = Math.min(max, count - from);
  if (taken < count - from) {
    end = start;
    for (let i = 0; i < taken; i++) end = lines.indexOf(NEWLINE, end) + 1;
    end -= 1;
  }
  if (taken < 1) return;
  let next = seq + from;
  eachLine(Buffer.from(lines.subarray(start, end)), taken, (line) => take(next++, line));
}
