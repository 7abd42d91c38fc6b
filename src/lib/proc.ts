import { readdirSync, readFileSync } from "node:fs";

/** What Rind reads of `/proc/PID/stat`. */
export interface ProcStat {
  readonly pid: number;
  /** Of the program, at most 15 bytes; the process can change it. */
  readonly name: string;
  /** One letter of proc(5): `R`, `S`, `D`, `T`, `Z`, ... */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks between the start of the machine and that of the process; together with pid and boot id it names one process for good. */
  readonly startTime: number;
}

/** undefined: there is no such process (or no /proc). A zombie still has one. */
export function readProcStat(pid: number): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The program's name stands in brackets and may hold anything, brackets included: count from the last one.
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  return {
    pid,
    name: text.slice(text.indexOf("(") + 1, end),
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime: Number(fields[19]),
  };
}

/** Every process that this one can see, threads left out; undefined where there is no /proc. */
export function listPids(): number[] | undefined {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return undefined;
  }
}

/** A text that is new with every start of the machine; empty where the kernel does not say. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}
