import { LineStore, type LineSource, type RingLine } from "./line-store.ts";

/** The last lines of one instance. Its methods that change it return by how many bytes it grew; negative: it shrank. */
export class ServiceRing {
  readonly instance: string;
  readonly #maxBytes: number;
  readonly #sources: { readonly stdout: LineSource; readonly stderr: LineSource };
  readonly #lines = new LineStore();
  #maxLines: number;

  constructor(instance: string, maxLines: number, maxBytes: number) {
    this.instance = instance;
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
    this.#sources = { stdout: { instance, stream: "stdout" }, stderr: { instance, stream: "stderr" } };
  }

  get bytes(): number {
    return this.#lines.cost;
  }

  source(stream: "stdout" | "stderr"): LineSource {
    return this.#sources[stream];
  }

  push(stream: "stdout" | "stderr", seq: number, time: number, bytes: Buffer): number {
    const before = this.bytes;
    const lines = this.#lines;
    // room first: the memory is used round and round
    while (lines.count > 0 && (lines.count >= this.#maxLines || lines.cost + bytes.length > this.#maxBytes)) lines.dropOldest();
    if (this.#maxLines > 0) lines.push(this.#sources[stream], seq, time, bytes);
    return this.bytes - before;
  }

  limit(maxLines: number): number {
    this.#maxLines = maxLines;
    return this.#dropTo(maxLines);
  }

  dropOlderHalf(): number {
    return this.#dropTo(Math.floor(this.#lines.count / 2));
  }

  /** Kept lines with a greater number than `after` and of a later time than `since`: the newest `count` of them, oldest first. */
  newest(count: number, after: number, since: number): RingLine[] {
    const found: RingLine[] = [];
    const lines = this.#lines;
    for (let index = lines.count - 1; index >= 0 && found.length < count && lines.seq(index) > after; index--) {
      // no end: a clock may have been set back
      if (lines.time(index) <= since) continue;
      const line = lines.line(index);
      if (line !== undefined) found.push(line);
    }
    return found.reverse();
  }

  #dropTo(count: number): number {
    const before = this.bytes;
    while (this.#lines.count > count) this.#lines.dropOldest();
    return this.bytes - before;
  }
}
