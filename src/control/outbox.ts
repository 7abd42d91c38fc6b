import type { Socket } from "node:net";

/** What it needs of a socket. */
type Sink = Pick<Socket, "writable" | "writableLength"> & { write(text: string): unknown; end(): unknown };

/** More than this is written without waiting for what comes to it. In UTF-16 units. */
const ENOUGH = 64 * 1_024;

/**
 * What is to be sent on one connection: lines that come in one go are written in one go. A write for each answer would be most of what
 * an answer costs.
 */
export class Outbox {
  readonly #socket: Sink;
  #text = "";
  #isHeld = false;
  #isDue = false;

  constructor(socket: Sink) {
    this.#socket = socket;
  }

  /** In UTF-16 units, or bytes where the socket has them already. */
  get length(): number {
    return this.#socket.writableLength + this.#text.length;
  }

  /** Sends it before anything else comes in, at the latest. */
  add(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length > ENOUGH) this.#write();
    else if (!this.#isHeld && !this.#isDue) {
      this.#isDue = true;
      // after all promises that are settled by now
      process.nextTick(() => {
        this.#isDue = false;
        this.#write();
      });
    }
  }

  /** What `work` adds is sent when it has returned. */
  together(work: () => void): void {
    this.#isHeld = true;
    work();
    this.#isHeld = false;
    this.#write();
  }

  end(): void {
    this.#write();
    this.#socket.end();
  }

  #write(): void {
    const text = this.#text;
    this.#text = "";
    if (text !== "" && this.#socket.writable) this.#socket.write(text);
  }
}
