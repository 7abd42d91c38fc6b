import { setFlagsFromString } from "node:v8";
import { type Collect, collector } from "../lib/collector.ts";

const MINOR_EVERY = 2 * 1_024 * 1_024;
const MAJOR_EVERY = 16 * 1_024 * 1_024;

/** The heap is one, and so is the count of what went through it. */
let collect: Collect | undefined;
let sinceMinor = 0;
let sinceMajor = 0;

/**
 * To be told of so many bytes that have been read from a pipe, or made for a reader, and are done with. Bounds what a flood of output leaves behind
 * in memory: what is made for a reader lives through a look or two at the new objects, and V8 lets tens of megabytes of that pile up before it
 * looks at the others. Here the collector is called by the bytes that have passed: a third of a millisecond every 2 MiB, some milliseconds every
 * 16 MiB, and never where little is read.
 */
export function bytesPassed(bytes: number): void {
  sinceMinor += bytes;
  if (sinceMinor < MINOR_EVERY) return;
  sinceMajor += sinceMinor;
  sinceMinor = 0;
  collect ??= collectorOfFloods();
  const major = sinceMajor >= MAJOR_EVERY;
  if (major) sinceMajor = 0;
  collect(major ? "all" : "new");
}

function collectorOfFloods(): Collect {
  // the place for new objects would double itself up to 48 MB, and hardly ever gives it back
  setFlagsFromString("--semi-space-growth-factor=1");
  return collector();
}
