import { setTimeout as wait } from "node:timers/promises";
import { isLiving, listPids, type ProcStat, readProcStat, readVariable } from "../lib/proc.ts";
import { cgroups } from "./cgroup.ts";
import { isOfEarlierDaemon, readMark } from "./mark.ts";
import { readTrees } from "./process-tree.ts";
import { processStart } from "./start-times.ts";

/** A process that an earlier daemon started; `start` is its start time, which tells it from a later one with the same pid. */
export interface Leftover {
  readonly instance: string;
  readonly pid: number;
  readonly start: string;
}

const FIRST_POLL_MS = 10;
const MAX_POLL_MS = 200;
const KILL_GRACE_MS = 5_000;

/**
 * Ends what a daemon that died has left running: `leftovers`, and what came from its processes, by their sessions, by the marks and cgroups of that
 * daemon and by descent. SIGTERM, and SIGKILL after `timeoutMs`. Their output has nobody to go to, and a second process of the same service must
 * not start beside them. Answers who was found alive: of `leftovers`, and what has outlived those.
 */
export async function endLeftovers(leftovers: readonly Leftover[], timeoutMs: number): Promise<readonly Leftover[]> {
  const alive = leftovers.filter(({ pid, start }) => processStart(pid) === start);
  let found = find(alive);
  const all = [...alive, ...outliving(found, alive)];
  for (const stat of found.values()) signal(stat, "SIGTERM");
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = FIRST_POLL_MS; found.size > 0; waitMs = Math.min(waitMs * 1.5, MAX_POLL_MS)) {
    await wait(waitMs);
    const overdueMs = performance.now() - deadline;
    // What not even that ends hangs in the kernel.
    if (overdueMs >= KILL_GRACE_MS) break;
    const killing = overdueMs >= 0;
    if (killing) found = new Map([...found, ...find(alive)]);
    found = new Map([...found].filter(([, stat]) => livesStill(stat)));
    if (killing) for (const stat of found.values()) signal(stat, "SIGKILL");
    // what was being started while the signals were sent is found when the rest has gone
    if (found.size === 0) found = find(alive);
  }
  cgroups.sweep();
  return all;
}

/** Those whose parents are not among them: one entry for each tree that is not below a process of `alive`. */
function outliving(found: ReadonlyMap<number, ProcStat>, alive: readonly Leftover[]): readonly Leftover[] {
  const known = new Set(alive.map(({ pid }) => pid));
  return [...found.values()].flatMap(({ pid, parent, session, startTime }) =>
    found.has(parent) || known.has(pid) || known.has(session)
      ? []
      : [{ instance: readVariable(pid, "RIND_SERVICE") ?? "", pid, start: String(startTime) }],
  );
}

function find(alive: readonly Leftover[]): Map<number, ProcStat> {
  const sessions = new Set(alive.filter(({ pid, start }) => processStart(pid) === start).map(({ pid }) => pid));
  const roots = (listPids() ?? []).filter((pid) => {
    const stat = readProcStat(pid);
    return stat !== undefined && isLiving(stat) && (sessions.has(stat.session) || isOfEarlierDaemon(readMark(pid) ?? ""));
  });
  const found = readTrees([...roots, ...cgroups.leftBehind()]);
  // This daemon may have been started by one of them: from a shell in a terminal that was a service.
  for (let pid = process.pid; pid > 0; pid = readProcStat(pid)?.parent ?? 0) found.delete(pid);
  return found;
}

function livesStill({ pid, startTime }: ProcStat): boolean {
  const now = readProcStat(pid);
  return now !== undefined && now.startTime === startTime && isLiving(now);
}

function signal(stat: ProcStat, killSignal: NodeJS.Signals): void {
  if (!livesStill(stat)) return;
  try {
    process.kill(stat.pid, killSignal);
  } catch {
    // It has ended since, or has become another user's; whether it lives is looked at again.
  }
}
