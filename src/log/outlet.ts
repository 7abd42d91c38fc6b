import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { isatty, WriteStream } from "node:tty";

/** What may wait for whoever reads before more is held back, and before what nobody waits with is dropped. In bytes. */
const ENOUGH = 64 * 1_024;
const WAITING_LIMIT = 1_024 * 1_024;

/**
 * Standard output or standard error of the daemon. Owns that a terminal that is held (Ctrl-S) or a pipe that nobody reads stops nothing but what
 * is printed there: node writes to both in a way that waits, so they are opened a second time in a way that does not. What is written when there
 * is room has reached the kernel when the call returns.
 */
export class Outlet {
  readonly #stream: Writable;
  #dropped = 0;
  #room: Promise<void> | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A terminal that has gone: there is nobody left to tell, and no reason to die.
    stream.on("error", () => {});
  }

  /** Where too much waits already it is dropped; how often is said where it is missing. */
  write(text: string | Uint8Array): void {
    if (this.#stream.writableLength > WAITING_LIMIT) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) this.#stream.write(`rind: ${this.#dropped} messages are missing here (they came faster than they were read)\n`);
    this.#dropped = 0;
    this.#stream.write(text);
  }

  /** Nothing: there is room; else it is fulfilled when there is, or when there never will be. */
  room(): Promise<void> | undefined {
    const stream = this.#stream;
    if (stream.writableLength <= ENOUGH || stream.destroyed) return undefined;
    this.#room ??= new Promise((resolve) => {
      const done = (): void => {
        stream.off("drain", done);
        stream.off("close", done);
        this.#room = undefined;
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
    });
    return this.#room;
  }

  /** Resolves when all of it has been taken, or after `timeoutMs`: what waits then is given up, as the process could not end before. */
  async close(timeoutMs: number): Promise<void> {
    const stream = this.#stream;
    if (stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      stream.write("", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    if (stream.writableLength > 0) stream.destroy();
  }
}

export interface Outlets {
  readonly stdout: Outlet;
  readonly stderr: Outlet;
}

/** The outlets of this process. What was written to `process.stdout` and `process.stderr` before is before it. */
export function openOutlets(): Outlets {
  return { stdout: new Outlet(unhurried(1) ?? process.stdout), stderr: new Outlet(unhurried(2) ?? process.stderr) };
}

/** undefined: it is a file, or a terminal that cannot be opened a second time. */
function unhurried(fd: number): Writable | undefined {
  let own: number | undefined;
  try {
    const terminal = isatty(fd);
    const found = fstatSync(fd);
    // it cannot be opened again, and node does not wait for these
    if (found.isSocket()) return ofSocket(fd);
    if (!terminal && !found.isFIFO()) return undefined;
    own = openAgain(fd);
    // in a container that does not run as root the pipe is another's, who has made it: then it is used as it is
    if (!terminal) return ofSocket(own ?? fd);
    if (own === undefined) return undefined;
    const stream = new WriteStream(own);
    // node makes terminals wait, and offers no other way to undo it
    const { _handle: handle } = stream as unknown as { readonly _handle?: { setBlocking?(blocking: boolean): unknown } };
    handle?.setBlocking?.(false);
    return stream;
  } catch {
    if (own !== undefined) closeSync(own);
    return undefined;
  }
}

function openAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

function ofSocket(fd: number): Writable {
  return new Socket({ fd, readable: false, writable: true }).unref();
}
