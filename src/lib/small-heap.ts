import { setFlagsFromString } from "node:v8";
import { collector } from "./collector.ts";

/** For the time in which a process makes what it will keep: nothing runs long enough for what the optimizing compiler costs. */
export function holdCompilerBack(): void {
  setFlagsFromString("--no-opt");
}

/**
 * For the time after that. The new objects are looked through: V8 gives their place back later only where it has seen between two looks how little
 * is made.
 */
export function letCompilerGo(): void {
  setFlagsFromString("--opt");
  collector()("new");
}

/**
 * For one that starts many services: the place for new objects (1 MB at first) grows in one step to 16 MB, so that they are looked through ten times
 * and not forty while a thousand services start. Where few start it would be filled by the first thing that makes garbage, and be 32 MB of memory.
 */
export function letHeapGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=16");
}

/**
 * For one that runs for months and has made what it keeps: memory comes before speed from now on. What is garbage is collected, some milliseconds;
 * what the place for new objects has grown to is given back where hardly anything was made lately, and it grows no more.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  collector()("all");
}
