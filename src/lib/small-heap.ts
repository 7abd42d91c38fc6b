import { setFlagsFromString } from "node:v8";
import { collector } from "./collector.ts";

/**
 * For the time in which a process makes what it will keep: the place for new objects (1 MB at first) grows in one step to 16 MB, so that they are
 * looked through ten times and not forty while a thousand services start.
 */
export function letHeapGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=16");
}

/** For one that runs for months and has made what it keeps: from now on memory comes before speed, and the place for new objects stays as it is. */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--optimize-for-size");
}

/** Collects what is garbage, some milliseconds. What the place for new objects has grown to is given back where hardly anything was made lately. */
export function tidyHeap(): void {
  collector()({ type: "major", execution: "sync" });
}
