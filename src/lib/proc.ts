import { closeSync, openSync, readdirSync, readSync } from "node:fs";

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
  /** 0 for a zombie; a process whose first thread has ended is called a zombie by its state and is none. */
  readonly threads: number;
  /** Clock ticks between the start of the machine and that of the process; together with pid and boot id it names one process for good. */
  readonly startTime: number;
}

/** undefined: there is no such process (or no /proc). A zombie still has one. */
export function readProcStat(pid: number): ProcStat | undefined {
  const text = readProcFile(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
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
    threads: Number(fields[17]),
    startTime: Number(fields[19]),
  };
}

/** Whether a process that was found still runs something. */
export function isLiving({ state, threads }: ProcStat): boolean {
  return (state !== "Z" && state !== "X") || threads > 1;
}

/**
 * The pids of its children, zombies among them. What starts or ends meanwhile may be missed. `threads`: how many it has; of one with a single
 * thread less has to be read.
 */
export function readChildren({ pid, threads }: Pick<ProcStat, "pid" | "threads">): readonly number[] {
  if (threads === 1) return readThreadChildren(pid, pid) ?? [];
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => readThreadChildren(pid, thread) ?? []);
  } catch {
    return [];
  }
}

/**
 * The children of this process, by its main thread: those that Node has started, and orphans, which the kernel gives to that thread. What another
 * thread has started is not among them. undefined: the kernel keeps no lists of children (CONFIG_PROC_CHILDREN).
 */
export function readOwnChildren(): readonly number[] | undefined {
  try {
    // asked for at each end of a process, and to open it takes longer than to read it
    ownChildren ??= openSync(`/proc/${process.pid}/task/${process.pid}/children`, "r");
    return pidsOf(readOpened(ownChildren));
  } catch {
    return undefined;
  }
}

let ownChildren: number | undefined;

function readThreadChildren(pid: number, thread: number | string): readonly number[] | undefined {
  const text = readProcFile(`/proc/${pid}/task/${thread}/children`);
  return text === undefined ? undefined : pidsOf(text);
}

function pidsOf(children: string): readonly number[] {
  const text = children.trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

/** Whether a process is at the moment in which its program is replaced: its environment, as its arguments, reads as empty then. */
export function isStarting(pid: number): boolean {
  return readProcFile(`/proc/${pid}/cmdline`) === "" && readProcStat(pid)?.state !== "Z";
}

/** The value of a variable in the environment with which the program of this process was started; undefined also where it may not be read. */
export function readVariable(pid: number, name: string): string | undefined {
  const text = readProcFile(`/proc/${pid}/environ`);
  if (text === undefined) return undefined;
  const start = text.startsWith(`${name}=`) ? 0 : text.indexOf(`\0${name}=`) + 1;
  if (start === 0 && !text.startsWith(`${name}=`)) return undefined;
  const end = text.indexOf("\0", start);
  return text.slice(start + name.length + 1, end < 0 ? undefined : end);
}

/** Every process that this one can see, threads left out; undefined where there is no /proc. */
export function listPids(): number[] | undefined {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return undefined;
  }
}

/**
 * A text that is new with every start of the machine, and of the container that this process is in: one lives as long as its PID 1. Empty where
 * the kernel does not say.
 */
export function bootId(): string {
  const machine = readProcFile("/proc/sys/kernel/random/boot_id")?.trim();
  const first = readProcStat(1)?.startTime;
  return machine === undefined ? "" : first === undefined ? machine : `${machine}-${first}`;
}

/** All of it, from its beginning. */
function readOpened(file: number): string {
  let text = "";
  for (;;) {
    const bytes = readSync(file, CHUNK, 0, CHUNK.length, text.length);
    if (bytes === 0) return text;
    text += CHUNK.toString("latin1", 0, bytes);
  }
}

const CHUNK = Buffer.allocUnsafe(16_384);

/**
 * The bytes of a file below /proc or /sys as characters; undefined: it is not there, or may not be read. For a file without a size Node's own way takes 64 KiB
 * of fresh memory each time, which a daemon that reads thousands of them in a second is slow to give back.
 */
export function readProcFile(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    return readOpened(file);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
