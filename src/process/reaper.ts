import { readOwnChildren } from "../lib/proc.ts";
import type { Exit } from "../model/exit.ts";
import type { Finder } from "./finder.ts";
import { bursts } from "./bursts.ts";
import { launchThreadSoFar } from "./launch-thread.ts";
import { OrphanFinder } from "./orphan-finder.ts";
import { OwnChildren } from "./own-children.ts";
import { ScanFinder } from "./scan-finder.ts";
import { native, nativeLack, type Sys } from "./sys.ts";

/** So many dead are reaped in one turn; more wait for the next, so that who starts processes without an end does not hold up the rest. */
const REAPED_AT_ONCE = 2_000;

/** Node's longest timer. */
const LONG_MS = 2 ** 31 - 1;

/**
 * Reaps the children of this process that are not Node's: those that the native launcher has started, and what those leave behind. Says when: one for
 * the whole process, as the kernel has it.
 *
 * Owns that the exit of a child that Node has started is never taken from Node, that nothing else stays a zombie, and the order of what is told in a turn:
 * first the dead are reaped, then the ends of main processes are told, then those hear of it whose orphans have ended.
 * A burst of ends is one turn.
 */
class Reaper {
  #finder: Finder = new ScanFinder();
  #own: OwnChildren | undefined;
  #scheduled = false;
  #listening = false;
  /** What is called with the end of each child that was started here, by its pid: that is no other's until it is reaped. */
  readonly #expected = new Map<number, (exit: Exit) => void>();
  /** A listener of SIGCHLD does not keep Node running as its own children do. */
  #hold: NodeJS.Timeout | undefined;
  /** Whether a child may have ended of which the launcher has not told yet that it was started. */
  #isAhead = false;
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
    if (this.#own !== undefined) return undefined;
    try {
      sys.becomeSubreaper();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const own = new OwnChildren();
    this.#own = own;
    if (readOwnChildren() !== undefined) this.#finder = new OrphanFinder({ has: (pid) => own.has(pid) || this.#expected.has(pid) });
    this.#listen();
    return undefined;
  }

  /**
   * Calls `onExit` once, in a turn of its own, when this child has ended and is reaped. To be called when the launcher tells that it was started, for one
   * that is not Node's.
   */
  expect(pid: number, onExit: (exit: Exit) => void): void {
    this.#expected.set(pid, onExit);
    this.#hold ??= setInterval(() => {}, LONG_MS);
    this.#hold.ref();
    if (!this.#listening) this.#listen();
    if (this.#isAhead) this.#schedule();
  }

  /** Calls back in a turn of its own, when the dead of now have been reaped. */
  afterReaping(callback: () => void): void {
    this.#waiting.push(callback);
    this.#schedule();
  }

  #listen(): void {
    if (!this.#listening) process.on("SIGCHLD", () => this.#schedule());
    this.#listening = true;
    // What has ended before.
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
    this.#isAhead = false;
    launchThreadSoFar()?.tell();
    const concerned = this.#finder.reaped(this.#reap());
    this.#finder.renew();
    bursts.tell([...this.#waiting.splice(0), ...[...concerned].map((kin) => () => kin.check())]);
  }

  /** Answers which orphans were reaped. */
  #reap(): readonly number[] {
    const sys = native();
    if (sys === undefined) return [];
    const own = this.#own;
    if (own === undefined) {
      // Who is no reaper of orphans cannot tell whose the others are.
      for (const pid of this.#expected.keys()) this.#reapOne(sys, pid);
      this.#isAhead = launchThreadSoFar()?.isBusy === true;
      return [];
    }
    const orphans: number[] = [];
    const take = (pid: number): boolean => {
      const started = this.#expected.has(pid);
      if (!started && sys.isFromLauncher(pid)) {
        this.#isAhead = true;
        return false;
      }
      const reaped = this.#reapOne(sys, pid);
      if (reaped && !started) orphans.push(pid);
      return reaped;
    };
    for (let taken = 0; taken < REAPED_AT_ONCE; taken++) {
      const pid = sys.findDead();
      if (pid === undefined) return orphans;
      if (!own.has(pid) && take(pid)) continue;
      // Until Node has reaped one of its children, or a start has been told, that stands in front of the rest; a list that is read meanwhile may lack somebody.
      for (const other of [...this.#expected.keys(), ...(readOwnChildren() ?? [])]) if (!own.has(other)) take(other);
      if (this.#isAhead) return orphans;
      break;
    }
    this.#schedule();
    return orphans;
  }

  #reapOne(sys: Sys, pid: number): boolean {
    const exit = sys.reap(pid);
    if (exit === undefined) return false;
    const onExit = this.#expected.get(pid);
    this.#expected.delete(pid);
    if (this.#expected.size === 0) this.#hold?.unref();
    onExit?.(exit);
    return true;
  }
}

export const reaper = new Reaper();
