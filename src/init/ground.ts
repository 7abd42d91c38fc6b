import type { Clock } from "../lib/clock.ts";
import { formatDuration } from "../lib/duration.ts";
import type { Machine, Say } from "./machine.ts";
import { type MountedAt, parseMountInfo } from "./mount-info.ts";

/** What everything that is done to a machine is given. */
export interface Ground {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly say: Say;
}

/** What is mounted now; nothing where /proc is not there to say so. */
export function mountedNow(machine: Machine): readonly MountedAt[] {
  return parseMountInfo(machine.read("/proc/self/mountinfo") ?? "");
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}

/** Something that was begun has not ended in the time that it was given. */
export class LateError extends Error {}

/** Goes with `work`; rejects with a `LateError` where that takes longer than `ms`, and leaves it alone then. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => reject(new LateError(`no answer after ${formatDuration(ms)}`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clock.clearTimeout(timer);
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
