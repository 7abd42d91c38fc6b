import { isStarting, type ProcStat, readOwnChildren, readProcStat } from "../lib/proc.ts";
import { cgroups } from "./cgroup.ts";
import type { Finder, Kin } from "./finder.ts";
import { readMark } from "./mark.ts";
import { readTrees } from "./process-tree.ts";

/**
 * Finds what comes from a process where this one is a subreaper: all that has lost its parents is a child of this process.
 *
 * Owns whose an orphan is: that of the process in whose session it is, else of whose mark it or its cgroup carries, else below which it was
 * seen before. What descends from an orphan is whose the orphan is. An orphan's number is no other's before it was reaped here, so what was
 * found once stays; one that could be told from nothing is looked at again. Costs one list of children for all that is asked in one go, and
 * then only what belongs to who is asked for.
 */
export class OrphanFinder implements Finder {
  readonly #own: Pick<ReadonlySet<number>, "has">;
  readonly #bySession = new Map<number, Kin>();
  readonly #byMark = new Map<string, Kin>();
  /** Whatever descended from a process when it was looked at last. */
  readonly #seen = new Map<number, { readonly kin: Kin; readonly start: number }>();
  readonly #seenOf = new Map<Kin, readonly number[]>();
  readonly #owner = new Map<number, Kin>();
  readonly #orphansOf = new Map<Kin, Set<number>>();
  readonly #unknown = new Set<number>();
  /** Who was here before this process became a reaper: a shell that was replaced by it had started them. */
  readonly #before: ReadonlySet<number>;
  #looked = false;
  #unsure = false;

  /** `own`: the children that this process has started itself: they are no orphans. */
  constructor(own: Pick<ReadonlySet<number>, "has">) {
    this.#own = own;
    this.#before = new Set(readOwnChildren());
  }

  enrol(kin: Kin): void {
    this.#bySession.set(kin.pid, kin);
    this.#byMark.set(kin.mark, kin);
  }

  release(kin: Kin): void {
    if (this.#bySession.get(kin.pid) === kin) this.#bySession.delete(kin.pid);
    this.#byMark.delete(kin.mark);
    this.#forgetSeen(kin);
    for (const pid of this.#orphansOf.get(kin) ?? []) this.#owner.delete(pid);
    this.#orphansOf.delete(kin);
  }

  members(kin: Kin): readonly ProcStat[] {
    this.#look();
    const found = readTrees([...(kin.mainGone ? [] : [kin.pid]), ...(this.#orphansOf.get(kin) ?? [])]);
    // Between the end of its parent and the look that finds it among the orphans nothing else leads to what was seen.
    const hidden = (this.#seenOf.get(kin) ?? []).filter((pid) => {
      const start = this.#seen.get(pid)?.start;
      return !found.has(pid) && start !== undefined && readProcStat(pid)?.startTime === start;
    });
    const below = [...found.keys()].filter((pid) => pid !== kin.pid);
    for (const pid of this.#seenOf.get(kin) ?? []) if (!hidden.includes(pid)) this.#forgetOne(kin, pid);
    for (const pid of below) this.#seen.set(pid, { kin, start: found.get(pid)?.startTime ?? 0 });
    if (below.length + hidden.length > 0) this.#seenOf.set(kin, [...below, ...hidden]);
    else this.#seenOf.delete(kin);
    return [...found.values()];
  }

  tells(kin: Kin): boolean {
    this.#look();
    return (this.#orphansOf.get(kin)?.size ?? 0) > 0;
  }

  unsure(): boolean {
    this.#look();
    return this.#unsure;
  }

  reaped(pids: readonly number[]): Iterable<Kin> {
    const concerned = new Set<Kin>();
    for (const pid of pids) {
      this.#unknown.delete(pid);
      const kin = this.#owner.get(pid);
      if (kin === undefined) continue;
      this.#owner.delete(pid);
      this.#orphansOf.get(kin)?.delete(pid);
      concerned.add(kin);
    }
    return concerned;
  }

  strays(): readonly ProcStat[] {
    this.#look();
    return [...readTrees(this.#unknown).values()];
  }

  renew(): void {
    this.#looked = false;
  }

  #look(): void {
    if (this.#looked) return;
    this.#looked = true;
    this.#unsure = false;
    // What is asked in one go, as when a thousand are stopped, is answered from one look.
    queueMicrotask(() => this.renew());
    for (const pid of readOwnChildren() ?? []) {
      if (this.#owner.has(pid) || this.#before.has(pid) || this.#own.has(pid)) continue;
      const kin = this.#kinOf(pid);
      if (kin !== undefined) this.#adopt(pid, kin);
      else {
        this.#unknown.add(pid);
        this.#unsure ||= isStarting(pid);
      }
    }
  }

  #adopt(pid: number, kin: Kin): void {
    this.#unknown.delete(pid);
    this.#owner.set(pid, kin);
    const orphans = this.#orphansOf.get(kin);
    if (orphans === undefined) this.#orphansOf.set(kin, new Set([pid]));
    else orphans.add(pid);
  }

  #kinOf(pid: number): Kin | undefined {
    const stat = readProcStat(pid);
    if (stat === undefined) return undefined;
    const seen = this.#seen.get(pid);
    return (
      this.#bySession.get(stat.session) ??
      this.#byMark.get(readMark(pid) ?? "") ??
      this.#byMark.get(cgroups.markOf(pid) ?? "") ??
      (seen?.start === stat.startTime ? seen.kin : undefined)
    );
  }

  #forgetSeen(kin: Kin): void {
    for (const pid of this.#seenOf.get(kin) ?? []) this.#forgetOne(kin, pid);
    this.#seenOf.delete(kin);
  }

  #forgetOne(kin: Kin, pid: number): void {
    if (this.#seen.get(pid)?.kin === kin) this.#seen.delete(pid);
  }
}
