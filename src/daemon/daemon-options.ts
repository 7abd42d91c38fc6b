import type { Machine } from "../init/machine.ts";
import type { Outlets } from "../log/outlet.ts";
import type { MachineSide } from "./machine-side.ts";
import type { NarratedLine } from "./narrator.ts";

export interface DaemonOptions {
  /** Unit folders, the later wins. */
  readonly units: readonly string[];
  /** Names of services, full or bare: only these and what they pull in start. Empty: all. */
  readonly services: readonly string[];
  /** Path of the control socket; undefined: that of the project. */
  readonly socket: string | undefined;
  /** Path of the control socket of the system's daemon, where this is the daemon of a user; undefined: this daemon is nobody's. */
  readonly system: string | undefined;
  /** The program and its first arguments, so that it can start itself anew. */
  readonly self: readonly string[];
  /** Path of the state file; undefined: `RIND_STATE_PATH`, else that of the project. */
  readonly statePath: string | undefined;
  /** No output of services, no narration, and warnings only. */
  readonly quiet: boolean;
  /** Warnings about units count as errors. */
  readonly strict: boolean;
  /** Services' output goes to stdout and stderr, and what becomes of them in the words of `narration` in place of the log. */
  readonly foreground: boolean;
  readonly narration: (line: NarratedLine) => string;
  /** Ends with 1 where a service fails before all are ready, or the time is over; undefined: waits for nothing. */
  readonly wait: { readonly timeoutMs: number | undefined } | undefined;
  /** What it is the init of; undefined: it is none. */
  readonly machine: Machine | undefined;
}

/** What a daemon is told, with what it has made of that before anything else. */
export type LifeOptions = DaemonOptions & { readonly outlets: Outlets; readonly init: MachineSide | undefined };
