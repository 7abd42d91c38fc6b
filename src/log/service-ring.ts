import { copyLines, LinePieces, type Piece, PIECE_OVERHEAD } from "./line-pieces.ts";
import type { LineSource, RingLine } from "./ring-line.ts";

const STDOUT = 0;
const STDERR = 1;

/** The last lines of one instance. Its methods that change it return by how many bytes it grew; negative: it shrank. */
export class ServiceRing {
  readonly instance: string;
  readonly #maxBytes: number;
  readonly #sources: { readonly stdout: LineSource; readonly stderr: LineSource };
  /** The oldest pieces go when those after them hold lines enough: there may be more lines than are shown. */
  readonly #pieces: LinePieces;
  #maxLines: number;

  constructor(instance: string, maxLines: number, maxBytes: number) {
    this.instance = instance;
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
    this.#pieces = new LinePieces(maxBytes);
    this.#sources = { stdout: { instance, stream: "stdout" }, stderr: { instance, stream: "stderr" } };
  }

  get bytes(): number {
    return this.#pieces.cost;
  }

  source(stream: "stdout" | "stderr"): LineSource {
    return this.#sources[stream];
  }

  push(stream: "stdout" | "stderr", seq: number, time: number, lines: Buffer, count: number): number {
    if (this.#maxLines === 0) return 0;
    const pieces = this.#pieces;
    const before = pieces.cost;
    // room first: the memory is used round and round
    this.#dropUnseen(count);
    while (pieces.count > 0 && pieces.cost + PIECE_OVERHEAD + lines.length > this.#maxBytes) pieces.dropFirst();
    pieces.push({ tag: stream === "stdout" ? STDOUT : STDERR, seq, time, count, lines });
    return pieces.cost - before;
  }

  limit(maxLines: number): number {
    // those that are not shown must not be seen again when more are
    const change = this.#dropTo(Math.min(maxLines, this.#maxLines));
    this.#maxLines = maxLines;
    return change;
  }

  dropOlderHalf(): number {
    return this.#dropTo(Math.floor(Math.min(this.#pieces.count, this.#maxLines) / 2));
  }

  /** Kept lines with a greater number than `after` and of a later time than `since`: the newest `count` of them, oldest first. */
  newest(count: number, after: number, since: number): RingLine[] {
    let unseen = Math.max(0, this.#pieces.count - this.#maxLines);
    const found: { readonly piece: Piece; readonly from: number }[] = [];
    let lines = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(unseen, after + 1 - piece.seq, 0);
      unseen = Math.max(0, unseen - piece.count);
      // no end: a clock may have been set back
      if (from >= piece.count || piece.time <= since) continue;
      found.push({ piece, from });
      lines += piece.count - from;
    }
    return this.#copies(found, Math.max(0, lines - count));
  }

  /** All lines of these but the first `skipped`. */
  #copies(found: readonly { readonly piece: Piece; readonly from: number }[], skipped: number): RingLine[] {
    const copies: RingLine[] = [];
    let rest = skipped;
    for (const { piece, from } of found) {
      const first = from + Math.min(rest, piece.count - from);
      rest -= first - from;
      const { stream } = this.#sources[piece.tag === STDOUT ? "stdout" : "stderr"];
      const { instance } = this;
      copyLines(piece, first, piece.count, (seq, bytes) => copies.push({ seq, time: piece.time, instance, stream, bytes }));
    }
    return copies;
  }

  /** Drops the oldest pieces, where so many lines more and those after them are enough. */
  #dropUnseen(more: number): void {
    const pieces = this.#pieces;
    for (let first = pieces.firstCount(); first > 0 && pieces.count - first + more >= this.#maxLines; first = pieces.firstCount())
      pieces.dropFirst();
  }

  #dropTo(count: number): number {
    const before = this.#pieces.cost;
    if (this.#pieces.count > count) this.#pieces.dropLines(this.#pieces.count - count);
    return this.#pieces.cost - before;
  }
}
