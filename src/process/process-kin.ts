import { isLiving, type ProcStat, readProcStat } from "../lib/proc.ts";
import { cgroups, type RunCgroup } from "./cgroup.ts";
import type { Kin } from "./finder.ts";
import type { LivingProcess } from "./launcher.ts";
import { reaper } from "./reaper.ts";

const FIRST_POLL_MS = 10;
const MAX_POLL_MS = 200;
/** Where the kernel tells. It keeps the process alive that waits, which Node's listener of SIGCHLD does not. */
const TOLD_POLL_MS = 10_000;

/**
 * A process that Rind has started and all that comes from it, wherever that has gone: signals reach all of it, and it is gone when all of it is.
 *
 * Owns that no stranger is signalled: a group is signalled as long as it surely is this one, a single process if pid and start time are those of
 * the one that was found. Once nothing is left nothing is sent any more. A kill holds: what was being started while it was sent is killed when it is found.
 */
export class ProcessKin implements Kin {
  readonly pid: number;
  readonly mark: string;
  #mainGone = false;
  #named: ProcStat | undefined;
  #exitTold = false;
  #over = false;
  #killing = false;
  #pollMs = FIRST_POLL_MS;
  #poll: NodeJS.Timeout | undefined;
  readonly #cgroup: RunCgroup | undefined;
  readonly #watchers = new Set<() => void>();

  /** `cgroup`: the folder of that in which it began; undefined: it began in none of its own. */
  constructor(pid: number, mark: string, cgroup: string | undefined) {
    this.pid = pid;
    this.mark = mark;
    this.#cgroup = cgroup === undefined ? cgroups.move(mark, pid, () => this.#mainGone) : cgroups.begun(cgroup);
    reaper.finder.enrol(this);
  }

  get mainGone(): boolean {
    return this.#mainGone;
  }

  /** To be called when the main process was reaped. `tell` follows when what it left behind can be seen. */
  mainExited(tell: () => void): void {
    this.#mainGone = true;
    const look = (): void => {
      this.#exitTold = true;
      this.check();
      tell();
    };
    // A cgroup that can be removed is one without anybody.
    this.#cgroup?.tryRemoval();
    reaper.afterReaping(look);
  }

  signal(killSignal: NodeJS.Signals): boolean {
    if (this.#over) return false;
    if (killSignal !== "SIGKILL" && this.#isFoundLater()) {
      // Most are alone. Of a thousand that are to end each hears of it first, and who else there is is asked when all have.
      reaper.afterReaping(() => this.#signalOthers(killSignal));
      return deliver(-this.pid, killSignal);
    }
    const sent = this.#send(killSignal);
    if (killSignal === "SIGKILL") {
      this.#killing = true;
      reaper.afterReaping(() => this.check());
    }
    return sent;
  }

  signalMain(killSignal: NodeJS.Signals): boolean {
    const pid = this.mainPid();
    return (pid !== this.pid || !this.#mainGone) && deliver(pid, killSignal);
  }

  nameMain(pid: number): void {
    const named = this.#over ? undefined : this.#members().find((member) => member.pid === pid);
    if (named !== undefined) this.#named = named;
  }

  mainPid(): number {
    return this.#named !== undefined && readProcStat(this.#named.pid)?.startTime === this.#named.startTime ? this.#named.pid : this.pid;
  }

  alive(): boolean {
    if (this.#over) return false;
    if (!this.#exitTold) return true;
    const { finder } = reaper;
    if (finder.tells(this) || this.#isAnyoneLeft() || finder.unsure()) return true;
    this.#over = true;
    finder.release(this);
    this.#cgroup?.remove();
    return false;
  }

  living(): readonly LivingProcess[] {
    return this.#over ? [] : this.#members().map(({ pid, name }) => ({ pid, name }));
  }

  whenGone(onGone: () => void): () => void {
    this.#watchers.add(onGone);
    reaper.afterReaping(() => this.check());
    return () => {
      this.#watchers.delete(onGone);
      if (this.#watchers.size === 0) clearTimeout(this.#poll);
    };
  }

  check(): void {
    clearTimeout(this.#poll);
    if (!this.#exitTold) return;
    if (this.alive()) {
      // A process that was killed starts nothing any more, but what it had just started may not have been found.
      if (this.#killing) this.#send("SIGKILL");
      if (this.#watchers.size > 0 || this.#killing) this.#checkLater();
      return;
    }
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const onGone of watchers) onGone();
  }

  #checkLater(): void {
    const told = reaper.finder.tells(this);
    this.#poll = setTimeout(
      () => {
        reaper.finder.renew();
        this.check();
      },
      told ? TOLD_POLL_MS : this.#pollMs,
    );
    if (!told) this.#pollMs = Math.min(this.#pollMs * 1.5, MAX_POLL_MS);
  }

  /** Once the main process was reaped. */
  #isAnyoneLeft(): boolean {
    return this.#cgroup?.isEmpty() === true ? reaper.finder.members(this).length > 0 : this.#members().length > 0;
  }

  /** Whether who is outside of the group of the main process can still be found when that has ended. */
  #isFoundLater(): boolean {
    return !this.#mainGone && !reaper.finder.tells(this) && this.#cgroup?.holdsAll() === true;
  }

  /** What is not in the group, which has been signalled. */
  #signalOthers(killSignal: NodeJS.Signals): void {
    if (this.#over || this.#hasNoOthers()) return;
    for (const member of this.#members())
      if (member.group !== this.pid && readProcStat(member.pid)?.startTime === member.startTime) deliver(member.pid, killSignal);
  }

  /** Whether the cgroup tells that there is nobody but the main process, which is true of most when they are to end. */
  #hasNoOthers(): boolean {
    return (this.#mainGone ? this.#cgroup?.isEmpty() : this.#cgroup?.isAlone(this.pid)) === true && !reaper.finder.tells(this);
  }

  #members(): readonly ProcStat[] {
    const found = reaper.finder.members(this);
    const inside = this.#cgroup?.pids() ?? [];
    if (inside.length === 0) return found;
    const known = new Set(found.map(({ pid }) => pid));
    const more = inside.flatMap((pid) => (known.has(pid) ? [] : (readProcStat(pid) ?? [])));
    return [...found, ...more.filter(isLiving)];
  }

  #send(killSignal: NodeJS.Signals): boolean {
    if (!this.#mainGone && this.#hasNoOthers()) return deliver(-this.pid, killSignal);
    const members = this.#members();
    const groupIsOurs = !this.#mainGone || members.some(({ group }) => group === this.pid);
    let sent = groupIsOurs && deliver(-this.pid, killSignal);
    for (const member of members) {
      if (groupIsOurs && member.group === this.pid) continue;
      if (readProcStat(member.pid)?.startTime === member.startTime) sent = deliver(member.pid, killSignal) || sent;
    }
    // What was forked meanwhile.
    if (killSignal === "SIGKILL" && this.#cgroup?.kill() === true) sent = true;
    return sent;
  }
}

function deliver(target: number, killSignal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, killSignal);
  } catch (error) {
    // EPERM: what is left has taken another user's identity. It lives.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
