import type { LivingProcess } from "./launcher.ts";
import { listPids, readProcStat } from "../lib/proc.ts";

/**
 * One process group, named by its leader's pid.
 *
 * Once the kernel has said that the group is empty, its number may be given to strangers: from then on nothing is sent any more.
 */
export class ProcessGroup {
  readonly pid: number;
  #gone = false;
  #leaderGone = false;
  /** The member that was found last: as long as it lives, /proc needs no search. */
  #member: number;

  constructor(pid: number) {
    this.pid = pid;
    this.#member = pid;
  }

  signal(killSignal: NodeJS.Signals): boolean {
    return this.#send(killSignal);
  }

  signalMain(killSignal: NodeJS.Signals): boolean {
    return !this.#leaderGone && deliver(this.pid, killSignal);
  }

  /** To be called as soon as the leader was reaped: whether it left anything behind is seen while its number cannot yet be another's. */
  leaderGone(): void {
    this.#leaderGone = true;
    this.#send(0);
  }

  groupAlive(): boolean {
    if (!this.#send(0)) return false;
    if (this.#lives(this.#member)) return true;
    // Signal 0 reaches zombies too, and an orphan that nobody reaps is a zombie for ever: only /proc tells them apart.
    const pids = listPids();
    if (pids === undefined) return true;
    const living = pids.find((pid) => this.#lives(pid));
    if (living !== undefined) this.#member = living;
    return living !== undefined;
  }

  living(): readonly LivingProcess[] {
    return (listPids() ?? []).flatMap((pid) => {
      const stat = readProcStat(pid);
      return stat !== undefined && stat.group === this.pid && stat.state !== "Z" && stat.state !== "X" ? [{ pid, name: stat.name }] : [];
    });
  }

  #lives(pid: number): boolean {
    const stat = readProcStat(pid);
    return stat !== undefined && stat.group === this.pid && stat.state !== "Z" && stat.state !== "X";
  }

  #send(killSignal: NodeJS.Signals | 0): boolean {
    if (!this.#gone) this.#gone = !deliver(-this.pid, killSignal);
    return !this.#gone;
  }
}

function deliver(target: number, killSignal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, killSignal);
  } catch (error) {
    // EPERM: what is left has taken another user's identity. It lives.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
