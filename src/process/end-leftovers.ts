import { type Clock, systemClock } from "../lib/clock.ts";
import { readProcStat } from "../lib/proc.ts";
import { whenGroupGone } from "./group-watch.ts";
import { ProcessGroup } from "./process-group.ts";

/** A process that an earlier daemon started; `start` is its start time, which tells it from a later one with the same pid. */
export interface Leftover {
  readonly instance: string;
  readonly pid: number;
  readonly start: string;
}

/** Names a process together with its pid; undefined where there is no such process. */
export function processStart(pid: number): string | undefined {
  const stat = readProcStat(pid);
  return stat === undefined || stat.state === "Z" ? undefined : String(stat.startTime);
}

/**
 * Ends what a daemon that died has left running, with all of its groups: SIGTERM, and SIGKILL after `timeoutMs`. Their output has
 * nobody to go to, and a second process of the same service must not start beside them. Answers who was found alive.
 */
export async function endLeftovers(
  leftovers: readonly Leftover[],
  timeoutMs: number,
  clock: Clock = systemClock,
): Promise<readonly Leftover[]> {
  const alive = leftovers.filter(({ pid, start }) => processStart(pid) === start);
  await Promise.all(alive.map(({ pid }) => endGroup(new ProcessGroup(pid), timeoutMs, clock)));
  return alive;
}

function endGroup(group: ProcessGroup, timeoutMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    group.signal("SIGTERM");
    const kill = clock.setTimeout(() => group.signal("SIGKILL"), timeoutMs);
    whenGroupGone(group, { clock }, () => {
      clock.clearTimeout(kill);
      resolve();
    });
  });
}
