import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options: { readonly type: "minor" | "major"; readonly execution: "sync" }) => void;

const MINOR_EVERY = 2 * 1_024 * 1_024;
const MAJOR_EVERY = 32 * 1_024 * 1_024;

/**
 * Bounds what a flood of output leaves behind in memory. node reads every 64 KiB of a pipe into memory of its own that V8 sees as a small object: it
 * lets 32 MB of them pile up before it looks, and twice as much of what was still in use when it looked. Here the collector is called by
 * the bytes that have passed: half a millisecond every 2 MiB, some milliseconds every 32 MiB, and nothing at all where little is printed.
 */
export class SpentBuffers {
  #collect: Collect | undefined;
  #sinceMinor = 0;
  #sinceMajor = 0;

  /** So many bytes have been read. */
  passed(bytes: number): void {
    this.#sinceMinor += bytes;
    if (this.#sinceMinor < MINOR_EVERY) return;
    this.#sinceMajor += this.#sinceMinor;
    this.#sinceMinor = 0;
    this.#collect ??= collector();
    const major = this.#sinceMajor >= MAJOR_EVERY;
    if (major) this.#sinceMajor = 0;
    this.#collect({ type: major ? "major" : "minor", execution: "sync" });
  }
}

/** V8 gives its collector to contexts that are made after this flag. Where it does not, memory is as it would be without. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  // what the flag promises
  return typeof collect === "function" ? (collect as Collect) : () => {};
}
