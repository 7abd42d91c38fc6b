import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { bytesPassed } from "../log/spent-buffers.ts";
import { native, type Sys } from "./sys.ts";

/** What comes from one pipe. */
export interface OutputListener {
  /** In order. `bytes` are only themselves during the call. Must not throw. */
  onBytes(bytes: Buffer): void;
  /** It is at its end, as an error is. Told once. */
  onEnd(): void;
}

/** A pipe that is being read. */
export interface OutputReading {
  /** Reads no more until `resume`; what is on its way may still come. */
  pause(): void;
  resume(): void;
}

const READ_BYTES = 256 * 1_024;
/** As the native part has it. */
const PIPES_AT_ONCE = 32;

/** Reads all pipes of this process: into one buffer, and without an object of Node's for any of them. */
class PipeReader {
  readonly #sys: Sys;
  readonly #bytes = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #report = new Int32Array(2 * PIPES_AT_ONCE);
  /** By descriptor. */
  readonly #pipes = new Map<number, PipeReading>();

  constructor(sys: Sys) {
    this.#sys = sys;
    sys.watchOutputs(this.#bytes, this.#report, (count) => this.#take(count));
  }

  read(fd: number, listener: OutputListener): OutputReading {
    this.#sys.addOutput(fd);
    const reading = new PipeReading(this.#sys, fd, listener);
    this.#pipes.set(fd, reading);
    return reading;
  }

  #take(count: number): void {
    let start = 0;
    for (let i = 0; i < count; i++) {
      const fd = this.#report[2 * i] ?? -1;
      const end = start + (this.#report[2 * i + 1] ?? 0);
      try {
        this.#tell(fd, start, end);
      } catch (error) {
        // a listener's bug must not take from the others what has been read for them
        queueMicrotask(() => {
          throw error;
        });
      }
      start = end;
    }
  }

  #tell(fd: number, start: number, end: number): void {
    const pipe = this.#pipes.get(fd);
    if (pipe === undefined) return;
    if (end > start) {
      pipe.listener.onBytes(this.#bytes.subarray(start, end));
      return;
    }
    this.#pipes.delete(fd);
    pipe.close();
    pipe.listener.onEnd();
  }
}

class PipeReading implements OutputReading {
  readonly listener: OutputListener;
  readonly #sys: Sys;
  readonly #fd: number;
  #state: "read" | "paused" | "closed" = "read";

  constructor(sys: Sys, fd: number, listener: OutputListener) {
    this.#sys = sys;
    this.#fd = fd;
    this.listener = listener;
  }

  pause(): void {
    if (this.#state !== "read") return;
    this.#state = "paused";
    this.#sys.removeOutput(this.#fd);
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "read";
    this.#sys.addOutput(this.#fd);
  }

  close(): void {
    this.#state = "closed";
    this.#sys.closeOutput(this.#fd);
  }
}

let only: PipeReader | null | undefined;

/**
 * Reads the end of a pipe, which it owns from now on: it is closed when all has been read. Nothing is told inside of this call.
 * Where the native part cannot do it, Node does.
 */
export function readOutput(fd: number, listener: OutputListener): OutputReading {
  only ??= pipeReader();
  return only === null ? readStream(new Socket({ fd, readable: true, writable: false }), listener) : only.read(fd, listener);
}

/** null: there is none here. */
function pipeReader(): PipeReader | null {
  const sys = native();
  if (sys === undefined) return null;
  try {
    return new PipeReader(sys);
  } catch {
    return null;
  }
}

/** The same of a stream that Node has made. */
export function readStream(stream: Readable, listener: OutputListener): OutputReading {
  stream.on("data", (bytes: Buffer) => {
    bytesPassed(bytes.length);
    listener.onBytes(bytes);
  });
  // an error of a pipe is its end
  stream.on("error", () => {});
  stream.once("close", () => listener.onEnd());
  return { pause: () => void stream.pause(), resume: () => void stream.resume() };
}
