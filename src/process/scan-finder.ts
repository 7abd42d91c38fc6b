import { isLiving, listPids, type ProcStat, readProcStat } from "../lib/proc.ts";
import type { Finder, Kin } from "./finder.ts";
import { readMark } from "./mark.ts";

interface Scan {
  readonly stats: ReadonlyMap<number, ProcStat>;
  readonly bySession: ReadonlyMap<number, readonly number[]>;
  readonly byParent: ReadonlyMap<number, readonly number[]>;
  readonly byMark: ReadonlyMap<string, readonly number[]>;
}

/**
 * Finds what comes from a process where nothing but /proc can be asked: all processes of the system are looked at, at most once per turn.
 * What has left its session, cleared its environment and lost its parents before it was seen once is not found.
 */
export class ScanFinder implements Finder {
  #scan: Scan | undefined;
  /** By pid and start time: the environment of a process is the same all its life, unless it starts another program. */
  #marks = new Map<string, string>();
  readonly #seen = new Map<Kin, ReadonlyMap<number, number>>();

  enrol(): void {}

  release(kin: Kin): void {
    this.#seen.delete(kin);
  }

  members(kin: Kin): readonly ProcStat[] {
    if (this.#scan === undefined) {
      this.#scan = this.#look();
      setImmediate(() => this.renew());
    }
    const { stats, bySession, byParent, byMark } = this.#scan;
    const seen = [...(this.#seen.get(kin) ?? [])].filter(([pid, start]) => stats.get(pid)?.startTime === start).map(([pid]) => pid);
    const queue = [...(kin.mainGone ? [] : [kin.pid]), ...(bySession.get(kin.pid) ?? []), ...(byMark.get(kin.mark) ?? []), ...seen];
    const found = new Map<number, ProcStat>();
    // grows while it is walked
    for (const pid of queue) {
      const stat = stats.get(pid);
      if (stat === undefined || found.has(pid)) continue;
      found.set(pid, stat);
      queue.push(...(byParent.get(pid) ?? []));
    }
    const living = [...found.values()].filter(livesStill);
    this.#seen.set(kin, new Map(living.map(({ pid, startTime }) => [pid, startTime])));
    return living;
  }

  tells(): boolean {
    return false;
  }

  unsure(): boolean {
    return false;
  }

  reaped(): Iterable<Kin> {
    return [];
  }

  strays(): readonly ProcStat[] {
    return [];
  }

  renew(): void {
    this.#scan = undefined;
  }

  #look(): Scan {
    const stats = new Map<number, ProcStat>();
    const bySession = new Map<number, number[]>();
    const byParent = new Map<number, number[]>();
    const byMark = new Map<string, number[]>();
    const marks = new Map<string, string>();
    for (const pid of listPids() ?? []) {
      const stat = readProcStat(pid);
      if (stat === undefined || !isLiving(stat)) continue;
      stats.set(pid, stat);
      put(bySession, stat.session, pid);
      put(byParent, stat.parent, pid);
      const id = `${pid} ${stat.startTime}`;
      const mark = this.#marks.get(id) ?? readMark(pid);
      if (mark === undefined) continue;
      marks.set(id, mark);
      put(byMark, mark, pid);
    }
    this.#marks = marks;
    return { stats, bySession, byParent, byMark };
  }
}

function livesStill({ pid, startTime }: ProcStat): boolean {
  const now = readProcStat(pid);
  return now !== undefined && now.startTime === startTime && isLiving(now);
}

function put<K>(map: Map<K, number[]>, key: K, pid: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [pid]);
  else list.push(pid);
}
