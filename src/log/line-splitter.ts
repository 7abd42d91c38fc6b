import { eachLine, WholeLines } from "./whole-lines.ts";

/** Cuts a stream of bytes into lines, without their newline. Neither the bytes nor the lines are kept: a line is only itself during the call. */
export class LineSplitter {
  readonly #lines: WholeLines;

  constructor(onLine: (line: Buffer) => void) {
    this.#lines = new WholeLines((lines, count) => eachLine(lines, count, onLine));
  }

  push(bytes: Buffer): void {
    this.#lines.push(bytes);
  }

  /** The stream is at its end: what came after the last newline is a line too. */
  end(): void {
    this.#lines.end();
  }
}
