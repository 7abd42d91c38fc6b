import type { Clock } from "../lib/clock.ts";

const NEWLINE = 0x0a;
/** How long somebody's unfinished line holds up the others: it is a prompt then, and not a line in two pieces. */
const WAIT_MS = 200;
const HELD_LIMIT = 64 * 1_024;

/**
 * Brings the bytes of several streams into one, without tearing lines: what a pipe delivers ends anywhere. While the line of one is
 * unfinished the bytes of the others wait, for a short while and up to a limit; then they go as they came. Every byte goes on once, unchanged,
 * and those of one stream in their order. A stream that is alone is never held up.
 */
export class LineWeave {
  readonly #clock: Clock;
  readonly #onBytes: (bytes: Buffer) => void;
  /** Whose line is unfinished; undefined: the next may come from anybody. */
  #owner: object | undefined;
  #held: { readonly stream: object; readonly bytes: Buffer }[] = [];
  #heldSize = 0;
  #timer: unknown;

  constructor(clock: Clock, onBytes: (bytes: Buffer) => void) {
    this.#clock = clock;
    this.#onBytes = onBytes;
  }

  /** `stream`: any object, the same for all bytes of a stream. `bytes` are only themselves during the call. */
  push(stream: object, bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#held.length === 0 && (this.#owner === undefined || this.#owner === stream)) {
      this.#pass(stream, bytes);
      return;
    }
    const lines = this.#owner === stream ? bytes.lastIndexOf(NEWLINE) + 1 : 0;
    if (lines > 0) this.#pass(stream, bytes.subarray(0, lines));
    if (this.#owner === stream) {
      this.#pass(stream, bytes);
      return;
    }
    this.#hold(stream, bytes.subarray(lines));
    if (this.#owner === undefined) this.#release();
  }

  /** The stream is at its end: nobody waits for the rest of its line. */
  end(stream: object): void {
    if (this.#owner !== stream) return;
    this.#owner = undefined;
    this.#release();
  }

  /** Lets go of all that waits. */
  flush(): void {
    const held = this.#held;
    this.#forget();
    for (const { stream, bytes } of held) this.#pass(stream, bytes);
  }

  #pass(stream: object, bytes: Buffer): void {
    this.#owner = bytes.at(-1) === NEWLINE ? undefined : stream;
    this.#onBytes(bytes);
  }

  #hold(stream: object, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.push({ stream, bytes: Buffer.from(bytes) });
    this.#heldSize += bytes.length;
    if (this.#heldSize > HELD_LIMIT) this.flush();
    else this.#timer ??= this.#clock.setTimeout(() => this.flush(), WAIT_MS);
  }

  /** What may go now goes, in the order in which it came. */
  #release(): void {
    const held = this.#held;
    this.#forget();
    for (const { stream, bytes } of held) this.push(stream, bytes);
  }

  #forget(): void {
    this.#held = [];
    this.#heldSize = 0;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
