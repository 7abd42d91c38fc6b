import type { ProcStat } from "../lib/proc.ts";

/** One process that Rind has started, with all that comes from it: by what it is recognised. */
export interface Kin {
  /** Of the main process: it leads the group and the session of this number. */
  readonly pid: number;
  readonly mark: string;
  /** Whether the main process was reaped: its number may be another's, unless its group or session lives on. */
  readonly mainGone: boolean;
  /** Something of it has ended, or may have. */
  check(): void;
}

/** Finds what comes from a process. What is asked in one go it may answer from one look, less what has ended since. */
export interface Finder {
  enrol(kin: Kin): void;
  /** Nothing of it lives any more. */
  release(kin: Kin): void;
  /** What of it lives, the main process first. */
  members(kin: Kin): readonly ProcStat[];
  /** Whether something of it is still to be reaped here: `reaped` will speak of it, and only then the rest can be seen for sure. */
  tells(kin: Kin): boolean;
  /** Whether there is something whose mark cannot be read at this moment: it may be anybody's. */
  unsure(): boolean;
  /** These children have ended; answers whom that concerns. */
  reaped(pids: readonly number[]): Iterable<Kin>;
  /** Living descendants of this process that come from nothing it knows of. */
  strays(): readonly ProcStat[];
  /** What was seen is out of date. */
  renew(): void;
}
