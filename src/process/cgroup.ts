import { accessSync, closeSync, constants, mkdirSync, openSync, rmdirSync, write, writeSync } from "node:fs";
import { readProcFile, readProcStat } from "../lib/proc.ts";
import { type CgroupPlace, cgroupsBelow, ownCgroup, pidsIn, removeCgroup } from "./cgroup-folder.ts";
import { daemonMark, isOfEarlierDaemon } from "./mark.ts";
import { readTrees } from "./process-tree.ts";
import { native } from "./sys.ts";

const PREFIX = "rind-";
/** What was forked while the rest was moved is looked for so many times. */
const ROUNDS = 4;

/**
 * A cgroup (version 2, without controllers) for each process that Rind starts: what comes from it cannot leave that by itself unless it is root.
 *
 * Owns that nothing is made, written or removed but in the daemon's own folder, and that no stranger is taken for one of a run. It adds to the
 * other ways of finding what comes from a process and replaces none: where the system does not allow it a run goes without.
 * A process begins in its own where launcher and kernel can do that. To move one makes the kernel wait up to tens of milliseconds for all processors, so
 * that is begun at once but not waited for.
 */
class Cgroups {
  #own: CgroupPlace | undefined;
  #place: CgroupPlace | undefined;
  readonly #moves: Move[] = [];
  #moving = false;

  /** Makes the daemon's folder, for as long as this process lives. After `markAs`. Answers why that cannot be; undefined: it is so. */
  start(): string | undefined {
    if (this.#place !== undefined) return undefined;
    const own = ownCgroup();
    if (own === undefined) return "there is no cgroup of version 2 here";
    this.#own = own;
    const name = `${PREFIX}${daemonMark()}`;
    const place = { folder: `${own.folder}/${name}`, name: `${own.name}/${name}` };
    try {
      // To move a process out of its cgroup takes the right to write there.
      accessSync(`${own.folder}/cgroup.procs`, constants.W_OK);
      mkdirSync(place.folder);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    process.once("exit", () => removeCgroup(place.folder));
    const type = readProcFile(`${place.folder}/cgroup.type`)?.trim();
    if (type !== "domain") return `a cgroup in ${own.folder} is ${type ?? "of no type"}: no process can be moved there`;
    this.#place = place;
    return undefined;
  }

  /** Where the cgroup of a process is to be made in which it can begin; undefined: it goes without. */
  folderOf(mark: string): string | undefined {
    return this.#place === undefined ? undefined : `${this.#place.folder}/${mark}`;
  }

  /** The cgroup of this folder, in which a process has begun. */
  begun(folder: string): RunCgroup {
    return new RunCgroup(folder);
  }

  /** A cgroup for a process that was just started elsewhere, which is moved there; undefined: it goes without. */
  move(mark: string, pid: number, mainGone: () => boolean): RunCgroup | undefined {
    const folder = this.#make(mark);
    return folder === undefined ? undefined : new RunCgroup(folder, { pid, mainGone, move: (move) => this.#move(move) });
  }

  #make(mark: string): string | undefined {
    const folder = this.folderOf(mark);
    if (folder === undefined) return undefined;
    try {
      mkdirSync(folder, { recursive: true });
      return folder;
    } catch {
      // As many as may be are there (cgroup.max.descendants), or somebody has removed ours.
      return undefined;
    }
  }

  /** The mark of the run in whose cgroup this process is. */
  markOf(pid: number): string | undefined {
    if (this.#place === undefined) return undefined;
    const start = `0::${this.#place.name}/`;
    const line = readProcFile(`/proc/${pid}/cgroup`)
      ?.split("\n")
      .find((text) => text.startsWith(start));
    return line?.slice(start.length).split("/", 1)[0];
  }

  /** Who lives in the cgroups of earlier daemons with the same state. */
  leftBehind(): readonly number[] {
    return this.#earlier().flatMap((name) => pidsIn(`${this.#own?.folder ?? ""}/${name}`));
  }

  /**
   * Removes the empty cgroups of earlier daemons with the same state. To be called while this daemon holds the lock of that: then they are
   * dead. Those of others are left alone, as a daemon that lives in another PID namespace looks dead from here.
   */
  sweep(): void {
    for (const name of this.#earlier()) removeCgroup(`${this.#own?.folder ?? ""}/${name}`);
  }

  #earlier(): readonly string[] {
    if (this.#own === undefined) return [];
    return cgroupsBelow(this.#own.folder).filter((name) => name.startsWith(PREFIX) && isOfEarlierDaemon(name.slice(PREFIX.length)));
  }

  /** One at a time: each may hold up a thread of Node's pool, on which files are written too. */
  #move(move: Move): void {
    this.#moves.push(move);
    if (!this.#moving) this.#nextMove();
  }

  #nextMove(): void {
    const move = this.#moves.shift();
    this.#moving = move !== undefined;
    if (move === undefined) return;
    const done = (moved: boolean): void => {
      move.done(moved);
      this.#nextMove();
    };
    const file = move.wanted() ? openToWrite(`${move.folder}/cgroup.procs`) : undefined;
    if (file === undefined) {
      queueMicrotask(() => done(false));
      return;
    }
    write(file, String(move.pid), (error) => {
      closeSync(file);
      done(error === null);
    });
  }
}

interface Move {
  readonly folder: string;
  readonly pid: number;
  /** Asked just before. */
  wanted(): boolean;
  done(moved: boolean): void;
}

/** A process that is moved to its cgroup after its start. */
interface Newcomer {
  readonly pid: number;
  readonly mainGone: () => boolean;
  readonly move: (move: Move) => void;
}

/** The cgroup of one process and all that comes from it. */
export class RunCgroup {
  readonly #folder: string;
  /** Whether all that is in it is surely of this run. */
  #trusted: boolean;
  #moves = 0;
  #rounds = 0;
  #over = false;
  #gone = false;

  /** `newcomer` undefined: the process began there. */
  constructor(folder: string, newcomer?: Newcomer) {
    this.#folder = folder;
    this.#trusted = newcomer === undefined;
    if (newcomer === undefined) return;
    // A number that is not reaped by the end of the move was no other's when it was moved.
    this.#take(newcomer, newcomer.pid, () => {
      this.#trusted = !newcomer.mainGone();
    });
  }

  /** Whether it is sure that its process began there, and with it all that comes from it. */
  holdsAll(): boolean {
    return this.#trusted;
  }

  /** Whether it is sure that this process, and nobody else, lives there. */
  isAlone(pid: number): boolean {
    return this.#trusted && native()?.isAlone(this.#folder, pid) === true;
  }

  /** Removes it if nobody lives there, which is what most leave behind: that costs no more than to look. */
  tryRemoval(): void {
    if (!this.#trusted || this.#moves > 0) return;
    try {
      rmdirSync(this.#folder);
      this.#gone = true;
    } catch {
      // Somebody lives there, or has made a folder in it.
    }
  }

  /** Whether it is sure that nobody lives there. */
  isEmpty(): boolean {
    if (this.#gone) return true;
    return this.#trusted && readProcFile(`${this.#folder}/cgroup.events`)?.includes("populated 0") === true;
  }

  pids(): readonly number[] {
    return this.#trusted ? pidsIn(this.#folder).filter((pid) => pid !== process.pid) : [];
  }

  /** SIGKILL to all that is in it, in one go, so that nothing can fork away; false where the kernel cannot (before 5.14), or nothing is there. */
  kill(): boolean {
    const pids = this.#trusted ? pidsIn(this.#folder) : [];
    if (pids.length === 0 || pids.includes(process.pid)) return false;
    const file = openToWrite(`${this.#folder}/cgroup.kill`);
    if (file === undefined) return false;
    try {
      writeSync(file, "1");
      return true;
    } catch {
      // Each is killed by its number all the same.
      return false;
    } finally {
      closeSync(file);
    }
  }

  /** When nothing of the run lives any more. */
  remove(): void {
    this.#over = true;
    this.#trusted = false;
    // To remove it while somebody is moved there would wait for the end of that.
    if (this.#moves === 0 && !this.#gone) removeCgroup(this.#folder);
  }

  #take(newcomer: Newcomer, pid: number, moved: () => void): void {
    this.#moves += 1;
    newcomer.move({
      folder: this.#folder,
      pid,
      wanted: () => !this.#over && !newcomer.mainGone(),
      done: (ok) => {
        this.#moves -= 1;
        if (this.#over) this.remove();
        else if (ok) {
          moved();
          if (this.#moves === 0) this.#takeForked(newcomer);
        }
      },
    });
  }

  /** What had been forked before its parent was moved did not come along. */
  #takeForked(newcomer: Newcomer): void {
    this.#rounds += 1;
    if (!this.#trusted || this.#rounds > ROUNDS) return;
    const tree = readTrees([newcomer.pid]);
    if (tree.size <= 1) return;
    const inside = new Set(pidsIn(this.#folder));
    for (const { pid, startTime } of tree.values()) {
      if (inside.has(pid)) continue;
      this.#take(newcomer, pid, () => {
        const now = readProcStat(pid)?.startTime;
        if (now !== undefined && now !== startTime) this.#trusted = false;
      });
    }
  }
}

function openToWrite(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY);
  } catch {
    return undefined;
  }
}

export const cgroups = new Cgroups();
