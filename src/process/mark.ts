import { hash8, random12 } from "../lib/digits.ts";
import { readVariable } from "../lib/proc.ts";

/**
 * The mark: a variable in the environment of each process that Rind starts, and of all that this starts in turn. It tells where a process comes
 * from after it has left its group, its session and its parents, and also a daemon that comes after one that died.
 *
 * It reads OWNER-LIFE-NUMBER: OWNER is the same for all daemons with one state, LIFE for one daemon, NUMBER for one process and its kin.
 */
export const MARK = "RIND_RUN";

/** Any that is not that of FNV. */
const SECOND_BASIS = 0x9e3779b9;

let owner = random12();
const life = random12();
let runs = 0;

/** To be called once, before anything is started. `identity`: what daemons that follow each other have in common, the path of their state. */
export function markAs(identity: string): void {
  owner = hash8(identity) + hash8(identity, SECOND_BASIS).slice(0, 4);
}

/** What begins the marks of this daemon, and of no other. */
export function daemonMark(): string {
  return `${owner}-${life}`;
}

/** A mark that no other process has. */
export function nextMark(): string {
  runs += 1;
  return `${owner}-${life}-${runs}`;
}

export function withMark(env: Readonly<Record<string, string>>, mark: string): Record<string, string> {
  return { ...env, [MARK]: mark };
}

/** undefined: it has none, or its environment may not be read. */
export function readMark(pid: number): string | undefined {
  return readVariable(pid, MARK);
}

/** Whether a daemon with the same state made this mark, or what begins with its `daemonMark`, and not this one. */
export function isOfEarlierDaemon(mark: string): boolean {
  return mark.startsWith(`${owner}-`) && !mark.startsWith(`${owner}-${life}-`);
}
