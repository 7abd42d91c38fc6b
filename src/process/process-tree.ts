import { isLiving, type ProcStat, readChildren, readProcStat } from "../lib/proc.ts";

/** These processes and all that descends from them, as far as they live. */
export function readTrees(roots: Iterable<number>): Map<number, ProcStat> {
  const found = new Map<number, ProcStat>();
  const queue = [...roots];
  // grows while it is walked
  for (const pid of queue) {
    if (found.has(pid)) continue;
    const stat = readProcStat(pid);
    if (stat === undefined || !isLiving(stat)) continue;
    found.set(pid, stat);
    queue.push(...readChildren(stat));
  }
  return found;
}
