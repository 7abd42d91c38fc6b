import { readOwnChildren } from "../lib/proc.ts";
import type { Finder } from "./finder.ts";
import { OrphanFinder } from "./orphan-finder.ts";
import { OwnChildren } from "./own-children.ts";
import { ScanFinder } from "./scan-finder.ts";
import { native, nativeLack, type Sys } from "./sys.ts";

/** So many dead are reaped in one turn; more wait for the next, so that who starts processes without an end does not hold up the rest. */
const REAPED_AT_ONCE = 2_000;

/**
 * Reaps what the processes of this one leave behind, and says when: one for the whole process, as the kernel has it.
 *
 * Owns that the exit of a child that Node has started is never taken from Node, that nothing else stays a zombie, and the order of what is told in a turn:
 * first the dead are reaped, then the ends of main processes are told, then those hear of it whose orphans have ended.
 * A burst of ends is one turn.
 */
class Reaper {
  #finder: Finder = new ScanFinder();
  #sys: Sys | undefined;
  #own: OwnChildren | undefined;
  #scheduled = false;
  readonly #waiting: (() => void)[] = [];

  /** Finds what comes from a process. */
  get finder(): Finder {
    return this.#finder;
  }

  /**
   * Makes this process the parent of all orphans among its descendants, for good. To be called before it starts any.
   * Answers why that cannot be; undefined: it is so.
   */
  start(): string | undefined {
    const sys = native();
    if (sys === undefined) return nativeLack();
    if (this.#sys !== undefined) return undefined;
    try {
      sys.becomeSubreaper();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.#sys = sys;
    this.#own = new OwnChildren();
    if (readOwnChildren() !== undefined) this.#finder = new OrphanFinder(this.#own);
    process.on("SIGCHLD", () => this.#schedule());
    this.#schedule();
    return undefined;
  }

  /** Calls back in a turn of its own, when the dead of now have been reaped. */
  afterReaping(callback: () => void): void {
    this.#waiting.push(callback);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After Node has seen to its own children.
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const concerned = this.#finder.reaped(this.#reap());
    this.#finder.renew();
    const waiting = this.#waiting.splice(0);
    // Each as a task of its own: one that throws takes nothing from the others.
    for (const callback of waiting) queueMicrotask(callback);
    for (const kin of concerned) queueMicrotask(() => kin.check());
  }

  #reap(): readonly number[] {
    const [sys, own] = [this.#sys, this.#own];
    if (sys === undefined || own === undefined) return [];
    const reaped: number[] = [];
    while (reaped.length < REAPED_AT_ONCE) {
      const pid = sys.findDead();
      if (pid === undefined) return reaped;
      if (own.has(pid) || !sys.reap(pid)) break;
      reaped.push(pid);
    }
    // One of Node's children stands in front of the rest, until Node has reaped it.
    for (const pid of readOwnChildren() ?? []) if (!own.has(pid) && sys.reap(pid)) reaped.push(pid);
    if (reaped.length >= REAPED_AT_ONCE) this.#schedule();
    return reaped;
  }
}

export const reaper = new Reaper();
